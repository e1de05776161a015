import type { LoadedConfig } from '../../config/loaded-config.ts';
import type { CredentialReader, TokenReader } from '../../credentials/credential.ts';
import { readTokenEndpoint } from '../http/configured-endpoint.ts';
import type { HttpLinkOptions } from '../http/http-link.ts';
import { createSigV4 } from '../http/sigv4.ts';
import type { Sink } from '../sink.ts';
import { createOtlpSink } from './otlp-sink.ts';

/** Smaller than other receivers get them: CloudWatch documents limits of one request for its other signals. */
const CLOUDWATCH = { maxBytes: 500_000, maxPoints: 1_000 };

/** The sink of the section `otlp`. */
export function configuredOtlpSink(
  deps: Pick<HttpLinkOptions, 'clock' | 'log' | 'random'> & {
    readonly loaded: LoadedConfig;
    readonly credentials: CredentialReader & TokenReader;
  },
): Sink | undefined {
  const { otlp: section } = deps.loaded.config;
  if (section === undefined) return undefined;
  const { region, headers, tokenHeader } = section;
  const now = () => deps.clock.now();
  const signed = region === undefined ? {} : { sign: createSigV4({ service: 'monitoring', region, now }) };
  return createOtlpSink({
    open: async (options) => ({
      ...(await readTokenEndpoint(section, deps, options)),
      ...(tokenHeader === undefined ? {} : { tokenHeader }),
      ...signed,
    }),
    retry: deps,
    headers,
    maxBackfillMs: section.maxBackfill,
    ...(region === undefined ? {} : CLOUDWATCH),
  });
}
