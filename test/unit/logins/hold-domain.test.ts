import { describe, expect, it } from 'vitest';
import { createLoginQueue } from '../../../lib/logins/trial/guarded-login.ts';
import { type DomainLook, holdDomain } from '../../../lib/logins/trial/hold-domain.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import type { AccountHistory } from '../../../lib/state/stores/account-history.ts';
import { decodeBatchRequest, encodeBatchRequest } from '../../../lib/sweep/batch.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { batchHost, batchRequest, history, T0 } from '../sweep/builders.ts';

const o = { signal: new AbortController().signal };
const CREDENTIAL = { username: 'CORP\\vsweep', version: 'v1' };
const MINUTE = 60_000;

async function look(found: AccountHistory | undefined | Error, logins = createLoginQueue(), options = o) {
  const asked: DomainLook[] = [];
  const read: unknown[] = [];
  const held = await holdDomain(
    CREDENTIAL,
    {
      blacklistMinutes: 20,
      accounts: {
        read: async (...of) => {
          read.push(of.slice(0, 2));
          if (found instanceof Error) throw found;
          return found;
        },
      },
      clock: createManualClock(T0),
      log: silentLog,
      logins,
    },
    options,
  );
  asked.push(held.look);
  held.giveBack();
  return { asked, read };
}

describe('a look at the one account of a domain', () => {
  it('reads the account by its name without a domain, and tells what stands there', async () => {
    const proven = history({ provenVersion: 'v1', hostLimit: 5 });
    expect(await look(proven)).toEqual({
      read: [['vsweep', '*']],
      asked: [{ proven: true, account: { refusals: 0 } }],
    });
    expect((await look(undefined)).asked).toEqual([{ proven: false, account: { refusals: 0 } }]);
    expect((await look(history({ provenVersion: 'v0' }))).asked).toMatchObject([{ proven: false }]);
  });

  it('leaves it alone for its minutes after a refusal, and says until when', async () => {
    const refused = (minutesAgo: number) =>
      history({ refusals: 1, refusedVersions: ['v1'], lastRefusalAt: T0 - minutesAgo * MINUTE });
    expect((await look(refused(19))).asked).toMatchObject([
      { skip: 'blacklist', why: expect.stringContaining('2026-01-01T00:01:00.000Z') },
    ]);
    expect((await look(refused(20))).asked).toMatchObject([{ account: { refusals: 1 } }]);
  });

  it('leaves it alone when it cannot be read, in words that a batch request can hold', async () => {
    const { asked } = await look(new Error('x'.repeat(5_000)));
    expect(asked).toEqual([{ skip: 'state', why: 'x'.repeat(600) }]);
    const [ssh] = asked;
    if (ssh === undefined || !('skip' in ssh)) throw new Error('it may be asked');
    const request = batchRequest({ hosts: [batchHost(1, { ssh })] });
    expect(decodeBatchRequest(encodeBatchRequest(request))).toEqual(request);
  });

  it('comes after whoever of this process logs in with the account, and holds the next one up', async () => {
    const logins = createLoginQueue();
    const first = Promise.withResolvers<void>();
    const events: string[] = [];
    const account = { user: 'vsweep', address: '*' };
    const others = logins(account, () => first.promise);
    const looking = look(undefined, logins).then(() => events.push('looked'));
    const next = logins(account, async () => void events.push('next'));
    await new Promise(setImmediate);
    expect(events).toEqual([]);
    first.resolve();
    await Promise.all([others, looking, next]);
    expect(events.toSorted()).toEqual(['looked', 'next']);
  });

  it('stops waiting for its turn when its own time is over, and asks nobody', async () => {
    const logins = createLoginQueue();
    const first = Promise.withResolvers<void>();
    const others = logins({ user: 'vsweep', address: '*' }, () => first.promise);
    const time = new AbortController();
    const looking = look(undefined, logins, { signal: time.signal });
    time.abort(new Error('the time is over'));
    await expect(looking).rejects.toThrow('the time is over');
    first.resolve();
    await others;
  });
});
