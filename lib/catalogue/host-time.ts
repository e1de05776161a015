import type { MetricRow } from './row.ts';
import { called } from './sources/call.ts';
import { secondsOf } from './sources/conversions.ts';

/** The answer says nothing of the clock to a second if it was under way for longer. */
const MAX_ROUND_TRIP_MS = 2_000;

/** The clocks of hosts, which each is asked for. */
export const HOST_TIME: readonly MetricRow[] = [
  {
    kind: 'host',
    preset: 'vmware_exporter',
    privilege: 'System.Read',
    labels: [],
    since: '2.5',
    name: 'vmware_host_time_offset_seconds',
    help: "Time of the host less that of vsweep's machine, in seconds; exact to a second",
    unit: 'seconds',
    source: called('QueryDateTime', ({ value, at, roundTripMs }) => {
      const time = secondsOf(value);
      if (time === undefined) return { points: [], warnings: ['QueryDateTime was answered with no time'] };
      if (roundTripMs > MAX_ROUND_TRIP_MS)
        return { points: [], warnings: ['QueryDateTime was answered too late to compare clocks'] };
      return { points: [{ labels: [], value: Math.round(time * 1_000 - at) / 1_000 }], warnings: [] };
    }),
    noSample: 'when the host answers not at all or after more than 2 s',
  },
];
