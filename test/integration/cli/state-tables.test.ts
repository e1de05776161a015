import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blacklistLiftCommand, blacklistListCommand } from '../../../lib/cli/blacklist.ts';
import { credentialLiftCommand, credentialListCommand } from '../../../lib/cli/credential.ts';
import { groupsDeleteCommand, groupsListCommand } from '../../../lib/cli/groups.ts';
import { hostkeyForgetCommand, hostkeyListCommand } from '../../../lib/cli/hostkey.ts';
import { leaseListCommand, leaseReleaseCommand } from '../../../lib/cli/lease.ts';
import { statusCommand } from '../../../lib/cli/status.ts';
import { fingerprint } from '../../../lib/esxi/host-key.ts';
import type { CredentialState } from '../../../lib/state/stores/credential-states.ts';
import { SSH_TURN } from '../../../lib/sweep/run/kept-turn.ts';
import { here } from '../../support/cli/here.ts';
import { createConfigured } from './command-here.ts';

const o = { signal: new AbortController().signal };
const MINUTE = 60_000;
/** Long after any test. */
const FAR = Date.UTC(2100, 0);
const FAR_TEXT = '2100-01-01T00:00:00.000Z';
const CONFIG = {
  targets: [
    { name: 'vc1', credentials: { env: 'VC' } },
    { name: 'vc2', credentials: { env: 'VC' } },
  ],
  esxi: { credentials: { env: 'ESXI' } },
  sweeps: [
    { name: 'all', every: '10m', collectors: ['ssh-services'] },
    { name: 'one', every: '10m', collectors: ['overall-status'], targets: ['vc2'] },
  ],
};
const WITHOUT_SSH = {
  targets: CONFIG.targets,
  sweeps: [{ name: 'all', every: '10m', collectors: ['overall-status'] }],
};

let at: Awaited<ReturnType<typeof createConfigured>>;
const using = (config: object) => {
  beforeAll(async () => {
    at = await createConfigured(config);
  });
  afterAll(() => at[Symbol.asyncDispose]());
};
const lines = (text: string) => text.trimEnd().split('\n');

describe('vsweep blacklist', () => {
  using(CONFIG);
  const list = (options = at.text) => here(() => blacklistListCommand(options));
  const lift = (user: string, more: { address?: string; json?: boolean } = {}) =>
    here(() => blacklistLiftCommand({ ...at.text, user, counterWasReset: true, ...more }));

  it('says that nobody has a refusal, and lists none', async () => {
    expect(await list()).toEqual({ output: 'no account has a refused login\n', errors: '', exitCode: 0 });
    expect((await list(at.json)).output).toBe('[]\n');
  });

  it('shows each account with its limits, and when it is tried again', async () => {
    const began = Date.now();
    await at.withState(async ({ accounts }) => {
      await accounts.recordRefusal('root', 'esx1', { version: 'v1' }, o);
      for (let times = 0; times < 2; times += 1)
        await accounts.recordRefusal('root', 'esx2', { version: 'v1' }, o);
      await accounts.recordLimits('root', 'esx2', { hostLimit: 5, unlockSeconds: 900 }, o);
      for (let times = 0; times < 3; times += 1)
        await accounts.recordRefusal('root', 'esx3', { version: `v${times}` }, o);
      const attempt = { id: 'a', version: 'v1', seen: { refusals: 0 } };
      await accounts.beginAttempt('vsweep', 'esx4', attempt, o);
    });
    const { output, exitCode } = await list();
    const time = '20\\d\\d-\\S+Z';
    expect(exitCode).toBe(0);
    expect(lines(output)).toEqual([
      expect.stringMatching(/^user +address +host +refusals +limit +last refusal +next try$/),
      expect.stringMatching(`^root +esx1 +- +1 +- +${time} +${time}$`),
      expect.stringMatching(
        `^root +esx2 +- +2 +5, unlocks after 900 s +${time} +when the credential changes$`,
      ),
      expect.stringMatching(`^root +esx3 +- +3 +- +${time} +after "blacklist lift"$`),
      expect.stringMatching(`^vsweep +esx4 +- +0 \\+ 1 open +- +${time} +in the next run$`),
      expect.stringMatching(
        /^To lift the first one, log in there once with the right password, then run: vsweep blacklist lift --user root --address esx1 --counter-was-reset$/,
      ),
    ]);
    const [first, second] = JSON.parse((await list(at.json)).output);
    expect(first).toMatchObject({ user: 'root', address: 'esx1', refusals: 1, opens: 'time' });
    expect(first.until).toBeGreaterThanOrEqual(began + 20 * MINUTE);
    expect(second).toMatchObject({ address: 'esx2', hostLimit: 5, opens: 'new-version' });
    expect(second).not.toHaveProperty('until');
  });

  it('lifts nothing before the operator has reset the counter of the host', async () => {
    const { errors, exitCode } = await here(() => blacklistLiftCommand({ ...at.text, user: 'root' }));
    expect(exitCode).toBe(2);
    expect(errors).toMatch(
      /does not reset that counter.*then run: vsweep blacklist lift --user root --address esx1 --counter-was-reset/,
    );
    expect(lines((await list()).output)).toHaveLength(6);
  });

  it('lifts an account on one address, then on all, and says what was not there', async () => {
    expect(await lift('root', { address: 'esx1' })).toEqual({
      output: '1 lifted\n',
      errors: '',
      exitCode: 0,
    });
    expect(await lift('root', { json: true })).toMatchObject({ output: '{"lifted":2}\n', exitCode: 0 });
    const again = await lift('root', { address: 'esx1' });
    expect(again).toEqual({
      output: '0 lifted\n',
      errors:
        'no refused login of "root" on esx1 is recorded; see every account that has one by: vsweep blacklist list\n',
      exitCode: 1,
    });
    expect((await lift('root')).errors).toMatch(/^no refused login of "root" is recorded; /);
  });
});

/** As a listing keeps it. */
const listedHost = (number: number, managementAddress: string) => ({
  moref: `host-${number}`,
  name: `esx${number}.example.org`,
  connectionState: 'connected',
  powerState: 'poweredOn',
  managementAddress,
});
const writeList = (target: string, ...hosts: ReturnType<typeof listedHost>[]) =>
  at.withState(({ hostLists }) => hostLists.write(target, { hosts, unreadable: [] }, o));

describe('vsweep blacklist, with the account of a vCenter', () => {
  using({ ...CONFIG, esxi: { ...CONFIG.esxi, address: 'management-ip' } });
  const lift = (user: string, more: { address?: string; counterWasReset?: boolean } = {}) =>
    here(() => blacklistLiftCommand({ ...at.text, user, ...more }));

  it('asks for no confirmation there, because its counter decays, and for one where a host is lifted with it', async () => {
    await at.withState(async ({ accounts }) => {
      for (const address of ['vc1', 'vc2'])
        await accounts.recordRefusal('sweeper', address, { version: 'v1', decays: true }, o);
      await accounts.recordRefusal('sweeper', '10.0.0.1', { version: 'v1' }, o);
    });
    const listed = await here(() => blacklistListCommand(at.text));
    expect(listed.output).toMatch(
      /^To lift the first one, log in .*--address 10\.0\.0\.1 --counter-was-reset$/m,
    );
    expect(await lift('sweeper', { address: 'vc1' })).toMatchObject({ output: '1 lifted\n', exitCode: 0 });
    expect(await lift('SWEEPER')).toMatchObject({
      exitCode: 2,
      errors: expect.stringContaining('--user sweeper --address 10.0.0.1 --counter-was-reset'),
    });
    expect(await lift('sweeper', { counterWasReset: true })).toMatchObject({ output: '2 lifted\n' });
  });

  it('says of an account that one run refused and the credential is suspended the time of the later end', async () => {
    const nextTryAt = Date.now() + 50 * MINUTE;
    await at.withState(async ({ accounts, credentialStates }) => {
      await accounts.recordRefusal('root', '10.0.0.2', { version: 'v1' }, o);
      const seen = await credentialStates.read('env:ESXI', o);
      const suspended = { version: 'v1', tries: 2, nextTryAt };
      await credentialStates.replace({ id: 'env:ESXI', suspended }, seen, o);
    });
    const [account] = JSON.parse((await here(() => blacklistListCommand(at.json))).output);
    expect(account).toMatchObject({ address: '10.0.0.2', opens: 'time', until: nextTryAt });
    await lift('root', { counterWasReset: true });
  });

  it('takes a host by its name in vCenter, and shows that name', async () => {
    await writeList('vc1', listedHost(1, '10.0.0.1'), listedHost(2, '10.0.0.2'));
    await at.withState(({ accounts }) => accounts.recordRefusal('root', '10.0.0.2', { version: 'v1' }, o));
    const listed = await here(() => blacklistListCommand(at.text));
    expect(listed.output).toMatch(/^root +10\.0\.0\.2 +esx2\.example\.org +1 /m);
    const other = await lift('root', { address: 'esx1.example.org', counterWasReset: true });
    expect(other).toMatchObject({ output: '0 lifted\n', exitCode: 1 });
    const named = await lift('root', { address: 'ESX2.example.org', counterWasReset: true });
    expect(named).toMatchObject({ output: '1 lifted\n', exitCode: 0 });
  });

  it('lifts nothing by a name that several hosts have, and says their addresses: one counter was reset, not all', async () => {
    await writeList('vc1', listedHost(1, '10.0.0.1'), listedHost(2, '10.0.0.2'));
    await writeList('vc2', listedHost(1, '10.0.0.9'));
    await at.withState(async ({ accounts }) => {
      for (const address of ['10.0.0.1', '10.0.0.9'])
        await accounts.recordRefusal('root', address, { version: 'v1' }, o);
    });
    const named = lift('root', { address: 'esx1.example.org', counterWasReset: true });
    await expect(named).rejects.toMatchObject({
      issues: [{ message: expect.stringContaining('write one of 10.0.0.1, 10.0.0.9') }],
    });
    const one = await lift('root', { address: '10.0.0.9', counterWasReset: true });
    expect(one).toMatchObject({ output: '1 lifted\n', exitCode: 0 });
    expect(await lift('root', { address: '10.0.0.1', counterWasReset: true })).toEqual({
      output: '1 lifted\n',
      errors: '',
      exitCode: 0,
    });
    await writeList('vc2', listedHost(9, '10.0.0.9'));
  });

  it('takes a host by its name in vCenter for its pinned key, and says when several have it', async () => {
    const key = { type: 'ssh-rsa', blob: btoa('A') };
    await at.withState(({ hostKeys }) => hostKeys.pin('10.0.0.2:22', { key, target: 'vc1' }, o));
    const forget = (name: string) =>
      here(() => hostkeyForgetCommand('vc1', name, { ...at.text, all: false }));
    expect(await forget('esx2.example.org')).toMatchObject({ output: '1 forgotten\n', exitCode: 0 });
    await writeList('vc1', listedHost(2, '10.0.0.2'), listedHost(2, '10.0.0.3'));
    await expect(forget('esx2.example.org')).rejects.toMatchObject({
      issues: [{ message: expect.stringContaining('write one of 10.0.0.2:22, 10.0.0.3:22') }],
    });
  });
});

describe('vsweep status --hosts', () => {
  using(CONFIG);
  const status = (outcome: readonly string[], options = at.text) =>
    here(() => statusCommand({ ...options, hosts: true, outcome }));

  it('shows what became of each host in the last run by its name, all or those of an outcome, and asks nobody', async () => {
    await writeList('vc1', listedHost(1, '10.0.0.1'), listedHost(2, '10.0.0.2'));
    const outcomes = { 'host-1': 'ok failed(auth)', 'host-2': 'ok ok', 'host-3': '- skipped(lockdown)' };
    const last = { scheduledAt: 1, startedAt: 2, endedAt: 3, exitCode: 3, outcomes };
    await at.withState(({ runs }) => runs.writeLast('all', 'vc1', last, o));
    expect(lines((await status([])).output)).toEqual([
      'sweep  target  host              vcenter  ssh',
      'all    vc1     esx1.example.org  ok       failed(auth)',
      'all    vc1     esx2.example.org  ok       ok',
      'all    vc1     host-3            -        skipped(lockdown)',
    ]);
    expect(lines((await status(['failed'])).output).slice(1)).toEqual([
      'all    vc1     esx1.example.org  ok       failed(auth)',
    ]);
    expect(JSON.parse((await status(['failed(auth)', 'skipped'], at.json)).output)).toEqual([
      {
        sweep: 'all',
        target: 'vc1',
        moref: 'host-1',
        name: 'esx1.example.org',
        outcomes: { vcenter: 'ok', ssh: 'failed(auth)' },
        startedAt: 2,
      },
      expect.objectContaining({ moref: 'host-3', outcomes: { ssh: 'skipped(lockdown)' } }),
    ]);
  });

  it('says when no host has the outcome, and which run had too many hosts to keep', async () => {
    const last = { scheduledAt: 1, startedAt: 2, endedAt: 3, exitCode: 3 };
    await at.withState(({ runs }) => runs.writeLast('all', 'vc1', last, o));
    expect(await status(['failed(dns)'])).toEqual({
      output: 'no host of a last run has such an outcome\n',
      errors: 'the hosts of sweep all on vc1 were too many to store\n',
      exitCode: 0,
    });
  });

  it('takes no outcome without --hosts', async () => {
    const asked = { ...at.text, hosts: false, outcome: ['failed'] };
    expect(await here(() => statusCommand(asked))).toMatchObject({
      exitCode: 2,
      errors: '--outcome needs --hosts\n',
    });
  });
});

describe('vsweep credential', () => {
  using(CONFIG);
  const list = (options = at.text) => here(() => credentialListCommand(options));
  const store = (state: Omit<CredentialState, 'id'>) =>
    at.withState(async ({ credentialStates }) => {
      const seen = await credentialStates.read('env:ESXI', o);
      await credentialStates.replace({ id: 'env:ESXI', ...state }, seen, o);
    });

  it('says of which credential nothing is known, and lifts none', async () => {
    expect((await list()).output).toBe('env:ESXI: not tried yet\n');
    expect(await here(() => credentialLiftCommand('env:ESXI', at.text))).toEqual({
      output: '',
      errors: 'credential "env:ESXI" was never tried; the configuration has env:ESXI\n',
      exitCode: 1,
    });
  });

  // A time of the next try that no pause can have led to is not believed.
  const soon = Date.now() + 60_000;
  const soonText = new Date(soon).toISOString();
  it.each<[string, Omit<CredentialState, 'id'>, string]>([
    ['nothing yet', {}, 'env:ESXI +not tried yet +- +-'],
    ['accepted', { provenVersion: 'v1', acceptedBy: 'esx1' }, 'env:ESXI +accepted +- +esx1'],
    [
      'refused',
      { suspended: { version: 'v1', tries: 1, nextTryAt: soon } },
      `env:ESXI +suspended, refused once +${soonText} +-`,
    ],
    [
      'refused again',
      { suspended: { version: 'v1', tries: 2, nextTryAt: soon } },
      `env:ESXI +suspended, refused 2 times +${soonText} +-`,
    ],
    [
      'a trial under way',
      { trial: { holder: 'run', endsAt: FAR }, acceptedBy: 'esx2' },
      `env:ESXI +trial +${FAR_TEXT} +esx2`,
    ],
    ['a trial that is over', { trial: { holder: 'run', endsAt: 1 } }, 'env:ESXI +not tried yet +- +-'],
  ])('shows what stands of it: %s', async (_what, state, row) => {
    await store(state);
    const { output } = await list();
    expect(lines(output)).toEqual([
      expect.stringMatching(/^credential +state +until +accepted by$/),
      expect.stringMatching(`^${row}$`),
    ]);
    expect(JSON.parse((await list(at.json)).output)).toEqual([{ id: 'env:ESXI', ...state }]);
  });

  it('lifts a suspension, and a trial under way goes on', async () => {
    const trial = { holder: 'run', endsAt: FAR };
    await store({ suspended: { version: 'v1', tries: 1, nextTryAt: FAR }, trial, acceptedBy: 'esx2' });
    const lifted = await here(() => credentialLiftCommand('env:ESXI', at.text));
    expect(lifted).toEqual({
      output: 'env:ESXI: the next run tries it, on one host first\n',
      errors: '',
      exitCode: 0,
    });
    expect((await here(() => credentialLiftCommand('env:ESXI', at.json))).output).toBe(
      '{"lifted":"env:ESXI"}\n',
    );
    expect(JSON.parse((await list(at.json)).output)).toEqual([{ id: 'env:ESXI', trial, acceptedBy: 'esx2' }]);
  });
});

describe('without a section esxi', () => {
  using(WITHOUT_SSH);

  it('no credential for ssh is known, nor can one be lifted', async () => {
    const { output } = await here(() => credentialListCommand(at.text));
    expect(output).toBe('no credential for ssh is configured\n');
    const { errors } = await here(() => credentialLiftCommand('env:X', at.text));
    expect(errors).toBe('credential "env:X" was never tried; the configuration has none\n');
  });
});

describe('vsweep lease', () => {
  using(CONFIG);
  const list = (options = at.text) => here(() => leaseListCommand(options));
  const release = (sweep: string, target: string, options: object = {}) =>
    here(() => leaseReleaseCommand(sweep, target, { ...at.text, runIsDead: true, ...options }));
  const soon = Date.now() + 5 * MINUTE;

  it('says that no run is under way, also where one ended or ends later than any can', async () => {
    await at.withState(async ({ runs }) => {
      await runs.acquireLease('all', 'vc1', { holder: 'over', endsAt: 1 }, o);
      await runs.acquireLease('all', 'vc2', { holder: 'ahead', endsAt: FAR }, o);
    });
    expect((await list()).output).toBe('no sweep is running\n');
    const none = (target: string) =>
      `no run of all holds a lease on ${target}; "vsweep lease list" shows every run under way\n`;
    expect(await release('all', 'vc2')).toEqual({ output: '', errors: none('vc2'), exitCode: 1 });
    expect(await release('all', 'vc1', { json: true })).toEqual({
      output: '{"released":false,"trials":[]}\n',
      errors: none('vc1'),
      exitCode: 1,
    });
  });

  it('shows the runs that are under way, of each sweep on its own targets', async () => {
    await at.withState(({ runs }) => runs.acquireLease('one', 'vc2', { holder: 'run-1', endsAt: soon }, o));
    const ends = new Date(soon).toISOString();
    expect(lines((await list()).output)).toEqual([
      expect.stringMatching(/^sweep +target +ends +holder$/),
      `one    vc2     ${ends}  run-1`,
    ]);
    expect(JSON.parse((await list(at.json)).output)).toEqual([
      { sweep: 'one', target: 'vc2', holder: 'run-1', endsAt: soon },
    ]);
  });

  it('releases none of a run that may be alive', async () => {
    const { errors, exitCode } = await release('one', 'vc2', { runIsDead: undefined });
    expect({ errors, exitCode }).toEqual({
      errors: expect.stringMatching(/^If the run is still alive, .* repeat this with --run-is-dead. Or wait/),
      exitCode: 2,
    });
    expect((await list()).output).toContain('run-1');
  });

  it('releases that of a run that is dead, with its trial of a credential and no other', async () => {
    const trialOf = (holder: string) =>
      at.withState(async ({ credentialStates, runs }) => {
        await runs.acquireLease('one', 'vc2', { holder: 'run-1', endsAt: soon }, o);
        const seen = await credentialStates.read('env:ESXI', o);
        await credentialStates.replace({ id: 'env:ESXI', trial: { holder, endsAt: FAR } }, seen, o);
      });
    await trialOf('another');
    expect((await release('one', 'vc2')).output).toBe('released; it was held by run-1\n');
    await trialOf('run-1');
    expect((await release('one', 'vc2', { json: true })).output).toBe(
      '{"released":true,"trials":["env:ESXI"]}\n',
    );
    await trialOf('run-1');
    expect((await release('one', 'vc2')).output).toBe(
      'released; it was held by run-1\nits trial of env:ESXI has ended\n',
    );
    expect((await list()).output).toBe('no sweep is running\n');
  });
});

describe('vsweep lease release, where a run could not give back its turn of asking hosts by ssh', () => {
  using(CONFIG);
  const soon = Date.now() + MINUTE;
  const release = (sweep: string, target: string) =>
    here(() => leaseReleaseCommand(sweep, target, { ...at.text, runIsDead: true }));
  const turn = () => at.withState(({ runs }) => runs.readLease(SSH_TURN, 'vc2', o));

  it('ends the turn, also when its run holds no lease any more', async () => {
    await at.withState(({ runs }) =>
      runs.acquireLease(SSH_TURN, 'vc2', { holder: 'run-1', endsAt: soon }, o),
    );
    expect(await release('all', 'vc2')).toEqual({
      output: 'the turn of asking its hosts by ssh has ended; run-1 held it\n',
      errors: '',
      exitCode: 0,
    });
    expect(await turn()).toBeUndefined();
  });

  it('ends that of the run that is dead, and none of a run that holds the lease of another sweep', async () => {
    await at.withState(async ({ runs }) => {
      await runs.acquireLease('all', 'vc2', { holder: 'run-2', endsAt: soon }, o);
      await runs.acquireLease('one', 'vc2', { holder: 'run-3', endsAt: soon }, o);
      await runs.acquireLease(SSH_TURN, 'vc2', { holder: 'run-3', endsAt: soon }, o);
    });
    expect((await release('all', 'vc2')).output).toBe('released; it was held by run-2\n');
    expect((await turn())?.holder).toBe('run-3');
    expect((await release('one', 'vc2')).output).toBe(
      'released; it was held by run-3\nthe turn of asking its hosts by ssh has ended; run-3 held it\n',
    );
    expect(await turn()).toBeUndefined();
  });
});

describe('vsweep status', () => {
  using(CONFIG);
  const status = (options = at.text) => here(() => statusCommand({ ...options, hosts: false, outcome: [] }));

  it('says of a target without hosts that it has none', async () => {
    const at0 = Date.now() - MINUTE;
    const last = { scheduledAt: at0, startedAt: at0, endedAt: at0, exitCode: 0, outcomes: {} };
    await at.withState(({ runs }) => runs.writeLast('one', 'vc2', last, o));
    expect(lines((await status()).output).at(-1)).toMatch(/^one +vc2 .* none: the target has no hosts$/);
  });

  it('shows each sweep on each of its targets: never, in time and late, with its hosts by outcome', async () => {
    const now = Date.now();
    const soon = now + 5 * MINUTE;
    const run = (ago: number, exitCode: number) => ({
      scheduledAt: now - ago,
      startedAt: now - ago,
      endedAt: now - ago + 1_000,
      exitCode,
    });
    const outcomes = { 'host-1': 'ok failed(auth)', 'host-2': 'ok ok', 'host-3': 'ok nonsense' };
    await at.withState(async ({ runs }) => {
      await runs.writeLast('all', 'vc1', { ...run(29.9 * MINUTE, 3), outcomes }, o);
      await runs.writeLast('all', 'vc2', { ...run(31 * MINUTE, 1), outcomes: {} }, o);
      await runs.writeLast('one', 'vc2', { ...run(MINUTE, 0), isDry: true }, o);
      await runs.acquireLease('all', 'vc2', { holder: 'run-1', endsAt: soon }, o);
    });
    const { output, exitCode } = await status();
    const until = new Date(soon).toISOString();
    expect(exitCode).toBe(0);
    expect(lines(output)).toEqual([
      expect.stringMatching(/^sweep +target +began +age +exit code +lease until +hosts$/),
      expect.stringMatching(/^all +vc1 +20\S+Z +29 m +3 +- +vcenter: 3 ok; ssh: 1 failed\(auth\), 1 ok$/),
      expect.stringMatching(`^all +vc2 +20\\S+Z +31 m, LATE +1 +${until} +none: the run failed$`),
      expect.stringMatching(/^one +vc2 +never +- +- +- +-$/),
    ]);
    const told = JSON.parse((await status(at.json)).output);
    const both = { everyMs: 600_000 };
    expect(told).toEqual([
      {
        ...both,
        sweep: 'all',
        target: 'vc1',
        lease: null,
        last: {
          ...run(29.9 * MINUTE, 3),
          ageMs: expect.closeTo(29.9 * MINUTE, -4),
          outcomes: { vcenter: { ok: 3 }, ssh: { 'failed(auth)': 1, ok: 1 } },
        },
      },
      expect.objectContaining({
        target: 'vc2',
        lease: { holder: 'run-1', endsAt: soon },
        last: expect.objectContaining({ outcomes: {} }),
      }),
      { ...both, sweep: 'one', target: 'vc2', lease: null, last: null },
    ]);
  });
});

describe('vsweep hostkey', () => {
  using(CONFIG);
  const list = (more: { target?: string } = {}, options = at.text) =>
    here(() => hostkeyListCommand({ ...options, ...more }));
  const forget = (endpoint: string | undefined, all: boolean) =>
    here(() => hostkeyForgetCommand('vc1', endpoint, { ...at.text, all }));
  const key = (blob: string) => ({ type: 'ssh-rsa', blob: btoa(blob) });

  it('lists the pinned keys with their fingerprints, of all targets or of one', async () => {
    expect((await list()).output).toBe('no host key is pinned\n');
    await at.withState(async ({ hostKeys }) => {
      await hostKeys.pin('10.0.0.1:22', { key: key('A'), target: 'vc1' }, o);
      await hostKeys.pin('10.0.0.2:22', { key: key('B'), target: 'vc2' }, o);
      await hostKeys.pin('fe80::1:22', { key: key('C'), target: 'vc1' }, o);
    });
    const { output } = await list();
    expect(lines(output)).toHaveLength(4);
    expect(lines(output)[0]).toMatch(/^target +host +type +fingerprint +pinned$/);
    const ofTwo = await list({ target: 'vc2' });
    expect(lines(ofTwo.output).slice(1)).toEqual([
      expect.stringMatching(/^vc2 +10\.0\.0\.2:22 +ssh-rsa +SHA256:\S{43} +20\S+Z$/),
    ]);
    expect(JSON.parse((await list({ target: 'vc2' }, at.json)).output)).toEqual([
      {
        target: 'vc2',
        endpoint: '10.0.0.2:22',
        type: 'ssh-rsa',
        fingerprint: fingerprint(key('B')),
        pinnedAt: expect.any(Number),
      },
    ]);
  });

  it('knows no other target than those of the configuration, and says which', async () => {
    await expect(list({ target: 'vc9' })).rejects.toMatchObject({
      issues: [
        { path: 'targets', message: 'there is no target "vc9"; did you mean "vc1"? Known targets: vc1, vc2' },
      ],
    });
  });

  it.each([
    ['10.0.0.1', false],
    ['10.0.0.1:0', false],
    ['10.0.0.1:65536', false],
    ['10.0.0.1:222222', false],
    [':22', false],
    // Not all keys of the target, as an empty variable of a script would make it.
    ['', false],
  ])('takes "%s" for no endpoint', async (endpoint, all) => {
    await expect(forget(endpoint, all)).rejects.toMatchObject({
      issues: [
        {
          path: endpoint,
          message: expect.stringContaining('is neither <address:port> nor the name of a host'),
        },
      ],
    });
  });

  it('forgets one key by its endpoint, in each of its spellings, or all of a target, and nothing unsaid', async () => {
    for (const [endpoint, all] of [
      [undefined, false],
      ['10.0.0.1:22', true],
    ] as const) {
      expect(await forget(endpoint, all)).toEqual({
        output: '',
        errors:
          'name one host, by its name in vCenter or as <address:port>, or add --all for all of the target\n',
        exitCode: 2,
      });
    }
    expect(await forget('[FE80::1]:22', false)).toEqual({ output: '1 forgotten\n', errors: '', exitCode: 0 });
    expect(await forget('10.0.0.9:65535', false)).toEqual({
      output: '0 forgotten\n',
      errors: 'no key of 10.0.0.9:65535 is pinned; see every pinned key by: vsweep hostkey list\n',
      exitCode: 1,
    });
    expect((await forget(undefined, true)).output).toBe('1 forgotten\n');
    expect(await forget(undefined, true)).toEqual({
      output: '0 forgotten\n',
      errors: 'no key of a host of vc1 is pinned; see every pinned key by: vsweep hostkey list\n',
      exitCode: 1,
    });
    expect(lines((await list()).output)).toHaveLength(2);
  });
});

describe('vsweep groups without a section push', () => {
  using(CONFIG);
  const list = (options = at.text) => here(() => groupsListCommand(options));

  it('shows what was pushed once, says that the gateway is not known, and deletes nothing', async () => {
    expect(await list()).toEqual({
      output: 'no group was pushed, and the configuration has no section "push"\n',
      errors: '',
      exitCode: 0,
    });
    expect(await list(at.json)).toEqual({ output: '[]\n', errors: '', exitCode: 0 });
    await at.withState(async ({ groups }) => {
      await groups.record({ job: 'vsweep_all', instance: 'vc1' }, o);
      await groups.record({ job: 'vsweep_old', instance: 'vc1' }, o);
    });
    const { output, errors, exitCode } = await list();
    expect(lines(output)).toEqual([
      expect.stringMatching(/^job +instance +configured +last push +result$/),
      expect.stringMatching(/^vsweep_all +vc1 +yes +- +-$/),
      expect.stringMatching(
        /^vsweep_old +vc1 +NO; the next run deletes it once the section "push" names its gateway +- +-$/,
      ),
    ]);
    expect([errors, exitCode]).toEqual([
      'the groups at the gateway cannot be listed: the configuration has no section "push"\n',
      1,
    ]);
    expect(JSON.parse((await list(at.json)).output)).toEqual([
      { job: 'vsweep_all', instance: 'vc1', isConfigured: true, isRecorded: true },
      { job: 'vsweep_old', instance: 'vc1', isConfigured: false, isRecorded: true },
    ]);
    await expect(here(() => groupsDeleteCommand('vsweep_old', 'vc1', at.text))).rejects.toMatchObject({
      issues: [{ path: 'push', message: expect.stringContaining('the gateway that has the group') }],
    });
  });
});

describe('a configuration with a section aws', () => {
  using({
    ...WITHOUT_SSH,
    targets: [{ name: 'vc1', credentials: { secret: 'esxi/vcenter' } }],
    aws: { stack: 'Esxi', alarms: { emails: ['ops@example.org'] } },
  });

  it("has a warning that the state of this machine is shown, and by which option the stack's is", async () => {
    const { output, errors, exitCode } = await here(() => blacklistListCommand(at.text));
    expect({ output, exitCode }).toEqual({ output: 'no account has a refused login\n', exitCode: 0 });
    expect(errors).toMatch(
      /^\S+ warn {2}this is the state of this machine, not of the stack stack="Esxi" remedy="add --table with the stack's output StateTableName"\n$/,
    );
  });
});
