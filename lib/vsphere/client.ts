import { systemClock } from '../platform/clock.ts';
import { type Log, silentLog } from '../platform/log.ts';
import type { TlsTrust } from '../platform/tls.ts';
import type { EntityMetrics } from './performance/entity-metrics.ts';
import { readMaxQueryMetrics } from './performance/max-query-metrics.ts';
import { type PerfCounters, readPerfCounters } from './performance/perf-counter.ts';
import {
  type PerfMetricId,
  type PerfProviderSummary,
  queryAvailablePerfMetrics,
  queryPerfProviderSummary,
} from './performance/perf-provider.ts';
import type { HistoricalQuery, RealtimeQuery } from './performance/query-call.ts';
import type { QueryPart } from './performance/query-parts.ts';
import { queryPerf } from './performance/query-perf.ts';
import type { PropertySpec } from './property/filter-spec.ts';
import { type RetrievalRequest, retrieveObjects } from './property/retrieval.ts';
import { retrieveByView } from './property/retrieve-by-view.ts';
import { retrieveProperty } from './property/retrieve-property.ts';
import type { MoRef, PropertyValue, RetrievedObject } from './property/retrieved-object.ts';
import type { About } from './service-content.ts';
import { login, type VsphereSession } from './session/session.ts';

/**
 * What the package exports as `vsweep/vsphere`, for programs of others: one session, which only reads. docs/vsphere.md
 * says what is promised of it; whatever else is in this folder may change with any version.
 */
export type { Log } from '../platform/log.ts';
export { TlsTrustError } from '../platform/tls.ts';
export {
  VsphereConnectionError,
  VsphereFaultError,
  VsphereLoginError,
  VsphereLoginRefusedError,
  VsphereReplyError,
  VsphereUnsupportedError,
} from './errors.ts';
export type {
  About,
  EntityMetrics,
  MoRef,
  PerfCounters,
  PerfMetricId,
  PerfProviderSummary,
  PropertySpec,
  PropertyValue,
  RetrievalRequest,
  RetrievedObject,
  TlsTrust,
};

export interface ClientOptions {
  /** Of a vCenter or ESXi host, with its path: `https://vcenter.example.org/sdk`. */
  readonly url: string;
  /** Which certificates are trusted: `{ sha256: [pin] }` with what `openssl x509 -fingerprint -sha256` prints. */
  readonly tls: TlsTrust;
  readonly username: string;
  /** It goes into one call, and into no message. */
  readonly password: string;
  /** Ends the login, which has no other limit of time than silence. */
  readonly signal: AbortSignal;
  /** What messages call the endpoint. Default: the host name of `url`. */
  readonly name?: string;
  /** By it an administrator recognises the session in vCenter. Default `vsweep`. */
  readonly userAgent?: string;
  /** Is told of reads that are repeated, and of what could not be cleaned up. Default: nobody is. */
  readonly log?: Log;
}

/** Every request takes one: without a limit of time it could wait for as long as the peer sends something. */
export interface RequestOptions {
  readonly signal: AbortSignal;
}

/** Every metric is asked for of every entity. */
export type PerformanceQuery = QueryPart & (RealtimeQuery | Omit<HistoricalQuery, 'maxQueryMetrics'>);

/**
 * A session. Open it with `await using`, or dispose it in `finally`: what is left open stays in vCenter for half an
 * hour or more, and their number is limited. A session that has ended is not renewed: requests throw
 * VsphereFaultError with the fault `NotAuthenticated`.
 */
export interface VsphereClient extends AsyncDisposable {
  readonly about: About;
  readonly rootFolder: MoRef;
  /** Every object of these types and their subtypes, with these properties, while the reply streams. */
  list(specs: readonly PropertySpec[], options: RequestOptions): AsyncIterable<RetrievedObject>;
  /** Objects of one type by reference; one that no longer exists does not come. */
  retrieve(request: RetrievalRequest, options: RequestOptions): AsyncIterable<RetrievedObject>;
  /** One property; undefined if it is unset. Throws VsphereFaultError if the object is gone or may not be read. */
  property(object: MoRef, path: string, options: RequestOptions): Promise<PropertyValue | undefined>;
  /** All counters of this vCenter or host: 0.4 MB, good for this session. */
  counters(options: RequestOptions): Promise<PerfCounters>;
  providerSummary(entity: MoRef, options: RequestOptions): Promise<PerfProviderSummary>;
  /** What counters and instances an entity has, at one interval or at any. */
  availableMetrics(
    request: { readonly entity: MoRef; readonly intervalSeconds?: number },
    options: RequestOptions,
  ): Promise<readonly PerfMetricId[]>;
  /** In as many calls as vCenter takes. Each entity comes at least once, if only with why it has nothing. */
  queryPerformance(query: PerformanceQuery, options: RequestOptions): AsyncIterable<EntityMetrics>;
  /** Logs out, in 5 s at most; a second call does nothing. Unlike the disposal it throws if that fails. */
  logout(options: RequestOptions): Promise<void>;
}

/**
 * Logs in: one attempt, never repeated, because a vCenter may lock the account after a few refusals. Throws
 * VsphereLoginError; nothing is sent to a peer whose certificate is not trusted.
 */
export async function openClient({
  url,
  tls,
  username,
  password,
  signal,
  name = new URL(url).hostname,
  userAgent = 'vsweep',
  log = silentLog,
}: ClientOptions): Promise<VsphereClient> {
  const deps = { clock: systemClock, log, userAgent };
  return toClient(await login({ name, url, tls }, { username, password }, deps, { signal }));
}

function toClient(session: VsphereSession): VsphereClient {
  return {
    about: session.about,
    rootFolder: session.content.rootFolder,
    list: (specs, options) => retrieveByView(session, specs, options),
    retrieve: (request, options) => retrieveObjects(session, request, options),
    property: (object, path, options) => retrieveProperty(session, object, path, options),
    counters: (options) => readPerfCounters(session, options),
    providerSummary: (entity, options) => queryPerfProviderSummary(session, entity, options),
    availableMetrics: (request, options) => queryAvailablePerfMetrics(session, request, options),
    queryPerformance: (query, options) => queryPerformance(session, query, options),
    logout: (options) => session.logout(options),
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}

async function* queryPerformance(
  session: VsphereSession,
  query: PerformanceQuery,
  options: RequestOptions,
): AsyncGenerator<EntityMetrics, void, undefined> {
  yield* query.kind === 'realtime'
    ? queryPerf(session, query, options)
    : queryPerf(session, { ...query, maxQueryMetrics: await readMaxQueryMetrics(session, options) }, options);
}
