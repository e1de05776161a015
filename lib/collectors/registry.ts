import { HOST_SERVICES, OVERALL_STATUS, SSH_SERVICES } from '../catalogue/host.ts';
import { type Collector, collector } from './collector.ts';

/** Every collector there is. A line a collector: docs/adding-a-metric.md. */
export const COLLECTORS: readonly Collector[] = [
  collector('host-services', HOST_SERVICES),
  collector('overall-status', OVERALL_STATUS),
  collector('ssh-services', SSH_SERVICES),
];

/** The collector of that name; undefined is for the caller to explain, who knows where the name was written. */
export function findCollector(name: string): Collector | undefined {
  return COLLECTORS.find((one) => one.name === name);
}
