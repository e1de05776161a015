/** What a row of the table asks for: of so many intervals of a sweep so many have to be wrong. */
export interface Intervals {
  readonly intervals: number;
  readonly wrong: number;
  readonly silence: 'breaching' | 'notBreaching';
}

/** What an alarm looks at: `datapoints` of `periods` periods have to be wrong. */
export interface AlarmWindow {
  readonly periodSeconds: number;
  readonly periods: number;
  readonly datapoints: number;
}

const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;

/**
 * A window of some intervals of a sweep, within what CloudWatch takes: periods of whole minutes, over all not more
 * than a day, or seven days with periods of an hour and more
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html, Period and
 * EvaluationPeriods). A period is an interval, and never more than a day. Where the window is shorter than these
 * intervals, as many are wanted as it has runs; where silence is wrong, every period has to be.
 */
export function windowOf(everyMs: number, { intervals, wrong, silence }: Intervals): AlarmWindow {
  const everySeconds = everyMs / 1_000;
  const periodSeconds = Math.min(Math.ceil(everySeconds / MINUTE) * MINUTE, DAY);
  const most = Math.floor((periodSeconds < HOUR ? DAY : 7 * DAY) / periodSeconds);
  const periods = Math.min(Math.max(intervals, Math.ceil((intervals * everySeconds) / periodSeconds)), most);
  const runs = Math.floor((periods * periodSeconds) / everySeconds);
  const datapoints = silence === 'breaching' ? periods : Math.max(1, Math.min(wrong, runs));
  return { periodSeconds, periods, datapoints };
}

const SERVICE_PERIOD = 5 * MINUTE;

/**
 * The window for what AWS writes of all sweeps together: three wrong periods within four intervals of the rarest one,
 * and two periods more. The periods are short, so that a sweep that runs often rings soon; with two of them more, any
 * such window has runs in three periods, though a run may begin a minute late and share a period with the next one.
 * Beyond six hours the periods are of an hour, and beyond a week, as in `windowOf`, as many are wanted as there are.
 */
export function serviceWindowOf(longestMs: number): AlarmWindow {
  const longest = longestMs / 1_000;
  const wanted = (periodSeconds: number) => Math.ceil((4 * longest) / periodSeconds) + 2;
  const isShort = wanted(SERVICE_PERIOD) * SERVICE_PERIOD <= DAY;
  const periodSeconds = isShort ? SERVICE_PERIOD : HOUR;
  const periods = Math.min(wanted(periodSeconds), (7 * DAY) / periodSeconds);
  const runs = Math.floor(((periods - 1) * periodSeconds) / longest);
  return { periodSeconds, periods, datapoints: Math.max(1, Math.min(3, runs)) };
}
