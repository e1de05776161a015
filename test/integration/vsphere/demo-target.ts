import {
  type DemoVcenter,
  type DemoVcenterHost,
  type DemoVcenterOptions,
  startDemoVcenter,
} from '../../../lib/demo/vcenter/demo-vcenter.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { login, type VsphereEndpoint, type VsphereSession } from '../../../lib/vsphere/session/session.ts';

export const PROOF = { username: 'sweeper@vsphere.local', password: 'pa<ss>&"w\'ör\rd' };
export const DEPS = { clock: systemClock, log: silentLog, random: () => 0, userAgent: 'vsweep/test' };

export function demoHost(number: number, changes: Partial<DemoVcenterHost> = {}): DemoVcenterHost {
  return {
    moref: `host-${number}`,
    name: `esx${number}.example.org`,
    cluster: `cluster${number % 3}`,
    datacenter: 'dc',
    connectionState: 'connected',
    powerState: 'poweredOn',
    inMaintenanceMode: false,
    lockdownMode: 'lockdownDisabled',
    overallStatus: 'green',
    services: [
      { key: 'TSM-SSH', running: true },
      { key: 'ntpd', running: false },
    ],
    ...changes,
  };
}

export function demoHosts(count: number): DemoVcenterHost[] {
  return Array.from({ length: count }, (_, index) => demoHost(index + 1));
}

export function startTarget(options: Partial<DemoVcenterOptions> = {}): Promise<DemoVcenter> {
  return startDemoVcenter({ users: { [PROOF.username]: PROOF.password }, hosts: demoHosts(3), ...options });
}

export function endpointOf(vcenter: DemoVcenter): VsphereEndpoint {
  return { name: 'vc01', url: vcenter.url, tls: { sha256: [vcenter.sha256] } };
}

/** Far above what a test takes: a hang then fails with a name. */
export function testSignal(): AbortSignal {
  return AbortSignal.timeout(100_000);
}

export function loginTo(vcenter: DemoVcenter, signal = testSignal()): Promise<VsphereSession> {
  return login(endpointOf(vcenter), PROOF, DEPS, { signal });
}

/** What a rejected promise was rejected with. */
export async function rejectionOf(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('it was not rejected');
}

/** Polls a condition for at most two seconds. */
export async function eventually(condition: () => boolean): Promise<void> {
  const limit = AbortSignal.timeout(60_000);
  while (!condition()) await systemClock.sleep(5, { signal: limit });
}
