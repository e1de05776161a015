import { createDemoFleet, type DemoHost } from '../../../lib/demo/fleet.ts';

const [healthy] = createDemoFleet();

const PER_THIRD_OCTET = 250;

/** Hosts without a peculiarity, at 127.<network>.1.1 and on. */
export function healthyHosts(count: number, { network }: { network: number }): DemoHost[] {
  if (healthy === undefined) throw new Error('the demo fleet is empty');
  return Array.from({ length: count }, (_, index) => {
    const name = `esx${network}-${index + 1}.example.org`;
    const moref = `host-${index + 1}`;
    return {
      ...healthy,
      name,
      address: `127.${network}.${1 + Math.floor(index / PER_THIRD_OCTET)}.${1 + (index % PER_THIRD_OCTET)}`,
      vcenter: { ...healthy.vcenter, moref, name },
    };
  });
}

/** What collect-target.ts puts into one batch at most. */
const MAX_BATCH_HOSTS = 250;

/**
 * The hosts with so many powered-off ones between them, which nobody asks by ssh, that they make `batches` batches
 * with an equal share of the hosts in each.
 */
export function spreadOverBatches(hosts: readonly DemoHost[], batches: number): DemoHost[] {
  const perHost = Math.ceil((MAX_BATCH_HOSTS * (batches - 1) + 1) / hosts.length);
  return hosts.flatMap((host, index) =>
    Array.from({ length: perHost }, (_, offset) => {
      const moref = `host-${index * perHost + offset + 1}`;
      return offset === 0 ? { ...host, vcenter: { ...host.vcenter, moref } } : poweredOff(host, moref);
    }),
  );
}

function poweredOff(host: DemoHost, moref: string): DemoHost {
  const name = `off-${moref}.example.org`;
  const ssh = 'skipped(poweredoff)';
  return {
    ...host,
    name,
    address: '',
    behaviour: 'closed',
    vcenter: { ...host.vcenter, moref, name, powerState: 'poweredOff', overallStatus: 'gray' },
    expected: { vcenter: 'ok', ssh: { first: ssh, later: ssh } },
  };
}
