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
