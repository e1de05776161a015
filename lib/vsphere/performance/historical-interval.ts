import type { RetrievalSession } from '../property/retrieval.ts';
import { retrieveProperty } from '../property/retrieve-property.ts';
import type { PropertyValue } from '../property/retrieved-object.ts';
import { booleanOf, fieldOf, integerOf, listOf, textOf } from '../property/value-fields.ts';
import { requireManager } from '../service-content.ts';

/** PerfInterval in the vSphere API: how often vCenter keeps a value, and for how long. */
export interface HistoricalInterval {
  readonly key: number;
  readonly name: string;
  /** What a query gives as its interval. An administrator may change the first one's. */
  readonly samplingPeriodSeconds: number;
  readonly lengthSeconds: number;
  readonly level: number | undefined;
  readonly enabled: boolean;
}

export async function readHistoricalIntervals(
  session: RetrievalSession,
  { signal }: { signal: AbortSignal },
): Promise<readonly HistoricalInterval[]> {
  const manager = requireManager(session.content, 'perfManager');
  return toHistoricalIntervals(await retrieveProperty(session, manager, 'historicalInterval', { signal }));
}

export function toHistoricalIntervals(value: PropertyValue | undefined): readonly HistoricalInterval[] {
  return listOf(value).flatMap((interval) => {
    const key = integerOf(fieldOf(interval, 'key'));
    const samplingPeriodSeconds = integerOf(fieldOf(interval, 'samplingPeriod'));
    if (key === undefined || samplingPeriodSeconds === undefined) return [];
    return {
      key,
      samplingPeriodSeconds,
      name: textOf(fieldOf(interval, 'name')) ?? '',
      lengthSeconds: integerOf(fieldOf(interval, 'length')) ?? 0,
      level: integerOf(fieldOf(interval, 'level')),
      enabled: booleanOf(fieldOf(interval, 'enabled')) ?? false,
    };
  });
}
