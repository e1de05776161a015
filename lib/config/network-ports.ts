import type { Config } from './schema.ts';

type FunctionName = 'sweep' | 'collect-batch' | 'poll';

/** The TCP ports that each function has to reach outside of AWS, by the configuration alone. */
export function networkPorts(
  config: Pick<Config, 'targets' | 'esxi' | 'netbox' | 'push'>,
): Record<FunctionName, number[]> {
  const targets = config.targets.map(({ url }) => portOf(url));
  const { esxi, netbox, push } = config;
  const overridden = Object.values(esxi?.overrides ?? {}).flatMap(
    (address) => /:(\d+)$/.exec(address.replace(/^\[.*\]/, ''))?.[1] ?? [],
  );
  const ssh = esxi === undefined ? [] : [esxi.port, ...overridden.map(Number)];
  return {
    sweep: sorted([
      ...targets,
      ...[netbox, push].flatMap((peer) => (peer === undefined ? [] : [portOf(peer.url)])),
    ]),
    'collect-batch': sorted([...targets, ...ssh]),
    poll: sorted(targets),
  };
}

const sorted = (ports: readonly number[]) => [...new Set(ports)].sort((one, other) => one - other);

function portOf(url: string): number {
  const { port, protocol } = new URL(url);
  if (port !== '') return Number(port);
  return protocol === 'https:' ? 443 : 80;
}
