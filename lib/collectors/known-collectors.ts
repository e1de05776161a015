import { COLLECTORS } from './registry.ts';

/** What the check of a configuration has to know of the collectors. */
export const KNOWN_COLLECTORS = {
  names: COLLECTORS.map(({ name }) => name),
  overVcenter: COLLECTORS.filter(({ needs }) => needs.properties.length > 0).map(({ name }) => name),
  overSsh: COLLECTORS.filter(({ needs }) => needs.probes.length > 0).map(({ name }) => name),
};
