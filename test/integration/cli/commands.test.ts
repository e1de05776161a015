import type { ChildProcess } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { parseExposition } from '../../support/exposition.ts';
import { pollUntil } from '../../support/peers/poll-until.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { answer, startGateway } from '../sinks/gateway.ts';
import { expectDocumented, NO_RESULT } from '../sweep/faults/expect-documented.ts';
import { startSmallFleet } from '../sweep/small-fleet.ts';
import { vsweep } from './vsweep-command.ts';
import { start } from './vsweep-process.ts';

const o = { signal: new AbortController().signal };

describe('vsweep sweep', () => {
  it('exits 0 when all is well and prints the summary as JSON, with every host counted once a path', async () => {
    await using gateway = await startGateway([answer(200)]);
    await using fleet = await startSmallFleet({ hosts: [{}, {}], pushUrl: gateway.url });
    const { output, errors, exitCode } = await vsweep(fleet.folder, 'sweep', 'services', '--json');
    const told = errors.trimEnd().split('\n');
    // Nothing is wrong, and the first keys of two hosts were trusted.
    const pinned =
      / warn {2}a host key was pinned at first contact target="vc1" host="esx\d" endpoint="\S+" type="\S+" fingerprint="SHA256:\S{43}"$/;
    expect({ told, exitCode }).toEqual({ told: Array(2).fill(expect.stringMatching(pinned)), exitCode: 0 });
    const summary = JSON.parse(output);
    expect(summary).toMatchObject({ sweep: 'services', exitCode: 0 });
    expect(summary.targets[0]).toMatchObject({
      target: 'vc1',
      deliveries: [{ sink: 'pushgateway', outcome: 'delivered' }],
      paths: { ssh: { hosts: 2, ok: 2, failed: 0, skipped: 0, reasons: { ok: 2 } } },
      hostKeysPinned: 2,
    });
    expect(summary.targets[0].hosts[0].outcomes).toEqual({ vcenter: 'ok', ssh: 'ok' });
    expect(Number.isInteger(summary.targets[0].durationMs)).toBe(true);
    expect(gateway.seen).toHaveLength(1);
  });

  it('in a dry run pushes nothing and prints one exposition of all targets', async () => {
    await using gateway = await startGateway([answer(200)]);
    await using fleet = await startSmallFleet({
      hosts: [{}, {}],
      targets: { one: [1], two: [2] },
      pushUrl: gateway.url,
    });
    await fleet.warmUp();
    const before = gateway.seen.length;
    const { output, errors, exitCode } = await vsweep(fleet.folder, 'sweep', 'services', '--dry-run');
    expect(exitCode).toBe(0);
    expect(errors).toMatch(/^one: listed; \d+ samples of hosts, delivered to stdout$/m);
    const series = parseExposition(output).filter(({ name }) => name === 'vsweep_target_up');
    expect(series.map(({ labels }) => labels['vcenter']).sort()).toEqual(['one', 'two']);
    const json = await vsweep(fleet.folder, 'sweep', 'services', '--dry-run', '--json');
    const told = JSON.parse(json.output);
    expect(told.targets).toMatchObject([
      { deliveries: [{ sink: 'stdout', outcome: 'delivered' }] },
      { deliveries: [{ sink: 'stdout', outcome: 'delivered' }] },
    ]);
    expect(told.metrics).toContain('vsweep_target_up{');
    expect(gateway.seen).toHaveLength(before);
  });

  it('says nothing but that it was stopped when a signal comes, and pushes nothing', async () => {
    await using gateway = await startGateway([answer(200)]);
    await using fleet = await startSmallFleet({
      hosts: [{ commandDelayMs: 20_000 }],
      pushUrl: gateway.url,
      timeouts: 'connectSeconds: 1, loginSeconds: 1, commandSeconds: 10',
    });
    const { child, ended } = start(fleet.folder, 'sweep', 'services');
    await pollUntil('a command is under way', () => fleet.esxi.connections() === 1 || undefined, {
      timeoutMs: 60_000,
      everyMs: 10,
    });
    child.kill('SIGINT');
    const { output, errors, exitCode } = await ended;
    expect({ errors, exitCode }).toEqual({ errors: '', exitCode: 1 });
    expect(output).toMatch(/^sweep .*\n\nvc1: stopped by a signal; nothing was delivered\n$/);
    expect(gateway.seen).toHaveLength(0);
  });

  it('exits 3 when a host failed, and 1 when nothing came of it, and says why', async () => {
    await using fleet = await startSmallFleet({ hosts: [{ behaviour: 'closed' }, {}] });
    const some = await vsweep(fleet.folder, 'sweep', 'services');
    expect(some.exitCode).toBe(3);
    expect(some.output).toMatch(/esx1 +ok +failed\(connection-refused\)/);

    await using dark = await startSmallFleet({ hosts: [{}] });
    dark.vcenter.misbehave({ kind: 'html' });
    const none = await vsweep(dark.folder, 'sweep', 'services');
    expect(none.exitCode).toBe(1);
    expect(none.output).toContain('HTTP 503');
  });

  it('exits 2 for a name that is no sweep, and names those that are', async () => {
    await using fleet = await startSmallFleet({ hosts: [{}] });
    const { errors, exitCode } = await vsweep(fleet.folder, 'sweep', 'servcies');
    expect(exitCode).toBe(2);
    expect(errors).toContain('there is no sweep "servcies"; did you mean "services"? Known sweeps: services');
    expect(fleet.vcenter.stats.logins).toBe(0);
  });
});

describe('vsweep poll', () => {
  it("names the targets that there are, beside vPoller's message about one that there is not", async () => {
    await using fleet = await startSmallFleet({ hosts: [{}] });
    const { errors, exitCode } = await vsweep(fleet.folder, 'poll', '-m', 'about', '-V', 'vc9');
    expect(exitCode).toBe(1);
    const unknown = 'Unknown or missing agent name\nthere is no target';
    expect(errors).toBe(`${unknown} "vc9"; did you mean "vc1"? Known targets: vc1\n`);
    const byUrl = await vsweep(fleet.folder, 'poll', '-m', 'about', '-V', fleet.vcenter.url);
    expect(byUrl.errors).toBe(
      `${unknown} "${fleet.vcenter.url}"; the target with this url is called "vc1". Known targets: vc1\n`,
    );
    expect(fleet.vcenter.stats.logins).toBe(0);
  });

  it("names the methods that there are, and the one that was likely meant, beside vPoller's message", async () => {
    await using fleet = await startSmallFleet({ hosts: [{}] });
    const { errors, exitCode } = await vsweep(fleet.folder, 'poll', '-m', 'host.dicsover', '-V', 'vc1');
    expect(exitCode).toBe(1);
    expect(errors).toMatch(
      /^Unknown or missing task\/method name\nthere is no method "host\.dicsover"; did you mean host\.discover\? Known methods: .*vm\.get/,
    );
    expect(fleet.vcenter.stats.logins).toBe(0);
  });
});

describe('the process', () => {
  it.each([
    [0, ['--version']],
    [2, ['sweep']],
    [2, ['config', 'check']],
  ])('ends by itself with the exit code of its command: %d', async (exitCode, args) => {
    await using folder = await createTemporaryFolder('process');
    expect(await start(folder.path, ...args).ended).toMatchObject({ exitCode });
  });
});

describe('usage errors', () => {
  it.each([[[]], [['swep']], [['sweep']], [['sweep', 'x', '--jsno']], [['blacklist', 'lift']]])(
    'exit 2: %j',
    async (args) => {
      await using folder = await createTemporaryFolder('usage');
      const { errors, exitCode } = await vsweep(folder.path, ...args);
      expect(exitCode).toBe(2);
      expect(errors).not.toBe('');
    },
  );

  it('do not include a question for help or the version', async () => {
    await using folder = await createTemporaryFolder('usage');
    for (const flag of ['--help', '--version']) {
      expect(await vsweep(folder.path, flag)).toMatchObject({ exitCode: 0, errors: '' });
    }
  });
});

describe('a target that is listed twice by one name', () => {
  it('ends a sweep before it begins, with exit code 2', async () => {
    await using gateway = await startGateway([answer(200)]);
    await using fleet = await startSmallFleet({ hosts: [{}], pushUrl: gateway.url });
    const file = join(fleet.folder, 'vsweep.yaml');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace(/^ {2}- \{ name: vc1,.*\n/m, '$&$&'));
    const { output, errors, exitCode } = await vsweep(fleet.folder, 'sweep', 'services');
    const pushed = gateway.seen.length === 0 ? 'nothing' : 'something';
    expectDocumented('a target is listed twice by one name', {
      ...NO_RESULT,
      told: [errors],
      pushed,
      exitCode,
    });
    expect([output, fleet.vcenter.stats.logins]).toEqual(['', 0]);
  });
});

describe('vsweep config check', () => {
  it('says what a configuration means', async () => {
    await using fleet = await startSmallFleet({ hosts: [{}] });
    const env = { VCENTER_URL: 'vc9.example.org' };
    const { output, exitCode } = await vsweep({ folder: fleet.folder, env }, 'config', 'check');
    expect(exitCode).toBe(0);
    expect(output).toMatch(/^vsweep\.yaml: ok\n/);
    expect(output).toContain('sweep services: every 300 s, 1 target, overall-status, ssh-services');
    expect(output).toContain('ignored, because a configuration file exists: VCENTER_URL');
  });

  it('with --json prints the configuration with its defaults, and print the one that was written', async () => {
    await using fleet = await startSmallFleet({ hosts: [{}] });
    const json = JSON.parse((await vsweep(fleet.folder, 'config', 'check', '--json')).output);
    expect(json).toMatchObject({ ok: true, faults: [] });
    expect(json.config).toMatchObject({ sweeps: [{ name: 'services', everyMs: 300_000 }], blacklist: {} });
    const printed = JSON.parse((await vsweep(fleet.folder, 'config', 'print', '--json')).output);
    expect(printed.sweeps).toMatchObject([{ name: 'services', every: '5m' }]);
  });

  it('exits 2 with all faults at once, each with its path', async () => {
    await using folder = await createTemporaryFolder('config');
    const text = 'targets: [{ name: vc1 }]\nsweeps: [{ name: a, every: 1s, collectors: [x] }]\nodd: 1\n';
    await writeFile(join(folder.path, 'vsweep.yaml'), text);
    const { errors, exitCode } = await vsweep(folder.path, 'config', 'check');
    expect(exitCode).toBe(2);
    const paths = ['targets[0].credentials', 'sweeps[0].every', 'odd'];
    for (const path of paths) expect(errors).toContain(path);
    const json = await vsweep(folder.path, 'config', 'check', '--json');
    expect({ exitCode: json.exitCode, errors: json.errors }).toEqual({ exitCode: 2, errors: '' });
    const { ok, faults } = JSON.parse(json.output);
    expect(ok).toBe(false);
    expect(faults.map(({ path }: { path: string }) => path)).toEqual(expect.arrayContaining(paths));
  });

  it('exits 2 when there is no configuration', async () => {
    await using folder = await createTemporaryFolder('config');
    const { errors, exitCode } = await vsweep(folder.path, 'config', 'check');
    expect(exitCode).toBe(2);
    expect(errors).toContain('--config');
  });
});

describe('vsweep blacklist', () => {
  it('lists refused accounts and when they are tried again, and lifts them when the operator says so', async () => {
    await using fleet = await startSmallFleet({ hosts: [{ behaviour: 'refuses-login' }] });
    expect((await vsweep(fleet.folder, 'blacklist', 'list')).output).toBe('no account has a refused login\n');
    await fleet.sweep();
    const address = fleet.addressOf(1);
    const { output } = await vsweep(fleet.folder, 'blacklist', 'list');
    expect(output).toMatch(
      new RegExp(`^vsweep +${address} +esx1 +1 +\\S.* +20\\d\\d-.*Z +20\\d\\d-.*Z$`, 'm'),
    );
    {
      await using container = await fleet.open();
      await container.state.accounts.recordRefusal('vsweep', address, { version: 'v1' }, o);
    }
    const twice = await vsweep(fleet.folder, 'blacklist', 'list', '--json');
    expect(JSON.parse(twice.output)).toMatchObject([{ user: 'vsweep', address, refusals: 2 }]);

    const unconfirmed = await vsweep(fleet.folder, 'blacklist', 'lift', '--user', 'vsweep');
    expect(unconfirmed.exitCode).toBe(2);
    expect(unconfirmed.errors).toContain('--counter-was-reset');
    const lifted = await vsweep(fleet.folder, 'blacklist', 'lift', '--user', 'vsweep', '--counter-was-reset');
    expect(lifted).toMatchObject({ output: '1 lifted\n', exitCode: 0 });
    expect((await vsweep(fleet.folder, 'blacklist', 'list')).output).toBe('no account has a refused login\n');
    const nothing = await vsweep(fleet.folder, 'blacklist', 'lift', '--user', 'vswep', '--counter-was-reset');
    expect(nothing).toMatchObject({ output: '0 lifted\n', exitCode: 1 });
    expect(nothing.errors).toContain('no refused login of "vswep" is recorded');
  });
});

/** Stops the process for four fifths of the time until `ended` settles, as beside ten busy processes on two cores. */
async function starve<T>(child: ChildProcess, ended: Promise<T>): Promise<T> {
  const over = new AbortController();
  const ending = ended.finally(() => over.abort());
  const isOver = { signal: over.signal };
  try {
    for (;;) {
      child.kill('SIGSTOP');
      await delay(400, undefined, isOver);
      child.kill('SIGCONT');
      await delay(100, undefined, isOver);
    }
  } catch (error) {
    if (!over.signal.aborted) throw error;
  }
  return await ending;
}

describe('vsweep demo --once --json', () => {
  it('exits 0 with a fleet whose hosts all came out as they were built, with a fifth of a processor', {
    timeout: 300_000,
  }, async () => {
    await using folder = await createTemporaryFolder('demo');
    const { child, ended } = start(folder.path, 'demo', '--once', '--json');
    const { output, errors, exitCode } = await starve(child, ended);
    expect({ errors, exitCode }).toEqual({ errors: '', exitCode: 0 });
    const [{ hosts, paths }] = JSON.parse(output).targets;
    for (const path of ['vcenter', 'ssh']) {
      const { ok, failed, skipped } = paths[path];
      expect(paths[path].hosts).toBe(hosts.length);
      expect(ok + failed + skipped).toBe(hosts.length);
    }
    expect(hosts).toHaveLength(60);
  });
});
