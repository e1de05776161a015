/**
 * A process that is one worker: it collects one batch of all hosts that the configuration in its first argument's
 * folder names, and prints how they came out with what the process still holds in the moment of the answer.
 */
import { join } from 'node:path';
import { loadConfig } from '../../../lib/cli/load-config.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { withHeartbeat } from '../../../lib/platform/heartbeat.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { createAccountStore } from '../../../lib/state/stores/accounts.ts';
import { decodeBatchResult, encodeBatchRequest } from '../../../lib/sweep/batch.ts';
import { printOutcome } from '../../../lib/sweep/outcome.ts';
import type { Surroundings } from '../../../lib/sweep/surroundings.ts';
import { wireWorker } from '../../../lib/sweep/wire-worker.ts';
import { collectBatch } from '../../../lib/sweep/worker/collect-batch.ts';
import { createMemoryTable } from '../../support/world/memory-table.ts';

const [, , folder = '', username = '', password = ''] = process.argv;
const loaded = await loadConfig(join(folder, 'vsweep.yaml'));
const clock = withHeartbeat(systemClock);
const credential = { id: 'file:esxi', version: 'v1', username };
const state = {
  accounts: createAccountStore({ table: createMemoryTable(), now: clock.now }),
  hostKeys: { pin: async () => 'pinned' as const },
} as unknown as Surroundings['state'];
const worker = wireWorker({
  loaded,
  state,
  credentials: {
    read: async () => ({ ...credential, proof: { kind: 'password', password } }),
    readToken: () => Promise.reject(new Error('no NetBox is configured')),
  },
  clock,
  log: silentLog,
  randomId: () => crypto.randomUUID().replaceAll('-', ''),
  random: Math.random,
  userAgent: 'vsweep/test',
});
const hosts = Object.entries(loaded.config.esxi?.overrides ?? {}).map(([name, at]) => ({
  moref: `host-${name.slice(3)}`,
  ...{ name, site: 's' },
  address: String(at).split(':')[0] ?? '',
  port: Number(String(at).split(':')[1]),
  ssh: 'try' as const,
  proven: true,
  account: { refusals: 0 },
}));
const request = encodeBatchRequest({
  version: 2,
  runId: 'run',
  sweep: 'services',
  target: 'vc1',
  batch: 0,
  endsAt: clock.now() + 20_000,
  does: 'ask',
  credential: { ...credential, scope: 'host' },
  probes: ['services'],
  hosts,
});
const answer = await collectBatch(request, worker, { signal: new AbortController().signal });
// A socket that is destroyed gives its handle back in the turn that follows.
await new Promise((resolve) => setImmediate(resolve));
const holds = process.getActiveResourcesInfo().filter((kind) => kind !== 'PipeWrap');
const outcomes = decodeBatchResult(answer).outcomes.map(([, ssh]) => printOutcome(ssh));
process.stdout.write(JSON.stringify({ outcomes, holds }));
