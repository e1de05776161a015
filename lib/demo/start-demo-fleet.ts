import { createDemoEstate } from './demo-estate.ts';
import { type DemoEsxi, startDemoEsxi } from './esxi-sshd.ts';
import { createDemoFleet, DEMO_SERVICES, type DemoHost } from './fleet.ts';
import { type DemoVcenter, startDemoVcenter } from './vcenter/demo-vcenter.ts';

export const DEMO_TARGET = 'vc-demo.example.org';
export const DEMO_SWEEP = 'services';

const VCENTER_ACCOUNT = { username: 'vsweep@vsphere.local', password: 'demo-vcenter' };
const ESXI_ACCOUNT = { username: 'vsweep', password: 'demo-esxi' };

/** The fleet, running on loopback in this process, and how to sweep it. */
export interface RunningDemoFleet extends AsyncDisposable {
  readonly hosts: readonly DemoHost[];
  readonly vcenter: DemoVcenter;
  readonly esxi: DemoEsxi;
  /** Files of a folder for `vsweep.yaml`, by name; the passwords in them are those of the demo. */
  readonly files: Readonly<Record<string, string>>;
}

/**
 * How often the fleet is swept, and how long a host may take: quick enough to be watched, or with time enough for one
 * run on a machine that has other work to do, where fleet and sweep share what is left of its processors. A run ends
 * when it is done: only `every` bounds what it may take there, a minute and a half with ten and more busy processes.
 */
const PACES = {
  watched: { every: '15s', timeouts: '{ connectSeconds: 1, loginSeconds: 2, commandSeconds: 4 }' },
  unhurried: { every: '10m', timeouts: '{ connectSeconds: 3, loginSeconds: 8, commandSeconds: 8 }' },
} as const;
type Pace = keyof typeof PACES;

export async function startDemoFleet({ pace = 'watched' }: { pace?: Pace } = {}): Promise<RunningDemoFleet> {
  const hosts = createDemoFleet();
  await using starting = new AsyncDisposableStack();
  const vcenter = starting.use(
    await startDemoVcenter({
      users: { [VCENTER_ACCOUNT.username]: VCENTER_ACCOUNT.password },
      hosts: hosts.map((host) => host.vcenter),
      estate: createDemoEstate(),
    }),
  );
  const esxi = starting.use(
    await startDemoEsxi({ hosts, user: ESXI_ACCOUNT.username, password: ESXI_ACCOUNT.password }),
  );
  const resources = starting.move();
  return {
    hosts,
    vcenter,
    esxi,
    files: {
      'vsweep.yaml': printConfig(hosts, { url: vcenter.url, sha256: vcenter.sha256, port: esxi.port, pace }),
      'vcenter.yaml': printAccount(VCENTER_ACCOUNT),
      'esxi.yaml': printAccount(ESXI_ACCOUNT),
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

function printConfig(
  hosts: readonly DemoHost[],
  at: { url: string; sha256: string; port: number; pace: Pace },
): string {
  const { every, timeouts } = PACES[at.pace];
  const overrides = hosts.map(({ name, address }) => `    ${name}: "${address}:${at.port}"`);
  return `targets:
  - name: ${DEMO_TARGET}
    url: ${at.url}
    site: demo-1a
    credentials: { file: vcenter.yaml }
    tls: { sha256: ["${at.sha256}"] }
esxi:
  credentials: { file: esxi.yaml }
  hostKeys: { unknown: trust-first }
  services: [${DEMO_SERVICES.join(', ')}]
  concurrency: 20
  timeouts: ${timeouts}
  overrides:
${overrides.join('\n')}
sweeps:
  - { name: ${DEMO_SWEEP}, every: ${every}, collectors: [overall-status, host-services, ssh-services] }
state: { path: state }
`;
}

const printAccount = ({ username, password }: { username: string; password: string }) =>
  `username: ${username}\npassword: ${password}\n`;
