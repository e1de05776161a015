import { targetsOfSweep } from '../config/cross-checks.ts';
import type { LoadedConfig } from '../config/loaded-config.ts';
import type { TlsConfig } from '../config/schema.ts';
import { loadConfig } from './load-config.ts';
import { statePathOf } from './open-state.ts';
import { DEFAULT_LISTEN } from './run.ts';
import { print } from './terminal.ts';

/** `vsweep config check`: says what the configuration means, or every fault in it. */
export async function configCheckCommand(options: { config: string }): Promise<number> {
  const loaded = await loadConfig(options.config);
  print([`${options.config}: ok`, ...describeConfig(loaded, process.env)].join('\n'));
  return 0;
}

/** What a command would do with it, a line each: defaults are written out. */
export function describeConfig(
  loaded: LoadedConfig,
  env: Readonly<Record<string, string | undefined>>,
): string[] {
  const { config } = loaded;
  const targets = config.targets.map(
    ({ name, url, tls }) => `    ${name}: ${url}, ${describeTrust(url, tls)}`,
  );
  const sweeps = config.sweeps.map((sweep) => {
    const swept = printCount(targetsOfSweep(sweep, config).length, 'target');
    return `  sweep ${sweep.name}: every ${sweep.everyMs / 1_000} s, ${swept}, ${sweep.collectors.join(', ')}`;
  });
  const { push } = config;
  const { host, port } = config.exporter?.listen ?? DEFAULT_LISTEN;
  const listen = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return [
    `  ${printCount(targets.length, 'target')}`,
    ...targets,
    ...sweeps,
    push === undefined
      ? '  push: none is configured'
      : `  push: ${push.url}, ${describeTrust(push.url, push.tls)}`,
    `  "run" serves http://${listen}/metrics`,
    `  state: ${statePathOf(loaded, env)}`,
  ];
}

const printCount = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;

function describeTrust(url: string, tls: TlsConfig | undefined): string {
  if (url.startsWith('http:')) return 'without TLS';
  if (tls === undefined) return 'certificates by the issuers of Node and the system';
  return 'ca' in tls ? `certificates by the issuers in ${tls.ca}` : printCount(tls.sha256.length, 'pin');
}
