import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startPeerProcess } from './peer-process.ts';
import { vcsimBinary } from './peer-requirements.ts';
import { createTemporaryFolder } from './temporary-folder.ts';

/** What the control port of test/peers/vcsim can do to a host. */
export type HostChange =
  | 'remove'
  | 'not-responding'
  | 'connected'
  /** The red alarm "Host error", which is then the latest event. */
  | 'alarm'
  | `overall-status/${'green' | 'yellow' | 'red' | 'gray'}`
  | `lockdown/${'lockdownDisabled' | 'lockdownNormal' | 'lockdownStrict'}`
  | `service/${string}/${'running' | 'stopped'}`
  | `option/${string}/${number}`;

export interface VcsimOptions {
  /** Default 1. */
  readonly datacenters?: number;
  /** Per datacenter; default 1. */
  readonly clusters?: number;
  readonly hostsPerCluster: number;
  /** Default 256; -1 is no limit. */
  readonly maxQueryMetrics?: number;
  /** Default 0. */
  readonly machinesPerCluster?: number;
  /** An inventory with some of everything, in the states that collectors tell apart. Default false. */
  readonly estate?: boolean;
  /** Given to the hosts in order; default is the simulator's own, as DC0_C0_H0. */
  readonly names?: readonly string[];
  readonly user?: string;
  readonly password?: string;
  /** How long it may take to make its inventory. Default a minute. */
  readonly startMs?: number;
  /** Default: any free one. Give the old one to bring back a vCenter that was stopped. */
  readonly port?: number;
}

/** A simulated vCenter: govmomi's simulator with the names, the one user and the changes of the test. */
export interface Vcsim extends AsyncDisposable {
  /** https://127.0.0.1:<port>/sdk */
  readonly url: string;
  readonly port: number;
  /** The certificate's SHA-256, as AB:CD:… */
  readonly sha256: string;
  /** The certificate as PEM, its own authority; it names 127.0.0.1. */
  readonly certificateFile: string;
  readonly user: string;
  readonly password: string;
  /** The hosts' names in the order of their creation. */
  readonly hosts: readonly string[];
  change(host: string, change: HostChange): Promise<void>;
  /** Sessions that were not logged out, unused clone tickets included; of one client, whose User-Agent begins so. */
  openSessions(userAgent?: string): Promise<number>;
  /** How many HTTP requests it was asked since it started, whoever asked. */
  requests(): Promise<number>;
}

interface ReadyLine {
  readonly url: string;
  readonly sha256: string;
  readonly control: string;
  readonly hosts: readonly string[];
}

export async function startVcsim(options: VcsimOptions): Promise<Vcsim> {
  await using resources = new AsyncDisposableStack();
  const folder = resources.use(await createTemporaryFolder('vcsim'));
  const namesFile = join(folder.path, 'names');
  const certificateFile = join(folder.path, 'certificate.pem');
  const user = options.user ?? 'administrator@vsphere.local';
  const password = options.password ?? 'vcsim-password';
  await writeFile(namesFile, (options.names ?? []).map((name) => `${name}\n`).join(''));
  const child = resources.use(
    startPeerProcess('vcsim', [
      vcsimBinary,
      `-listen=127.0.0.1:${options.port ?? 0}`,
      `-dc=${options.datacenters ?? 1}`,
      `-cluster=${options.clusters ?? 1}`,
      `-host=${options.hostsPerCluster}`,
      `-max-query-metrics=${options.maxQueryMetrics ?? 256}`,
      `-vm=${options.machinesPerCluster ?? 0}`,
      `-estate=${options.estate ?? false}`,
      `-names=${namesFile}`,
      `-user=${user}`,
      `-password=${password}`,
      `-cert-out=${certificateFile}`,
    ]),
  );
  const { control, ...ready } = JSON.parse(
    await child.nextLine({ timeoutMs: options.startMs ?? 60_000 }),
  ) as ReadyLine;
  const release = resources.move();
  return {
    ...ready,
    port: Number(new URL(ready.url).port),
    certificateFile,
    user,
    password,
    change: async (host, change) => {
      const url = `${control}/host/${encodeURIComponent(host)}/${change}`;
      const response = await fetch(url, { method: 'POST', signal: AbortSignal.timeout(10_000) });
      if (!response.ok) throw new Error(`vcsim, ${change} of ${host}: ${(await response.text()).trim()}`);
    },
    openSessions: async (userAgent = '') => {
      const query = new URLSearchParams({ agent: userAgent });
      return (await read<{ open: number }>(`${control}/sessions?${query}`)).open;
    },
    requests: async () => (await read<{ asked: number }>(`${control}/requests`)).asked,
    [Symbol.asyncDispose]: () => release.disposeAsync(),
  };
}

async function read<T>(url: string): Promise<T> {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  return (await response.json()) as T;
}
