import { objectOf } from '../esxcli/rows.ts';
import { booleanOf, numberOf } from '../esxcli/values.ts';
import { answerOf, type Probe, probeError } from '../session/probe.ts';

export interface NvmeHealth {
  readonly adapter: string;
  /** Of its rated life; above 100 for a disk that is used further. */
  readonly usedPercent: number | undefined;
  readonly sparePercent: number | undefined;
  readonly mediaErrors: number | undefined;
  readonly celsius: number | undefined;
  /** One of its critical warnings is set. */
  readonly hasWarning: boolean;
}

const WARNINGS = [
  'Available Spare Space Below Threshold',
  'Temperature Warning',
  'NVM Subsystem Reliability Degradation',
  'Read Only Mode',
  'Volatile Memory Backup Device Failure',
];
const ZERO_CELSIUS = 273.15;

/** The health log of NVMe disks, by the adapter that each is. Its temperature is in Kelvin, its counters hexadecimal. */
export const nvmeHealth: Probe<readonly NvmeHealth[]> = {
  name: 'nvme-health',
  seconds: 10,
  isSlow: true,
  keeps: { lines: 60 },
  commands: () => [
    {
      key: 'log',
      argv: ['esxcli', 'nvme', 'device', 'log', 'smart', 'get', '-A'],
      shape: 'object',
      each: { list: 'nvme device list', field: 'HBAName', most: 32 },
    },
  ],
  parse(answers) {
    const { each = [] } = answerOf(answers, 'log');
    const read = each.flatMap(({ name, answer }): NvmeHealth[] => {
      if (answer.code !== 0) return [];
      const log = objectOf(answer, ['Percentage Used', 'Composite Temperature']);
      const kelvin = numberOf(log, 'Composite Temperature');
      return [
        {
          adapter: name,
          usedPercent: numberOf(log, 'Percentage Used'),
          sparePercent: numberOf(log, 'Available Spare'),
          mediaErrors: numberOf(log, 'Media Errors'),
          celsius:
            kelvin === undefined || kelvin === 0 ? undefined : Number((kelvin - ZERO_CELSIUS).toFixed(2)),
          hasWarning: WARNINGS.some((field) => booleanOf(log, field) === true),
        },
      ];
    });
    if (read.length === 0 && each.length > 0)
      throw probeError(
        'output',
        `"esxcli nvme device log smart get" failed on all of ${each.length} adapters`,
      );
    return read;
  },
};
