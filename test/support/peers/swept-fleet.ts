import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type Pushgateway, startPushgateway } from './pushgateway.ts';
import { loopbackAddresses, type Sshds, type SshdsOptions, startSshds } from './sshds.ts';
import { createTemporaryFolder } from './temporary-folder.ts';
import { startVcsim, type Vcsim } from './vcsim.ts';

export interface SweptFleetOptions
  extends Pick<SshdsOptions, 'services' | 'authorizedKeys' | 'kind'>,
    Pick<Parameters<typeof startVcsim>[0], 'clusters' | 'hostsPerCluster'> {
  /** See loopbackAddresses. */
  readonly network: number;
  /** Default 0: so many hosts in lockdown come after each host in vCenter; nobody asks them by ssh and no sshd is theirs. */
  readonly lockedAfterEach?: number;
  /** Where it is not what `HOST_PASSWORD` opens: the file that vsweep reads root's credential from. */
  readonly credential?: RootCredential;
  /** Of the fleet's only sweep. Default: overall-status and ssh-services. */
  readonly collectors?: readonly string[];
  /** Sections of vsweep.yaml that are not as usual. */
  readonly esxi?: Readonly<Record<string, unknown>>;
}

export type RootCredential = { readonly password: string } | { readonly privateKey: string };

/** A host as vCenter calls it, and the address where its sshd listens. */
export interface FleetHost {
  readonly name: string;
  readonly address: string;
}

/** A vCenter, its hosts, a Pushgateway, and the vsweep.yaml that has vsweep sweep the ones into the other. */
export interface SweptFleet extends AsyncDisposable {
  readonly hosts: readonly FleetHost[];
  readonly sshds: Sshds;
  readonly pushgateway: Pushgateway;
  /** The one that runs; throws while it is stopped. */
  readonly vcsim: Vcsim;
  stopVcenter(): Promise<void>;
  /** Brings vCenter back on the same port, with the inventory that it had at first. */
  startVcenter(): Promise<void>;
  readonly configFile: string;
  /** What vsweep reads vCenter's credential from. */
  readonly env: Readonly<Record<string, string>>;
  /** Writes the file that vsweep reads root's credential from. */
  setCredential(credential: RootCredential): Promise<void>;
  /** A second vsweep.yaml beside the first; `change` is put over its only target. */
  writeConfig(name: string, change: { target?: object; statePath?: string }): Promise<string>;
}

/** What opens every host. */
export const HOST_PASSWORD = 'right-password';
export const VCENTER = 'vc01.example.org';
export const SITE = 'qa-de-1a';

export async function startSweptFleet(options: SweptFleetOptions): Promise<SweptFleet> {
  await using resources = new AsyncDisposableStack();
  const {
    clusters = 1,
    hostsPerCluster,
    services,
    lockedAfterEach = 0,
    collectors = ['overall-status', 'ssh-services'],
  } = options;
  const hosts = loopbackAddresses(options.network, clusters * hostsPerCluster).map((address, i) => ({
    name: `esx${String(i + 1).padStart(3, '0')}.example.org`,
    address,
  }));
  const lockedAfter = ({ name }: FleetHost) =>
    Array.from({ length: lockedAfterEach }, (_, i) => `locked${i + 1}-${name}`);
  const inventory = {
    clusters,
    hostsPerCluster: hostsPerCluster * (1 + lockedAfterEach),
    names: hosts.flatMap((host) => [host.name, ...lockedAfter(host)]),
    locked: hosts.flatMap(lockedAfter),
  };
  const folder = resources.use(await createTemporaryFolder('fleet'));
  let vcsim: Vcsim | undefined = await startInventory(inventory);
  resources.defer(() => vcsim?.[Symbol.asyncDispose]());
  const { port: vcenterPort, user, password } = vcsim;
  const sshds = resources.use(
    await startSshds({
      addresses: hosts.map(({ address }) => address),
      password: HOST_PASSWORD,
      services,
      ...(options.authorizedKeys === undefined ? {} : { authorizedKeys: options.authorizedKeys }),
      ...(options.kind === undefined ? {} : { kind: options.kind }),
    }),
  );
  const pushgateway = resources.use(await startPushgateway());

  const config = {
    targets: [
      {
        name: VCENTER,
        url: vcsim.url,
        site: SITE,
        credentials: { env: 'VC' },
        tls: { sha256: [vcsim.sha256] },
      },
    ],
    esxi: {
      credentials: { file: 'root.yaml' },
      hostKeys: { unknown: 'trust-first' },
      overrides: Object.fromEntries(hosts.map(({ name, address }) => [name, `${address}:${sshds.port}`])),
      services: Object.keys(services),
      ...options.esxi,
    },
    sweeps: [{ name: 'services', every: '1m', collectors }],
    push: { url: pushgateway.url },
    state: { path: 'state' },
  };
  const writeConfig: SweptFleet['writeConfig'] = async (name, { target, statePath }) => {
    const file = join(folder.path, name);
    const targets = config.targets.map((one) => ({ ...one, ...target }));
    const state = statePath === undefined ? config.state : { path: statePath };
    await writeFile(file, stringify({ ...config, targets, state }));
    return file;
  };
  const setCredential = (credential: RootCredential) =>
    writeFile(join(folder.path, 'root.yaml'), stringify({ username: 'root', ...credential }), {
      mode: 0o600,
    });
  await setCredential(options.credential ?? { password: HOST_PASSWORD });
  const configFile = await writeConfig('vsweep.yaml', {});
  const release = resources.move();
  return {
    hosts,
    sshds,
    pushgateway,
    configFile,
    env: { VC_USER: user, VC_PASSWORD: password },
    setCredential,
    writeConfig,
    get vcsim() {
      if (vcsim === undefined) throw new Error('vCenter is stopped');
      return vcsim;
    },
    stopVcenter: async () => {
      await vcsim?.[Symbol.asyncDispose]();
      vcsim = undefined;
    },
    startVcenter: async () => {
      vcsim = await startInventory({ ...inventory, port: vcenterPort });
    },
    [Symbol.asyncDispose]: () => release.disposeAsync(),
  };
}

async function startInventory({
  locked,
  ...options
}: Parameters<typeof startVcsim>[0] & { locked: readonly string[] }): Promise<Vcsim> {
  await using resources = new AsyncDisposableStack();
  const vcsim = resources.use(await startVcsim(options));
  for (const name of locked) await vcsim.change(name, 'lockdown/lockdownNormal');
  resources.move();
  return vcsim;
}
