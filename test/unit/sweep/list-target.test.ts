import { describe, expect, it } from 'vitest';
import type { TargetConfig } from '../../../lib/config/schema.ts';
import type { Item, KindListing, KindName } from '../../../lib/inventory/kind.ts';
import type { Inventory } from '../../../lib/inventory/list-inventory.ts';
import { createLoginQueue } from '../../../lib/logins/trial/guarded-login.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { startTimeline } from '../../../lib/platform/timeline.ts';
import { untilAborted } from '../../../lib/platform/until-aborted.ts';
import { createAccountStore } from '../../../lib/state/stores/accounts.ts';
import { storedHostList } from '../../../lib/sweep/listing/host-list.ts';
import {
  keepSites,
  type ListedTarget,
  type ListTargetDeps,
  listTarget,
} from '../../../lib/sweep/listing/list-target.ts';
import { collectorsOf, targetSettings } from '../../../lib/sweep/plan/target-settings.ts';
import { collectedNothing, listedNothing } from '../../../lib/sweep/run/broken-run.ts';
import type { SweepSession } from '../../../lib/sweep/sessions.ts';
import { VsphereFaultError } from '../../../lib/vsphere/errors.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { NO_CONNECTION } from '../../support/no-connection.ts';
import { createMemoryTable } from '../../support/world/memory-table.ts';
import { listedHost, T0 } from './builders.ts';

const { signal } = new AbortController();
const HOUR = 3_600_000;
const TARGET = {
  name: 'vc01',
  url: 'https://vc01/sdk',
  site: '',
  aliases: [],
  credentials: { env: 'VC' },
  endLeftoverSessions: true,
} as unknown as TargetConfig;
const LISTING: Inventory = {
  hosts: [listedHost(1, { sshRunning: true })],
  unreadable: [],
  others: new Map(),
};

interface World {
  target?: Partial<TargetConfig>;
  /** What is kept of the last listing, so many hours ago. */
  stored?: { numbers: readonly number[]; hours?: number; unreadable?: readonly string[]; sites?: object };
  listing?: Inventory | Error;
  leftover?: number | undefined;
  cannot?: 'read' | 'write' | 'log in';
}

/** Lists a target whose vCenter answers as told; what was asked of it, and what was kept. */
async function list({ target, stored, listing = LISTING, leftover = 2, cannot }: World = {}) {
  const clock = createManualClock(T0);
  const asked: unknown[] = [];
  const kept: unknown[] = [];
  const session: SweepSession = {
    async list(query) {
      asked.push(query);
      if (listing instanceof Error) throw listing;
      return listing;
    },
    async *retrieve() {
      // Nobody's limits are read.
    },
    connection: NO_CONNECTION.connection,
    acquireCloneTicket: async () => 'ticket',
    async leftover(choice) {
      asked.push(choice);
      return leftover;
    },
    close: async () => undefined,
  };
  const broken = (what: World['cannot']) => {
    if (cannot === what) throw new Error(`cannot ${what}`);
  };
  const deps: ListTargetDeps = {
    clock,
    log: silentLog,
    logins: createLoginQueue(),
    randomId: () => 'id',
    blacklistMinutes: 20,
    accounts: createAccountStore({ table: createMemoryTable(), now: clock.now }),
    config: { esxi: undefined },
    credentials: {
      read: async () => ({
        id: 'env:VC',
        version: 'v1',
        username: 'sweeper',
        proof: { kind: 'password', password: 'x' },
      }),
    },
    async login(_target, _credential, { endsAt, beforePassword }) {
      broken('log in');
      asked.push({ endsAt });
      await beforePassword?.({ apiType: 'VirtualCenter', fullName: '', version: '', fields: new Map() });
      return session;
    },
    hostLists: {
      async read(_name, schema) {
        broken('read');
        if (stored === undefined) return undefined;
        const { numbers, hours = 1, unreadable = [], sites } = stored;
        const hosts = schema.parse({ hosts: numbers.map((one) => listedHost(one)), unreadable, sites });
        return { listedAt: T0 - hours * HOUR, hosts };
      },
      async write(name, hosts) {
        broken('write');
        kept.push([name, storedHostList.parse(hosts)]);
      },
    },
    stamps: { renew: async (what) => void kept.push(`renew ${what}`) },
  };
  const listed = await listTarget({ ...TARGET, ...target } as TargetConfig, deps, {
    listEnd: T0 + 10_000,
    timeline: startTimeline(clock),
    patienceMs: 0,
    sessionEnd: T0 + 60_000,
    managementAddress: true,
    sshService: true,
    kinds: [],
    signal,
  });
  return { listed, asked, kept, clock, deps, session };
}
const namesOf = ({ list: found }: ListedTarget) => found?.hosts.map(({ moref }) => moref);

describe('listTarget', () => {
  it('lists a target in a session that says when it is over, and keeps what holds beyond this run', async () => {
    const { listed, asked, kept, session } = await list();
    expect(listed).toEqual({
      source: 'fresh',
      list: { listedAt: T0, hosts: LISTING.hosts, unreadable: [], sites: {} },
      others: new Map(),
      session,
      problems: [],
      leftoverSessions: 2,
    });
    expect(asked).toEqual([
      { endsAt: T0 + 60_000 },
      { kinds: [], managementAddress: true, sshService: true },
      { end: true },
    ]);
    const stored = storedHostList.parse({ hosts: [listedHost(1)], unreadable: [] });
    expect(kept).toEqual([['vc01', stored], 'renew addresses']);
  });

  it.each<[string, World['stored'], boolean]>([
    ['the same hosts', { numbers: [1] }, false],
    ['other hosts', { numbers: [2] }, true],
    ['more hosts', { numbers: [1, 2] }, true],
    ['hosts that are too old to count', { numbers: [1], hours: 25 }, true],
  ])('tells other targets that addresses changed where the last list had %s', async (_what, stored, told) => {
    const { kept } = await list(stored === undefined ? {} : { stored });
    expect(kept.includes('renew addresses')).toBe(told);
  });

  it('takes hosts in another order for the same ones', async () => {
    const listing = { hosts: [listedHost(2), listedHost(1)], unreadable: [], others: new Map() };
    expect((await list({ listing, stored: { numbers: [1, 2] } })).kept).toHaveLength(1);
  });

  it('is fresh without a kind that could not be listed, and says so', async () => {
    const listing = { ...LISTING, unlisted: new Map<KindName, string>([['vm', 'SystemError']]) };
    const { listed } = await list({ listing });
    expect(listed).toMatchObject({
      source: 'fresh',
      problems: ['objects (vm) could not be listed: SystemError'],
    });
  });

  it('is fresh although it cannot be kept, and says so', async () => {
    const { listed } = await list({ cannot: 'write' });
    expect(listed).toMatchObject({ source: 'fresh', problems: ['cannot write'] });
  });

  it('goes by the last list where vCenter fails, for up to a day, and keeps its age', async () => {
    const listing = new VsphereFaultError('RetrievePropertiesEx on vc01', { fault: 'SystemError', text: '' });
    const { listed, kept, session } = await list({ listing, stored: { numbers: [3], hours: 24 } });
    expect(namesOf(listed)).toEqual(['host-3']);
    expect(listed).toMatchObject({ source: 'last', list: { listedAt: T0 - 24 * HOUR } });
    expect(listed.session).toBe(session);
    expect(listed.problems).toEqual([expect.stringContaining('SystemError')]);
    expect(kept).toEqual([]);
    const tooOld = await list({ listing, stored: { numbers: [3], hours: 24.01 } });
    expect(tooOld.listed).toMatchObject({ source: 'none', list: undefined });
  });

  it('says of an empty inventory that the account may lack its role, and goes by the last list', async () => {
    const listing = { hosts: [], unreadable: [], others: new Map() };
    const { listed } = await list({ listing, stored: { numbers: [3] } });
    expect(listed.source).toBe('last');
    expect(listed.problems).toEqual([
      'vc01 lists no hosts. Give the account the role "Read-only" on the root folder, with propagation',
    ]);
    const unreadable = await list({ listing: { hosts: [], unreadable: ['host-7'], others: new Map() } });
    expect(unreadable.listed).toMatchObject({
      source: 'fresh',
      list: { unreadable: ['host-7'] },
    });
  });

  it('has no session where it could not log in', async () => {
    const { listed } = await list({ cannot: 'log in', stored: { numbers: [3] } });
    expect(listed).toMatchObject({ source: 'last', session: undefined, problems: ['cannot log in'] });
  });

  it('lists without a last list that cannot be read, and says so', async () => {
    const { listed } = await list({ cannot: 'read' });
    expect(listed).toMatchObject({ source: 'fresh', problems: ['cannot read'] });
  });

  it('stands on the hosts of the configuration where there is no list', async () => {
    const target = { hosts: [{ name: 'esx7' }] } as Partial<TargetConfig>;
    const listing = new Error('down');
    expect(namesOf((await list({ target, listing })).listed)).toEqual(['esx7']);
    expect(namesOf((await list({ target, listing, stored: { numbers: [3] } })).listed)).toEqual(['host-3']);
  });

  it('asks no vCenter of a target without credentials, whose hosts the configuration lists', async () => {
    const target = { hosts: [{ name: 'esx7' }], credentials: undefined } as Partial<TargetConfig>;
    const { listed, asked, kept } = await list({ target });
    expect(listed).toMatchObject({ source: 'fresh', session: undefined, problems: [] });
    expect(namesOf(listed)).toEqual(['esx7']);
    expect({ asked, kept: kept.length }).toEqual({ asked: [], kept: 2 });
    const unkept = await list({ target, cannot: 'write' });
    expect(unkept.listed).toMatchObject({ source: 'fresh', problems: ['cannot write'] });
  });

  it('gives the listing its time and no more, and says what it waited for', async () => {
    const clock = createManualClock(T0);
    const { deps } = await list();
    const hanging: ListTargetDeps = {
      ...deps,
      clock,
      login: (_target, _credential, { signal: limited }) =>
        untilAborted(Promise.withResolvers<never>().promise, limited),
    };
    const listing = listTarget(TARGET, hanging, {
      listEnd: T0 + 10_000,
      timeline: startTimeline(clock),
      patienceMs: 0,
      sessionEnd: T0,
      managementAddress: false,
      sshService: false,
      kinds: [],
      signal,
    });
    await new Promise(setImmediate);
    await clock.advance(10_000);
    const { problems } = await listing;
    expect(problems).toEqual([
      expect.stringMatching(/^listing vc01 at https:\/\/vc01\/sdk, waiting for .*out of time$/),
    ]);
  });
});

describe('keepSites', () => {
  const listed = async (source: ListedTarget['source']): Promise<ListedTarget> => ({
    ...(await list({ stored: { numbers: [1], sites: { 'host-1': 'old' } } })).listed,
    source,
  });
  async function keep(source: ListedTarget['source'], sites: Record<string, string>, isBroken = false) {
    const kept: unknown[] = [];
    const warned: string[] = [];
    const write = async (_name: string, { sites: written }: { sites: object }) => {
      if (isBroken) throw new Error('no table');
      kept.push(written);
    };
    await keepSites(
      'vc01',
      { listed: await listed(source), sites },
      {
        hostLists: { write, read: async () => undefined } as never,
        log: { ...silentLog, warn: (message) => void warned.push(message) },
      },
      { signal },
    );
    return { kept, warned };
  }

  it('keeps a fresh list once more when a host got another site, and no other', async () => {
    expect((await keep('fresh', { 'host-1': 'new' })).kept).toEqual([{ 'host-1': 'new' }]);
    expect((await keep('fresh', { 'host-1': 'old' })).kept).toEqual([]);
    expect((await keep('last', { 'host-1': 'new' })).kept).toEqual([]);
  });

  it('warns when that cannot be kept', async () => {
    expect(await keep('fresh', { 'host-1': 'new' }, true)).toEqual({
      kept: [],
      warned: ['the sites of hosts could not be kept'],
    });
  });
});

describe('a run that breaks by a fault of ours', () => {
  const sweep = { name: 's', collectors: ['overall-status', 'ssh-services'] } as never;
  const error = new Error('undefined is not a function');

  it('loses every host of the list, and says what to do', async () => {
    const { listed } = await list({ stored: { numbers: [1] } });
    const collected = collectedNothing({ sweep, target: TARGET }, { listed, overSsh: true, error });
    expect(collected.problems).toEqual([
      'internal error: undefined is not a function. Please report it as a bug of vsweep',
    ]);
    expect(collected.merged.hosts.map(({ host, outcomes }) => [host.moref, outcomes])).toEqual([
      [
        'host-1',
        { vcenter: { kind: 'failed', reason: 'worker' }, ssh: { kind: 'failed', reason: 'worker' } },
      ],
    ]);
    expect(collected.merged.hosts.map(({ details }) => details)).toEqual([
      ['vcenter: undefined is not a function', 'ssh: undefined is not a function'],
    ]);
    expect(collected.collectors.map(({ name }) => name)).toEqual(['overall-status', 'ssh-services']);
    const nobody = { ...listed, list: undefined };
    const nothing = collectedNothing({ sweep, target: TARGET }, { listed: nobody, overSsh: false, error });
    expect(nothing.merged).toMatchObject({ hosts: [], collectors: [{ success: false }, { success: false }] });
  });

  it('loses every object of other kinds too, also where the target has no hosts', async () => {
    const { listed } = await list({ stored: { numbers: [1] } });
    const item = (moref: string): Item => ({ moref, name: moref, facts: {} });
    const others = new Map<KindName, KindListing>([
      ['vm', { items: [item('vm-1'), item('vm-2')], unreadable: [] }],
      ['datastore', { items: [], unreadable: [] }],
    ]);
    const lostOf = (changes: Partial<ListedTarget>) =>
      collectedNothing(
        { sweep, target: TARGET },
        { listed: { ...listed, others, ...changes }, overSsh: true, error },
      ).merged;
    const lost = { kind: 'failed', reason: 'worker' };
    const kinds = [{ kind: 'vm', outcomes: [lost, lost] }];
    expect(lostOf({})).toMatchObject({ hosts: [{ host: { moref: 'host-1' } }], kinds });
    expect(lostOf({ list: undefined })).toMatchObject({ hosts: [], kinds });
  });

  it('goes by the last list when the listing broke, and by none that cannot be read', async () => {
    const lastOf = async (world: World) => {
      const { deps } = await list(world);
      return await listedNothing('vc01', error, deps, { signal });
    };
    expect(await lastOf({ stored: { numbers: [1] } })).toMatchObject({
      source: 'last',
      session: undefined,
      problems: [expect.stringContaining('internal error: ')],
    });
    expect(await lastOf({})).toMatchObject({ source: 'none', list: undefined });
    expect(await lastOf({ cannot: 'read' })).toMatchObject({ source: 'none', list: undefined });
  });
});

describe('targetSettings', () => {
  const config = {
    sweeps: [{ name: 's', collectors: ['ssh-services', 'overall-status'] }],
    targets: [TARGET],
  } as never;

  it('has what the configuration says, and the collectors in its order', () => {
    expect(targetSettings(config, { sweep: 's', target: 'vc01' })).toMatchObject({
      sweep: { name: 's' },
      target: { name: 'vc01' },
      collectors: [{ name: 'ssh-services' }, { name: 'overall-status' }],
    });
    expect(collectorsOf({ collectors: ['nothing'] } as never)).toEqual([]);
  });

  it.each([
    [{ sweep: 'x', target: 'vc01' }, 'sweep "x"'],
    [{ sweep: 's', target: 'vc09' }, 'target "vc09"'],
  ])('names what a worker with another configuration does not know: %j', (names, missing) => {
    expect(() => targetSettings(config, names)).toThrow(
      `the worker's configuration has no ${missing}; deploy the sweep function and its workers together`,
    );
  });
});
