import type { LoadedConfig } from '../config/loaded-config.ts';
import type { CredentialReader, TokenReader } from '../credentials/credential.ts';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import { readEndpoint } from './http/configured-endpoint.ts';
import { configuredOtlpSink } from './otlp/configured-otlp.ts';
import { configuredPushgatewaySink } from './pushgateway/configured-client.ts';
import type { GroupRecords } from './pushgateway/group-records.ts';
import { configuredRemoteWriteSink } from './remote-write/configured-remote-write.ts';
import type { RemoteWriteDeps } from './remote-write/remote-write-sink.ts';
import type { Sink } from './sink.ts';
import { createVictoriaMetricsSink } from './victoria-metrics/victoria-metrics-sink.ts';

export interface SinkDeps {
  readonly loaded: LoadedConfig;
  readonly credentials: CredentialReader & TokenReader;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly groups: GroupRecords;
  readonly seriesLists: RemoteWriteDeps['records'];
}

/** One line a sink that a section of the configuration asks for; undefined where it does not. */
const SINKS: readonly ((deps: SinkDeps) => Sink | undefined)[] = [
  configuredPushgatewaySink,
  (deps) => {
    const section = deps.loaded.config.victoriaMetrics;
    if (section === undefined) return undefined;
    const open = (options: { signal: AbortSignal }) => readEndpoint(section, deps, options);
    return createVictoriaMetricsSink({ open, retry: deps, maxBackfillMs: section.maxBackfill });
  },
  configuredRemoteWriteSink,
  configuredOtlpSink,
];

/** The sinks that the configuration names, on one machine and on AWS alike. */
export const openConfiguredSinks = (deps: SinkDeps): Sink[] => SINKS.flatMap((open) => open(deps) ?? []);
