import type { Family } from '../../../metrics/family.ts';
import type { GroupRecord, GroupRecords } from '../../../sinks/pushgateway/group-records.ts';
import { partsOf } from '../../../sinks/pushgateway/split.ts';
import type { RemoteWriteDeps } from '../../../sinks/remote-write/remote-write-sink.ts';
import type { Group, RunSeries, Sink } from '../../../sinks/sink.ts';

/** The group of a probe, which no run has: what is left of one that was killed is replaced and deleted by the next. */
const PROBE_GROUP = { job: 'vsweep_doctor', instance: 'probe' } as const;

const PROBE: Family = {
  definition: {
    name: 'vsweep_doctor_probe',
    help: '1: written by vsweep doctor to see that a destination takes series',
    labels: [],
  },
  samples: [{ metric: 'vsweep_doctor_probe', labels: [], value: 1 }],
};

/** A probe that its destination still has after this is as old as a series of a run that ended. */
const VALID_MS = 60_000;

/** `deleted`: or marked as ended, where nothing is deleted. `kept`: there is no way to do either, so the series ends by staleness. */
export type ProbeOutcome = 'deleted' | 'kept';

/**
 * Delivers one series as a run does, and has it forgotten. A delivery that failed may have landed without its answer, so it is
 * forgotten after that, too. Rejects as the sink does.
 */
export async function probeSink(
  sink: Pick<Sink, 'deliver' | 'forget'>,
  { now, signal }: { now: number; signal: AbortSignal },
): Promise<ProbeOutcome> {
  const series: RunSeries = { group: PROBE_GROUP, families: [PROBE], validUntil: now + VALID_MS };
  try {
    await sink.deliver(series, { signal, holdsLease: async () => true });
  } catch (error) {
    await sink.forget(PROBE_GROUP, { signal }).catch(() => undefined);
    throw error;
  }
  return (await sink.forget(PROBE_GROUP, { signal })) ? 'deleted' : 'kept';
}

/** What sinks keep of groups, as it is of a probe: for as long as it takes, so that nothing is left that no run would delete. */
export function createProbeRecords(): {
  readonly groups: GroupRecords;
  readonly seriesLists: RemoteWriteDeps['records'];
} {
  const lists = new Map<string, unknown>();
  const keyOf = ({ job, instance }: Group) => JSON.stringify([job, instance]);
  const whole = async (): Promise<GroupRecord> => ({ split: 1, parts: partsOf(1) });
  return {
    groups: { record: whole, change: async () => undefined, read: whole },
    seriesLists: {
      async read(group, schema) {
        const list = lists.get(keyOf(group));
        return list === undefined ? undefined : schema.parse(list);
      },
      async write(group, list) {
        lists.set(keyOf(group), list);
      },
      async remove(group) {
        lists.delete(keyOf(group));
      },
    },
  };
}
