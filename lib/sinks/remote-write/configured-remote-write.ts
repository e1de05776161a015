import type { LoadedConfig } from '../../config/loaded-config.ts';
import type { CredentialReader, TokenReader } from '../../credentials/credential.ts';
import { readTokenEndpoint } from '../http/configured-endpoint.ts';
import type { HttpLinkOptions } from '../http/http-link.ts';
import { createSigV4 } from '../http/sigv4.ts';
import type { Sink } from '../sink.ts';
import { createRemoteWriteSink, type RemoteWriteDeps } from './remote-write-sink.ts';

/** The sink of the section `remoteWrite`. */
export function configuredRemoteWriteSink(
  deps: Pick<HttpLinkOptions, 'clock' | 'log' | 'random'> & {
    readonly loaded: LoadedConfig;
    readonly credentials: CredentialReader & TokenReader;
    readonly groups: RemoteWriteDeps['groups'];
    readonly seriesLists: RemoteWriteDeps['records'];
  },
): Sink | undefined {
  const { remoteWrite: section } = deps.loaded.config;
  if (section === undefined) return undefined;
  const { region, externalLabels } = section;
  const now = () => deps.clock.now();
  const signed = region === undefined ? {} : { sign: createSigV4({ service: 'aps', region, now }) };
  return createRemoteWriteSink({
    open: async (options) => ({
      ...(await readTokenEndpoint(section, deps, options)),
      ...signed,
    }),
    retry: deps,
    groups: deps.groups,
    records: deps.seriesLists,
    externalLabels,
    maxBackfillMs: section.maxBackfill,
  });
}
