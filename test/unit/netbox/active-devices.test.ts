import { describe, expect, it } from 'vitest';
import {
  type ActiveDevicesDeps,
  createActiveDevices,
  type DeviceCache,
  type KnownDevices,
} from '../../../lib/netbox/active-devices.ts';
import type { Device } from '../../../lib/netbox/device.ts';
import { NetboxError } from '../../../lib/netbox/errors.ts';
import type { DeviceAnswer } from '../../../lib/netbox/netbox-client.ts';

const o = { signal: new AbortController().signal };
const T0 = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const SETTINGS = { url: 'https://netbox', filter: { status: ['active'] }, cacheMinutes: 60 };
const devicesOf = (count: number): Device[] =>
  Array.from({ length: count }, (_, id) => ({ id: id + 1, name: `esx${id}`, addresses: [] }));

/** NetBox with so many devices, a cache in a Map, and a clock that is set by hand. */
function world(settings = SETTINGS) {
  const kept = new Map<string, KnownDevices>();
  const calls = { netbox: 0 };
  const state = { now: T0, devices: 10, answer: undefined as DeviceAnswer | Error | undefined };
  let brokenCache: 'read' | 'write' | undefined;
  const cache: DeviceCache = {
    async read(hash, schema) {
      if (brokenCache === 'read') throw new Error('the table is away');
      const found = kept.get(hash);
      return (
        found && { readAt: found.readAt, devices: schema.parse(JSON.parse(JSON.stringify(found.devices))) }
      );
    },
    async write(hash, devices) {
      if (brokenCache !== undefined) throw new Error('the table is full');
      kept.set(hash, { readAt: state.now, devices });
    },
  };
  const deps: ActiveDevicesDeps = {
    netbox: {
      async listDevices() {
        calls.netbox += 1;
        if (state.answer instanceof Error) throw state.answer;
        return state.answer ?? { devices: devicesOf(state.devices), faulty: undefined, apiVersion: '4.5' };
      },
    },
    readToken: async () => 'token',
    cache,
    clock: {
      now: () => state.now,
      monotonic: () => state.now,
      sleep: () => Promise.reject(new Error('nothing waits here')),
    },
  };
  const start = createActiveDevices(settings, deps);
  return {
    kept,
    calls,
    state,
    deps,
    breakCache: (how: typeof brokenCache) => {
      brokenCache = how;
    },
    async learn(begin = start) {
      const active = begin(o);
      const [now, before] = await Promise.allSettled([active.now, active.before]);
      return { now, before: before.status === 'fulfilled' ? before.value : undefined, notes: active.notes };
    },
    another: (changes: Partial<typeof SETTINGS>) => createActiveDevices({ ...settings, ...changes }, deps),
  };
}

describe('the active devices', () => {
  it('are asked for once in cacheMinutes, and then again', async () => {
    const { learn, state, calls } = world();
    expect(await learn()).toMatchObject({ now: { value: { readAt: T0, devices: devicesOf(10) } } });
    state.now += 60 * MINUTE - 1;
    expect(await learn()).toMatchObject({ now: { value: { readAt: T0 } } });
    expect(calls.netbox).toBe(1);
    state.now += 1;
    state.devices = 11;
    const { now } = await learn();
    expect(now).toMatchObject({ value: { readAt: state.now, devices: devicesOf(11) } });
    expect(calls.netbox).toBe(2);
  });

  it('of another url or filter are another question; of the same filter in another order the same', async () => {
    const { learn, calls, another, kept } = world({
      ...SETTINGS,
      filter: { status: ['active', 'staged'], site: ['a'] } as never,
    });
    await learn();
    await learn(another({ filter: { site: ['a'], status: ['staged', 'active'] } as never }));
    expect(calls.netbox).toBe(1);
    await learn(another({ url: 'https://other' }));
    await learn(another({ filter: { status: ['active'] } }));
    expect(calls.netbox).toBe(3);
    expect([...kept.keys()]).toEqual(
      Array.from({ length: 3 }, () => expect.stringMatching(/^[0-9a-f]{32}$/)),
    );
  });

  it('are those known before when NetBox fails, for seven days', async () => {
    const { learn, state } = world();
    await learn();
    state.answer = new NetboxError('it is down', { code: 'busy' });
    state.now += 7 * DAY;
    expect(await learn()).toMatchObject({
      now: { status: 'rejected', reason: { code: 'busy' } },
      before: { readAt: T0 },
    });
    state.now += 1;
    expect((await learn()).before).toBeUndefined();
  });

  it('are never none at all: an empty answer is a failure, also the first', async () => {
    const { learn, state, kept } = world();
    state.devices = 0;
    expect((await learn()).now).toMatchObject({
      status: 'rejected',
      reason: {
        code: 'implausible',
        message:
          "https://netbox: NetBox answered with no devices; that answer is not used. Check that the token's user " +
          'may view devices, and that netbox.filter is right.',
      },
    });
    expect(kept.size).toBe(0);
  });

  it.each([
    { devices: 5, isBelieved: true },
    { devices: 4, isBelieved: false },
  ])('$devices after 10 are believed: $isBelieved', async ({ devices, isBelieved }) => {
    const { learn, state } = world();
    await learn();
    state.now += 61 * MINUTE;
    state.devices = devices;
    const { now, before } = await learn();
    expect(now.status).toBe(isBelieved ? 'fulfilled' : 'rejected');
    expect(before?.devices).toHaveLength(10);
    if (now.status === 'rejected') {
      expect(now.reason).toMatchObject({
        code: 'implausible',
        message:
          'https://netbox: NetBox answered with 4 devices, after 10 at 2026-01-01T00:00:00.000Z; that answer ' +
          "is not used. Check that the token's user may view devices, and that the devices are really gone. If so, the " +
          'new answer is used 7 days after that time, or at once after a change of netbox.filter.',
      });
    }
  });

  it('that became few are believed when nothing of the last seven days speaks against it', async () => {
    const { learn, state } = world();
    await learn();
    state.now += 7 * DAY + 1;
    state.devices = 1;
    expect((await learn()).now).toMatchObject({ value: { devices: devicesOf(1) } });
  });

  it('are those that this process saw last when the cache cannot be read', async () => {
    const { learn, state, calls, breakCache } = world();
    await learn();
    breakCache('read');
    const fresh = await learn();
    expect(fresh).toMatchObject({
      now: { value: { readAt: T0 } },
      notes: [expect.stringContaining('the table is away')],
    });
    expect(calls.netbox).toBe(1);
    state.now += 61 * MINUTE;
    state.answer = new NetboxError('it is down', { code: 'busy' });
    expect((await learn()).before).toMatchObject({ readAt: T0 });
  });

  it('are gone by when they cannot be kept, and it is said', async () => {
    const { learn, breakCache } = world();
    breakCache('write');
    expect(await learn()).toMatchObject({
      now: { value: { devices: devicesOf(10) } },
      notes: [expect.stringContaining('the NetBox answer could not be stored: the table is full')],
    });
  });

  it('end with the reason of the signal when that aborts while they are kept, and nothing is said of the cache', async () => {
    const { state, deps } = world();
    const run = new AbortController();
    const cache: DeviceCache = {
      ...deps.cache,
      write: async () => {
        run.abort(new Error('the run is over'));
        throw new Error('the table is full');
      },
    };
    const active = createActiveDevices(SETTINGS, { ...deps, cache })(run);
    await expect(active.now).rejects.toThrow('the run is over');
    expect(active.notes).toEqual([]);
    expect(state.now).toBe(T0);
  });

  it('may fail without anybody who waits for them', async () => {
    const { state, deps } = world();
    state.answer = new NetboxError('it is down', { code: 'busy' });
    const unheard: unknown[] = [];
    const note = (reason: unknown) => void unheard.push(reason);
    process.on('unhandledRejection', note);
    const { before } = createActiveDevices(SETTINGS, deps)(o);
    await before;
    // Node tells of a rejection that nobody hears at the end of a turn.
    for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
    process.off('unhandledRejection', note);
    expect(unheard).toEqual([]);
  });

  it('that could not be understood are told', async () => {
    const { learn, state } = world();
    state.answer = {
      devices: devicesOf(2),
      faulty: { count: 3, first: 'device 7: name: too long' },
      apiVersion: undefined,
    };
    expect((await learn()).notes).toEqual([
      'NetBox: 3 devices are ignored, because their data is invalid. The first: device 7: name: too long',
    ]);
  });
});
