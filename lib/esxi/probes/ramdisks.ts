import { rowsOf } from '../esxcli/rows.ts';
import { numberOf, textOf } from '../esxcli/values.ts';
import { answerOf, type Probe } from '../session/probe.ts';

export interface Ramdisk {
  readonly ramdisk: string;
  /** 0 to 1. Undefined where nothing limits it. */
  readonly used: number | undefined;
  readonly usedInodes: number | undefined;
}

/** The file systems in memory that a host is started from. A full one stops hostd and logins. */
export const ramdisks: Probe<readonly Ramdisk[]> = {
  name: 'ramdisks',
  seconds: 8,
  keeps: { lines: 100 },
  commands: () => [{ key: 'list', argv: ['esxcli', 'system', 'visorfs', 'ramdisk', 'list'], shape: 'list' }],
  parse: (answers) =>
    rowsOf(answerOf(answers, 'list'), ['Ramdisk Name', 'Maximum', 'Used'])
      .slice(0, 64)
      .map((row) => ({
        ramdisk: textOf(row, 'Ramdisk Name'),
        used: share(kibibytesOf(textOf(row, 'Used')), kibibytesOf(textOf(row, 'Maximum'))),
        usedInodes: share(numberOf(row, 'Used Inodes'), numberOf(row, 'Maximum Inodes')),
      })),
};

const share = (part: number | undefined, whole: number | undefined): number | undefined =>
  part === undefined || whole === undefined || whole <= 0 || part < 0 ? undefined : part / whole;

/** A number, with or without its unit. */
const kibibytesOf = (text: string): number | undefined => {
  const found = /^(\d{1,12})(?: ?KiB)?$/.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
};
