import { answer, type Gateway, startGateway } from '../test/integration/sinks/gateway.ts';
import { type Aws, startAws } from '../test/support/lambda/aws.ts';
import type { DeployedFunction } from '../test/support/lambda/lambda-service.ts';
import { scheduleTimes } from '../test/support/lambda/schedule-times.ts';
import { startSimulatedFleet } from './processes.ts';
import { type Fleet, PASSWORD, SERVICES } from './simulated-fleet.ts';

/** Hosts of one vCenter, in a process of their own. */
const TARGET_HOSTS = 1_000;
/** The fleets are in 127.<network>.0.0/16, from here on. */
const FIRST_NETWORK = 130;
const SWEEP_NAME = 'services';

export interface ScaleOrder {
  readonly hosts: number;
  /** What a host waits before it answers the probe. */
  readonly waitMs: number;
  readonly maxConcurrentBatches: number;
  readonly inlineBelowHosts: number;
  readonly sweep: Partial<DeployedFunction>;
  readonly worker: Partial<DeployedFunction>;
}

/** vsweep deployed on this machine, and fleets to sweep, each in a process of its own. */
export interface ScaleEstate extends AsyncDisposable {
  readonly aws: Aws;
  readonly gateway: Gateway;
  /** A run that a schedule asks for. */
  sweepNext(): ReturnType<Aws['sweep']>;
}

export async function startScaleEstate(order: ScaleOrder): Promise<ScaleEstate> {
  await using starting = new AsyncDisposableStack();
  const fleets: Fleet[] = [];
  for (let rest = order.hosts; rest > 0; rest -= TARGET_HOSTS) {
    const port = fleets[0]?.ssh.port;
    const simulated = await startSimulatedFleet({
      hosts: Math.min(TARGET_HOSTS, rest),
      network: FIRST_NETWORK + fleets.length,
      commandDelayMs: order.waitMs,
      withSsh: true,
      ...(port === undefined ? {} : { port }),
    });
    starting.use(simulated);
    fleets.push(simulated.fleet);
  }
  const gateway = starting.use(await startGateway([answer(200)]));
  const aws = starting.use(
    await startAws({
      ...deploymentOf(fleets, gateway.url, order),
      ...order,
      accountConcurrency: order.maxConcurrentBatches + 1,
    }),
  );
  const nextTime = scheduleTimes();
  const resources = starting.move();
  return {
    aws,
    gateway,
    sweepNext() {
      return aws.sweep({ sweep: SWEEP_NAME, scheduledAt: nextTime() });
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** The longest interval: of a machine that is slower than Lambda only the time is asked for that it needs. */
const LONGEST = '15m';

function deploymentOf(fleets: readonly Fleet[], gateway: string, order: ScaleOrder) {
  const secretOf = (index: number) => `vsweep/vc${index}`;
  const account = (username: string) => ({ username, password: PASSWORD });
  const { maxConcurrentBatches, inlineBelowHosts } = order;
  const [{ ssh }] = fleets as readonly [Fleet];
  return {
    config: {
      targets: fleets.map(({ vcenter }, index) => ({
        name: `vc${index}.example.org`,
        url: vcenter.url,
        site: 'bench-1a',
        credentials: { secret: secretOf(index) },
        tls: { sha256: [vcenter.sha256] },
      })),
      esxi: {
        credentials: { secret: 'vsweep/esxi' },
        hostKeys: { unknown: 'trust-first' },
        services: SERVICES,
        address: 'management-ip',
        port: ssh.port,
      },
      sweeps: [
        { name: SWEEP_NAME, every: LONGEST, collectors: ['overall-status', 'host-services', 'ssh-services'] },
      ],
      push: { url: gateway, credentials: { secret: 'vsweep/push' } },
      aws: { maxConcurrentBatches, inlineBelowHosts },
    },
    secrets: {
      ...Object.fromEntries(fleets.map(({ vcenter }, index) => [secretOf(index), account(vcenter.user)])),
      'vsweep/esxi': account(ssh.user),
      'vsweep/push': account('vsweep'),
    },
  };
}
