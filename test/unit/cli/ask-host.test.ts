import { describe, expect, it } from 'vitest';
import { createAskHost } from '../../../lib/cli/ask-host.ts';
import { COLLECTORS } from '../../../lib/collectors/registry.ts';
import { type Config, sections } from '../../../lib/config/schema.ts';
import type { RunSweepDeps } from '../../../lib/sweep/run/run-sweep.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const rows = COLLECTORS.flatMap((one) => one.rows).filter(({ name }) =>
  ['esxi_service_state', 'esxi_critical_service_status'].includes(name),
);
const targets = sections.targets.parse([{ name: 'vc1', credentials: { env: 'VC' } }]);
const [target] = targets;
const esxi = sections.esxi.parse({ credentials: { env: 'ESXI' } });

/** Why a host is not asked: nothing that asks one is there, so that whoever would reach it fails. */
async function refusal(config: { esxi?: Config['esxi']; every?: string; collectors?: readonly string[] }) {
  const { every = '10m', collectors = ['ssh-services'] } = config;
  const sweeps = sections.sweeps.parse([{ name: 'services', every, collectors }]);
  const ask = createAskHost({ targets, sweeps, esxi: config.esxi }, {
    clock: createManualClock(),
  } as unknown as RunSweepDeps);
  if (target === undefined) throw new Error('no target');
  return await ask({ target, moref: 'host-1', rows }, { signal: new AbortController().signal }).catch(
    ({ code, message }: { code?: string; message: string }) => [code, message],
  );
}

describe('a poll asks a host only where a sweep asks it, and says what is missing', () => {
  const names = rows.map(({ name }) => name).join(', ');

  it.each([
    [
      'a credential',
      {},
      `${names}: read from hosts by ssh, and there is no credential for them: add esxi.credentials to vsweep.yaml`,
    ],
    [
      'a sweep',
      { esxi, collectors: ['overall-status'] },
      `${names}: read from hosts by ssh, and no sweep collects it on vc1; name its collector ("vsweep metrics list" has it) in a sweep of this target`,
    ],
    [
      'time',
      { esxi, every: '20s' },
      `${names}: the sweep services runs every 20 s, which leaves no time for a login between its runs. Query what it delivers`,
    ],
  ])('is refused for want of %s', async (_what, config, message) => {
    expect(rows).toHaveLength(2);
    expect(await refusal(config)).toEqual(['unavailable', message]);
  });
});
