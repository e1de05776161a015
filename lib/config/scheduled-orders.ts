import { targetsOfSweep } from './cross-checks.ts';
import type { Config, SweepConfig } from './schema.ts';

/** What one schedule of a deployment asks of the sweep function. */
export interface ScheduledOrder {
  readonly sweep: string;
  readonly target?: string;
  readonly everyMs: number;
}

/** One a sweep, or with `aws.split: target` one a sweep and target. */
export function scheduledOrders(config: Pick<Config, 'aws' | 'sweeps' | 'targets'>): ScheduledOrder[] {
  const ofSweep = ({ name, everyMs }: SweepConfig): ScheduledOrder => ({ sweep: name, everyMs });
  if (config.aws?.split !== 'target') return config.sweeps.map(ofSweep);
  return config.sweeps.flatMap((sweep) =>
    targetsOfSweep(sweep, config).map(({ name }) => ({ ...ofSweep(sweep), target: name })),
  );
}

/** How a schedule is called, by what no name has: `a-b` on `c` and `a` on `b-c` are two. */
export const calledOf = ({ sweep, target }: Omit<ScheduledOrder, 'everyMs'>): string =>
  target === undefined ? sweep : `${sweep} on ${target}`;

/** https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html */
const MAX_DESCRIPTION = 512;

/** The description of a schedule, by which it is found among those of its stack. */
export const descriptionOf = (order: Omit<ScheduledOrder, 'everyMs'>): string =>
  `vsweep sweep ${calledOf(order)}`.slice(0, MAX_DESCRIPTION);
