import type { KnownCollectors } from './cross-checks.ts';
import type { Config } from './schema.ts';

type FunctionName = 'sweep' | 'collect-batch' | 'poll';

/** As far as the network goes: without the hosts' ssh where no sweep logs in to them, so that no way to it is opened. */
export function reachingBy<Reaching extends Pick<Config, 'esxi' | 'sweeps'>>(
  config: Reaching,
  { overSsh }: Pick<KnownCollectors, 'overSsh'>,
): Reaching {
  const usesSsh = config.sweeps.some(({ collectors }) => collectors.some((name) => overSsh.includes(name)));
  return usesSsh ? config : { ...config, esxi: undefined };
}

/** The TCP ports that each function has to reach outside of AWS, by the configuration alone. */
export function networkPorts(
  config: Pick<Config, 'targets' | 'esxi' | 'netbox' | 'push'>,
): Record<FunctionName, number[]> {
  const targets = config.targets.flatMap(({ url }) => portOf(url) ?? []);
  const { esxi, netbox, push } = config;
  const overridden = Object.values(esxi?.overrides ?? {}).flatMap(
    (address) => /:(\d+)$/.exec(address.replace(/^\[.*\]/, ''))?.[1] ?? [],
  );
  const ssh = esxi === undefined ? [] : [esxi.port, ...overridden.map(Number)];
  return {
    // It asks hosts too: those of a small fleet, and others while no worker starts.
    sweep: sorted([
      ...targets,
      ...ssh,
      ...[netbox, push].flatMap((peer) => (peer === undefined ? [] : (portOf(peer.url) ?? []))),
    ]),
    'collect-batch': sorted([...targets, ...ssh]),
    poll: sorted(targets),
  };
}

const sorted = (ports: readonly number[]) => [...new Set(ports)].sort((one, other) => one - other);

/** Undefined where the scheme says none. */
export function portOf(url: string): number | undefined {
  const { port, protocol } = new URL(url);
  if (port !== '') return Number(port);
  return { 'https:': 443, 'http:': 80 }[protocol];
}
