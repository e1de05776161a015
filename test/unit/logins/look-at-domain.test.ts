import { describe, expect, it } from 'vitest';
import { lookAtDomain } from '../../../lib/logins/trial/look-at-domain.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import type { AccountHistory } from '../../../lib/state/stores/account-history.ts';
import { decodeBatchRequest, encodeBatchRequest } from '../../../lib/sweep/batch.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { batchHost, batchRequest, history, T0 } from '../sweep/builders.ts';

const o = { signal: new AbortController().signal };
const CREDENTIAL = { username: 'CORP\\vsweep', version: 'v1' };
const MINUTE = 60_000;

async function look(found: AccountHistory | undefined | Error, options = o) {
  const read: unknown[] = [];
  const lines: string[] = [];
  const log = { ...silentLog, warn: (line: string) => void lines.push(line) };
  const accounts = {
    read: async (...of: unknown[]) => {
      read.push(of.slice(0, 2));
      if (found instanceof Error) throw found;
      return found;
    },
  };
  const deps = { blacklistMinutes: 20, accounts, clock: createManualClock(T0), log };
  return { look: await lookAtDomain(CREDENTIAL, deps, options), read, lines };
}

describe('a look at the one account of a domain', () => {
  it('reads the account by its name without a domain, and tells what stands there', async () => {
    const proven = history({ provenVersion: 'v1', hostLimit: 5 });
    expect(await look(proven)).toMatchObject({
      read: [['vsweep', '*']],
      look: { refusals: 0 },
    });
    expect((await look(undefined)).look).toEqual({ refusals: 0 });
  });

  it('leaves it alone for its minutes after a refusal, and says until when', async () => {
    const refused = (minutesAgo: number) =>
      history({ refusals: 1, refusedVersions: ['v1'], lastRefusalAt: T0 - minutesAgo * MINUTE });
    expect((await look(refused(19))).look).toMatchObject({
      skip: 'blacklist',
      why: expect.stringContaining('2026-01-01T00:01:00.000Z'),
    });
    expect((await look(refused(20))).look).toMatchObject({ refusals: 1 });
  });

  it('leaves it alone when it cannot be read, in words that a batch request can hold', async () => {
    const { look: ssh, lines } = await look(new Error('x'.repeat(5_000)));
    expect(lines).toEqual([expect.stringContaining('could not be read')]);
    expect(ssh).toEqual({ skip: 'state', why: 'x'.repeat(600) });
    if (!('skip' in ssh)) throw new Error('it may be asked');
    const request = batchRequest({ hosts: [batchHost(1, { ssh })] });
    expect(decodeBatchRequest(encodeBatchRequest(request))).toEqual(request);
  });

  it('is over with its time, and no fault of the table then', async () => {
    const late = { signal: AbortSignal.abort(new Error('the time is over')) };
    expect(await look(new Error('aborted'), late)).toMatchObject({ look: { skip: 'deadline' }, lines: [] });
  });
});
