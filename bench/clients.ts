import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from '../test/support/peers/peer-requirements.ts';
import { createTemporaryFolder } from '../test/support/peers/temporary-folder.ts';
import type { Measured } from './measured.ts';
import { nodeClient, runClient } from './processes.ts';
import type { Fleet } from './simulated-fleet.ts';
import type { SshOrder } from './ssh-order.ts';
import { writeSweepFolder } from './sweep-folder.ts';

/** Someone who can do the work once; a client is a new process each time. */
export interface Contestant<M = Measured> {
  readonly name: string;
  run(): Promise<M>;
}

export type Missing = { readonly name: string; readonly missing: string };
export const isMissing = (one: object): one is Missing => 'missing' in one;

const run = promisify(execFile);
const BUILD = resolve(import.meta.dirname, '../tools/build.cjs');
const CLIENTS = join(import.meta.dirname, 'clients');
const PEERS = resolve(import.meta.dirname, '../.peers');

/** Ours and peers alike have what Node compiled of them before, as every start of vsweep but its first has. */
const COMPILED = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'vsweep-bench-compiled') };

export const nodeContestant = (name: string, file: string, order: unknown): Contestant => ({
  name,
  run: () => runClient(nodeClient(file, order), COMPILED),
});

/** A client in Python, when `library` is installed for it. */
export function pythonContestant(
  name: string,
  { file, library }: { file: string; library: string },
  order: unknown,
  root = PEERS,
): Contestant | Missing {
  const installed = globSync(join(root, 'python/lib/python3*/site-packages', library)).length > 0;
  const python = installed ? findProgram(join(root, 'python/bin/python')) : undefined;
  if (python === undefined) return { name, missing: `missing: ${library}, see docs/performance.md` };
  return { name, run: () => runClient([python, join(CLIENTS, file), JSON.stringify(order)]) };
}

/** A small program of ours around govmomi, built by test/peers/install.sh. */
export function govmomi(order: unknown): Contestant | Missing {
  const program = findProgram(join(PEERS, 'bin/govmomi'));
  if (program === undefined) return { name: 'govmomi', missing: 'missing: run test/peers/install.sh' };
  return { name: 'govmomi', run: () => runClient([program, JSON.stringify(order)]) };
}

/** The last of several times in one process, by which all code is warm. */
export interface Times {
  readonly times?: number;
}

export const bareSsh2 = (order: SshOrder & Times) => nodeContestant('bare ssh2', 'bare-ssh2.ts', order);
export const vsweepSsh = (order: SshOrder) => nodeContestant('vsweep', 'vsweep-ssh.ts', order);
export const paramiko = (order: SshOrder, threads: number) =>
  pythonContestant(
    `paramiko, ${threads} threads`,
    { file: 'paramiko_client.py', library: 'paramiko' },
    { ...order, threads },
  );

export async function buildVsweep(): Promise<void> {
  await run(process.execPath, [BUILD]);
}

/** By then V8 has compiled what runs often. */
export const WARM_TIMES = 4;

/** Builds vsweep, and sweeps once for the state: the run that counts finds keys pinned and the credential proven. */
export async function wholeSweep(
  fleet: Fleet,
): Promise<Contestant & AsyncDisposable & { readonly warm: Contestant }> {
  await buildVsweep();
  const folder = await createTemporaryFolder('bench');
  await writeSweepFolder(folder.path, fleet);
  const sweep = nodeContestant('vsweep', 'sweep.ts', { folder: folder.path });
  await sweep.run();
  const warm = nodeContestant('vsweep', 'sweep.ts', { folder: folder.path, times: WARM_TIMES });
  return { ...sweep, warm, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

export function openSsh({ fleet, command }: SshOrder): Contestant | Missing {
  const name = 'OpenSSH';
  const [ssh, bash] = [findProgram('ssh'), findProgram('bash')];
  if (ssh === undefined || bash === undefined) return { name, missing: 'missing: ssh or bash' };
  const run = async () => {
    await using folder = await createTemporaryFolder('askpass');
    const askpass = join(folder.path, 'askpass');
    await writeFile(askpass, '#!/bin/sh\nprintf "%s\\n" "$BENCH_PASSWORD"\n');
    await chmod(askpass, 0o700);
    return await runClient([bash, join(CLIENTS, 'openssh.sh'), ...fleet.addresses], {
      ...process.env,
      BENCH_ASKPASS: askpass,
      BENCH_PASSWORD: fleet.password,
      BENCH_PORT: String(fleet.port),
      BENCH_USER: fleet.user,
      BENCH_COMMAND: command,
    });
  };
  return { name, run };
}
