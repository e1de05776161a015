import fc from 'fast-check';
import pLimit from 'p-limit';
import { describe, expect, it } from 'vitest';
import { createKnownHosts, NO_KNOWN_HOSTS } from '../../../lib/config/known-hosts/find-keys.ts';
import type { Config } from '../../../lib/config/schema.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { InvokeError } from '../../../lib/platform/invoke.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { createSeals } from '../../../lib/platform/seal.ts';
import { StateError } from '../../../lib/state/errors.ts';
import type { HostListStore } from '../../../lib/state/stores/host-lists.ts';
import { encodeBatchRequest } from '../../../lib/sweep/batch.ts';
import { BatchError, EventError } from '../../../lib/sweep/errors.ts';
import {
  listHostKeys,
  parseHostKeysEvent,
  parseListedHostKeys,
} from '../../../lib/sweep/scan/list-host-keys.ts';
import { createPresentKeys, type PresentKeys } from '../../../lib/sweep/scan/present-keys.ts';
import {
  decodeScanRequest,
  decodeScanResult,
  encodeScanRequest,
  encodeScanResult,
} from '../../../lib/sweep/scan/scan-contract.ts';
import { type ScannedHost, scanHostKeys } from '../../../lib/sweep/scan/scan-host-keys.ts';
import { sealRequest } from '../../../lib/sweep/sealed-request.ts';
import { answerSealed } from '../../../lib/sweep/worker/answer-sealed.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { batchRequest, esxiConfig, listedHost } from './builders.ts';

const running = { signal: new AbortController().signal };
const key = (blob: string) => ({ type: 'ssh-rsa', blob });
const TARGETS = ['vc01', 'vc02'].map((name) => ({ name })) as unknown as Config['targets'];

/** Lists of hosts by their numbers; a target without one has none. */
const listsOf = (lists: Readonly<Record<string, readonly number[]>>): HostListStore => ({
  async read(target, schema) {
    const numbers = lists[target];
    if (numbers === undefined) return undefined;
    const hosts = schema.parse({ hosts: numbers.map((one) => listedHost(one)), unreadable: [] });
    return { listedAt: systemClock.now(), hosts };
  },
  write: async () => undefined,
});

/** The list of one target carries no seal. */
const withUnusable = (
  unusable: string,
  lists: Readonly<Record<string, readonly number[]>>,
): HostListStore => ({
  ...listsOf(lists),
  async read(target, ...more) {
    if (target === unusable) throw new StateError('it is not sealed', { code: 'malformed' });
    return await listsOf(lists).read(target, ...more);
  },
});

const scan = (
  changes: {
    lists?: Readonly<Record<string, readonly number[]>>;
    presentKeys?: PresentKeys;
    pinned?: Readonly<Record<string, string>>;
    knownHosts?: typeof NO_KNOWN_HOSTS;
    unusable?: string;
    targets?: Config['targets'];
    hostLists?: HostListStore;
    signal?: AbortSignal;
  } = {},
) => {
  const { lists = { vc01: [1] }, pinned = {}, knownHosts = NO_KNOWN_HOSTS } = changes;
  const presentKeys = changes.presentKeys ?? (async (hosts) => hosts.map(() => ({ key: key('A') })));
  const keys = Object.entries(pinned).map(
    ([endpoint, blob]) => [endpoint, { ...key(blob), pinnedAt: 0, target: 'vc01' }] as const,
  );
  return scanHostKeys(
    changes.targets ?? TARGETS,
    {
      esxi: esxiConfig(),
      deps: {
        clock: systemClock,
        knownHosts,
        hostKeys: {
          readSome: async (endpoints: readonly string[]) =>
            new Map(keys.filter(([one]) => endpoints.includes(one))),
        },
        hostLists:
          changes.hostLists ??
          (changes.unusable === undefined ? listsOf(lists) : withUnusable(changes.unusable, lists)),
        presentKeys,
      },
    },
    changes.signal === undefined ? running : { signal: changes.signal },
  );
};
const told = (hosts: readonly ScannedHost[]) =>
  hosts.map(({ target, address, status }) => `${target} ${address} ${status}`);

describe('scanHostKeys', () => {
  it('asks each address once, whichever targets list it, and names the target that stands first', async () => {
    const { hosts, withoutList } = await scan({ lists: { vc01: [1, 2], vc02: [2, 3] } });
    expect(told(hosts).toSorted()).toEqual([
      'vc01 esx1.example.org unknown',
      'vc01 esx2.example.org unknown',
      'vc02 esx3.example.org unknown',
    ]);
    expect(withoutList).toEqual([]);
    expect((await scan()).withoutList).toEqual([{ target: 'vc02' }]);
  });

  it('asks for the types that are known, and tells known, changed, revoked and unread hosts apart', async () => {
    const types: (readonly string[])[] = [];
    const presented = [{ key: key('A') }, { key: key('A') }, { key: key('A') }, { error: 'refused' }];
    const knownHosts = {
      ...NO_KNOWN_HOSTS,
      find: ({ address }: { address: string }) => ({
        accepted: [],
        revoked: address.startsWith('esx3') ? [key('A')] : [],
      }),
    };
    const { hosts } = await scan({
      lists: { vc01: [1, 2, 3, 4] },
      pinned: { 'esx1.example.org:22': 'A', 'esx2.example.org:22': 'B' },
      knownHosts,
      presentKeys: async (asked) => {
        types.push(...asked.map((one) => one.types));
        return presented;
      },
    });
    expect(told(hosts)).toEqual([
      'vc01 esx1.example.org known',
      'vc01 esx2.example.org changed',
      'vc01 esx3.example.org revoked',
      'vc01 esx4.example.org unread',
    ]);
    expect(types).toEqual([['ssh-rsa'], ['ssh-rsa'], [], []]);
  });

  it('asks the hosts of the other targets when one list cannot be used, and says which and why', async () => {
    const { hosts, withoutList } = await scan({ lists: { vc01: [1], vc02: [2] }, unusable: 'vc01' });
    expect(told(hosts)).toEqual(['vc02 esx2.example.org unknown']);
    expect(withoutList).toEqual([{ target: 'vc01', error: 'it is not sealed' }]);
  });

  it('asks the configured hosts in place of a list that cannot be used, and tells of it all the same', async () => {
    const targets = [{ name: 'vc01', hosts: [{ name: 'esx7.example.org' }] }] as unknown as Config['targets'];
    const { hosts, withoutList } = await scan({ unusable: 'vc01', targets });
    expect(told(hosts)).toEqual(['vc01 esx7.example.org unknown']);
    expect(withoutList).toEqual([{ target: 'vc01', error: 'it is not sealed' }]);
  });

  it('ends when it is given up, and does not tell of lists instead', async () => {
    const signal = AbortSignal.abort(new Error('given up'));
    await expect(scan({ unusable: 'vc01', signal })).rejects.toThrow('given up');
  });

  it('goes by the file before the pin', async () => {
    const line = { number: 1, revoked: false, key: key('A') };
    const hosts = { kind: 'patterns', patterns: [{ negated: false, pattern: 'esx1.example.org' }] } as const;
    const knownHosts = createKnownHosts([{ ...line, hosts }]);
    const [one] = (await scan({ pinned: { 'esx1.example.org:22': 'B' }, knownHosts })).hosts;
    expect(one).toMatchObject({ status: 'known', from: 'file' });
  });

  it('leaves out hosts that no run asks by what vCenter says of them', async () => {
    const hostLists = {
      ...listsOf({}),
      async read<T>(_target: string, schema: { parse(value: unknown): T }) {
        const hosts = [listedHost(1, { powerState: 'poweredOff' }), listedHost(2)];
        return { listedAt: systemClock.now(), hosts: schema.parse({ hosts, unreadable: [] }) };
      },
    } as unknown as HostListStore;
    expect(told((await scan({ hostLists })).hosts)).toEqual(['vc01 esx2.example.org unknown']);
  });

  it('tells the pinned key and what was shown, and of whom nobody heard in time that he was not asked', async () => {
    const pinned = { 'esx1.example.org:22': 'A' };
    const presentKeys: PresentKeys = async () => [{ key: key('B') }];
    const { hosts } = await scan({ lists: { vc01: [1, 2] }, pinned, presentKeys });
    const of = { target: 'vc01', port: 22 };
    expect(hosts).toEqual([
      {
        ...of,
        name: 'esx1.example.org',
        address: 'esx1.example.org',
        accepted: [key('A')],
        from: 'pin',
        status: 'changed',
        presented: key('B'),
      },
      {
        ...of,
        name: 'esx2.example.org',
        address: 'esx2.example.org',
        accepted: [],
        status: 'unread',
        error: 'no time was left to ask it',
      },
    ]);
  });
});

describe('createPresentKeys', () => {
  it('asks 64 hosts at once at most, and answers each in its place, also what fails', async () => {
    let at = 0;
    let most = 0;
    const ask = createPresentKeys({
      timeouts: { connectMs: 1, loginMs: 1 },
      async readPresentedKey({ target }) {
        at += 1;
        most = Math.max(most, at);
        await new Promise((resolve) => setImmediate(resolve));
        at -= 1;
        if (target.port === 7) throw new Error('no route');
        return key(String(target.port));
      },
    });
    const hosts = Array.from({ length: 200 }, (_, port) => ({ address: 'esx', port, types: [] }));
    const answers = await ask(hosts, running);
    expect(most).toBe(64);
    expect(answers[7]).toEqual({ error: 'no route' });
    expect(answers[199]).toEqual({ key: key('199') });
  });

  it('asks nobody more once the time is over', async () => {
    const over = new AbortController();
    let asked = 0;
    const ask = createPresentKeys({
      timeouts: { connectMs: 1, loginMs: 1 },
      async readPresentedKey() {
        asked += 1;
        over.abort(new Error('time is over'));
        return key('A');
      },
    });
    const hosts = Array.from({ length: 100 }, (_, port) => ({ address: 'esx', port, types: [] }));
    const answers = await ask(hosts, { signal: over.signal });
    expect(asked).toBeLessThanOrEqual(64);
    expect(answers[99]).toEqual({ error: 'time is over' });
  });
});

describe('how a host is asked for its key', () => {
  it('is by its address, port, known types and the time-outs; what it failed of is cut to 300 characters', async () => {
    const asked: unknown[] = [];
    const timeouts = { connectMs: 3, loginMs: 15 };
    const ask = createPresentKeys({
      timeouts,
      async readPresentedKey(request, { signal }) {
        asked.push([request, signal]);
        throw new Error('x'.repeat(301));
      },
    });
    const hosts = [{ address: 'esx1', port: 2222, types: ['ssh-rsa'] }];
    expect(await ask(hosts, running)).toEqual([{ error: 'x'.repeat(300) }]);
    expect(asked).toEqual([
      [{ target: { host: 'esx1', port: 2222 }, knownKeyTypes: ['ssh-rsa'], timeouts }, running.signal],
    ]);
  });
});

describe('the contract of a scan', () => {
  it('arrives as it was sent, and is told apart from a batch', () => {
    const text = fc.string({ maxLength: 50 });
    const host = fc.record({
      address: text,
      port: fc.integer({ min: 1, max: 65_535 }),
      types: fc.array(text),
    });
    fc.assert(
      fc.property(fc.array(host), fc.nat(), (hosts, endsAt) => {
        expect(decodeScanRequest(encodeScanRequest({ hosts, endsAt }))).toMatchObject({ hosts, endsAt });
      }),
    );
    expect(decodeScanRequest(encodeBatchRequest(batchRequest({})))).toBeUndefined();
    const presented = [{ key: key('A') }, { error: 'refused' }];
    expect(decodeScanResult(encodeScanResult(presented))).toEqual(presented);
  });

  it('takes bytes that are no JSON, and values that are no map, for something else than a scan', () => {
    for (const other of ['', '{', 'null', '7', '"scan"', '{"version":1}'])
      expect(decodeScanRequest(Buffer.from(other))).toBeUndefined();
    expect(() => decodeScanResult(Buffer.from('{'))).toThrow('scan result: not of the contract');
  });

  it('refuses what is not of it', () => {
    const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));
    expect(() => decodeScanRequest(bytes({ scan: 2 }))).toThrow('scan request: not of version 1');
    for (const wrong of [{ scan: 2 }, { scan: 1, endsAt: 1, hosts: [{ address: 'a', port: 0, types: [] }] }])
      expect(() => decodeScanRequest(bytes(wrong))).toThrow(BatchError);
    for (const wrong of [{}, { presented: [{}] }, { presented: [{ key: { type: 'a' } }] }])
      expect(() => decodeScanResult(bytes(wrong))).toThrow(BatchError);
  });

  it('is answered by a worker only when it is sealed and in time, without any credential', async () => {
    const seals = createSeals('a'.repeat(64));
    const addressee = { stack: 'Vsweep', table: 'T', worker: 'W' };
    const asked: string[] = [];
    const presentKeys: PresentKeys = async (hosts) => {
      asked.push(...hosts.map(({ address }) => address));
      return hosts.map(() => ({ key: key('A') }));
    };
    const deps = {
      clock: systemClock,
      log: silentLog,
      presentKeys,
      trust: { seals: async () => seals, addressee },
    } as unknown as Parameters<typeof answerSealed>[1];
    const hosts = [{ address: 'esx1', port: 22, types: [] }];
    const answer = async (envelope: Uint8Array) =>
      Buffer.from(await answerSealed(envelope, deps, running)).toString();
    const sealed = (endsAt: number, secret = 'a') =>
      sealRequest(encodeScanRequest({ hosts, endsAt }), {
        seal: createSeals(secret.repeat(64)).batch,
        addressee,
      });
    const now = systemClock.now();
    expect(await answer(encodeScanRequest({ hosts, endsAt: now + 9_000 }))).toContain('refused');
    expect(await answer(sealed(now + 9_000, 'b'))).toContain('refused');
    expect(await answer(sealed(now - 1))).toContain('refused');
    expect(await answer(sealed(now + 3_600_000))).toContain('refused');
    expect(asked).toEqual([]);
    expect(decodeScanResult(Buffer.from(await answer(sealed(now + 9_000))))).toEqual([{ key: key('A') }]);
  });
});

describe('listHostKeys', () => {
  const list = (
    invoke: Parameters<typeof listHostKeys>[1]['invoke'],
    hosts = 300,
    {
      target,
      remainingMs = 60_000,
      ...own
    }: Partial<Pick<Parameters<typeof listHostKeys>[1], 'presentKeys' | 'ownBatches' | 'clock'>> & {
      target?: string;
      remainingMs?: number;
    } = {},
  ) =>
    listHostKeys(
      { target, remainingMs },
      {
        clock: systemClock,
        config: { esxi: esxiConfig(), targets: TARGETS } as Config,
        knownHosts: NO_KNOWN_HOSTS,
        hostKeys: {
          readSome: async () =>
            new Map([['esx0.example.org:22', { ...key('A'), pinnedAt: 0, target: 'vc01' }]]),
        },
        hostLists: listsOf({ vc01: Array.from({ length: hosts }, (_, one) => one), vc02: [] }),
        invoke,
        batches: pLimit(4),
        presentKeys: () => Promise.reject(new Error('not from here')),
        ownBatches: { belowHosts: 0 },
        ...own,
      },
      running,
    );

  it('asks from its own process when the hosts are fewer than those that a run collects there', async () => {
    const asked: string[] = [];
    const own = {
      ownBatches: { belowHosts: 3 },
      presentKeys: async (hosts: readonly { address: string }[]) => {
        asked.push(...hosts.map(({ address }) => address));
        return hosts.map(() => ({ key: key('A') }));
      },
    };
    const nobody = () => Promise.reject(new Error('a worker was called'));
    expect(await list(nobody, 2, own)).toMatchObject({ known: 1, hosts: [{ status: 'unknown' }] });
    expect(asked).toHaveLength(2);
    expect(await list(nobody, 3, own)).toMatchObject({
      hosts: Array(3).fill({ status: 'unread', error: 'a worker was called' }),
    });
  });

  it('has the workers ask, 250 hosts each at most, and answers those that are not known', async () => {
    const sizes: number[] = [];
    const listed = await list(async (_name, payload) => {
      const { hosts = [] } = decodeScanRequest(payload) ?? {};
      sizes.push(hosts.length);
      return encodeScanResult(hosts.map(() => ({ key: key('A') })));
    });
    expect(sizes).toEqual([150, 150]);
    expect(listed).toMatchObject({ known: 1, omitted: 0, withoutList: [] });
    expect(listed.hosts).toHaveLength(299);
  });

  it('answers 5,000 hosts, and says how many more there are', async () => {
    const answering = (count: number) =>
      list(async (_name, payload) => {
        const { hosts = [] } = decodeScanRequest(payload) ?? {};
        return encodeScanResult(hosts.map(() => ({ key: key('A') })));
      }, count);
    const whole = await answering(5_001);
    expect([whole.hosts.length, whole.known, whole.omitted]).toEqual([5_000, 1, 0]);
    const cut = await answering(5_004);
    expect([cut.hosts.length, cut.known, cut.omitted]).toEqual([5_000, 1, 3]);
    expect(parseListedHostKeys(JSON.parse(JSON.stringify(cut)))).toEqual(cut);
    expect(parseListedHostKeys({ ...cut, hosts: [{}] })).toBeUndefined();
  });

  it('needs a section esxi, and asks the hosts of one target where one is named', async () => {
    const deps = { config: { targets: TARGETS } } as Parameters<typeof listHostKeys>[1];
    await expect(listHostKeys({ target: undefined, remainingMs: 60_000 }, deps, running)).rejects.toThrow(
      'the configuration has no section "esxi": no host is asked by ssh',
    );
    const own = {
      ownBatches: { belowHosts: 9 },
      presentKeys: async (hosts: readonly unknown[]) => hosts.map(() => ({ key: key('A') })),
    };
    const nobody = () => Promise.reject(new Error('not from workers'));
    expect(await list(nobody, 3, { ...own, target: 'vc02' })).toEqual({
      hosts: [],
      known: 0,
      omitted: 0,
      withoutList: [],
    });
    expect(await list(nobody, 3, { ...own, target: 'vc01' })).toMatchObject({
      hosts: [{ target: 'vc01' }, { target: 'vc01' }],
      known: 1,
    });
  });

  it.each([
    [60_000, 55_000],
    [900_000, 840_000],
    [5_500, 1_000],
  ])('with %d ms left gives workers %d ms, so that their answers come back', async (remainingMs, ms) => {
    const ends: number[] = [];
    const clock = createManualClock(7);
    const invoke = async (_name: string, payload: Uint8Array) => {
      ends.push(decodeScanRequest(payload)?.endsAt ?? 0);
      return encodeScanResult([{ key: key('A') }]);
    };
    await list(invoke, 1, { clock, remainingMs });
    expect(ends).toEqual([7 + ms]);
  });

  it('says of the hosts of a lost worker why they are unread', async () => {
    const listed = await list(() => Promise.reject(new InvokeError('W is lost', { code: 'lost' })), 2);
    expect(listed.hosts.map(({ status, error }) => [status, error])).toEqual([
      ['unread', 'W is lost'],
      ['unread', 'W is lost'],
    ]);
  });

  it('takes an event of its own form, and no other', () => {
    const config = { targets: TARGETS };
    expect(parseHostKeysEvent({ sweep: 'services' }, config)).toBeUndefined();
    expect(parseHostKeysEvent({ hostkeys: {} }, config)).toEqual({ target: undefined });
    expect(parseHostKeysEvent({ hostkeys: { target: 'vc02' } }, config)).toEqual({ target: 'vc02' });
    expect(parseHostKeysEvent(null, config)).toBeUndefined();
    expect(parseHostKeysEvent('hostkeys', config)).toBeUndefined();
    expect(() => parseHostKeysEvent({ hostkeys: { target: 'vc09' } }, config)).toThrow(
      'there is no target "vc09"; did you mean "vc01"? Known targets: vc01, vc02',
    );
    expect(() => parseHostKeysEvent({ hostkeys: 7 }, config)).toThrow('send {"hostkeys": {}}, with "target"');
    for (const wrong of [
      { hostkeys: { target: 'vc09' } },
      { hostkeys: { accept: true } },
      { hostkeys: {}, sweep: 'x' },
    ])
      expect(() => parseHostKeysEvent(wrong, config)).toThrow(EventError);
  });
});
