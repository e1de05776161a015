import { type DemoEsxi, startDemoEsxi } from '../../../lib/demo/esxi-sshd.ts';
import { DEMO_SERVICES, type DemoHost } from '../../../lib/demo/fleet.ts';
import { type DemoVcenter, startDemoVcenter } from '../../../lib/demo/vcenter/demo-vcenter.ts';
import type { DemoEstate as Machines } from '../../../lib/demo/vcenter/estate.ts';
import { type Answer, answer, type Gateway, startGateway } from '../../integration/sinks/gateway.ts';
import { type Aws, type AwsOptions, type BatchSettings, type Reply, startAws } from './aws.ts';
import type { Invocation } from './lambda-service.ts';
import { scheduleTimes } from './schedule-times.ts';

export const ESTATE_SWEEP = 'services';
export const SECRETS = {
  vcenter: (target: string) => `vsweep/${target}`,
  esxi: 'vsweep/esxi',
  push: 'vsweep/push',
  netbox: 'vsweep/netbox',
};
/** Whatever of these turns up outside of Secrets Manager has leaked. */
export const PASSWORDS = {
  vcenter: 'Leak1-vcenter',
  esxi: 'Leak2-esxi',
  push: 'Leak3-push',
  netbox: 'Leak4-netbox',
};
export const ESXI_USER = 'vsweep-esxi';
const VCENTER_ACCOUNT = { username: 'vsweep@vsphere.local', password: PASSWORDS.vcenter };

/** By id. */
export const demoSecrets = (targets: readonly string[]): Record<string, object> => ({
  ...Object.fromEntries(targets.map((name) => [SECRETS.vcenter(name), VCENTER_ACCOUNT])),
  [SECRETS.esxi]: { username: ESXI_USER, password: PASSWORDS.esxi },
  [SECRETS.push]: { username: 'vsweep', password: PASSWORDS.push },
  [SECRETS.netbox]: { token: PASSWORDS.netbox },
});

export interface EstateOptions extends Pick<AwsOptions, 'sweep' | 'worker' | 'poll' | 'accountConcurrency'> {
  /** By target. */
  readonly targets: Readonly<Record<string, readonly DemoHost[]>>;
  /** The interval of the sweep; five minutes when left out: a run ends when it is done. */
  readonly every?: string;
  /** The section `aws` of the configuration. */
  readonly limits?: BatchSettings;
  /** The url of a NetBox to ask. */
  readonly netbox?: string;
  /** What else than hosts each vCenter has. */
  readonly machines?: Machines;
  /** The hosts accept this key too: a line as in authorized_keys. */
  readonly esxiPublicKey?: string;
  /** Seconds that a host may take to connect, for its login and for its command: no longer than something hangs. */
  readonly sshSeconds?: number;
  /** The section `metrics` of the configuration. */
  readonly metrics?: object;
  /** What the gateway does with each request; it takes everything by default. */
  readonly onPush?: Answer;
}

/** Simulated vCenters and ESXi hosts, a gateway, and vsweep deployed to sweep the ones into the other. */
export interface DemoEstate extends AsyncDisposable {
  readonly aws: Aws;
  /** What is deployed: vsweep.yaml, no longer text. */
  readonly config: ReturnType<typeof estateConfig>;
  /** By target. */
  readonly vcenters: Readonly<Record<string, DemoVcenter>>;
  readonly esxi: DemoEsxi;
  readonly gateway: Gateway;
  /** A run that a schedule asks for, at a time that is later than those before. */
  sweepNext(event?: { target?: string }, type?: Invocation['type']): Promise<Reply>;
  /** As if the run before had found out that a batch may have so many hosts: the next one asks no more by one worker. */
  askInBatchesOf(size: number, target: string): Promise<void>;
}

export async function startDemoEstate({
  targets,
  limits,
  every = '5m',
  netbox,
  machines,
  esxiPublicKey,
  onPush = answer(200),
  sshSeconds = 30,
  metrics,
  ...functions
}: EstateOptions): Promise<DemoEstate> {
  await using starting = new AsyncDisposableStack();
  const dialled = Object.values(targets).flatMap((hosts) => hosts.filter(({ address }) => address !== ''));
  const esxi = starting.use(
    await startDemoEsxi({
      hosts: dialled,
      user: ESXI_USER,
      password: PASSWORDS.esxi,
      ...(esxiPublicKey === undefined ? {} : { publicKey: esxiPublicKey }),
    }),
  );
  const gateway = starting.use(await startGateway([onPush]));
  const vcenters: Record<string, DemoVcenter> = {};
  for (const [name, hosts] of Object.entries(targets)) {
    const users = { [VCENTER_ACCOUNT.username]: VCENTER_ACCOUNT.password };
    vcenters[name] = starting.use(
      await startDemoVcenter({
        users,
        hosts: hosts.map(({ vcenter }) => vcenter),
        ...(machines === undefined ? {} : { estate: machines }),
      }),
    );
  }
  const config = estateConfig(vcenters, {
    dialled,
    port: esxi.port,
    gateway: gateway.url,
    every,
    sshSeconds,
  });
  const aws = starting.use(
    await startAws({
      ...functions,
      config: {
        ...config,
        ...(limits === undefined ? {} : { aws: limits }),
        ...(netbox === undefined ? {} : { netbox: netboxSection(netbox) }),
        ...(metrics === undefined ? {} : { metrics }),
      },
      secrets: demoSecrets(Object.keys(targets)),
    }),
  );
  const nextTime = scheduleTimes();
  const resources = starting.move();
  return {
    aws,
    config,
    vcenters,
    esxi,
    gateway,
    sweepNext(event = {}, type = 'RequestResponse') {
      return aws.sweep({ sweep: ESTATE_SWEEP, scheduledAt: nextTime(), ...event }, type);
    },
    async askInBatchesOf(maxBatchHosts, target) {
      const { runs } = aws.dynamodb.state;
      const last = await runs.readLast(ESTATE_SWEEP, target, running);
      if (last === undefined) throw new RangeError(`there was no run on ${target} yet`);
      await runs.writeLast(ESTATE_SWEEP, target, { ...last, maxBatchHosts }, running);
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

const running = { signal: new AbortController().signal };

const netboxSection = (url: string) => ({ url, token: { secret: SECRETS.netbox }, cacheMinutes: 1 });

function estateConfig(
  vcenters: Readonly<Record<string, DemoVcenter>>,
  hosts: {
    dialled: readonly DemoHost[];
    port: number;
    gateway: string;
    every: string;
    sshSeconds: number;
  },
) {
  return {
    targets: Object.entries(vcenters).map(([name, { url, sha256 }]) => ({
      name,
      url,
      site: 'demo-1a',
      credentials: { secret: SECRETS.vcenter(name) },
      tls: { sha256: [sha256] },
    })),
    esxi: {
      credentials: { secret: SECRETS.esxi },
      hostKeys: { unknown: 'trust-first' },
      services: DEMO_SERVICES,
      timeouts: {
        connectSeconds: hosts.sshSeconds,
        loginSeconds: hosts.sshSeconds,
        commandSeconds: hosts.sshSeconds,
      },
      overrides: Object.fromEntries(
        hosts.dialled.map(({ name, address }) => [name, `${address}:${hosts.port}`]),
      ),
    },
    sweeps: [
      {
        name: ESTATE_SWEEP,
        every: hosts.every,
        collectors: ['overall-status', 'host-services', 'ssh-services'],
      },
    ],
    push: { url: hosts.gateway, credentials: { secret: SECRETS.push } },
  };
}
