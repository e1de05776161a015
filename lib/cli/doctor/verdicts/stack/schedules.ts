import { calledOf, descriptionOf, type ScheduledOrder } from '../../../../config/scheduled-orders.ts';
import { green, red, type Verdict, yellow } from '../verdict.ts';

interface ScheduleFacts {
  readonly Name?: string | undefined;
  readonly Description?: string | undefined;
  readonly State?: string | undefined;
  readonly ScheduleExpression?: string | undefined;
}

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** Each schedule that the configuration asks for, and those that it does not; one line where all are as they should be. */
export function judgeSchedules(
  found: readonly ScheduleFacts[],
  { orders, deploy, restore }: { orders: readonly ScheduledOrder[]; deploy: string; restore: string },
): readonly Verdict[] {
  const byDescription = new Map(found.map((one) => [one.Description, one]));
  const wanted = new Set(orders.map(descriptionOf));
  const faults = [
    ...orders.flatMap((order) => judgeOne(byDescription.get(descriptionOf(order)), { order, restore })),
    ...found
      .filter(({ Description }) => !wanted.has(Description ?? ''))
      .map(({ Name, Description }) =>
        yellow(`${Description ?? Name} is scheduled, and is not in the configuration here`, deploy),
      ),
  ];
  if (faults.length > 0) return faults;
  return [
    green(`${orders.length === 1 ? 'the one schedule is' : `all ${orders.length} schedules are`} enabled`),
  ];
}

function judgeOne(
  found: ScheduleFacts | undefined,
  { order, restore }: { order: ScheduledOrder; restore: string },
): Verdict[] {
  const called = calledOf(order);
  if (found === undefined) return [red(`sweep ${called} has no schedule`, restore)];
  const { State: state = 'ENABLED', ScheduleExpression: expression = '' } = found;
  if (state !== 'ENABLED')
    return [
      red(`the schedule of sweep ${called} is ${state}. Enable ${found.Name} in EventBridge Scheduler`),
    ];
  if (everyMsOf(expression) === order.everyMs) return [];
  const every = `${order.everyMs / 1_000} s`;
  return [
    yellow(`sweep ${called} runs at ${expression}; the configuration here says every ${every}`, restore),
  ];
}

/** https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#rate-based */
function everyMsOf(expression: string): number | undefined {
  const [, value, unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const ms = UNIT_MS[unit];
  return ms === undefined ? undefined : Number(value) * ms;
}
