import type { ServiceReading } from '../../esxi/service-reading.ts';
import { type Evaluated, NOTHING, type ReaderFacts, type Source } from '../row.ts';

/** Commands on a host, all in one session. */
export const PROBE: ReaderFacts = { name: 'probe', runs: 'ask' };

/** What each probe says of a host that answered it; a probe that failed is absent. */
export interface ProbeReading {
  /** The state of each configured service, in the order of the configuration. */
  readonly services?: readonly ServiceReading[];
}

export type ProbeName = keyof ProbeReading;

/** What one probe says; nothing where it failed, which its own outcome tells. */
export const probed = <Name extends ProbeName>(
  name: Name,
  evaluate: (reading: NonNullable<ProbeReading[Name]>) => Evaluated,
): Source<ProbeName, ProbeReading> => ({
  reader: PROBE,
  needs: [name],
  evaluate(answers) {
    const reading = answers[name];
    return reading === undefined ? NOTHING : evaluate(reading);
  },
});
