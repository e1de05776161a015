import type { Collector } from './collector.ts';
import { hostServices } from './host-services.ts';
import { overallStatus } from './overall-status.ts';
import { sshServices } from './ssh-services.ts';

/** Every collector there is. A new one is a file of its name in this folder and an entry here: docs/adding-a-collector.md. */
export const COLLECTORS: readonly Collector[] = [overallStatus, hostServices, sshServices];

/** The collector of that name; undefined is for the caller to explain, who knows where the name was written. */
export function findCollector(name: string): Collector | undefined {
  return COLLECTORS.find((collector) => collector.name === name);
}
