import type { Reader } from './deployed-parts.ts';
import type { Config, TlsConfig } from './schema.ts';

/** Where a credential comes from; of NetBox a token. */
type Source = NonNullable<
  | Config['targets'][number]['credentials']
  | NonNullable<Config['esxi']>['credentials']
  | NonNullable<Config['netbox']>['token']
  | NonNullable<Config['push']>['credentials']
  | NonNullable<Config['victoriaMetrics']>['credentials']
  | NonNullable<Config['remoteWrite']>['credentials' | 'token']
  | NonNullable<Config['otlp']>['credentials' | 'token']
>;

/** One thing that the configuration names and that somebody connects to. Paths are those of the configuration. */
export interface Endpoint {
  /** Such as `targets[0]` or `push`. */
  readonly path: string;
  /** Absent of `esxi`: its hosts are listed by the targets. */
  readonly url?: string;
  readonly tls?: TlsConfig | undefined;
  readonly credential?: { readonly path: string; readonly source: Source };
  readonly connects: readonly Reader[];
  /** Who reads the credential: of a vCenter no worker, which gets a session and no password. */
  readonly reads: readonly Reader[];
}

/** A section that is absent has no endpoint. */
export type Endpoints = Pick<Config, 'targets' | 'esxi' | 'netbox' | 'push'> &
  Partial<Pick<Config, 'victoriaMetrics' | 'remoteWrite' | 'otlp'>>;

const ALL: readonly Reader[] = ['sweep', 'collect-batch', 'poll'];
const SWEEP: readonly Reader[] = ['sweep'];

/**
 * Every endpoint of a configuration: what checks, rights, rules of the network and warnings go over. A new section with
 * a url, a tls or a credential is a line here, a key of `Endpoints` and a member of `Source`.
 */
export function endpointsOf(config: Endpoints): Endpoint[] {
  const { targets, esxi, netbox, push, victoriaMetrics, remoteWrite, otlp } = config;
  return [
    ...targets.map((target, index) => ({
      path: `targets[${index}]`,
      url: target.url,
      tls: target.tls,
      ...credentialOf(`targets[${index}].credentials`, target.credentials),
      connects: ALL,
      reads: ['sweep', 'poll'] as const,
    })),
    ...(esxi === undefined
      ? []
      : [
          {
            path: 'esxi',
            ...credentialOf('esxi.credentials', esxi.credentials),
            connects: ['sweep', 'collect-batch'] as const,
            reads: ['sweep', 'collect-batch'] as const,
          },
        ]),
    ...toSweepOnly('netbox', netbox, credentialOf('netbox.token', netbox?.token)),
    ...toSweepOnly('push', push, credentialOf('push.credentials', push?.credentials)),
    ...toSweepOnly(
      'victoriaMetrics',
      victoriaMetrics,
      credentialOf('victoriaMetrics.credentials', victoriaMetrics?.credentials),
    ),
    ...toSweepOnly('remoteWrite', remoteWrite, oneOf('remoteWrite', remoteWrite)),
    ...toSweepOnly('otlp', otlp, oneOf('otlp', otlp)),
  ];
}

/** The credential or the token of a section that has one of them at most. */
const oneOf = (
  path: string,
  section: { credentials?: Source | undefined; token?: Source | undefined } | undefined,
): Pick<Endpoint, 'credential'> =>
  section?.token === undefined
    ? credentialOf(`${path}.credentials`, section?.credentials)
    : credentialOf(`${path}.token`, section.token);

function toSweepOnly(
  path: string,
  section: { url: string; tls?: TlsConfig | undefined } | undefined,
  credential: Pick<Endpoint, 'credential'>,
): Endpoint[] {
  if (section === undefined) return [];
  const { url, tls } = section;
  return [{ path, url, tls, ...credential, connects: SWEEP, reads: SWEEP }];
}

const credentialOf = (path: string, source: Source | undefined): Pick<Endpoint, 'credential'> =>
  source === undefined ? {} : { credential: { path, source } };

/** The secrets of Secrets Manager that the configuration names, each with the path of its name and its readers. */
export const secretsOf = (config: Endpoints): { path: string; secret: string; reads: readonly Reader[] }[] =>
  endpointsOf(config).flatMap(({ credential, reads }) =>
    credential !== undefined && 'secret' in credential.source
      ? [{ path: `${credential.path}.secret`, secret: credential.source.secret, reads }]
      : [],
  );
