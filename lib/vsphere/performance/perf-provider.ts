import { VsphereReplyError } from '../errors.ts';
import { toPropertyValue } from '../property/property-value.ts';
import type { RetrievalSession } from '../property/retrieval.ts';
import type { MoRef, PropertyValue } from '../property/retrieved-object.ts';
import { booleanOf, fieldOf, integerOf, textOf } from '../property/value-fields.ts';
import { requireManager } from '../service-content.ts';
import { callForValue, callForValues } from '../soap/soap-reply.ts';
import { methodCall, reference, textElement } from '../soap/soap-request.ts';

/** PerfProviderSummary in the vSphere API: which kinds of statistics an entity has. */
export interface PerfProviderSummary {
  /** Real-time statistics: hosts and virtual machines have them. */
  readonly currentSupported: boolean;
  /** Historical statistics. */
  readonly summarySupported: boolean;
  /** The interval of real-time statistics, 20 s as a rule; undefined where there are none. */
  readonly refreshRateSeconds: number | undefined;
}

/** A metric of an entity. `instance` is empty for the whole entity, `*` in a query for every instance. */
export interface PerfMetricId {
  readonly counterId: number;
  readonly instance: string;
}

export async function queryPerfProviderSummary(
  { content, transport }: RetrievalSession,
  entity: MoRef,
  { signal }: { signal: AbortSignal },
): Promise<PerfProviderSummary> {
  const manager = requireManager(content, 'perfManager');
  const call = methodCall('QueryPerfProviderSummary', manager, reference('entity', entity));
  const element = await callForValue(transport, call, { signal });
  return toPerfProviderSummary(element === undefined ? undefined : toPropertyValue(element));
}

/** vCenter writes a refresh rate of -1 where there are no real-time statistics. */
export function toPerfProviderSummary(value: PropertyValue | undefined): PerfProviderSummary {
  const currentSupported = booleanOf(fieldOf(value, 'currentSupported'));
  const summarySupported = booleanOf(fieldOf(value, 'summarySupported'));
  if (currentSupported === undefined || summarySupported === undefined) {
    throw new VsphereReplyError('QueryPerfProviderSummary was answered without what the entity supports', {
      code: 'not-soap',
    });
  }
  const refreshRate = integerOf(fieldOf(value, 'refreshRate')) ?? -1;
  return {
    currentSupported,
    summarySupported,
    refreshRateSeconds: refreshRate > 0 ? refreshRate : undefined,
  };
}

/** What there is to ask an entity for, at one interval or, without one, at any. */
export async function queryAvailablePerfMetrics(
  { content, transport }: RetrievalSession,
  { entity, intervalSeconds }: { entity: MoRef; intervalSeconds?: number },
  { signal }: { signal: AbortSignal },
): Promise<readonly PerfMetricId[]> {
  const interval = intervalSeconds === undefined ? '' : textElement('intervalId', String(intervalSeconds));
  const call = methodCall(
    'QueryAvailablePerfMetric',
    requireManager(content, 'perfManager'),
    reference('entity', entity) + interval,
  );
  const elements = await callForValues(transport, call, { signal });
  return elements.flatMap((element) => toPerfMetricId(toPropertyValue(element)) ?? []);
}

function toPerfMetricId(value: PropertyValue | undefined): PerfMetricId | undefined {
  const counterId = integerOf(fieldOf(value, 'counterId'));
  return counterId === undefined
    ? undefined
    : { counterId, instance: textOf(fieldOf(value, 'instance')) ?? '' };
}
