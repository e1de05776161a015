import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import ssh2 from 'ssh2';
import type { DemoEsxcli } from '../../../lib/demo/esxi-sshd/esxcli.ts';
import { type EsxcliMode, nameOf, writeEsxcliAnswers } from '../esxi/write-esxcli-answers.ts';
import { startPeerProcess } from './peer-process.ts';
import { createTemporaryFolder } from './temporary-folder.ts';

const run = promisify(execFile);
const launcher = resolve(import.meta.dirname, '../../peers/sshd/launcher.py');
const SSHD_CONFIGS: Readonly<Record<SshdKind, string>> = {
  esxi: 'sshd_config',
  ordinary: 'sshd_config.ordinary',
};

/**
 * `hung` never answers, `hung-child` waits for a child that never ends; a script that is `absent` is not in the host's
 * /etc/init.d.
 */
export type ServiceState = 'running' | 'stopped' | 'hung' | 'hung-child' | 'absent';

/** `hang-banner` accepts the connection and stays silent; `slow-command` waits before each command. */
export type SshdMode =
  | { readonly mode: 'normal' | 'refuse-connection' | 'hang-banner' }
  | { readonly mode: 'slow-command'; readonly seconds: number };

/** `ordinary`: an OpenSSH with plain password logins, an Ed25519 host key and its own algorithms, not ESXi's. */
export type SshdKind = 'esxi' | 'ordinary';

export interface SshdsOptions {
  /** Default: `esxi`. */
  readonly kind?: SshdKind;
  /** Commands that no host has; then it has nothing but busybox's other applets. Default: none is missing. */
  readonly lacks?: readonly string[];
  /** In 127.0.0.0/8: each one is a host. */
  readonly addresses: readonly string[];
  /** root's password on every host. */
  readonly password: string;
  /** What every host has in /etc/init.d at first. */
  readonly services: Readonly<Record<string, ServiceState>>;
  /** OpenSSH public keys that may log in as root. */
  readonly authorizedKeys?: readonly string[];
  /** Default: any that is free on all addresses. */
  readonly port?: number;
}

/**
 * ESXi-like hosts behind OpenSSH: keyboard-interactive and public keys, ESXi's algorithms, busybox ash, and a lockout
 * of its own for each host after five refusals, which only a success resets. Changes hold from the next connection.
 */
export interface Sshds extends AsyncDisposable {
  readonly port: number;
  readonly user: 'root';
  setService(address: string, service: string, state: ServiceState): Promise<void>;
  setMode(address: string, mode: SshdMode): Promise<void>;
  /** From then on the host has esxcli and localcli; commands that were set before keep their answers. */
  setEsxcli(address: string, answers: DemoEsxcli['answers'], mode?: EsxcliMode): Promise<void>;
  /** A command of esxcli, by its words, that prints without end. */
  floodEsxcli(address: string, words: string): Promise<void>;
  setPassword(address: string, password: string): Promise<void>;
  /** New ECDSA and Ed25519 keys, as after a reinstallation; the RSA key, which all hosts share, stays. */
  renewHostKey(address: string): Promise<void>;
  /** How many refusals the host holds against root since its last success. */
  refusals(address: string): Promise<number>;
  /** What all sshds have logged. */
  log(): Promise<string>;
}

/** `count` addresses 127.<network>.1.1, …: give each test file a network of its own. */
export function loopbackAddresses(network: number, count: number): string[] {
  return Array.from(
    { length: count },
    (_, i) => `127.${network}.${1 + Math.floor(i / 250)}.${1 + (i % 250)}`,
  );
}

export async function startSshds(options: SshdsOptions): Promise<Sshds> {
  await using resources = new AsyncDisposableStack();
  const folder = resources.use(await createTemporaryFolder('sshds'));
  const hostFolder = (address: string) => join(folder.path, 'hosts', address);
  await writeMachine(folder.path, options, hostFolder);
  const child = resources.use(
    startPeerProcess('sshds', [
      'unshare',
      ...['--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--'],
      ...['python3', launcher, folder.path, String(options.port ?? 0), SSHD_CONFIGS[options.kind ?? 'esxi']],
      ...(options.lacks ?? []),
    ]),
  );
  const reply = async () => {
    const line = JSON.parse(await child.nextLine({ timeoutMs: 30_000 })) as { port?: number; error?: string };
    if (line.error !== undefined) throw new Error(`sshds: ${line.error}`);
    return line;
  };
  const { port = 0 } = await reply();
  let lastOrder: Promise<unknown> = Promise.resolve();
  const release = resources.move();
  return {
    port,
    user: 'root',
    setService: (address, service, state) => writeService(hostFolder(address), service, state),
    setMode: async (address, mode) => {
      const order = lastOrder.then(() => {
        child.send(JSON.stringify({ address, ...mode }));
        return reply();
      });
      lastOrder = order.catch(() => undefined);
      await order;
    },
    setEsxcli: (address, answers, mode) =>
      writeEsxcliAnswers(join(hostFolder(address), 'esxcli'), answers, mode),
    floodEsxcli: (address, words) =>
      writeFile(join(hostFolder(address), 'esxcli', `${nameOf(words)}.flood`), ''),
    setPassword: async (address, password) => writeShadow(hostFolder(address), await hashPassword(password)),
    renewHostKey: (address) => writeHostKeys(hostFolder(address)),
    refusals: (address) => readRefusals(join(hostFolder(address), 'faillock')),
    log: () => readFile(join(folder.path, 'sshd.log'), 'utf8'),
    [Symbol.asyncDispose]: () => release.disposeAsync(),
  };
}

async function writeMachine(
  folder: string,
  options: SshdsOptions,
  hostFolder: (address: string) => string,
): Promise<void> {
  const passwd = [
    'root:x:0:0:Administrator:/:/bin/sh',
    'nobody:x:65534:65534:nobody:/:/usr/sbin/nologin',
    // OpenSSH's unprivileged half.
    'sshd:x:74:65534:sshd:/run/sshd:/usr/sbin/nologin',
  ];
  await writeFile(join(folder, 'passwd'), passwd.map((line) => `${line}\n`).join(''));
  const passwordHash = await hashPassword(options.password);
  const rsaKey = ssh2.utils.generateKeyPairSync('rsa', { bits: 2048 }).private;
  const authorizedKeys = (options.authorizedKeys ?? []).map((key) => `${key}\n`).join('');
  for (const address of options.addresses) {
    const host = hostFolder(address);
    await mkdir(join(host, 'services'), { recursive: true });
    await mkdir(join(host, 'faillock'));
    await writeShadow(host, passwordHash);
    await writeHostKeys(host);
    await writeFile(join(host, 'ssh_host_rsa_key'), rsaKey, { mode: 0o600 });
    await writeFile(join(host, 'authorized_keys'), authorizedKeys, { mode: 0o600 });
    for (const [service, state] of Object.entries(options.services)) await writeService(host, service, state);
  }
  // mkdtemp made the folder private; sshd's unprivileged half and the shells need to pass through it.
  await chmod(folder, 0o755);
}

async function writeService(host: string, service: string, state: ServiceState): Promise<void> {
  const file = join(host, 'services', service);
  if (state === 'absent') await rm(file, { force: true });
  else await replaceFile(file, `${state}\n`, host);
}

/** At once, so that no connection reads a half-written file; `sameDisk` is where the new one is made. */
async function replaceFile(file: string, text: string, sameDisk: string): Promise<void> {
  const made = join(sameDisk, `new-${randomUUID()}`);
  await writeFile(made, text, { mode: 0o600 });
  await rename(made, file);
}

async function writeShadow(host: string, passwordHash: string): Promise<void> {
  const lines = [`root:${passwordHash}:19000:0:99999:7:::`, 'nobody:*:19000:0:99999:7:::'];
  await replaceFile(join(host, 'shadow'), lines.map((line) => `${line}\n`).join(''), host);
}

async function writeHostKeys(host: string): Promise<void> {
  const ecdsa = ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 });
  await replaceFile(join(host, 'ssh_host_ecdsa_key'), ecdsa.private, host);
  const ed25519 = ssh2.utils.generateKeyPairSync('ed25519');
  await replaceFile(join(host, 'ssh_host_ed25519_key'), ed25519.private, host);
}

async function hashPassword(password: string): Promise<string> {
  const hashing = run('openssl', ['passwd', '-6', '-stdin'], { timeout: 10_000 });
  hashing.child.stdin?.end(`${password}\n`);
  return (await hashing).stdout.trim();
}

/** faillock prints one line for each failure, ending in V when it still counts. */
async function readRefusals(folder: string): Promise<number> {
  const { stdout } = await run('faillock', ['--dir', folder, '--user', 'root'], { timeout: 10_000 });
  return stdout.split('\n').filter((line) => /\sV\s*$/.test(line)).length;
}
