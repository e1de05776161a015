import { describe, expect, it, vi } from 'vitest';
import { sshChecks, sshSweepOf } from '../../../../lib/cli/doctor/checks/ssh.ts';
import type { Check } from '../../../../lib/cli/doctor/engine/check.ts';
import { green } from '../../../../lib/cli/doctor/verdicts/verdict.ts';
import { createKnownHosts } from '../../../../lib/config/known-hosts/find-keys.ts';
import type { KnownKey } from '../../../../lib/config/known-hosts/known-hosts.ts';
import { parseKnownHosts } from '../../../../lib/config/known-hosts/parse-known-hosts.ts';
import { fingerprint } from '../../../../lib/esxi/host-key.ts';
import type { ListedHost } from '../../../../lib/inventory/host.ts';
import { failed, type Outcome, ok, skipped } from '../../../../lib/sweep/outcome.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import { printVerdict } from '../../../support/print-verdict.ts';
import { configOf, sweep, target } from '../../config/deployable.ts';

const { signal } = new AbortController();
const keyOf = (byte: number): KnownKey => {
  const type = 'ssh-ed25519';
  const strings = [Buffer.from(type), Buffer.alloc(32, byte)];
  const wire = strings.flatMap((one) => [Buffer.from([0, 0, 0, one.length]), one]);
  return { type, blob: Buffer.concat(wire).toString('base64') };
};
const [KEY, OTHER] = [keyOf(1), keyOf(2)];
const host = (name: string, more: Partial<ListedHost> = {}): ListedHost => ({
  moref: `ref of ${name}`,
  name,
  connectionState: 'connected',
  powerState: 'poweredOn',
  inMaintenanceMode: false,
  lockdownMode: 'lockdownDisabled',
  managementAddress: undefined,
  sshRunning: true,
  facts: {},
  ...more,
});
const passing = (name: string): Check => ({ name, subject: 's', run: async () => green('') });

interface Estate {
  readonly hosts?: readonly ListedHost[];
  readonly esxi?: object | undefined;
  readonly aws?: object;
  readonly alone?: boolean;
  /** Pinned keys by address and port. */
  readonly pins?: Readonly<Record<string, KnownKey>>;
  readonly knownHosts?: string;
  readonly presented?: { readonly key: KnownKey } | { readonly error: string };
  readonly run?: object;
}

function planOf({ hosts = [host('esx1')], esxi, aws, pins = {}, knownHosts = '', ...estate }: Estate) {
  const config = configOf({
    targets: estate.alone ? [{ name: 'vc1', hosts: [{ name: 'esx1' }] }] : [target('vc1', 'https://vc01')],
    esxi: { credentials: { file: '/etc/root it.yaml' }, ...esxi },
    ...(aws && { aws: { alarms: { emails: ['ops@example.org'] }, ...aws } }),
  });
  const [vcenter] = config.targets;
  const own = vcenter && sshSweepOf(vcenter, config);
  if (vcenter === undefined || own === undefined || config.esxi === undefined) throw new Error('no sweep');
  const readSome = vi.fn(async (_at: readonly string[], _options: object) => new Map(Object.entries(pins)));
  const presentKeys = vi.fn(async (_hosts: readonly object[], _options: object) =>
    estate.presented === undefined ? [] : [estate.presented],
  );
  const runSweep = vi.fn(async (_order: object, _options: object) => ({
    targets: estate.run === undefined ? [] : [estate.run],
  }));
  const deps = {
    loaded: {
      config: aws === undefined ? { ...config, aws: undefined } : config,
      knownHosts: createKnownHosts(parseKnownHosts(knownHosts).lines),
    },
    clock: createManualClock(),
    words: (...words: readonly string[]) => `vsweep ${words.join(' ')}`,
    state: { container: () => ({ state: { hostKeys: { readSome } }, runSweep }) },
    esxi: config.esxi,
    sweep: own,
    hosts: () => hosts,
    presentKeys,
  } as unknown as Parameters<typeof sshChecks>[1];
  const behind = { listed: [passing('listed')], login: [passing('credential')] };
  const checks = sshChecks(vcenter, deps, behind);
  const run = async (name: string) => {
    const found = await checks.find((one) => one.name === name)?.run({ signal });
    return [found ?? []].flat().map(printVerdict).join();
  };
  return {
    checks,
    run,
    /** The line of a login, behind that of the host that is asked. */
    login: async () => {
      await run('ssh host');
      return await run('ssh login');
    },
    own,
    readSome,
    presentKeys,
    runSweep,
  };
}

const summary = (outcome: Outcome | undefined, more: object = {}) => ({
  target: 'vc1',
  status: 'swept',
  problems: [],
  warnings: [],
  hosts: [
    { moref: 'ref of another', name: 'another', outcomes: {}, details: [] },
    { moref: 'ref of esx1', name: 'esx1', outcomes: outcome ? { ssh: outcome } : {}, details: ['why'] },
  ],
  ...more,
});

describe('the checks by ssh', () => {
  it('log in behind the host that is asked and its credential, and are waited for', () => {
    const told = planOf({}).checks.map(({ name, subject, after = [], ms, logsIn }) => ({
      name,
      subject,
      after: after.map((one) => one.name),
      ms,
      logsIn,
    }));
    expect(told).toEqual([
      { name: 'ssh keys', subject: 'vc1', after: ['listed'], ms: undefined, logsIn: undefined },
      { name: 'ssh host', subject: 'vc1', after: ['listed'], ms: 30_000, logsIn: undefined },
      { name: 'ssh login', subject: 'vc1', after: ['ssh host', 'credential'], ms: 75_000, logsIn: true },
    ]);
  });

  it.each([
    [{}, 'vsweep invoke hostkeys --target vc1'],
    [{ stack: 'Lab' }, 'vsweep invoke hostkeys --target vc1 --stack Lab'],
  ])('beside a stack log in nowhere, and name the function that knows its keys: %j', async (aws, command) => {
    const { checks, run } = planOf({ aws });
    expect(checks.map(({ name, subject }) => [name, subject])).toEqual([['ssh keys', 'vc1']]);
    expect(await run('ssh keys')).toBe(
      `yellow: not checked: only the stack can check the keys that it has pinned, so no host is logged in to from here. The function lists the hosts without an accepted key | ${command}`,
    );
    expect(await planOf({ aws: { ...aws, task: true } }).run('ssh keys')).toBe(
      'yellow: not checked: only the stack can check the keys that it has pinned, so no host is logged in to from here. The outcomes of its runs say which hosts it asked',
    );
  });

  it('ask what the first sweep by ssh of the target asks of hosts, and nothing else', () => {
    const sweeps = [
      sweep('vcenter', ['overall-status']),
      { ...sweep('elsewhere', ['ssh-services']), targets: ['vc02'] },
      sweep('both', ['overall-status', 'ssh-services']),
    ];
    const config = configOf({ targets: [target('vc01'), target('vc02')], sweeps });
    const of = (name: string) => {
      const found = config.targets.find((one) => one.name === name);
      const chosen = found && sshSweepOf(found, config);
      return chosen && [chosen.name, chosen.targets, chosen.collectors];
    };
    expect(of('vc01')).toEqual(['both', ['vc01'], ['ssh-services']]);
    expect(of('vc02')).toEqual(['elsewhere', ['vc02'], ['ssh-services']]);
    const [first] = config.targets;
    expect(first && sshSweepOf(first, { ...config, sweeps: config.sweeps.slice(0, 1) })).toBeUndefined();
  });

  it('ask for own metrics by the collector of own metrics', () => {
    const [own] = configOf({}).sweeps;
    const [vcenter] = configOf({}).targets;
    const metrics = { mine: { ssh: {} } };
    const sweeps = [{ ...own, collectors: ['own'], own: { metrics } }];
    const found = vcenter && sshSweepOf(vcenter, { ...configOf({}), targets: [vcenter], sweeps } as never);
    expect(found?.collectors).toEqual(['own']);
  });
});

describe('the keys of the hosts of a target', () => {
  const hosts = [
    host('pinned'),
    host('in-file', { managementAddress: '192.0.2.7' }),
    host('unknown'),
    host('off', { powerState: 'poweredOff' }),
    host('stopped', { sshRunning: false }),
  ];
  const pins = { 'pinned:22': KEY, 'off:22': KEY };
  const knownHosts = `in-file ssh-ed25519 ${KEY.blob}\n`;
  const counts = '2 of 3 hosts have an accepted key';

  it('are those of the file and those that were pinned, at the addresses that a run dials', async () => {
    const { run, readSome } = planOf({ hosts, pins, knownHosts, esxi: { hostKeys: { unknown: 'refuse' } } });
    expect(await run('ssh keys')).toBe(
      `yellow: ${counts}; nobody logs in to the others. Compare the keys and accept them | vsweep hostkey scan --accept --target vc1`,
    );
    expect(readSome.mock.calls[0]?.[0]).toEqual(['pinned:22', 'in-file:22', 'unknown:22']);
    expect(readSome.mock.calls[0]?.[1]).toMatchObject({ signal });
  });

  it.each([
    [undefined, /^yellow: .*because esxi\.hostKeys is not set/],
    [{ unknown: 'trust-first' }, /^green: .*the first key is trusted/],
    [{ unknown: 'trust-first', until: '2020-01-01' }, /^yellow: .*nobody logs in to the others/],
  ])('that are unknown are judged by esxi.hostKeys: %j', async (hostKeys, expected) => {
    const { run } = planOf({ hosts, pins, knownHosts, esxi: hostKeys && { hostKeys } });
    expect(await run('ssh keys')).toMatch(expected);
  });

  it.each([
    ['refuse', { unknown: 'refuse' }],
    ['trust-first', { unknown: 'trust-first' }],
  ])(
    'that are pinned and revoked are accepted by nobody, whatever is done with unknown ones: %s',
    async (_, hostKeys) => {
      const revoked = `@revoked esx1 ssh-ed25519 ${KEY.blob}\n`;
      const estate = { pins: { 'esx1:22': KEY, 'esx2:22': OTHER }, knownHosts: revoked, esxi: { hostKeys } };
      const told =
        'red: the pinned key of 1 host is revoked in esxi.hostKeys.file, and nobody logs in there. Make a new key on each, then compare and accept it | vsweep hostkey accept vc1 esx1:22';
      expect(await planOf(estate).run('ssh keys')).toBe(told);
      const both = planOf({ ...estate, hosts: [host('esx1'), host('esx2')] });
      expect(await both.run('ssh keys')).toBe(`green: 1 of 1 host has an accepted key,${told}`);
    },
  );

  it('of a target without a vCenter are those of the hosts that the configuration lists', async () => {
    const { run } = planOf({ alone: true, hosts: [], pins: { 'esx1:22': KEY } });
    expect(await run('ssh keys')).toBe('green: 1 of 1 host has an accepted key');
  });
});

describe('the host that is asked', () => {
  const presents = `esx1 at esx1:22 presents ssh-ed25519 ${fingerprint(KEY)}`;
  const presented = { key: KEY };
  const pins = { 'esx1:22': KEY };
  it.each<[string, Estate, string]>([
    ['shows an accepted key', { presented, pins }, `green: ${presents}, which is accepted`],
    [
      'shows a key of the file, which comes before one that is pinned',
      { presented, pins: { 'esx1:22': OTHER }, knownHosts: `esx1 ssh-ed25519 ${KEY.blob}\n` },
      `green: ${presents}, which is accepted`,
    ],
    ['has no accepted key', { presented }, `green: ${presents}; it has no accepted key yet`],
    [
      'shows a revoked key',
      { presented, pins, knownHosts: `@revoked esx1 ssh-ed25519 ${KEY.blob}\n` },
      `red: ${presents}, which is revoked in esxi.hostKeys.file. Make a new key on the host`,
    ],
    [
      'shows another key',
      { presented, pins: { 'esx1:22': OTHER } },
      `red: ${presents}, and another key is accepted: the host was installed anew, or somebody else answers at its address. Compare the fingerprint on its console | vsweep hostkey accept vc1 esx1:22 --fingerprint ${fingerprint(KEY)}`,
    ],
    ['shows no key', { presented: { error: 'refused' }, pins }, 'red: esx1: refused'],
    ['is not answered for', { pins }, 'red: esx1: it was not asked'],
  ])('%s', async (_name, estate, expected) => {
    expect(await planOf(estate).run('ssh host')).toBe(expected);
  });

  it('is the first one with an accepted key, of whose types it is asked; else the first', async () => {
    const hosts = [host('a'), host('b'), host('c')];
    const known = planOf({ hosts, pins: { 'b:22': KEY, 'c:22': KEY }, presented });
    await known.run('ssh host');
    expect(known.presentKeys.mock.calls).toEqual([
      [[{ address: 'b', port: 22, types: ['ssh-ed25519'] }], { signal }],
    ]);
    const unknown = planOf({ hosts, presented, esxi: { port: 2222 } });
    await unknown.run('ssh host');
    expect(unknown.presentKeys.mock.calls[0]?.[0]).toEqual([{ address: 'a', port: 2222, types: [] }]);
  });

  it('is none where ssh is off, or nobody may be asked', async () => {
    const off = [
      host('a b', { sshRunning: false }),
      host('c', { sshRunning: false }),
      host('d', { powerState: 'poweredOff', sshRunning: false }),
    ];
    expect(await planOf({ hosts: off }).run('ssh host')).toBe(
      "yellow: ssh is off on 2 of 3 hosts. Start TSM-SSH on each, or leave the collectors by ssh out | govc host.service -host 'a b' start TSM-SSH",
    );
    const { run, login } = planOf({ hosts: off.slice(2) });
    expect(await run('ssh host')).toBe(
      'yellow: no host can be asked by ssh: all are off, in lockdown or in maintenance',
    );
    expect(await login()).toBe('yellow: no host was asked');
  });
});

describe('the login to that host', () => {
  const accepted: Estate = { pins: { 'esx1:22': KEY }, presented: { key: KEY } };
  const tell = (run: object | undefined, more: Estate = {}) =>
    planOf({ ...accepted, ...more, ...(run && { run }) }).login();

  it('is made by a run that asks this host alone, and its shell answers', async () => {
    const plan = planOf({ ...accepted, run: summary(ok) });
    expect(await plan.login()).toBe('green: logged in to esx1, and its shell answered the commands');
    expect(plan.runSweep.mock.calls).toEqual([
      [{ sweep: plan.own, target: 'vc1', host: 'ref of esx1', remainingMs: 60_000 }, { signal }],
    ]);
  });

  it('is not made without an accepted key: no password goes to an unknown host', async () => {
    const plan = planOf({ presented: { key: KEY } });
    expect(await plan.login()).toBe(
      'yellow: not checked: no host has an accepted key, and the doctor sends no password to an unknown one. Compare the keys and accept them | vsweep hostkey scan --accept --target vc1',
    );
    expect(plan.runSweep).not.toHaveBeenCalled();
  });

  it.each<[Outcome, string]>([
    [failed('auth'), `red: esx1: failed(auth): why | "\${EDITOR:-vi}" '/etc/root it.yaml'`],
    [failed('hostkey'), 'red: esx1: failed(hostkey): why | vsweep hostkey accept vc1 esx1:22'],
    [failed('timeout'), 'red: esx1: failed(timeout): why'],
    [
      skipped('hostkey-unknown'),
      'yellow: esx1 was not asked: skipped(hostkey-unknown): why | vsweep hostkey scan --accept --target vc1',
    ],
    [skipped('blacklist'), 'yellow: esx1 was not asked: skipped(blacklist): why | vsweep blacklist list'],
    [skipped('suspended'), 'yellow: esx1 was not asked: skipped(suspended): why | vsweep credential list'],
    [
      skipped('ssh-disabled'),
      'yellow: esx1 was not asked: skipped(ssh-disabled): why | govc host.service -host esx1 start TSM-SSH',
    ],
    [skipped('lockdown'), 'yellow: esx1 was not asked: skipped(lockdown): why | govc host.info esx1'],
    [skipped('netbox'), 'yellow: esx1 was not asked: skipped(netbox): why'],
  ])('that ends with %j says what mends it', async (outcome, expected) => {
    expect(await tell(summary(outcome))).toBe(expected);
  });

  it('that is refused is mended in a file only where the credential is one', async () => {
    const esxi = { credentials: { env: 'ESXI' } };
    expect(await tell(summary(failed('auth')), { esxi })).toBe('red: esx1: failed(auth): why');
  });

  it('names services of the configuration without a script, and none of another host', async () => {
    const script = (name: string) =>
      `the host has no /etc/init.d/${name}, and esxi_critical_service_status is 0 as if it were stopped. Leave it out of esxi.services, or correct its name.`;
    const warnings = ['backup-agent', 'foreign-agent'].map((name) => ({
      text: `esx1: ${script(name)}`,
      count: 1,
    }));
    const esxi = { services: ['hostd', 'backup-agent', 'other-agent'] };
    expect(await tell(summary(ok, { warnings }), { esxi })).toBe(
      `yellow: logged in to esx1, but ${script('backup-agent')}`,
    );
  });

  it('is not made while a run is under way, which its line says, and fails without a result', async () => {
    expect(await tell(summary(ok, { status: 'lease' }))).toBe(
      'yellow: not checked: a run of services is under way, and tells how its logins went | vsweep status',
    );
    expect(await tell(undefined)).toBe('red: esx1 was not asked: the run has no result of it');
    expect(await tell(summary(undefined, { problems: ['no list', 'no time'] }))).toBe(
      'red: esx1 was not asked: no list; no time',
    );
    expect(await tell(summary(ok, { hosts: [] }))).toBe(
      'red: esx1 was not asked: the run has no result of it',
    );
  });
});
