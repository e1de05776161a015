import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FileKeys, type KnownHosts, NO_KNOWN_HOSTS } from '../../../lib/config/known-hosts/find-keys.ts';
import type { ListedHost } from '../../../lib/inventory/host.ts';
import { PRINCIPAL } from '../../../lib/logins/rules/principal.ts';
import type { AccountHistory } from '../../../lib/state/stores/account-history.ts';
import { encodeBatchRequest } from '../../../lib/sweep/batch.ts';
import { sliceBatches } from '../../../lib/sweep/plan/batch-size.ts';
import { planHosts, type SshPlan, withoutCredential } from '../../../lib/sweep/plan/plan-hosts.ts';
import { asking, batchHost, batchRequest, esxiConfig, history, listedHost, sshPlan, T0 } from './builders.ts';

const MINUTE = 60_000;
const PROVEN = history({ provenVersion: 'v1' });
const plan = (hosts: readonly ListedHost[], changes: Partial<SshPlan> = {}) =>
  planHosts(hosts, { siteOf: () => 'qa', ssh: sshPlan(changes) });
const sshOf = (hosts: ReturnType<typeof plan>) =>
  hosts.map(({ moref, ssh }) => `${moref} ${ssh === 'try' ? 'try' : ssh.skip}`);

describe('planHosts', () => {
  it('gives every host once, in the order of morefs, with its pinned key and its account', () => {
    const hosts = plan([listedHost(10), listedHost(9)], {
      accounts: new Map([['esx9.example.org', PROVEN]]),
      hostKeys: new Map([['esx9.example.org:22', { type: 'ssh-rsa', blob: 'AAAA' }]]),
    });
    expect(hosts).toEqual([
      expect.objectContaining({
        moref: 'host-9',
        site: 'qa',
        address: 'esx9.example.org',
        hostKey: { type: 'ssh-rsa', blob: 'AAAA' },
        proven: true,
        account: { refusals: 0 },
        ssh: 'try',
      }),
      expect.objectContaining({ moref: 'host-10', proven: false }),
    ]);
    expect(hosts[1]).not.toHaveProperty('hostKey');
  });

  it('asks no host of which no request can tell, keeps it in its batch, and costs no other host anything', () => {
    const hosts = plan([listedHost(1, { name: 'x'.repeat(5_000) }), listedHost(2), listedHost(3)], {
      hostKeys: new Map([['esx2.example.org:22', { type: 'ssh-rsa', blob: 'A'.repeat(20_140) }]]),
    });
    expect(sshOf(hosts)).toEqual(['host-1 worker', 'host-2 worker', 'host-3 try']);
    expect(hosts[1]).toMatchObject({
      name: 'esx2.example.org',
      ssh: { why: expect.stringContaining('hostKey.blob') },
    });
    const request = batchRequest({ hosts });
    expect(asking(encodeBatchRequest(request))).toEqual(request);
  });

  it('cuts the reason of a host with the longest of names to what a request can hold', () => {
    const name = `${'x'.repeat(249)}.o`;
    const refuse = esxiConfig({ hostKeys: { unknown: 'refuse' } });
    const hosts = plan([listedHost(1, { name })], {
      esxi: refuse,
      target: 't'.repeat(203),
      hostKeys: new Map(),
    });
    expect(sshOf(hosts)).toEqual(['host-1 hostkey-unknown']);
    const request = batchRequest({ hosts });
    expect(asking(encodeBatchRequest(request))).toEqual(request);
  });

  it('asks nobody by ssh when the sweep does not, and decides nothing', () => {
    const [host] = planHosts([listedHost(1, { powerState: 'poweredOff' })], {
      siteOf: () => '',
      ssh: undefined,
    });
    expect(host).toMatchObject({ address: '', ssh: { skip: 'no-credential' }, proven: false });
  });

  it('skips a host that is switched off, whatever else speaks against it', () => {
    const hosts = [listedHost(1, { powerState: 'poweredOff' })];
    expect(sshOf(plan(hosts, { stateDown: true }))).toEqual(['host-1 poweredoff']);
  });

  describe('of a host whose key is not known', () => {
    const hosts = [listedHost(1), listedHost(2), listedHost(3)];
    const refuse = esxiConfig({ hostKeys: { unknown: 'refuse' } });
    const pinned = { type: 'ssh-rsa', blob: 'AAAA' };
    const other = { type: 'ssh-rsa', blob: 'BBBB' };
    const fileOf = (keys: Readonly<Record<string, FileKeys>>): KnownHosts => ({
      ...NO_KNOWN_HOSTS,
      find: ({ address, port }) => keys[`${address}:${port}`] ?? { accepted: [], revoked: [] },
    });

    it('asks it under trust-first only, and says by which command its key is accepted', () => {
      const hostKeys = new Map([['esx1.example.org:22', pinned]]);
      const knownHosts = fileOf({ 'esx2.example.org:22': { accepted: [other], revoked: [] } });
      const of = (esxi: SshPlan['esxi']) => plan(hosts, { esxi, hostKeys, knownHosts });
      expect(sshOf(of(refuse))).toEqual(['host-1 try', 'host-2 try', 'host-3 hostkey-unknown']);
      expect(of(refuse)[2]?.ssh).toMatchObject({
        why: expect.stringContaining('vsweep hostkey accept vc01 esx3.example.org:22'),
      });
      expect(sshOf(of(esxiConfig()))).toEqual(['host-1 try', 'host-2 try', 'host-3 try']);
    });

    it('leaves it alone when its pinned key is revoked, also under trust-first', () => {
      const knownHosts = fileOf({ 'esx1.example.org:22': { accepted: [], revoked: [pinned] } });
      const hostKeys = new Map([['esx1.example.org:22', pinned]]);
      const [host] = plan(hosts, { knownHosts, hostKeys });
      expect(host?.ssh).toMatchObject({ skip: 'hostkey-unknown', why: expect.stringContaining('revoked') });
    });

    it('asks nobody whose lines were not looked up in time, and says what to change in the file', () => {
      const hostKeys = new Map([['esx1.example.org:22', pinned]]);
      const isFound: KnownHosts['isFound'] = ({ address }) => address !== 'esx1.example.org';
      const knownHosts = { ...fileOf({}), searched: 900, isFound };
      const planned = plan(hosts, { hostKeys, knownHosts });
      expect(sshOf(planned)).toEqual(['host-1 deadline', 'host-2 try', 'host-3 try']);
      expect(planned[0]?.ssh).toMatchObject({
        why: expect.stringMatching(/900 lines.*vsweep hostkey scan --known-hosts$/),
      });
    });

    it('tells ports apart', () => {
      const overrides = { 'esx1.example.org': 'esx1.example.org:2222' };
      const esxi = { ...refuse, overrides };
      const hostKeys = new Map([['esx1.example.org:22', pinned]]);
      expect(sshOf(plan([listedHost(1)], { esxi, hostKeys }))).toEqual(['host-1 hostkey-unknown']);
    });

    it('goes by the file while the table is away, and by nothing while nothing is known of accounts', () => {
      const accounts = new Map([1, 2].map((one) => [`esx${one}.example.org`, PROVEN]));
      const knownHosts = fileOf({ 'esx1.example.org:22': { accepted: [other], revoked: [] } });
      const away = { accounts, knownHosts, fromMemory: true };
      expect(sshOf(plan(hosts, away))).toEqual(['host-1 try', 'host-2 state', 'host-3 state']);
      // Its key is known, and nobody knows what its account would stand.
      const unproven = new Map([['esx1.example.org', history({ provenVersion: 'v0' })]]);
      expect(sshOf(plan([listedHost(1)], { ...away, accounts: unproven }))).toEqual(['host-1 state']);
      expect(sshOf(plan([listedHost(1)], { knownHosts, accounts: unproven }))).toEqual(['host-1 try']);
      expect(sshOf(plan([listedHost(1)], { ...away, stateDown: true }))).toEqual(['host-1 state']);
    });

    it('asks nobody whose item cannot be read: its key, its account, or the one account of a domain', () => {
      const asked = (unreadable: readonly string[], changes: Partial<SshPlan> = {}) =>
        sshOf(plan(hosts.slice(0, 2), { ...changes, unreadable: new Set(unreadable) }));
      expect(asked(['esx1.example.org:22'])).toEqual(['host-1 state', 'host-2 try']);
      expect(asked(['esx1.example.org'])).toEqual(['host-1 state', 'host-2 try']);
      const domain = { esxi: esxiConfig({ credentials: { env: 'ESXI', scope: 'domain' } }) };
      expect(asked(['esx1.example.org'], domain)).toEqual(['host-1 state', 'host-2 try']);
      expect(asked(['*'], domain)).toEqual(['host-1 state', 'host-2 state']);
    });

    it('does not let it stand for another host at its address, and says of the key before the credential', () => {
      const esxi = { ...refuse, overrides: { 'esx2.example.org': 'esx1.example.org:2222' } };
      const hostKeys = new Map([['esx1.example.org:2222', pinned]]);
      expect(sshOf(plan(hosts.slice(0, 2), { esxi, hostKeys }))).toEqual([
        'host-1 hostkey-unknown',
        'host-2 try',
      ]);
      expect(sshOf(plan([listedHost(1)], { esxi: refuse, suspended: 'x' }))).toEqual([
        'host-1 hostkey-unknown',
      ]);
    });
  });

  it('leaves a refused account alone for its minutes, tries it once more, and then never again', () => {
    const at = (refusals: number, minutesAgo: number) =>
      sshOf(
        plan([listedHost(1)], {
          accounts: new Map([
            [
              'esx1.example.org',
              history({
                refusals,
                refusedVersions: Array(refusals).fill('v1'),
                lastRefusalAt: T0 - minutesAgo * MINUTE,
              }),
            ],
          ]),
        }),
      );
    expect(at(1, 19)).toEqual(['host-1 blacklist']);
    expect(at(1, 20)).toEqual(['host-1 try']);
    expect(at(2, 1_000_000)).toEqual(['host-1 blacklist']);
  });

  it('tells of a host that is left alone which refusal it was, until when, and how to lift it', () => {
    const once = {
      refusals: 1,
      refusedVersions: ['v1'],
      lastRefusalAt: T0,
      hostLimit: 5,
      unlockSeconds: 900,
    };
    const accounts = new Map([['esx1.example.org', history({ address: 'esx1.example.org', ...once })]]);
    const [{ ssh, account } = {}] = plan([listedHost(1), listedHost(2)], { accounts });
    expect(account).toEqual({ refusals: 1 });
    expect(ssh).toEqual({
      skip: 'blacklist',
      why: expect.stringContaining('until 2026-01-01T00:20:00.000Z'),
    });
    expect(JSON.stringify(ssh)).toContain('lift --user root --address esx1.example.org');
    expect(JSON.stringify(ssh)).toContain('the lockout limit of the host is 5, unlocks after 900 s');
  });

  it('calls an account proven only with this very version and without a refusal since', () => {
    const provenWith = (changes: Partial<AccountHistory>) =>
      plan([listedHost(1)], { accounts: new Map([['esx1.example.org', history(changes)]]) })[0]?.proven;
    expect(provenWith({ provenVersion: 'v1' })).toBe(true);
    expect(provenWith({ provenVersion: 'v0' })).toBe(false);
    expect(provenWith({ provenVersion: 'v1', refusals: 1, lastRefusalAt: 0 })).toBe(false);
    expect(provenWith({ provenVersion: 'v1', openAttempt: { version: 'v1', at: 0 } })).toBe(false);
  });

  it('lets an attempt without an end count, and hands it to the worker to be found unchanged', () => {
    const openAttempt = { version: 'v1', at: T0 };
    const known = { refusals: 1, refusedVersions: ['v1'], openAttempt };
    const accounts = (changes: Partial<AccountHistory>) =>
      plan([listedHost(1)], { accounts: new Map([['esx1.example.org', history(changes)]]) });
    expect(sshOf(accounts(known))).toEqual(['host-1 blacklist']);
    expect(accounts({ openAttempt })).toMatchObject([{ ssh: 'try', account: { refusals: 0, openAttempt } }]);
  });

  it('asks nobody while the credential is suspended, and says what they wait for', () => {
    const [host] = plan([listedHost(1)], { suspended: 'env:ESXI is not used until noon' });
    expect(host?.ssh).toEqual({ skip: 'suspended', why: 'env:ESXI is not used until noon' });
    const [long] = plan([listedHost(1)], { suspended: 'x'.repeat(5_000) });
    expect(long?.ssh).toMatchObject({ why: expect.stringMatching(/^x{600}$/) });
  });

  it('leaves out whom this run lists as connected with ssh off, whatever stands against it besides', () => {
    const off = { sshRunning: false } as const;
    const hosts = [
      listedHost(1, off),
      listedHost(2, { ...off, connectionState: 'notResponding' }),
      listedHost(3, { ...off, connectionState: 'disconnected' }),
      listedHost(4, { ...off, connectionState: 'unreadable' }),
      listedHost(5, { sshRunning: true }),
      listedHost(6),
      listedHost(7, { ...off, powerState: 'poweredOff' }),
    ];
    const told = ['ssh-disabled', 'try', 'try', 'try', 'try', 'try', 'poweredoff'];
    expect(sshOf(plan(hosts))).toEqual(told.map((what, index) => `host-${index + 1} ${what}`));
    const [suspended] = sshOf(plan(hosts, { suspended: 'x', stateDown: true }));
    expect(suspended).toBe('host-1 ssh-disabled');
  });

  it('takes one such reading for every host of the address, before its budget is thought of', () => {
    const esxi = esxiConfig({
      overrides: { 'esx1.example.org': '10.0.0.7:22', 'esx2.example.org': '10.0.0.7:2222' },
    });
    const hosts = [listedHost(1), listedHost(2, { sshRunning: false }), listedHost(3)];
    expect(sshOf(plan(hosts, { esxi }))).toEqual([
      'host-1 ssh-disabled',
      'host-2 ssh-disabled',
      'host-3 try',
    ]);
  });

  it('counts all hosts of a domain account on its one history, which is judged in its turn', () => {
    const esxi = esxiConfig({ credentials: { env: 'ESXI', scope: 'domain' } });
    const twice = history({ refusals: 2, refusedVersions: ['v1', 'v1'] });
    const hosts = [listedHost(1), listedHost(2)];
    const spent = plan(hosts, { esxi, accounts: new Map([[PRINCIPAL, twice]]) });
    expect(spent.map(({ ssh, account }) => [ssh, account.refusals])).toEqual([
      ['try', 2],
      ['try', 2],
    ]);
    expect(plan(hosts, { esxi, accounts: new Map([[PRINCIPAL, PROVEN]]) }).map((one) => one.proven)).toEqual([
      true,
      true,
    ]);
  });

  it('leaves a host alone that refused the one account of a domain, and doubts those that may refuse it', () => {
    const esxi = esxiConfig({ credentials: { env: 'ESXI', scope: 'domain' } });
    const at = (number: number, changes: Partial<AccountHistory>) =>
      [`esx${number}.example.org`, history(changes)] as const;
    const refused = { refusals: 1, refusedVersions: ['v1'], provenVersion: 'v1' };
    const accounts = new Map([
      [PRINCIPAL, PROVEN],
      at(1, { ...refused, lastRefusalAt: T0 - MINUTE }),
      at(2, { ...refused, lastRefusalAt: T0 - 20 * MINUTE }),
      at(3, { ...refused, refusals: 2, refusedVersions: ['v1', 'v1'] }),
      at(4, { provenVersion: 'v0' }),
    ]);
    const hosts = [1, 2, 3, 4, 5].map((number) => listedHost(number));
    const planned = plan(hosts, { esxi, accounts });
    expect(sshOf(planned)).toEqual([
      'host-1 blacklist',
      'host-2 try',
      'host-3 blacklist',
      'host-4 try',
      'host-5 try',
    ]);
    expect(planned.map(({ doubtful }) => doubtful)).toEqual([
      'refused',
      'refused',
      'refused',
      undefined,
      'stranger',
    ]);
    expect(asking(encodeBatchRequest(batchRequest({ hosts: planned }))).hosts).toEqual(planned);
  });

  it('starts no login when nothing is known of accounts', () => {
    expect(sshOf(plan([listedHost(1)], { stateDown: true }))).toEqual(['host-1 state']);
  });

  it('leaves an address to the target that asks it already, however it is spelled', () => {
    const esxi = esxiConfig({ overrides: { 'esx1.example.org': 'ESX-A.example.org.' } });
    const hosts = plan([listedHost(1), listedHost(2)], {
      esxi,
      askedByOthers: new Set(['esx-a.example.org']),
    });
    expect(sshOf(hosts)).toEqual(['host-1 other-target', 'host-2 try']);
  });

  it('asks one address and port once, and of ports that share an unproven address only the first', () => {
    const overrides = {
      'esx1.example.org': '10.0.0.1:22',
      'esx2.example.org': '10.0.0.1:22',
      'esx3.example.org': '10.0.0.1:2022',
    };
    const hosts = [1, 2, 3].map((number) => listedHost(number));
    const esxi = esxiConfig({ overrides });
    expect(sshOf(plan(hosts, { esxi }))).toEqual(['host-1 try', 'host-2 other-target', 'host-3 allowance']);
    expect(sshOf(plan(hosts, { esxi, accounts: new Map([['10.0.0.1', PROVEN]]) }))).toEqual([
      'host-1 try',
      'host-2 other-target',
      'host-3 try',
    ]);
  });

  it('asks ports that share an address all at once where a domain account was accepted, else only the first', () => {
    const overrides = { 'esx1.example.org': '10.0.0.1:22', 'esx2.example.org': '10.0.0.1:2022' };
    const esxi = esxiConfig({ credentials: { env: 'ESXI', scope: 'domain' }, overrides });
    const planned = (changes: Partial<AccountHistory>) =>
      sshOf(
        plan([listedHost(1), listedHost(2)], { esxi, accounts: new Map([['10.0.0.1', history(changes)]]) }),
      );
    // The account itself is proven nowhere yet: what counts is that this host accepted it before.
    expect(planned({ provenVersion: 'v0' })).toEqual(['host-1 try', 'host-2 try']);
    expect(planned({})).toEqual(['host-1 try', 'host-2 allowance']);
  });

  it('never spends more of an address than is left, whoever shares it', () => {
    const host = fc.record({
      address: fc.constantFrom('10.0.0.1', '10.0.0.2'),
      port: fc.constantFrom(22, 2022),
      powerState: fc.constantFrom('poweredOn', 'poweredOff'),
    });
    const account = fc.record({
      refusals: fc.integer({ min: 0, max: 3 }),
      lastRefusalAt: fc.constantFrom(T0, T0 - 30 * MINUTE),
      provenVersion: fc.constantFrom('v0', 'v1'),
    });
    fc.assert(
      fc.property(fc.array(host, { maxLength: 8 }), account, (hosts, known) => {
        const overrides = Object.fromEntries(
          hosts.map(({ address, port }, index) => [`esx${index}.example.org`, `${address}:${port}`]),
        );
        const planned = plan(
          hosts.map(({ powerState }, index) => listedHost(index, { powerState })),
          {
            esxi: esxiConfig({ overrides }),
            accounts: new Map([
              ['10.0.0.1', history({ ...known, refusedVersions: Array(known.refusals).fill('v1') })],
            ]),
          },
        );
        expect(planned).toHaveLength(hosts.length);
        const tried = planned.filter(({ ssh }) => ssh === 'try');
        expect(new Set(tried.map(({ address, port }) => `${address}:${port}`)).size).toBe(tried.length);
        const unproven = tried.filter(({ proven }) => !proven).map(({ address }) => address);
        expect(new Set(unproven).size).toBe(unproven.length);
        const isShut = known.refusals >= 2 || (known.refusals === 1 && known.lastRefusalAt === T0);
        if (isShut) expect(tried.map(({ address }) => address)).not.toContain('10.0.0.1');
      }),
    );
  });
});

describe('the site of a host', () => {
  const sitesOf = (hosts: readonly ListedHost[], sites: Record<string, string>) =>
    planHosts(hosts, {
      siteOf: (name) => `of ${name}`,
      ssh: undefined,
      netbox: {
        verdict: { up: false, known: undefined, asks: 'all', problems: [] },
        matches: undefined,
        unmatched: [],
        sites,
      },
    }).map(({ site }) => site);

  it('is what NetBox says, else what the configuration says of its name', () => {
    expect(sitesOf([listedHost(1), listedHost(2)], { 'host-2': 'netbox' })).toEqual([
      'of esx1.example.org',
      'netbox',
    ]);
  });
});

describe('withoutCredential', () => {
  it('leaves alone whom a run would ask, and keeps the reason of the others', () => {
    const off = batchHost(2, { ssh: { skip: 'lockdown' } });
    expect(withoutCredential([batchHost(1), off])).toEqual([
      batchHost(1, { ssh: { skip: 'no-credential' } }),
      off,
    ]);
  });
});

describe('sliceBatches', () => {
  it('has one part for each of the items where nothing smaller is possible', () => {
    expect(sliceBatches([1, 2], 0)).toEqual([[1], [2]]);
  });

  it('divides a list into parts of at most the size that differ by one at most', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 20 }), (items, maxSize) => {
        const slices = sliceBatches(items, maxSize);
        expect(slices.flat()).toEqual(items);
        const sizes = slices.map(({ length }) => length);
        expect(Math.max(0, ...sizes)).toBeLessThanOrEqual(maxSize);
        expect(Math.max(0, ...sizes) - Math.min(...sizes, Number.POSITIVE_INFINITY)).toBeLessThanOrEqual(1);
        expect(slices).toHaveLength(Math.ceil(items.length / maxSize));
      }),
    );
  });
});
