import { describe, expect, it } from 'vitest';
import { NO_KNOWN_HOSTS } from '../../../lib/config/known-hosts/find-keys.ts';
import type { AccountHistory } from '../../../lib/lockout/account-history.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { createAddressMap } from '../../../lib/state/address-map.ts';
import { StateError } from '../../../lib/state/errors.ts';
import type { BatchHost } from '../../../lib/sweep/batch.ts';
import { RequestRefusedError } from '../../../lib/sweep/errors.ts';
import { compareWithState } from '../../../lib/sweep/worker/compare-with-state.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { batchHost, batchRequest, history, T0 } from './builders.ts';

const running = { signal: new AbortController().signal };
const KEY = { type: 'ecdsa-sha2-nistp256', blob: 'a2V5' };
const OTHER = { type: 'ecdsa-sha2-nistp256', blob: 'b3RoZXI=' };
const credential = { id: 'secret:esxi', version: 'v1', username: 'root', scope: 'host' } as const;
const proven = (number: number, changes: Partial<BatchHost> = {}) =>
  batchHost(number, { hostKey: KEY, ...changes });
const unproven = (number: number, changes: Partial<BatchHost> = {}) =>
  batchHost(number, { proven: false, ...changes });

type Malformed = { onMalformed?: ((key: string, error: StateError) => void) | undefined };

/** The table as far as a worker asks it. */
function stateOf(there: {
  keys?: Record<string, typeof KEY>;
  histories?: AccountHistory[];
  malformed?: string[];
  isFree?: boolean;
  /** Fails for ever, or hangs until it is aborted. */
  fails?: { claims?: 'away' | 'hangs'; reads?: 'away' | 'hangs' };
}) {
  const ranges: Record<string, readonly [string, string] | undefined> = {};
  const claims: unknown[] = [];
  const away = () => new StateError('no answer', { code: 'unavailable' });
  const meet = async (how: 'away' | 'hangs' | undefined, signal: AbortSignal) => {
    if (how === 'away') throw away();
    if (how === 'hangs') {
      const { promise, reject } = Promise.withResolvers<never>();
      signal.addEventListener('abort', () => reject(signal.reason));
      await promise;
    }
  };
  const tellMalformed = ({ onMalformed }: Malformed) => {
    for (const key of there.malformed ?? [])
      onMalformed?.(key, new StateError('not ours', { code: 'malformed' }));
  };
  return {
    ranges,
    claims,
    state: {
      claims: {
        async take(batch: object, { signal }: { signal: AbortSignal }) {
          await meet(there.fails?.claims, signal);
          claims.push(batch);
          return there.isFree ?? true;
        },
      },
      hostKeys: {
        async readAll(options: { signal: AbortSignal; range?: readonly [string, string] } & Malformed) {
          ranges['keys'] = options.range;
          await meet(there.fails?.reads, options.signal);
          tellMalformed(options);
          const records = Object.entries(there.keys ?? {}).map(
            ([endpoint, key]) => [endpoint, { ...key, pinnedAt: 0, target: 'vc01' }] as const,
          );
          return new Map(records);
        },
      },
      accounts: {
        async readAll(
          user: string,
          options: { signal: AbortSignal; range?: readonly [string, string] } & Malformed,
        ) {
          ranges[user] = options.range;
          await meet(there.fails?.reads, options.signal);
          return createAddressMap((there.histories ?? []).map((one) => [one.address, one] as const));
        },
      },
    },
  };
}

type There = Parameters<typeof stateOf>[0];
const compare = async (hosts: BatchHost[], there: There, more: object = {}) => {
  const clock = createManualClock(T0);
  const { state } = stateOf(there);
  const request = batchRequest({ credential, hosts, ...more });
  return compareWithState(request, { state, knownHosts: NO_KNOWN_HOSTS, clock, log: silentLog }, running);
};
const asked = async (...of: Parameters<typeof compare>) =>
  (await compare(...of)).request.hosts.map(
    ({ moref, ssh }) => `${moref} ${ssh === 'try' ? 'try' : ssh.skip}`,
  );

describe('a batch request beside the state table', () => {
  it('is believed of hosts whose key and history stand there as in the request', async () => {
    const hosts = [
      proven(1),
      unproven(2),
      unproven(3, { account: { refusals: 1, openAttempt: { version: 'v0', at: 7 } } }),
      batchHost(4, { ssh: { skip: 'poweredoff' } }),
    ];
    const keys = { '10.0.0.1:22': KEY };
    const histories = [history({ address: '10.0.0.3', refusals: 1, openAttempt: { version: 'v0', at: 7 } })];
    const request = batchRequest({ credential, hosts });
    expect(await compare(hosts, { keys, histories })).toEqual({ request, warnings: [] });
  });

  it.each<[string, BatchHost, There, string]>([
    ['names another key than the pinned one', proven(1, { hostKey: OTHER }), {}, 'hostkey-unknown'],
    [
      'names a key of another type',
      proven(1, { hostKey: { ...KEY, type: 'ssh-rsa' } }),
      {},
      'hostkey-unknown',
    ],
    ['names a key where none is pinned', proven(1), { keys: {} }, 'hostkey-unknown'],
    ['names no key where one is pinned', batchHost(1), {}, 'hostkey-unknown'],
    ['has a key whose item cannot be read', batchHost(1), { keys: {}, malformed: ['10.0.0.1:22'] }, 'state'],
    [
      'has fewer refusals than the account',
      unproven(1),
      { keys: {}, histories: [history({ refusals: 1 })] },
      'blacklist',
    ],
    [
      'has more refusals than the account',
      unproven(1, { account: { refusals: 1 } }),
      { keys: {}, histories: [] },
      'blacklist',
    ],
    [
      'knows nothing of an attempt without an end',
      unproven(1),
      { keys: {}, histories: [history({ openAttempt: { version: 'v1', at: 1 } })] },
      'blacklist',
    ],
    [
      'knows of an earlier attempt',
      unproven(1, { account: { refusals: 0, openAttempt: { version: 'v1', at: 1 } } }),
      { keys: {}, histories: [history({ openAttempt: { version: 'v1', at: 2 } })] },
      'blacklist',
    ],
    ['has an account whose item cannot be read', unproven(1), { keys: {}, malformed: ['10.0.0.1'] }, 'state'],
  ])('is not believed of a host that %s, and of the others it is', async (_what, host, there, skip) => {
    const keys = { '10.0.0.1:22': KEY, '10.0.0.2:22': KEY, ...there.keys };
    if (there.keys !== undefined && Object.keys(there.keys).length === 0)
      delete (keys as never)['10.0.0.1:22'];
    expect(await asked([host, proven(2)], { ...there, keys })).toEqual([`host-1 ${skip}`, 'host-2 try']);
  });

  it('of a domain is compared with the one account of the directory', async () => {
    const domain = { credential: { ...credential, username: 'CORP\\svc', scope: 'domain' as const } };
    const there = (refusals: number) => ({ histories: [history({ user: 'svc', address: '*', refusals })] });
    expect(await asked([unproven(1)], there(0), domain)).toEqual(['host-1 try']);
    expect(await asked([unproven(1)], there(1), domain)).toEqual(['host-1 blacklist']);
  });

  it('reads of the table what lies between its own hosts, and no history where all are proven', async () => {
    const hosts = [proven(9), proven(10), batchHost(1, { ssh: { skip: 'lockdown' } })];
    const { state, ranges, claims } = stateOf({});
    const clock = createManualClock(T0);
    await compareWithState(
      batchRequest({ credential, hosts }),
      { state, knownHosts: NO_KNOWN_HOSTS, clock, log: silentLog },
      running,
    );
    expect(ranges).toEqual({ keys: ['10.0.0.10:22', '10.0.0.9:22'] });
    expect(claims).toEqual([{ target: 'vc01', runId: 'run-1', batch: 0, until: T0 + 40_000 }]);
  });

  it('is refused as a whole when its batch was taken before', async () => {
    await expect(compare([proven(1)], { isFree: false })).rejects.toThrow(RequestRefusedError);
  });

  it.each([
    ['claims', 'taking the batch'],
    ['reads', 'reading what is known of the hosts'],
  ])(
    'warns the run when the table fails at %s, with what it said: a copy would not be noticed',
    async (part, what) => {
      const { warnings } = await compare([proven(1)], {
        keys: { '10.0.0.1:22': KEY },
        fails: { [part]: 'away' },
      });
      expect(warnings).toEqual([
        `${what}: the state table did not answer; the sealed request alone is believed: no answer`,
      ]);
    },
  );

  it('asks the table nothing when no host is asked', async () => {
    const { state, ranges, claims } = stateOf({ isFree: false });
    const clock = createManualClock(T0);
    const hosts = [batchHost(1, { ssh: { skip: 'netbox' } })];
    await compareWithState(
      batchRequest({ credential, hosts }),
      { state, knownHosts: NO_KNOWN_HOSTS, clock, log: silentLog },
      running,
    );
    expect({ ranges, claims }).toEqual({ ranges: {}, claims: [] });
  });

  it.each(['away', 'hangs'] as const)(
    'is believed of proven hosts with a pinned key alone while the table cannot be read: %s',
    async (reads) => {
      const clock = createManualClock(T0);
      const { state } = stateOf({ fails: { reads } });
      const hosts = [proven(1), unproven(2), batchHost(3)];
      const comparing = compareWithState(
        batchRequest({ credential, hosts }),
        { state, knownHosts: NO_KNOWN_HOSTS, clock, log: silentLog },
        running,
      );
      // A quarter of the worker's 40 s would be 10 s.
      if (reads === 'hangs') await clock.advance(5_000);
      expect((await comparing).request.hosts.map(({ ssh }) => ssh)).toMatchObject([
        'try',
        { skip: 'state' },
        { skip: 'state' },
      ]);
    },
  );

  it("is believed then of a proven host whose key stands in the operator's file, too", async () => {
    const clock = createManualClock(T0);
    const { state } = stateOf({ fails: { reads: 'away' } });
    const find = ({ address }: { address: string }) => ({
      accepted: address === '10.0.0.1' ? [KEY] : [],
      revoked: [],
    });
    const request = batchRequest({ credential, hosts: [batchHost(1), batchHost(2)] });
    const deps = { state, knownHosts: { find }, clock, log: silentLog };
    expect(
      (await compareWithState(request, deps, running)).request.hosts.map(({ ssh }) => ssh),
    ).toMatchObject(['try', { skip: 'state' }]);
  });

  it('gives the table a quarter of the time of the worker at most', async () => {
    const clock = createManualClock(T0);
    const { state } = stateOf({ fails: { reads: 'hangs' } });
    const request = batchRequest({ credential, hosts: [proven(1), unproven(2)], endsAt: T0 + 8_000 });
    const comparing = compareWithState(
      request,
      { state, knownHosts: NO_KNOWN_HOSTS, clock, log: silentLog },
      running,
    );
    expect(clock.nextInMs()).toBe(2_000);
    clock.advance(2_000);
    expect((await comparing).request.hosts.map(({ ssh }) => ssh)).toMatchObject(['try', { skip: 'state' }]);
  });

  it('goes on with what it could read when its batch cannot be taken, for want of the table', async () => {
    const there = { keys: { '10.0.0.1:22': KEY, '10.0.0.2:22': OTHER }, fails: { claims: 'away' as const } };
    expect(await asked([proven(1), proven(2)], there)).toEqual(['host-1 try', 'host-2 hostkey-unknown']);
  });
});
