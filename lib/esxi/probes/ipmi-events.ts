import { rowsOf } from '../esxcli/rows.ts';
import { textOf } from '../esxcli/values.ts';
import { answerOf, type Probe } from '../session/probe.ts';

export interface IpmiEvents {
  readonly count: number;
  /** In seconds since the epoch; undefined for a log without a readable time. */
  readonly newest: number | undefined;
}

/** The board's event log: how many entries it has, and when the last one came. */
export const ipmiEvents: Probe<IpmiEvents> = {
  name: 'ipmi-events',
  seconds: 60,
  isSlow: true,
  keeps: { lines: 6_000 },
  commands: () => [{ key: 'list', argv: ['esxcli', 'hardware', 'ipmi', 'sel', 'list'], shape: 'list' }],
  parse(answers) {
    const rows = rowsOf(answerOf(answers, 'list'), []);
    const times = rows.map((row) => secondsOf(textOf(row, 'When'))).filter((time) => time !== undefined);
    return { count: rows.length, newest: times.length === 0 ? undefined : Math.max(...times) };
  },
};

const secondsOf = (text: string): number | undefined => {
  const zoned = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d$/.test(text) ? `${text.replace(' ', 'T')}Z` : text;
  const time = /^\d{4}-\d\d-\d\dT/.test(zoned) ? Date.parse(zoned) : Number.NaN;
  return Number.isNaN(time) ? undefined : time / 1_000;
};
