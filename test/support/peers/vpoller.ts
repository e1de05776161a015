import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { askVpoller } from './ask-vpoller.ts';
import { freePort } from './free-port.ts';
import { type PeerProcess, startPeerProcess } from './peer-process.ts';
import { peerPython } from './peer-requirements.ts';
import { createTemporaryFolder } from './temporary-folder.ts';
import type { Vcsim } from './vcsim.ts';

const run = promisify(execFile);
const WORKER = resolve(import.meta.dirname, '../../peers/python/vpoller_worker.py');
const programs = dirname(peerPython);
/** `vpoller-client`, unmodified. */
export const vpollerClient = join(programs, 'vpoller-client');

/** vPoller itself: its proxy and its worker. */
export interface Vpoller extends AsyncDisposable {
  /** Of the proxy, where clients ask. */
  readonly endpoint: string;
  readonly processes: readonly PeerProcess[];
}

export interface VpollerOptions {
  /** Its cache of the names that it was asked for; off is its default. */
  readonly isCaching?: boolean;
  /** Worker processes, each of which answers one request at a time; vPoller's default is one a processor. */
  readonly workers?: number;
}

/** What vPoller calls the agent of a vCenter, the `hostname` of its requests: it dials that name. */
export const agentOf = ({ port }: Vcsim): string => `127.0.0.1:${port}`;

export async function startVpoller(vcsim: Vcsim, options: VpollerOptions = {}): Promise<Vpoller> {
  await using opening = new AsyncDisposableStack();
  const folder = opening.use(await createTemporaryFolder('vpoller'));
  const database = join(folder.path, 'vconnector.db');
  await writeDatabase(database, vcsim);
  const [frontend, backend, proxy, worker] = (await Promise.all([0, 1, 2, 3].map(() => freePort()))).map(
    (port) => `tcp://127.0.0.1:${port}`,
  ) as [string, string, string, string];
  const config = join(folder.path, 'vpoller.conf');
  await writeFile(
    config,
    `[proxy]
frontend = ${frontend}
backend = ${backend}
mgmt = ${proxy}

[worker]
db = ${database}
proxy = ${backend}
mgmt = ${worker}
helpers = vpoller.helpers.zabbix, vpoller.helpers.czabbix, vpoller.helpers.cclient
tasks = vpoller.vsphere.tasks

[cache]
enabled = ${options.isCaching === true}
maxsize = 0
ttl = 3600
housekeeping = 480
`,
  );
  const start = async (name: string, command: [string, ...string[]], manage: string, ready: string) => {
    const started = opening.use(startPeerProcess(name, command));
    await started.until('is ready', async () => started.log().includes(ready), { timeoutMs: 60_000 });
    // A signal would end the manager and leave the processes that it started.
    opening.defer(async () => {
      await askVpoller(manage, { method: 'shutdown' });
      await started.end({ timeoutMs: 20_000 });
    });
    return started;
  };
  const proxyCommand = [join(programs, 'vpoller-proxy'), '-f', config, 'start'] as [string, ...string[]];
  const workerCommand = [peerPython, WORKER, config, String(options.workers ?? 0)] as [string, ...string[]];
  const processes = [
    await start('vpoller-proxy', proxyCommand, proxy, 'Proxy process is ready'),
    await start('vpoller-worker', workerCommand, worker, 'Worker process is ready'),
  ];
  const resources = opening.move();
  return { endpoint: frontend, processes, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

async function writeDatabase(file: string, vcsim: Vcsim): Promise<void> {
  const vconnector = (...args: string[]) => run(join(programs, 'vconnector-cli'), ['-d', file, ...args]);
  const host = agentOf(vcsim);
  await vconnector('init');
  await vconnector('-H', host, '-U', vcsim.user, '-P', vcsim.password, 'add');
  await vconnector('-H', host, 'enable');
}
