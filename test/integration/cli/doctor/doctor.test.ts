import { chmod, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createTemporaryFolder } from '../../../support/peers/temporary-folder.ts';
import { answer, reset, startGateway } from '../../sinks/gateway.ts';
import {
  ESXI_PASSWORD,
  PUSH_PASSWORD,
  type SmallFleet,
  startSmallFleet,
  VCENTER_PASSWORD,
} from '../../sweep/small-fleet.ts';
import { writeSweepFolder } from '../../sweep/sweep-folder.ts';
import { demoHost, PROOF, startTarget } from '../../vsphere/demo-target.ts';
import { vsweep } from '../vsweep-command.ts';
import { paste } from './paste.ts';
import { doctor } from './run-doctor.ts';

const listsProbe = answer(
  200,
  JSON.stringify({
    status: 'success',
    data: [{ labels: { job: 'vsweep_doctor', instance: 'probe' }, last_push_successful: true }],
  }),
);
const NOT_CHECKED = /^yellow: not checked, because /;

describe('vsweep doctor', () => {
  it('has no red line where all is well, exits 0, and leaves neither session nor series nor secret behind', async () => {
    await using gateway = await startGateway([answer(202), listsProbe, answer(202)], undefined, {
      answersLists: true,
    });
    await using fleet = await startSmallFleet({ hosts: [{}, {}], pushUrl: gateway.url });
    await acceptKey(fleet, 1);
    await acceptKey(fleet, 2);
    const before = fleet.vcenter.stats.logins;
    const found = await doctor(fleet.folder);
    expect(found.notGreen()).toEqual([
      expect.stringMatching(/^yellow tls vc1: the certificate ends on .*, (in \d days?|within a day)/),
      expect.stringMatching(/^yellow tls push: its password or token is sent without TLS/),
    ]);
    expect({ ok: found.ok, exitCode: found.exitCode, errors: found.errors }).toEqual({
      ok: true,
      exitCode: 0,
      errors: '',
    });
    expect(found.lines.map(({ check }) => check)).toEqual([
      'configuration',
      'credential',
      'credential',
      'credential',
      'state',
      'state file',
      'disk',
      'tcp',
      'tls',
      'login',
      'hosts',
      'privileges',
      'clock',
      'clock',
      'ssh keys',
      'ssh host',
      'ssh login',
      'tcp',
      'tls',
      'sink',
    ]);
    // One for what is read, one by the run that asks a host.
    expect(fleet.vcenter.stats.logins - before).toBe(2);
    expect(fleet.vcenter.sessions()).toBe(0);
    expect(gateway.seen.map(({ method }) => method)).toEqual(['PUT', 'GET', 'DELETE']);
    for (const secret of [ESXI_PASSWORD, PUSH_PASSWORD, VCENTER_PASSWORD])
      expect(found.output).not.toContain(secret);
    // The run that asked the host is not the last one of its sweep.
    const { output } = await vsweep(fleet.folder, 'status', '--json');
    expect(JSON.parse(output)).toMatchObject([{ sweep: 'services', last: null }]);
  });

  it('prints a line a check, the command on a line of its own, and the counts last', async () => {
    await using vcenter = await startTarget();
    await using folder = await createTemporaryFolder('doctor');
    await writeSweepFolder(folder.path, vcenter, { name: 'status', collectors: ['overall-status'] });
    await chmod(join(folder.path, 'vc01.yaml'), 0o644);
    const { output, exitCode } = await vsweep(folder.path, 'doctor');
    expect(exitCode).toBe(1);
    const file = join(folder.path, 'vc01.yaml');
    expect(output).toContain(
      `red     credential ${file}: The credential file:${file} can be read or changed by other users. Run: chmod 600 ${file}\n        chmod 600 ${file}\n`,
    );
    expect(output).toMatch(/\n\d+ green, \d+ yellow, 1 red\n$/);
  });

  it('with a faulty configuration tells every fault with its place, and exits 2', async () => {
    await using folder = await createTemporaryFolder('doctor');
    await writeFile(join(folder.path, 'vsweep.yaml'), 'targets: [{ name: vc1 }]\nsweeps: []\n');
    const { exitCode, of, ok } = await doctor(folder.path);
    expect({ exitCode, ok }).toEqual({ exitCode: 2, ok: false });
    expect(of('configuration')).toEqual([
      expect.stringMatching(/^red: line 1, column 11: targets\[0\]\.credentials: write one of/),
      expect.stringMatching(/^red: line 2, column 1: sweeps: list at least one sweep/),
    ]);
    const plain = await vsweep(folder.path, 'doctor');
    expect(plain.exitCode).toBe(2);
    expect(plain.errors).toContain('2 faults');
  });

  it('refuses a target that there is not', async () => {
    await using vcenter = await startTarget();
    await using folder = await createTemporaryFolder('doctor');
    await writeSweepFolder(folder.path, vcenter, { name: 'status', collectors: ['overall-status'] });
    const { errors, exitCode } = await vsweep(folder.path, 'doctor', '--target', 'vc02');
    expect(exitCode).toBe(2);
    expect(errors).toContain('there is no target "vc02"; did you mean "vc01"? Known targets: vc01');
  });
});

/** The key that the host shows becomes an accepted one. */
async function acceptKey(fleet: SmallFleet, number: number): Promise<void> {
  const accept = ['hostkey', 'accept', 'vc1', `${fleet.addressOf(number)}:${fleet.esxi.port}`];
  const { output } = await vsweep(fleet.folder, ...accept, '--json');
  const { presented } = JSON.parse(output) as { presented: { fingerprint: string } };
  const { exitCode } = await vsweep(fleet.folder, ...accept, '--fingerprint', presented.fingerprint);
  expect(exitCode).toBe(0);
}

/** A folder whose only target is a simulated vCenter, without hosts by ssh. */
async function startChecked(options: Parameters<typeof startTarget>[0] = {}, more: object = {}) {
  await using starting = new AsyncDisposableStack();
  const vcenter = starting.use(await startTarget(options));
  const folder = starting.use(await createTemporaryFolder('doctor'));
  const sweep = { name: 'status', collectors: ['overall-status', 'vcenter'] };
  const configure = (sections: object = {}) =>
    writeSweepFolder(folder.path, vcenter, sweep, { ...more, ...sections });
  await configure();
  const resources = starting.move();
  return {
    vcenter,
    path: folder.path,
    configure,
    file: (name: string) => join(folder.path, name),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
const target = (url: string, more: object = {}) => ({
  targets: [{ name: 'vc01', url, credentials: { file: 'vc01.yaml' }, ...more }],
});

describe('doctor on files and state', () => {
  it('a missing credential is red, nobody logs in, and the command makes the file with its mode', async () => {
    await using checked = await startChecked();
    await rm(checked.file('vc01.yaml'));
    const { of, command, exitCode } = await doctor(checked.path);
    expect(exitCode).toBe(1);
    expect(of('credential')).toEqual([expect.stringMatching(/^red: .*vc01\.yaml cannot be read: ENOENT/)]);
    expect(of('login')).toEqual([expect.stringMatching(NOT_CHECKED)]);
    expect(of('hosts')).toEqual(['yellow: not checked, because login of vc01 did not pass']);
    expect(checked.vcenter.stats.logins).toBe(0);
    await paste(command('credential') ?? '', checked.path);
    expect((await stat(checked.file('vc01.yaml'))).mode & 0o777).toBe(0o600);
    expect((await doctor(checked.path)).of('credential')).toEqual([
      expect.stringMatching(/^red: .*has no keys and values\. Write two lines: username: /),
    ]);
  });

  it('a mode that others can read by is mended by the command', async () => {
    await using checked = await startChecked();
    await chmod(checked.file('vc01.yaml'), 0o640);
    const { command } = await doctor(checked.path);
    expect(command('credential')).toBe(`chmod 600 ${checked.file('vc01.yaml')}`);
    await paste(command('credential') ?? '', checked.path);
    expect((await doctor(checked.path)).of('credential')).toEqual(['green: can be read, and is whole']);
  });

  it('a state that others can read costs the logins and not the network, and the command mends it', async () => {
    await using checked = await startChecked();
    await doctor(checked.path);
    await chmod(checked.file('state'), 0o755);
    const { of, command } = await doctor(checked.path);
    expect(of('state')).toEqual([
      expect.stringMatching(/^red: The state folder .* can be read by other users/),
    ]);
    expect(of('login')).toEqual([expect.stringMatching(/^yellow: not checked, because state of /)]);
    expect(of('tcp')).toEqual([expect.stringMatching(/^green: /)]);
    await paste(command('state') ?? '', checked.path);
    expect((await doctor(checked.path)).of('state')).toEqual([expect.stringMatching(/^green: is open/)]);
  });

  it('two targets with one url are a yellow line', async () => {
    await using checked = await startChecked();
    const [one] = target(checked.vcenter.url, { tls: { sha256: checked.vcenter.sha256 } }).targets;
    await checked.configure({ targets: [one, { ...one, name: 'vc02' }] });
    expect((await doctor(checked.path)).of('configuration')).toEqual([
      expect.stringMatching(/^yellow: targets\[1\]\.url: asks https:.*, as target "vc01" does/),
    ]);
  });
});

describe('doctor on the network', () => {
  it('a name that does not resolve is red, what is behind it is not checked, and another target is', async () => {
    await using checked = await startChecked();
    const [good] = target(checked.vcenter.url, { tls: { sha256: checked.vcenter.sha256 } }).targets;
    const bad = { ...good, name: 'vc02', url: 'https://no-such-vcenter.invalid/sdk' };
    await checked.configure({ targets: [bad, good] });
    const { of, exitCode, command } = await doctor(checked.path);
    expect(exitCode).toBe(1);
    expect(of('dns', 'vc02')).toEqual([
      expect.stringMatching(
        /^red: the name no-such-vcenter\.invalid cannot be resolved \(E\w+\)\. Correct targets\[0\]\.url/,
      ),
    ]);
    expect(command('dns')).toBe('getent hosts no-such-vcenter.invalid');
    for (const check of ['tcp', 'tls', 'login', 'privileges'])
      expect(of(check, 'vc02')).toEqual([expect.stringMatching(NOT_CHECKED)]);
    expect(of('login', 'vc01')).toEqual([expect.stringMatching(/^green: logged in/)]);
    const only = await doctor(checked.path, '--target', 'vc01');
    expect(only.exitCode).toBe(0);
    expect(only.of('dns', 'vc02')).toEqual([]);
  });

  it('a closed port is red', async () => {
    await using checked = await startChecked();
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    await checked.configure(target(`https://127.0.0.1:${port}/sdk`));
    const { of } = await doctor(checked.path);
    expect(of('tcp')).toEqual([
      `red: 127.0.0.1:${port} does not accept the connection (ECONNREFUSED). Check the port of targets[0].url, that the server runs, and the firewalls between`,
    ]);
    expect(of('tls')).toEqual([expect.stringMatching(NOT_CHECKED)]);
  });

  it('a certificate that is not the pinned one is red with both fingerprints and the command that reads it; no password goes there', async () => {
    await using checked = await startChecked();
    const pin = Array(32).fill('AB').join(':');
    await checked.configure(target(checked.vcenter.url, { tls: { sha256: pin } }));
    const { of, command } = await doctor(checked.path);
    expect(of('tls')).toEqual([
      expect.stringMatching(
        `^red: .* presented a certificate that is not pinned \\(SHA-256 ${checked.vcenter.sha256}\\); nothing was sent to it\\.`,
      ),
    ]);
    const { host } = new URL(checked.vcenter.url);
    expect(command('tls')).toBe(
      `openssl s_client -connect ${host} </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256`,
    );
    expect(of('login')).toEqual([expect.stringMatching(NOT_CHECKED)]);
    expect(checked.vcenter.stats.logins).toBe(0);
  });

  it('a certificate that nobody verifies is yellow', async () => {
    await using checked = await startChecked();
    await checked.configure(target(checked.vcenter.url, { tls: { insecure: true } }));
    expect((await doctor(checked.path)).of('tls')).toEqual([
      'yellow: the certificate is not verified (tls.insecure): whoever answers there gets the password',
    ]);
  });

  it.each([
    ['resets the connection', (socket: import('node:net').Socket) => socket.resetAndDestroy()],
    [
      'answers in plain text',
      (socket: import('node:net').Socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    ],
  ])('a server that %s is red at tls, and costs the other target nothing', async (_, behave) => {
    await using checked = await startChecked();
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => behave(socket));
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const [good] = target(checked.vcenter.url, { tls: { sha256: checked.vcenter.sha256 } }).targets;
    await checked.configure({
      targets: [good, { ...good, name: 'bad', url: `https://127.0.0.1:${port}/sdk` }],
    });
    const { of } = await doctor(checked.path);
    server.close();
    expect(of('tcp', 'bad')).toEqual([expect.stringMatching(/^green/)]);
    expect(of('tls', 'bad')).toEqual([expect.stringMatching(/^red: /)]);
    expect(of('login', 'vc01')).toEqual([expect.stringMatching(/^green/)]);
  });
});

describe('doctor on a vCenter', () => {
  it('a refused login is red with its margin; after the second nobody tries again, and the command lifts the account', async () => {
    await using checked = await startChecked({ users: { [PROOF.username]: 'another' } });
    const first = await doctor(checked.path);
    expect(first.of('login')).toEqual([
      expect.stringMatching(/^red: .*; 1 refused login counts against it; another login may be tried$/),
    ]);
    expect(first.command('login')).toBe(`"\${EDITOR:-vi}" ${checked.file('vc01.yaml')}`);
    await paste(first.command('login') ?? '', checked.path);
    const second = await doctor(checked.path);
    expect(second.of('login')).toEqual([
      expect.stringMatching(/^red: .*; 2 refused logins count against it; no login is tried before \d{4}-/),
    ]);
    const third = await doctor(checked.path);
    expect(third.of('login')).toEqual([
      expect.stringMatching(
        /^red: Account sweeper@vsphere\.local on 127\.0\.0\.1 was refused; no further login is tried until/,
      ),
    ]);
    expect(checked.vcenter.stats.refusedLogins).toBe(2);
    const lift = third.command('login') ?? '';
    expect(lift).toBe(
      `vsweep blacklist lift --user sweeper@vsphere.local --address 127.0.0.1 --config ${checked.file('vsweep.yaml')}`,
    );
    expect(await paste(lift, checked.path)).toContain('1 lifted');
    await doctor(checked.path);
    expect(checked.vcenter.stats.refusedLogins).toBe(3);
  });

  it('a vCenter that fails behind its certificate is red at login, and no refusal counts', async () => {
    await using checked = await startChecked();
    checked.vcenter.misbehave({ kind: 'status', status: 503 });
    const { of } = await doctor(checked.path);
    expect(of('tls')).toEqual([expect.stringMatching(/^yellow: the certificate ends/)]);
    expect(of('login')).toEqual([
      expect.stringMatching(/^red: .*503.*; no refused login counts against it$/),
    ]);
  });

  it('privileges that a collector lacks are yellow, those of every role red, with the command that prints the role', async () => {
    const privileges = { [PROOF.username]: ['System.Anonymous', 'System.View', 'System.Read'] };
    await using checked = await startChecked({ privileges });
    const { of, command, exitCode } = await doctor(checked.path);
    expect(of('privileges')).toEqual([
      'yellow: the account lacks Global.Licenses on the root folder, for vcenter. Add it to its role, propagated',
      'yellow: the account lacks Sessions.TerminateSession on the root folder, for vcenter. Add it to its role, propagated',
    ]);
    expect(exitCode).toBe(0);
    expect(await paste(command('privileges') ?? '', checked.path)).toContain("govc role.create 'vsweep'");
  });

  it('an account that sees no host is red', async () => {
    await using checked = await startChecked({ hosts: [] });
    expect((await doctor(checked.path)).of('hosts')).toEqual([
      expect.stringMatching(/^red: the account sees no host\./),
    ]);
  });

  it('a host whose clock is off is named, and one that does not answer', async () => {
    const hosts = [
      demoHost(1),
      demoHost(2, { clockOffsetMs: -90_000 }),
      demoHost(3, { connectionState: 'notResponding' }),
    ];
    await using checked = await startChecked({ hosts });
    const { of } = await doctor(checked.path);
    expect(of('clock', 'hosts of vc01')).toEqual([
      'yellow: esx2.example.org: its clock is 90 s behind this machine. Compare both with a time server (NTP) (2 of 2 hosts asked)',
    ]);
    expect(of('clock', 'vc01')).toEqual(['green: its clock agrees with that of this machine']);
  });
});

describe('doctor on ssh', () => {
  it('unknown keys under refuse are red, the host is not logged in to, and the command accepts them', async () => {
    await using fleet = await startSmallFleet({ hosts: [{}], hostKeys: '{ unknown: refuse }' });
    const { of, command, exitCode } = await doctor(fleet.folder);
    expect(exitCode).toBe(1);
    expect(of('ssh keys')).toEqual([
      'red: 0 of 1 host has an accepted key; nobody logs in to the others. Compare the keys and accept them',
    ]);
    expect(of('ssh host')).toEqual([
      expect.stringMatching(/^green: esx1 at .* presents ecdsa.*; it has no accepted key yet$/),
    ]);
    expect(of('ssh login')).toEqual([
      expect.stringMatching(/^yellow: not checked: no host has an accepted key/),
    ]);
    const scan = command('ssh keys') ?? '';
    expect(scan).toMatch(/^vsweep hostkey scan --accept --target vc1 --config \S+$/);
    expect(command('ssh login')).toBe(scan);
    // Its question needs a terminal, which this shell has not.
    await paste(scan.replace('--accept', '--accept --all'), fleet.folder);
    const after = await doctor(fleet.folder);
    expect(after.of('ssh keys')).toEqual(['green: 1 of 1 host has an accepted key']);
    expect(after.of('ssh login')).toEqual(['green: logged in to esx1, and its shell answered the commands']);
  });

  it.each([
    ['unset', '{}', /^yellow: 0 of 1 host .*Write hostKeys: \{ unknown: refuse \} under esxi first, then/],
    ['trust-first', '{ unknown: trust-first }', /^green: 0 of 1 host .*the first key is trusted/],
  ])(
    'with unknown keys %s neither the doctor nor any of its commands sends a password to one, or pins it',
    async (_, hostKeys, keys) => {
      await using fleet = await startSmallFleet({ hosts: [{}], hostKeys });
      const { of, command, lines } = await doctor(fleet.folder);
      expect(of('ssh keys')).toEqual([expect.stringMatching(keys)]);
      expect(of('ssh login')).toEqual([
        expect.stringMatching(/^yellow: not checked: no host has an accepted/),
      ]);
      const commands = lines.flatMap((line) => line.command ?? []).filter((one) => one.startsWith('vsweep '));
      expect(commands).not.toEqual([]);
      for (const one of commands) await paste(`${one.replace('--accept', '')} || true`, fleet.folder);
      expect(fleet.esxi.authRequests(fleet.addressOf(1))).toEqual([]);
      expect((await vsweep(fleet.folder, 'hostkey', 'list')).output).toBe('no host key is pinned\n');
      await paste((command('ssh login') ?? '').replace('--accept', '--accept --all'), fleet.folder);
      expect((await doctor(fleet.folder)).of('ssh login')).toEqual([
        'green: logged in to esx1, and its shell answered the commands',
      ]);
    },
  );

  it('a service of which the host has no script is yellow, and the one that was meant is named', async () => {
    await using fleet = await startSmallFleet({ hosts: [{}] });
    await acceptKey(fleet, 1);
    const file = join(fleet.folder, 'vsweep.yaml');
    await writeFile(file, (await readFile(file, 'utf8')).replace('[hostd, vpxa]', '[hosdt, vpxa]'));
    const { of } = await doctor(fleet.folder);
    expect(of('ssh login')).toEqual([
      expect.stringMatching(
        /^yellow: logged in to esx1, but the host has no .*hosdt.* Did you mean hostd\?$/,
      ),
    ]);
  });

  it('a refused login by ssh is red once, and from then on the account is left alone', async () => {
    await using fleet = await startSmallFleet({ hosts: [{ behaviour: 'refuses-login' }] });
    await acceptKey(fleet, 1);
    const first = await doctor(fleet.folder);
    expect(first.of('ssh login')).toEqual([expect.stringMatching(/^red: esx1: failed\(auth\): /)]);
    expect(first.command('ssh login')).toBe(`"\${EDITOR:-vi}" ${join(fleet.folder, 'esxi.yaml')}`);
    const second = await doctor(fleet.folder);
    expect(second.of('ssh login')).toEqual([
      expect.stringMatching(/^yellow: esx1 was not asked: skipped\((blacklist|suspended)\)/),
    ]);
    expect(await paste(second.command('ssh login') ?? '', fleet.folder)).toMatch(/vsweep|file:/);
  });

  it.each([
    ['closed', /^red: esx1: /],
    ['not-ssh', /^red: esx1: .*does not speak ssh/],
  ] as const)(
    'a host whose port is %s is red, and nothing is logged in to there',
    async (behaviour, reason) => {
      await using fleet = await startSmallFleet({ hosts: [{ behaviour }] });
      const { of } = await doctor(fleet.folder);
      expect(of('ssh host')).toEqual([expect.stringMatching(reason)]);
      expect(of('ssh login')).toEqual(['yellow: not checked, because ssh host of vc1 did not pass']);
      expect(of('login')).toEqual([expect.stringMatching(/^green/)]);
    },
  );

  it('a key that changed is red, with the command that accepts the new one', async () => {
    await using fleet = await startSmallFleet({ hosts: [{}], hostKeys: '{ unknown: refuse }' });
    await fleet.configure({ hostKeys: '{ unknown: trust-first }' });
    await fleet.warmUp();
    const at = `${fleet.addressOf(1)}:${fleet.esxi.port}`;
    {
      await using opened = await fleet.open();
      const { hostKeys } = opened.state;
      const running = { signal: new AbortController().signal };
      const seen = (await hostKeys.readAll(running)).get(at);
      const key = {
        type: 'ssh-ed25519',
        blob: 'AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f',
      };
      await hostKeys.replace(at, { key, target: 'vc1', seen }, running);
    }
    const { of, command } = await doctor(fleet.folder);
    expect(of('ssh host')).toEqual([expect.stringMatching(/^red: esx1 at .*, and another key is accepted:/)]);
    await paste(command('ssh host') ?? '', fleet.folder);
    expect((await doctor(fleet.folder)).of('ssh host')).toEqual([
      expect.stringMatching(/^green: .*which is accepted$/),
    ]);
  });

  it('ssh that is off on every host is one yellow line with the command that starts it', async () => {
    const off = { vcenter: { services: [{ key: 'TSM-SSH', running: false }] } };
    await using fleet = await startSmallFleet({ hosts: [off, off] });
    const { of, command, exitCode } = await doctor(fleet.folder);
    expect(of('ssh host')).toEqual([
      'yellow: ssh is off on 2 of 2 hosts. Start TSM-SSH on each, or leave the collectors by ssh out',
    ]);
    expect(command('ssh host')).toBe('govc host.service -host esx1 start TSM-SSH');
    expect(exitCode).toBe(0);
  });
});

describe('doctor on sinks', () => {
  it.each([
    [[answer(401, 'no')], /^red: PUT .*Check push\.credentials\.$/],
    [[reset], /^red: PUT .*: no answer: /],
    [[answer(200, '<html>', { 'content-type': 'text/html' })], /^red: PUT .* with a web page/],
  ])(
    'a destination that takes nothing is red with what to do, and costs no other check',
    async (answers, reason) => {
      await using gateway = await startGateway(answers);
      await using fleet = await startSmallFleet({ hosts: [{}], pushUrl: gateway.url });
      await acceptKey(fleet, 1);
      const { of } = await doctor(fleet.folder);
      expect(of('sink')).toEqual([expect.stringMatching(reason)]);
      expect(of('ssh login')).toEqual([expect.stringMatching(/^green/)]);
    },
  );

  it('a folder that is missing is made by the command, and nothing stays in it', async () => {
    await using checked = await startChecked({}, { textfile: { path: "metrics' folder" }, stdout: {} });
    const { of, command, output } = await doctor(checked.path);
    expect(of('sink')).toEqual([expect.stringMatching(/^red: .* is no folder\. Create it/)]);
    await paste(command('sink', 'textfile') ?? '', checked.path);
    const after = await doctor(checked.path);
    expect(after.of('sink')).toEqual(['green: a probe series was written, and taken away again']);
    // The sink stdout is the output of this command, which is JSON here.
    expect(output).not.toContain('vsweep_doctor_probe');
  });

  it('a destination without deletion is green, and the line says that the series stays', async () => {
    await using gateway = await startGateway([answer(204)]);
    await using checked = await startChecked({}, { victoriaMetrics: { url: gateway.url } });
    expect((await doctor(checked.path)).of('sink', 'victoriametrics')).toEqual([
      'green: a probe series was written; nothing there takes it away again, so it ends by staleness',
    ]);
  });
});
