import type { Probe } from '../../esxi/session/probe.ts';
import { type Evaluated, NOTHING, type ReaderFacts, type Source } from '../row.ts';

/** Commands on a host, all in one session. Its needs are the names of probes. */
export const PROBE: ReaderFacts = { name: 'probe', runs: 'ask' };

/** What each probe says of a host that answered it, by its name; a probe that failed is absent. */
export type ProbeReadings = ReadonlyMap<string, unknown>;

/** What one probe says; nothing where it failed, which is counted for the collector. */
export const probed = <Reading>(
  { name }: Probe<Reading>,
  evaluate: (reading: Reading) => Evaluated,
): Source<string, ProbeReadings> => ({
  reader: PROBE,
  needs: [name],
  evaluate: (readings) => (readings.has(name) ? evaluate(readings.get(name) as Reading) : NOTHING),
});
