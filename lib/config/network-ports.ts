import { asksBySsh } from './asks-by-ssh.ts';
import type { KnownCollectors } from './cross-checks.ts';
import { type DeployedPart, type Reader, worksAs } from './deployed-parts.ts';
import { type Endpoints, endpointsOf } from './endpoints.ts';
import type { Config } from './schema.ts';

/** As far as the network goes: without the hosts' ssh where no sweep logs in to them, so that no way to it is opened. */
export function reachingBy<Reaching extends Pick<Config, 'esxi' | 'sweeps'>>(
  config: Reaching,
  known: Pick<KnownCollectors, 'overSsh'>,
): Reaching {
  const usesSsh = config.sweeps.some((sweep) => asksBySsh(sweep, known));
  return usesSsh ? config : { ...config, esxi: undefined };
}

/** The TCP ports that each function has to reach outside of AWS, by the configuration alone. */
export function networkPorts(config: Endpoints): Record<Reader, number[]> {
  const { esxi } = config;
  const overridden = Object.values(esxi?.overrides ?? {}).flatMap(
    (address) => portOf(`ssh://${address}`) ?? [],
  );
  const ssh = esxi === undefined ? [] : [esxi.port, ...overridden];
  const portsOf = (reader: Reader) =>
    endpointsOf(config)
      .filter(({ connects }) => connects.includes(reader))
      .flatMap(({ path, url }) => (path === 'esxi' ? ssh : url === undefined ? [] : (portOf(url) ?? [])));
  return {
    // It asks hosts too: those of a small fleet, and others while no worker starts.
    sweep: sorted(portsOf('sweep')),
    'collect-batch': sorted(portsOf('collect-batch')),
    poll: sorted(portsOf('poll')),
  };
}

/** The same of a part, which may do the work of several functions. */
export function portsOfPart(part: DeployedPart, config: Endpoints): readonly number[] {
  const ports = networkPorts(config);
  return sorted(worksAs(part).flatMap((reader) => ports[reader]));
}

const sorted = (ports: readonly number[]) => [...new Set(ports)].sort((one, other) => one - other);

/** Undefined where the scheme says none. */
export function portOf(url: string): number | undefined {
  const { port, protocol } = new URL(url);
  if (port !== '') return Number(port);
  return { 'https:': 443, 'http:': 80 }[protocol];
}
