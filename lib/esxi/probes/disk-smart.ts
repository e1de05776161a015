import { rowsOf } from '../esxcli/rows.ts';
import { fieldOf, numberOf, textOf } from '../esxcli/values.ts';
import { answerOf, type CommandAnswer, type Probe, probeError } from '../session/probe.ts';

export interface DiskSmart {
  readonly disk: string;
  /** Undefined where the disk does not say. */
  readonly isHealthy: boolean | undefined;
  readonly celsius: number | undefined;
  readonly parameters: readonly {
    readonly parameter: string;
    readonly kind: 'value' | 'threshold' | 'worst' | 'raw';
    readonly value: number;
  }[];
}

const KINDS = { value: 'Value', threshold: 'Threshold', worst: 'Worst', raw: 'Raw' } as const;
const MOST_PARAMETERS = 32;

/** SMART of local disks. Those behind a RAID controller have none, and are left out. */
export const diskSmart: Probe<readonly DiskSmart[]> = {
  name: 'disk-smart',
  seconds: 10,
  isSlow: true,
  keeps: { lines: 100 },
  commands: () => [
    {
      key: 'smart',
      argv: ['esxcli', 'storage', 'core', 'device', 'smart', 'get', '-d'],
      shape: 'list',
      each: {
        list: 'storage core device list',
        field: 'Device',
        when: 'IsLocal.boolean=true',
        most: 32,
      },
    },
  ],
  parse(answers) {
    const { each = [] } = answerOf(answers, 'smart');
    const timedOut = each.find(({ answer }) => answer.code === 'timeout');
    if (timedOut !== undefined)
      throw probeError('exec-timeout', 'a disk did not answer "esxcli storage core device smart get"');
    return each.flatMap(({ name, answer }) => (answer.code === 0 ? [readSmart(name, answer)] : []));
  },
};

function readSmart(disk: string, answer: CommandAnswer): DiskSmart {
  const rows = rowsOf(answer, ['Parameter', 'Value']).slice(0, MOST_PARAMETERS);
  const health = rows.find((row) => textOf(row, 'Parameter') === 'Health Status');
  const said = health === undefined ? 'N/A' : textOf(health, 'Value');
  const temperature = rows.find((row) => textOf(row, 'Parameter') === 'Drive Temperature');
  return {
    disk,
    isHealthy: said === 'N/A' ? undefined : said === 'OK',
    celsius: temperature && celsiusOf(temperature),
    parameters: rows.flatMap((row) =>
      Object.entries(KINDS).flatMap(([kind, field]): DiskSmart['parameters'] => {
        const value = numberOf(row, field);
        const parameter = textOf(row, 'Parameter');
        return value === undefined ? [] : [{ parameter, kind: kind as keyof typeof KINDS, value }];
      }),
    ),
  };
}

/**
 * ATA: the lowest byte of the raw number, whose other bytes are the lowest and highest ever; its value is a normalised one.
 * NVMe has no raw number, and its value is the temperature. Before 7.0 there is no column Raw: then nobody knows.
 */
function celsiusOf(row: Parameters<typeof numberOf>[0]): number | undefined {
  const raw = numberOf(row, 'Raw');
  if (raw !== undefined) return raw % 256;
  return fieldOf(row, 'Raw') === undefined ? undefined : numberOf(row, 'Value');
}
