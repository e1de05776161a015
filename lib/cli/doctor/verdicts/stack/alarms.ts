import { toShellWord } from '../../../../platform/quote.ts';
import { green, red, type Verdict, yellow } from '../verdict.ts';

interface AlarmFacts {
  readonly AlarmName?: string | undefined;
  readonly AlarmDescription?: string | undefined;
  readonly StateValue?: string | undefined;
  readonly ActionsEnabled?: boolean | undefined;
  readonly AlarmActions?: readonly string[] | undefined;
}

/** Kinds of alarms that fire where a sweep delivers nothing; of all others it works, and somebody should know. */
const NOTHING_DELIVERED = /^(failing|missing|no-push)-|^pushgateway$/;

/** The alarms of a stack, each by what it says itself; one line where none fires. */
export function judgeAlarms(
  found: readonly AlarmFacts[],
  { stack, restore, names }: { stack: string; restore: string; names: readonly string[] },
): readonly Verdict[] {
  if (names.length === 0)
    return [yellow('the stack has no alarms, so nobody learns of a run that fails', restore)];
  const there = new Set(found.map(({ AlarmName }) => AlarmName));
  const gone = names.filter((name) => !there.has(name));
  const deleted =
    gone.length === 0
      ? []
      : [yellow(`${gone.length} of ${names.length} were deleted: ${gone.join(', ')}`, restore)];
  const faults = [...deleted, ...found.flatMap((alarm) => judgeAlarm(alarm, { stack, restore }))];
  if (faults.length > 0) return faults;
  return [green(`none of ${found.length} fires`)];
}

function judgeAlarm(alarm: AlarmFacts, { stack, restore }: { stack: string; restore: string }): Verdict[] {
  const { AlarmName: name = '', AlarmDescription: description = 'no description' } = alarm;
  const enable = `aws cloudwatch enable-alarm-actions --alarm-names ${toShellWord(name)}`;
  const mute = [
    ...(alarm.ActionsEnabled === false
      ? [yellow(`${name} notifies nobody: its actions are disabled`, enable)]
      : []),
    ...(alarm.AlarmActions?.length === 0
      ? [yellow(`${name} notifies nobody: it has no action`, restore)]
      : []),
  ];
  if (alarm.StateValue !== 'ALARM') return mute;
  const kind = name.slice(`${stack}-`.length);
  const judge = NOTHING_DELIVERED.test(kind) ? red : yellow;
  return [judge(`${name} fires: ${description}`), ...mute];
}

/** Events of runs that did not begin or failed; they stay two weeks. */
export function judgeDeadLetters(
  attributes: Readonly<Record<string, string>> | undefined,
  url: string,
): Verdict {
  if (attributes === undefined) return red('the queue of failed runs does not exist');
  const count = Number(attributes['ApproximateNumberOfMessages'] ?? 0);
  if (count === 0) return green('the queue of failed runs is empty');
  return yellow(
    `the queue of failed runs holds about ${count} events of the last two weeks`,
    `aws sqs receive-message --queue-url ${toShellWord(url)} --visibility-timeout 0 --max-number-of-messages 10`,
  );
}
