import { likelyRegion } from './aws-regions.ts';
import { endpointsOf } from './endpoints.ts';
import type { ConfigIssue } from './errors.ts';
import { misspeltService } from './known-services.ts';
import { isLoopbackHost } from './loopback.ts';
import type { Config } from './schema.ts';
import { unreplacedVariables } from './unreplaced-variables.ts';

/** What is allowed in a configuration and was hardly meant, with the paths of its places. */
export const warningsOf = (
  config: Pick<Config, 'targets'> & Partial<Pick<Config, 'remoteWrite' | 'otlp' | 'esxi'>>,
): ConfigIssue[] => [
  ...sharedUrls(config),
  ...unlikelySdks(config),
  ...unreplacedVariables(config),
  ...unlikelyPaths(config),
  ...unlikelyPorts(config),
  ...unlikelyRegions(config),
  ...unlikelyServices(config),
];

/** What others of the network can read or ask: allowed, and not always known to who wrote it. */
export const exposuresOf = (
  config: Parameters<typeof endpointsOf>[0] & Pick<Config, 'exporter'>,
): ConfigIssue[] => [...secretsWithoutTls(config), ...openExporter(config)];

/** Two targets that are one server: its objects are counted twice, and its account is logged in by both. */
function sharedUrls({ targets }: Pick<Config, 'targets'>): ConfigIssue[] {
  const first = new Map<string, string>();
  return targets.flatMap(({ name, url, credentials }, index) => {
    if (credentials === undefined) return [];
    const other = first.get(url);
    if (other === undefined) {
      first.set(url, name);
      return [];
    }
    const message =
      `asks ${url}, as target "${other}" does, so that all its objects are counted twice. Correct the url, or leave ` +
      `the target out and write aliases: [${name}] at "${other}"`;
    return [{ path: `targets[${index}].url`, message }];
  });
}

/** What a browser shows of a vCenter is not where its clients ask. */
function unlikelySdks({ targets }: Pick<Config, 'targets'>): ConfigIssue[] {
  return targets.flatMap(({ url, credentials }, index) => {
    const { origin, pathname } = new URL(url);
    if (credentials === undefined || /\/sdk(?:\/vimService)?\/?$/i.test(pathname)) return [];
    const before = BROWSED.exec(pathname)?.[1] ?? '';
    const message = `ends in ${pathname}, and vCenter and ESXi answer at /sdk. Write ${origin}${before}/sdk`;
    return [{ path: `targets[${index}].url`, message }];
  });
}

/** Behind what a proxy may have before it. */
const BROWSED = /^(.*)\/(?:ui|vsphere-client|mob|api|rest)\/?$/i;

/** Receivers of remote write have a path of their own; at none there is only a web page. */
function unlikelyPaths({ remoteWrite }: Partial<Pick<Config, 'remoteWrite'>>): ConfigIssue[] {
  if (remoteWrite === undefined) return [];
  const { origin, pathname } = new URL(remoteWrite.url);
  const path = 'remoteWrite.url';
  if (pathname === '/') {
    const message =
      `has no path, and no known receiver takes samples there. Write ${origin}/api/v1/write for Prometheus and ` +
      `VictoriaMetrics, ${origin}/api/v1/push for Mimir`;
    return [{ path, message }];
  }
  const written = pathname.replace(/\/read\/?$/, '/write');
  if (written === pathname) return [];
  return [{ path, message: `is where Prometheus reads. Write ${origin}${written}` }];
}

/** https://opentelemetry.io/docs/specs/otlp/#otlphttp-default-port: 4317 is gRPC's. */
function unlikelyPorts({ otlp }: Partial<Pick<Config, 'otlp'>>): ConfigIssue[] {
  if (otlp === undefined) return [];
  const { port, protocol, hostname, origin, pathname } = new URL(otlp.url);
  const path = 'otlp.url';
  if (port === '4317') {
    const message = `4317 is the port of OTLP over gRPC, and vsweep sends OTLP over HTTP. Write ${protocol}//${hostname}:4318`;
    return [{ path, message }];
  }
  const receiver = OTLP_PATHS.get(port);
  if (receiver === undefined || pathname !== '/') return [];
  const message = `has no path, and ${port} is the port of ${receiver.of}, which takes no OTLP there. Write ${origin}${receiver.path}`;
  return [{ path, message }];
}

/** Receivers that take OTLP below a path, by the port that each has by default; a collector (4318) takes it at none. */
const OTLP_PATHS: ReadonlyMap<string, { readonly of: string; readonly path: string }> = new Map([
  ['9090', { of: 'Prometheus', path: '/api/v1/otlp' }],
  ['8428', { of: 'VictoriaMetrics', path: '/opentelemetry' }],
  ['9009', { of: 'Mimir', path: '/otlp' }],
]);

/** A region has an address of its own, and that of a misspelt one does not exist. */
function unlikelyRegions({
  otlp,
  remoteWrite,
}: Partial<Pick<Config, 'otlp' | 'remoteWrite'>>): ConfigIssue[] {
  const named = [
    { path: 'otlp.region', region: otlp?.region },
    { path: 'remoteWrite.workspaceArn', region: remoteWrite?.workspaceArn?.split(':')[3] },
  ];
  return named.flatMap(({ path, region }) => {
    const likely = region && likelyRegion(region);
    if (likely === undefined || likely === '') return [];
    return [{ path, message: `vsweep knows no region ${region}; did you mean ${likely}?` }];
  });
}

/** Of a service that no host has, each host would say that it is stopped. */
const unlikelyServices = ({ esxi }: Partial<Pick<Config, 'esxi'>>): ConfigIssue[] =>
  (esxi?.services ?? []).flatMap((asked, index) => {
    const message = misspeltService(typeof asked === 'string' ? asked : asked.name);
    return message === undefined ? [] : [{ path: `esxi.services[${index}]`, message }];
  });

function secretsWithoutTls(config: Parameters<typeof endpointsOf>[0]): ConfigIssue[] {
  return endpointsOf(config).flatMap(({ path, url, credential }) => {
    if (credential === undefined || url === undefined) return [];
    const { protocol, hostname } = new URL(url);
    if (protocol !== 'http:' || isLoopbackHost(hostname)) return [];
    const what = credential.path.endsWith('.token') ? 'token' : 'password';
    const message = `the ${what} is sent without TLS: everybody on the way can read it. Write an https url, or leave ${credential.path} out`;
    return [{ path: `${path}.url`, message }];
  });
}

function openExporter({ exporter }: Pick<Config, 'exporter'>): ConfigIssue[] {
  if (exporter === undefined || isLoopbackHost(exporter.listen.host)) return [];
  const message =
    'whoever reaches this address reads /metrics: it has no password and no TLS. Write an address that only Prometheus ' +
    'reaches, such as 127.0.0.1, or let only Prometheus in by a firewall';
  return [{ path: 'exporter.listen', message }];
}
