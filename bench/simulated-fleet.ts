import { startDemoEsxi } from '../lib/demo/esxi-sshd.ts';
import { type DemoVcenterHost, startDemoVcenter } from '../lib/demo/vcenter/demo-vcenter.ts';

/**
 * A simulated fleet in a process of its own, so that its CPU is not the client's. One argument, a FleetOrder in JSON;
 * prints one line, a Fleet in JSON, when it listens; ends when its standard input does.
 */
export interface FleetOrder {
  readonly hosts: number;
  /** In 127.<network>.0.0/16. */
  readonly network: number;
  readonly commandDelayMs: number;
  /** Of every sshd; by default one that is free on all addresses. */
  readonly port?: number;
  /** Without, there is only the vCenter. */
  readonly withSsh: boolean;
}

export interface Fleet {
  readonly vcenter: { readonly url: string; readonly sha256: string; readonly user: string };
  readonly ssh: SshFleet;
}

export interface SshFleet {
  readonly addresses: readonly string[];
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/** As many as esxi-exporter's production chart asks for. */
export const SERVICES = ['hostd', 'nsx-opsagent', 'nsx-proxy', 'nsxa', 'ntpd', 'vpxa', 'vvold'] as const;
export const PASSWORD = 'bench-password';
const VCENTER_USER = 'vsweep@vsphere.local';

export const morefOf = (index: number): string => `host-${1_000 + index}`;
export const nameOf = (index: number): string => `esx${index + 1}.example.org`;

/** A host of the simulated vCenter that no ssh reaches; twenty are a cluster. */
export const healthyHost = (index: number): DemoVcenterHost => ({
  managementAddress: '',
  moref: morefOf(index),
  name: nameOf(index),
  cluster: `cluster-${Math.floor(index / 20)}`,
  datacenter: 'bench',
  connectionState: 'connected',
  powerState: 'poweredOn',
  inMaintenanceMode: false,
  lockdownMode: 'lockdownDisabled',
  overallStatus: 'green',
  services: [],
});

if (import.meta.main) await serve(JSON.parse(process.argv[2] ?? '{}') as FleetOrder);

async function serve({ hosts, network, commandDelayMs, port, withSsh }: FleetOrder): Promise<void> {
  const addresses = Array.from(
    { length: hosts },
    (_, i) => `127.${network}.${1 + Math.floor(i / 250)}.${1 + (i % 250)}`,
  );
  const services = Object.fromEntries(SERVICES.map((service) => [service, 'running' as const]));
  const vcenter = await startDemoVcenter({
    users: { [VCENTER_USER]: PASSWORD },
    hosts: addresses.map((managementAddress, index) => ({
      ...healthyHost(index),
      managementAddress,
      services: [...SERVICES, 'TSM-SSH'].map((key) => ({ key, running: true })),
    })),
  });
  const account = { user: 'root', password: PASSWORD };
  const esxi = withSsh
    ? await startDemoEsxi({
        ...account,
        ...(port === undefined ? {} : { port }),
        hosts: addresses.map((address) => ({ address, behaviour: 'normal', services, commandDelayMs })),
      })
    : { port: 0 };
  const fleet: Fleet = {
    vcenter: { url: vcenter.url, sha256: vcenter.sha256, user: VCENTER_USER },
    ssh: { addresses, port: esxi.port, ...account },
  };
  console.log(JSON.stringify(fleet));
  process.stdin.resume().on('end', () => process.exit(0));
}
