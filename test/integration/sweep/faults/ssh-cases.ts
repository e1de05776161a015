import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DemoSshBehaviour } from '../../../../lib/demo/esxi-sshd.ts';
import { startDeafPort } from '../../../support/deaf-port.ts';
import { answerServices } from '../../../support/esxi/asked-services.ts';
import { type OddServer, type OddServerOptions, startOddServer } from '../../../support/ssh/odd-server.ts';
import { packet, sendPayload } from '../../../support/ssh/raw-packets.ts';
import { toVcenterHost } from '../small-fleet.ts';
import type { FaultCase } from './fault-case.ts';

const MINUTE_MS = 60_000;
const SSH = { vcenter: 'ok', pushed: ['esxi_ssh_up 0'], exitCode: 3, remedy: 'nothing' } as const;
/** One refusal is on record, so the host is left alone for a while. */
const REFUSED = {
  ...SSH,
  remedy: '`blacklist.minutes`, or `vsweep blacklist lift`',
  after: ({ fleet }: Parameters<FaultCase['make']>[0]) => fleet.clock.advance(21 * MINUTE_MS),
} as const;

const onHost1 =
  (behaviour: DemoSshBehaviour): FaultCase['make'] =>
  ({ fleet }) =>
    fleet.esxi.setBehaviour(fleet.addressOf(1), behaviour);

let odd: OddServer | undefined;

/** In the place of host 1 a server that is not the demo's. */
const onOddServer = (options: OddServerOptions): Pick<FaultCase, 'make' | 'after'> => ({
  async make({ fleet }) {
    odd = await startOddServer({ address: '127.0.63.2', ...options });
    await fleet.configure({ dialled: { esx1: `${odd.address}:${odd.port}` } });
  },
  async after() {
    await odd?.[Symbol.asyncDispose]();
  },
});

/** So that the next run may pin the key that the host shows. */
async function forgetKey({ fleet }: Parameters<FaultCase['make']>[0]): Promise<void> {
  const endpoint = `${fleet.addressOf(1)}:${fleet.esxi.port}`;
  await using container = await fleet.open();
  await container.state.hostKeys.forget({ endpoint }, { signal: new AbortController().signal });
}

let deaf: Awaited<ReturnType<typeof startDeafPort>> | undefined;

export const SSH_CASES: readonly FaultCase[] = [
  {
    fault: 'the name of the host is not resolved',
    ...SSH,
    ssh: 'failed(dns)',
    message:
      'ssh: esx1.invalid:22: the name cannot be resolved (ENOTFOUND); correct esxi.address, esxi.domain or the DNS',
    make: ({ fleet }) => fleet.configure({ dialled: { esx1: 'esx1.invalid:22' } }),
  },
  {
    fault: 'TSM-SSH does not run, and vCenter says so',
    ...SSH,
    ssh: 'skipped(ssh-disabled)',
    message:
      'ssh: vCenter reports that the service TSM-SSH is stopped there. To have it asked, start it: Configure > Services > SSH',
    pushed: ['vsweep_hosts 1'],
    exitCode: 0,
    make: ({ vcenter, fleet }) => {
      const services = [{ key: 'TSM-SSH', running: false }];
      vcenter.setHosts([toVcenterHost(1, { vcenter: { services } }), toVcenterHost(2)]);
      return fleet.esxi.setBehaviour(fleet.addressOf(1), 'closed');
    },
  },
  {
    fault: 'refused: TSM-SSH does not run, and vCenter does not know',
    ...SSH,
    ssh: 'failed(connection-refused)',
    message:
      'ssh: …: connection failed (ECONNREFUSED); check that the ssh service is started and that the firewall of the host allows this machine',
    make: onHost1('closed'),
  },
  {
    fault: 'timed out: TCP does not connect',
    ...SSH,
    ssh: 'failed(timeout)',
    message: 'ssh: …: the TCP connection timed out; check the host and the firewalls between',
    async make({ fleet }) {
      deaf = await startDeafPort('127.0.70.1');
      await fleet.configure({ dialled: { esx1: `127.0.70.1:${deaf.port}` } });
    },
    async after() {
      await deaf?.[Symbol.asyncDispose]();
    },
  },
  {
    fault: 'no banner is sent',
    ...SSH,
    ssh: 'failed(banner)',
    message:
      "ssh: …: no ssh banner arrived in time; check that this is the address and port of the host's ssh service",
    make: onHost1('silent'),
  },
  {
    fault: 'another service answers on the port',
    ...SSH,
    ssh: 'failed(banner)',
    message:
      'ssh: …: the server there does not speak ssh. It sent "HTTP/1.1 400 Bad Request"; check that this is the address and port of the host\'s ssh service',
    make: onHost1('not-ssh'),
  },
  {
    fault: 'takes no connection: too many without a login',
    ...SSH,
    ssh: 'failed(banner)',
    message:
      'ssh: …: the host accepts no ssh connection at the moment. It sent "Exceeded MaxStartups"; look for clients that leave logins open there, or raise MaxStartups in its sshd_config',
    ...onOddServer({ onSocket: (socket) => void socket.resume().end('Exceeded MaxStartups\r\n') }),
  },
  {
    fault: 'offers no key exchange but group exchange, which vsweep does not take',
    ...SSH,
    ssh: 'failed(banner)',
    message:
      'ssh: …: the host and vsweep have no key exchange algorithm in common: the host offers diffie-hellman-group-exchange-sha256; allow one of ecdh-sha2-nistp256, … in KexAlgorithms of its sshd_config',
    ...onOddServer({ algorithms: { kex: ['diffie-hellman-group-exchange-sha256'] } }),
  },
  {
    fault: 'wrong password',
    ...REFUSED,
    ssh: 'failed(auth)',
    message:
      "ssh: …: the host refused the keyboard-interactive login; check the user name, the password or key, and the account's shell access",
    make: onHost1('refuses-login'),
  },
  {
    fault: 'a second prompt: a new password is wanted',
    ...REFUSED,
    ssh: 'failed(auth)',
    message:
      "ssh: …: the host asks for a second secret (an expired password?); check the user name, the password or key, and the account's shell access",
    make: onHost1('second-prompt'),
  },
  {
    fault: 'silent after the password',
    ...REFUSED,
    ssh: 'failed(timeout)',
    message: 'ssh: …: the login timed out; check whether the host is overloaded',
    make: onHost1('hangs-after-password'),
  },
  {
    fault: 'cut off after the password',
    ...REFUSED,
    ssh: 'failed(auth)',
    message:
      "ssh: …: the connection ended after the credential was sent (the host closed the connection); check the user name, the password or key, and the account's shell access",
    make: onHost1('drops-after-password'),
  },
  {
    fault: 'only keys are taken, and a password is configured',
    ...SSH,
    ssh: 'failed(auth)',
    message: "ssh: …; check the user name, the password or key, and the account's shell access",
    make: onHost1('publickey'),
  },
  {
    fault: 'the host key changed',
    ...SSH,
    ssh: 'failed(hostkey)',
    remedy: '`vsweep hostkey accept`',
    message:
      'ssh: …: its ecdsa-sha2-nistp256 key SHA256:… is not the pinned one; no password was sent. If the host was reinstalled, compare and accept its new key',
    make: ({ fleet }) => fleet.esxi.rekey(fleet.addressOf(1)),
    after: forgetKey,
  },
  {
    fault: 'its host key was never accepted, and unknown keys are refused',
    vcenter: 'ok',
    ssh: 'skipped(hostkey-unknown)',
    pushed: ['vsweep_hostkeys_pinned 0'],
    exitCode: 3,
    remedy: '`vsweep hostkey accept`, or `scan --accept`',
    message:
      'its ssh host key was never accepted, so no login was tried. Compare and accept it: vsweep hostkey accept vc1 …, or all keys: vsweep hostkey scan --accept (on AWS: vsweep invoke hostkeys, then put it into esxi.hostKeys.file and deploy)',
    async make(peers) {
      await forgetKey(peers);
      await peers.fleet.configure({ hostKeys: '{ unknown: refuse }' });
    },
  },
  {
    fault: 'its pinned host key is revoked in the known_hosts file',
    vcenter: 'ok',
    ssh: 'skipped(hostkey-unknown)',
    pushed: ['vsweep_hostkeys_pinned 0'],
    exitCode: 3,
    remedy: 'a new key of the host, and `vsweep hostkey accept`',
    message:
      'its pinned ssh host key is revoked, so no login was tried. Make a new host key on the host, then compare and accept it: …',
    async make({ fleet }) {
      const endpoint = `${fleet.addressOf(1)}:${fleet.esxi.port}`;
      await using container = await fleet.open();
      const key = await container.state.hostKeys.read(endpoint, { signal: new AbortController().signal });
      await writeFile(join(fleet.folder, 'known_hosts'), `@revoked * ${key?.type} ${key?.blob}\n`);
      await fleet.configure({ hostKeys: '{ unknown: trust-first, file: known_hosts }' });
    },
  },
  {
    fault: 'hangs after the command was sent',
    ...SSH,
    ssh: 'failed(exec-timeout)',
    message: 'ssh: …: the command timed out; check whether the host is overloaded',
    make: onHost1('hangs-after-exec'),
  },
  {
    fault: 'cut off after the command was sent',
    ...SSH,
    ssh: 'failed(output)',
    message: 'ssh: …: the host closed the connection during the command',
    make: onHost1('drops-after-exec'),
  },
  {
    fault: 'sends on after the end of its output',
    ...SSH,
    ssh: 'failed(output)',
    message: 'ssh: …: the connection failed during the command (stream.push() after EOF)',
    ...onOddServer({
      onExec: (connection) => {
        for (const payload of [packet.eof(0), packet.extendedData(0, 'late')])
          sendPayload(connection, payload);
      },
    }),
  },
  {
    fault: 'answers, and does not end its session',
    ...SSH,
    ssh: 'ok',
    message: '',
    pushed: [],
    exitCode: 0,
    ...onOddServer({
      onExec: (connection, _socket, command) => {
        const said = answerServices(command);
        for (const payload of [packet.channelSuccess(0), packet.data(0, said)])
          sendPayload(connection, payload);
      },
    }),
  },
  {
    fault: 'prints garbage',
    ...SSH,
    ssh: 'failed(output)',
    message:
      "ssh: the probe services: the output cannot be parsed: none of its … characters is a line of a probe. Run on the host: /etc/init.d/hostd status, and check the account's shell",
    make: onHost1('garbage'),
  },
  {
    fault: 'prints ten megabytes',
    ...SSH,
    ssh: 'failed(output)',
    message:
      "ssh: …: the command printed more than … bytes; check that the account's shell is the default one of ESXi, and that own metrics ask for few lines",
    make: onHost1('flood'),
  },
];
