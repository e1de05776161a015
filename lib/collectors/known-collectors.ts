import { runsBy } from './needs.ts';
import { COLLECTORS } from './registry.ts';

/** What the check of a configuration has to know of the collectors. */
export const KNOWN_COLLECTORS = {
  names: COLLECTORS.map(({ name }) => name),
  overVcenter: COLLECTORS.filter((one) => runsBy([one], 'read') || runsBy([one], 'sweep')).map(
    ({ name }) => name,
  ),
  overSsh: COLLECTORS.filter((one) => runsBy([one], 'ask')).map(({ name }) => name),
};
