import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../lib/platform/log.ts';
import type { ReadSession } from '../../../lib/readers/reader.ts';
import type { AccountHistory, HostLimits } from '../../../lib/state/stores/account-history.ts';
import type { HostOfLimits } from '../../../lib/sweep/plan/host-limits.ts';
import { readLimits } from '../../../lib/sweep/run/read-limits.ts';
import type { RetrievedObject } from '../../../lib/vsphere/property/retrieved-object.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { history } from './builders.ts';

const running = { signal: new AbortController().signal };
const refused = (number: number, more: Partial<AccountHistory> = {}): HostOfLimits => ({
  moref: `host-${number}`,
  address: `10.0.0.${number}`,
  account: history({ address: `10.0.0.${number}`, refusals: 1, ...more }),
});

const objectOf = (moref: string, limits: Record<string, unknown> | undefined): RetrievedObject => ({
  moref: { type: 'HostSystem', value: moref },
  missing: new Map(),
  properties: new Map<string, never>(
    Object.entries({
      ...(limits === undefined
        ? {}
        : { 'config.option': Object.entries(limits).map(([key, value]) => ({ key, value })) }),
    }) as never,
  ),
});

/** Hosts of which vCenter answers these limits by moref; answers what was asked, read and kept. */
async function read(
  hosts: readonly HostOfLimits[],
  limits: Record<string, Record<string, unknown>>,
  changes: { isDownAfter?: number; failsToKeep?: string; session?: ReadSession } = {},
) {
  const kept: (readonly [string, string, HostLimits])[] = [];
  const askedOptionsOf: string[] = [];
  const warned: unknown[] = [];
  const answering: ReadSession = {
    async *retrieve({ type, morefs, paths }) {
      expect([type, paths]).toEqual(['HostSystem', ['config.option']]);
      askedOptionsOf.push(...morefs);
      // vCenter may answer more than it was asked.
      for (const [index, moref] of Object.keys(limits).entries()) {
        if (index === changes.isDownAfter) throw new Error('it is down');
        yield objectOf(moref, limits[moref]);
      }
    },
  };
  const { session = answering } = changes;
  const deps = {
    accounts: {
      async recordLimits(user: string, address: string, of: HostLimits) {
        if (address === changes.failsToKeep) throw new Error('throttled');
        kept.push([user, address, of]);
      },
    },
    log: { ...silentLog, warn: (_text: string, fields?: object) => void warned.push(fields) },
    clock: createManualClock(),
  };
  const found = await readLimits(hosts, { session, username: 'root', ms: 5_000 }, deps, running);
  return { found: Object.fromEntries(found), kept, askedOptionsOf, warned };
}

describe("hosts' own limits of refused logins", () => {
  const LIMITS = { 'Security.AccountLockFailures': 3, 'Security.AccountUnlockTime': 900 };
  const READ = { hostLimit: 3, unlockSeconds: 900 };

  it.each([
    ['the lower', { 'host-1': 10, 'host-9': 3 }, 3],
    ['the lower, in the other order', { 'host-1': 3, 'host-9': 10 }, 3],
    ['the one that locks', { 'host-1': 0, 'host-9': 5 }, 5],
    ['the one that is read', { 'host-1': 3, 'host-9': undefined }, 3],
  ])('of two objects of one address are %s', async (_which, limits, expected) => {
    const hosts = [refused(1), { ...refused(1), moref: 'host-9' }];
    const answers = Object.entries(limits).map(([moref, limit]): [string, Record<string, unknown>] => [
      moref,
      limit === undefined ? {} : { 'Security.AccountLockFailures': limit },
    ]);
    const { found } = await read(hosts, Object.fromEntries(answers));
    expect(found['10.0.0.1']?.hostLimit).toBe(expected);
  });

  it('are there for the plan, and what is new of them is kept, on the addresses of the hosts', async () => {
    const hosts = [refused(1), refused(2, READ), refused(3, { hostLimit: 5, unlockSeconds: 900 })];
    const limits = { 'host-1': LIMITS, 'host-2': LIMITS, 'host-3': LIMITS };
    expect(await read(hosts, limits)).toEqual({
      found: { '10.0.0.1': READ, '10.0.0.2': READ, '10.0.0.3': READ },
      kept: [
        ['root', '10.0.0.1', READ],
        ['root', '10.0.0.3', READ],
      ],
      askedOptionsOf: ['host-1', 'host-2', 'host-3'],
      warned: [],
    });
  });

  it('are none of a host that was not asked for', async () => {
    const { found, kept } = await read([refused(1)], { 'host-2': LIMITS });
    expect([found, kept]).toEqual([{}, []]);
  });

  it('cost no call where nobody holds a refusal, and nothing without a session', async () => {
    expect((await read([], { 'host-1': LIMITS })).askedOptionsOf).toEqual([]);
    const deps = {
      accounts: { recordLimits: () => Promise.reject(new Error('nothing was read')) },
      log: silentLog,
      clock: createManualClock(),
    };
    const by = { session: undefined, username: 'root', ms: 5_000 };
    expect(await readLimits([refused(1)], by, deps, running)).toEqual(new Map());
  });

  it('that came before a vCenter failed hold all the same', async () => {
    const limits = { 'host-1': LIMITS, 'host-2': LIMITS };
    const { found, warned } = await read([refused(1), refused(2)], limits, { isDownAfter: 1 });
    expect(found).toEqual({ '10.0.0.1': READ });
    expect(warned).toEqual([{ error: 'it is down' }]);
  });

  it('are kept of all other hosts when one write fails, and hold in this run of every one', async () => {
    const limits = { 'host-1': LIMITS, 'host-2': LIMITS };
    const { found, kept, warned } = await read([refused(1), refused(2)], limits, { failsToKeep: '10.0.0.1' });
    expect(found).toEqual({ '10.0.0.1': READ, '10.0.0.2': READ });
    expect(kept).toEqual([['root', '10.0.0.2', READ]]);
    expect(warned).toEqual([{ error: 'throttled' }]);
  });

  it('that a vCenter does not answer hold up a plan for as long as they may, and no longer', async () => {
    const clock = createManualClock();
    const asked = Promise.withResolvers<void>();
    const session: ReadSession = {
      async *retrieve(_query, { signal }) {
        asked.resolve();
        await clock.sleep(3_600_000, { signal });
        yield objectOf('host-1', LIMITS);
      },
    };
    const warned: unknown[] = [];
    const log = { ...silentLog, warn: (text: string, fields?: object) => void warned.push([text, fields]) };
    const accounts = { recordLimits: async () => undefined };
    let isOver = false;
    const by = { session, username: 'root', ms: 4_000 };
    const reading = readLimits([refused(1)], by, { accounts, log, clock }, running).then((found) => {
      isOver = true;
      return found;
    });
    await asked.promise;
    clock.advance(3_999);
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect(isOver).toBe(false);
    clock.advance(1);
    expect(await reading).toEqual(new Map());
    expect(warned).toEqual([
      [
        'the lockout limits of hosts could not be read or kept',
        { error: expect.stringMatching(/^reading the lockout limits of hosts: out of time/) },
      ],
    ]);
  });
});
