import type { Collector } from './collector.ts';
import * as collectors from './collectors.ts';

/** Every collector there is, in the order of the names that they are exported by. */
export const COLLECTORS: readonly Collector[] = Object.values(collectors);

/** The collector of that name; undefined is for the caller to explain, who knows where the name was written. */
export function findCollector(name: string): Collector | undefined {
  return COLLECTORS.find((collector) => collector.name === name);
}
