import { describe, expect, it } from 'vitest';
import { NO_KNOWN_HOSTS } from '../../../lib/config/known-hosts/find-keys.ts';
import { digestOfKeys } from '../../../lib/logins/trial/key-digest.ts';
import { createLineLog, silentLog } from '../../../lib/platform/log.ts';
import { createAddressMap } from '../../../lib/state/address-map.ts';
import { StateError } from '../../../lib/state/errors.ts';
import type { AccountHistory } from '../../../lib/state/stores/account-history.ts';
import type { FlightKeys, FlightStore } from '../../../lib/state/stores/flights.ts';
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
  /** What the sweep put on record of the batch. */
  recorded?: FlightKeys;
  /** The last change of pinned keys. */
  change?: string;
  /** Fails for ever, or hangs until it is aborted. */
  fails?: { claims?: 'away' | 'hangs'; reads?: 'away' | 'hangs' };
}) {
  const ranges: Record<string, readonly [string, string] | undefined> = {};
  const claims: unknown[] = [];
  const keysRead: string[] = [];
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
    keysRead,
    claims,
    state: {
      claims: {
        async take(batch: object, { signal }: { signal: AbortSignal }) {
          await meet(there.fails?.claims, signal);
          claims.push(batch);
          return there.isFree ?? true;
        },
      },
      flights: {
        async readKeys(...[sweep, target, id, { signal }]: Parameters<FlightStore['readKeys']>) {
          await meet(there.fails?.reads, signal);
          return `${sweep} ${target} ${id}` === 'services vc01 run-1#vc01#0' ? there.recorded : undefined;
        },
      },
      hostKeys: {
        lastChange: async () => there.change ?? '',
        async readSome(endpoints: readonly string[], options: { signal: AbortSignal } & Malformed) {
          keysRead.push(...endpoints);
          await meet(there.fails?.reads, options.signal);
          tellMalformed(options);
          const records = Object.entries(there.keys ?? {}).map(
            ([endpoint, key]) => [endpoint, { ...key, pinnedAt: 0, target: 'vc01' }] as const,
          );
          return new Map(records);
        },
      },
      accounts: {
        async readUnsettled(
          user: string,
          options: { signal: AbortSignal; range?: readonly [string, string] } & Malformed,
        ) {
          ranges[user] = options.range;
          await meet(there.fails?.reads, options.signal);
          const [from, to] = options.range ?? ['', '\uffff'];
          const read = (there.histories ?? []).filter(({ address }) => address >= from && address <= to);
          return createAddressMap(read.map((one) => [one.address, one] as const));
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
      'other-process',
    ],
    [
      'has more refusals than the account',
      unproven(1, { account: { refusals: 1 } }),
      { keys: {}, histories: [] },
      'other-process',
    ],
    [
      'knows nothing of an attempt without an end',
      unproven(1),
      { keys: {}, histories: [history({ openAttempt: { version: 'v1', at: 1 } })] },
      'other-process',
    ],
    [
      'knows of an earlier attempt',
      unproven(1, { account: { refusals: 0, openAttempt: { version: 'v1', at: 1 } } }),
      { keys: {}, histories: [history({ openAttempt: { version: 'v1', at: 2 } })] },
      'other-process',
    ],
    ['has an account whose item cannot be read', unproven(1), { keys: {}, malformed: ['10.0.0.1'] }, 'state'],
  ])('is not believed of a host that %s, and of the others it is', async (_what, host, there, skip) => {
    const keys = { '10.0.0.1:22': KEY, '10.0.0.2:22': KEY, ...there.keys };
    if (there.keys !== undefined && Object.keys(there.keys).length === 0)
      delete (keys as never)['10.0.0.1:22'];
    expect(await asked([host, proven(2)], { ...there, keys })).toEqual([`host-1 ${skip}`, 'host-2 try']);
  });

  it('is believed of a proven host, whose history happens to lie between those that are read', async () => {
    const histories = [history({ address: '10.0.0.2', refusals: 1 })];
    const keys = { '10.0.0.2:22': KEY };
    const hosts = [unproven(1), proven(2), unproven(3)];
    expect(await asked(hosts, { keys, histories })).toEqual(['host-1 try', 'host-2 try', 'host-3 try']);
  });

  it('is believed of no host whose history is another one, wherever its address stands among those of the others', async () => {
    const hosts = [unproven(5), unproven(9), unproven(3), unproven(7)];
    for (const number of [3, 5, 7, 9]) {
      const histories = [history({ address: `10.0.0.${number}`, refusals: 1 })];
      const ends = await asked(hosts, { histories });
      expect(ends.filter((end) => !end.endsWith(' try'))).toEqual([`host-${number} other-process`]);
    }
  });

  it('of a domain is asked whatever stands of the account, which is looked up when the turn of the host has come', async () => {
    const domain = { credential: { ...credential, username: 'CORP\\svc', scope: 'domain' as const } };
    const there = (refusals: number) => ({ histories: [history({ user: 'svc', address: '*', refusals })] });
    for (const refusals of [0, 1])
      for (const host of [unproven(1), { ...unproven(1), account: { refusals: 1 } }])
        expect(await asked([host], there(refusals), domain)).toEqual(['host-1 try']);
  });

  it('reads of the table the keys of its own hosts, and no history where all are proven', async () => {
    const hosts = [proven(9), proven(10), batchHost(1, { ssh: { skip: 'lockdown' } })];
    const { state, ranges, keysRead, claims } = stateOf({});
    const clock = createManualClock(T0);
    await compareWithState(
      batchRequest({ credential, hosts }),
      { state, knownHosts: NO_KNOWN_HOSTS, clock, log: silentLog },
      running,
    );
    expect({ ranges, keysRead }).toEqual({ ranges: {}, keysRead: ['10.0.0.9:22', '10.0.0.10:22'] });
    expect(claims).toEqual([{ target: 'vc01', runId: 'run-1', batch: 0, until: T0 + 40_000 }]);
  });

  describe('of which the sweep put on record by which keys its hosts are believed', () => {
    const hosts = [proven(1), batchHost(2)];
    const recorded = { digest: digestOfKeys(hosts), change: 'one' };
    const readFor = async (some: BatchHost[], there: There, more: object = {}) => {
      const { state, keysRead } = stateOf({ keys: { '10.0.0.1:22': KEY }, ...there });
      const request = batchRequest({ credential, hosts: some, ...more });
      const deps = { state, knownHosts: NO_KNOWN_HOSTS, clock: createManualClock(T0), log: silentLog };
      const compared = await compareWithState(request, deps, running);
      return { keysRead, ssh: compared.request.hosts.map(({ ssh }) => ssh) };
    };

    it('reads no key of its own as long as none was replaced or forgotten', async () => {
      const skipped = batchHost(3, { ssh: { skip: 'lockdown' } });
      const all = await readFor([...hosts, skipped], { recorded, change: 'one' });
      expect(all).toEqual({ keysRead: [], ssh: ['try', 'try', { skip: 'lockdown' }] });
    });

    it.each<[string, There, BatchHost[]]>([
      ['a key was replaced or forgotten since', { recorded, change: 'two' }, hosts],
      ['nothing is on record', { change: '' }, hosts],
      [
        'another key is on record',
        { recorded, change: 'one' },
        [proven(1, { hostKey: OTHER }), batchHost(2)],
      ],
      ['another host is on record', { recorded, change: 'one' }, [proven(1), batchHost(9)]],
    ])('reads them all where %s', async (_what, there, some) => {
      const { keysRead, ssh } = await readFor(some, there);
      expect(keysRead).toEqual(some.map(({ address }) => `${address}:22`));
      const isKnown = some[0]?.hostKey?.blob === KEY.blob;
      expect(ssh[0]).toEqual(isKnown ? 'try' : expect.objectContaining({ skip: 'hostkey-unknown' }));
    });

    it('reads them all for a batch of another number, run or target', async () => {
      for (const more of [{ batch: 1 }, { runId: 'run-2' }, { target: 'vc02' }, { sweep: 'other' }])
        expect((await readFor(hosts, { recorded, change: 'one' }, more)).keysRead).toHaveLength(2);
    });
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
        `${what}: the state table did not answer; only the sealed request is used: no answer`,
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
      const lines: string[] = [];
      const log = createLineLog({ write: (line) => lines.push(line), level: 'warn' });
      const comparing = compareWithState(
        batchRequest({ credential, hosts }),
        { state, knownHosts: NO_KNOWN_HOSTS, clock, log },
        running,
      );
      // A quarter of the worker's 40 s would be 10 s.
      if (reads === 'hangs') await clock.advance(5_000);
      expect((await comparing).request.hosts.map(({ ssh }) => ssh)).toMatchObject([
        'try',
        { skip: 'state' },
        { skip: 'state' },
      ]);
      const said = 'reading what is known of the hosts: the state table did not answer';
      expect((await comparing).warnings).toEqual([expect.stringContaining(said)]);
      expect(lines).toEqual([expect.stringMatching(`^warn {2}${said}.* target="vc01" batch=0`)]);
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
