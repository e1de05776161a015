import { rowsOf } from '../esxcli/rows.ts';
import { textOf } from '../esxcli/values.ts';
import { answerOf, type Probe } from '../session/probe.ts';

export interface IpmiSensor {
  readonly sensor: string;
  readonly unit: string;
  readonly value: number;
}

const READING = /^(?<value>-?\d{1,9}(?:\.\d{1,6})?) ?(?<unit>[A-Za-z %/]{0,24})$/;

/** What the sensors of the board measure. A board takes 10 to 60 s to answer: it has a lane of its own. */
export const ipmiSensors: Probe<readonly IpmiSensor[]> = {
  name: 'ipmi-sensors',
  seconds: 60,
  isSlow: true,
  keeps: { lines: 1_000 },
  commands: () => [{ key: 'list', argv: ['esxcli', 'hardware', 'ipmi', 'sdr', 'list'], shape: 'list' }],
  parse: (answers) =>
    rowsOf(answerOf(answers, 'list'), ['Description', 'Computed Reading'])
      .slice(0, 256)
      .flatMap((row): IpmiSensor[] => {
        const { value, unit = '' } = READING.exec(textOf(row, 'Computed Reading'))?.groups ?? {};
        const sensor = textOf(row, 'Description').slice(0, 128);
        return value === undefined || sensor === ''
          ? []
          : [{ sensor, unit: unit.trim(), value: Number(value) }];
      }),
};
