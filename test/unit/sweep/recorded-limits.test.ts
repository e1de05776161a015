import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../lib/platform/log.ts';
import type { ReadSession } from '../../../lib/readers/reader.ts';
import type { HostLimits } from '../../../lib/state/stores/account-history.ts';
import type { BatchHost } from '../../../lib/sweep/batch.ts';
import { recordLimits } from '../../../lib/sweep/run/record-limits.ts';
import type { RetrievedObject } from '../../../lib/vsphere/property/retrieved-object.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { batchHost } from './builders.ts';

const running = { signal: new AbortController().signal };
const off = { skip: 'blacklist' } as const;
/** Left alone because of a refusal; so its own limit matters. */
const refused = (number: number, more: Partial<BatchHost['account']> = {}) =>
  batchHost(number, { ssh: off, account: { refusals: 1, ...more } });

const objectOf = (moref: string, limits: Record<string, unknown> | undefined): RetrievedObject => ({
  moref: { type: 'HostSystem', value: moref },
  missing: new Map(),
  properties: new Map<string, never>(
    Object.entries({
      name: moref,
      overallStatus: 'green',
      ...(limits === undefined
        ? {}
        : { 'config.option': Object.entries(limits).map(([key, value]) => ({ key, value })) }),
    }) as never,
  ),
});

/** Hosts of which vCenter answers these limits by moref; answers what was asked and what was kept. */
async function collect(
  hosts: BatchHost[],
  limits: Record<string, Record<string, unknown>>,
  changes: { scope?: 'host' | 'domain'; isDown?: boolean } = {},
) {
  const { scope = 'host', isDown = false } = changes;
  const kept: (readonly [string, string, HostLimits])[] = [];
  const askedOptionsOf: string[] = [];
  const session: ReadSession = {
    async *retrieve({ morefs, paths }) {
      expect(paths).toEqual(['config.option']);
      askedOptionsOf.push(...morefs);
      if (isDown) throw new Error('it is down');
      // vCenter may answer more than it was asked.
      for (const moref of Object.keys(limits)) yield objectOf(moref, limits[moref]);
    },
  };
  const accounts = {
    recordLimits: async (user: string, address: string, read: HostLimits) =>
      void kept.push([user, address, read]),
  };
  const deps = { session, accounts, log: silentLog, clock: createManualClock() };
  await recordLimits(hosts, { username: 'root', scope }, deps, running);
  return { kept, askedOptionsOf };
}

describe("hosts' own limits of refused logins", () => {
  const LIMITS = { 'Security.AccountLockFailures': 3, 'Security.AccountUnlockTime': 900 };

  it('keeps what is new of hosts that hold refusals, on their own addresses', async () => {
    const hosts = [refused(1), refused(2, { hostLimit: 3, unlockSeconds: 900 }), batchHost(3, { ssh: off })];
    const limits = { 'host-1': LIMITS, 'host-2': LIMITS };
    expect(await collect(hosts, limits)).toEqual({
      kept: [['root', '10.0.0.1', { hostLimit: 3, unlockSeconds: 900 }]],
      askedOptionsOf: ['host-1', 'host-2'],
    });
  });

  it('keeps one that changed', async () => {
    const hosts = [refused(1, { hostLimit: 5, unlockSeconds: 900 })];
    const { kept } = await collect(hosts, { 'host-1': LIMITS });
    expect(kept).toEqual([['root', '10.0.0.1', { hostLimit: 3, unlockSeconds: 900 }]]);
  });

  it('keeps none of a host that it did not ask for', async () => {
    const { kept } = await collect([refused(1), batchHost(2, { ssh: off })], { 'host-2': LIMITS });
    expect(kept).toEqual([]);
  });

  it('asks for none of an account that all hosts count together: their own limits do not hold for it', async () => {
    expect(await collect([refused(1)], { 'host-1': LIMITS }, { scope: 'domain' })).toEqual({
      kept: [],
      askedOptionsOf: [],
    });
  });

  it('asks for none where nobody holds a refusal', async () => {
    expect((await collect([batchHost(1, { ssh: off })], { 'host-1': LIMITS })).askedOptionsOf).toEqual([]);
  });

  it('cost nothing when they cannot be read', async () => {
    expect(await collect([refused(1)], {}, { isDown: true })).toEqual({
      kept: [],
      askedOptionsOf: ['host-1'],
    });
  });

  it('that a vCenter does not answer hold a run for 10 s and no longer', async () => {
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
    const reading = recordLimits(
      [refused(1)],
      { username: 'root', scope: 'host' },
      { session, accounts, log, clock },
      running,
    ).then(() => {
      isOver = true;
    });
    await asked.promise;
    clock.advance(9_999);
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect(isOver).toBe(false);
    clock.advance(1);
    await reading;
    expect(warned).toEqual([
      [
        'the lockout limits of hosts could not be read or kept',
        { error: expect.stringMatching(/^reading the lockout limits of hosts: out of time/) },
      ],
    ]);
  });

  it('are kept of all other hosts when one write fails', async () => {
    const kept: string[] = [];
    const warned: unknown[] = [];
    const session: ReadSession = {
      async *retrieve({ morefs }) {
        for (const moref of morefs) yield objectOf(moref, LIMITS);
      },
    };
    const accounts = {
      async recordLimits(_user: string, address: string) {
        if (address === '10.0.0.1') throw new Error('throttled');
        kept.push(address);
      },
    };
    const log = { ...silentLog, warn: (_text: string, fields?: object) => void warned.push(fields) };
    await recordLimits(
      [refused(1), refused(2), refused(3)],
      { username: 'root', scope: 'host' },
      { session, accounts, log, clock: createManualClock() },
      running,
    );
    expect(kept).toEqual(['10.0.0.2', '10.0.0.3']);
    expect(warned).toEqual([{ error: 'throttled' }]);
  });
});
