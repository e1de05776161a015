import { objectOf } from '../esxcli/rows.ts';
import { numberOf } from '../esxcli/values.ts';
import { answerOf, type Probe, probeError } from '../session/probe.ts';

/** The metric's word for each counter of `esxcli network nic stats get`. */
const COUNTERS = {
  receive: 'Total receive errors',
  receive_crc: 'Receive CRC errors',
  receive_missed: 'Receive missed errors',
  receive_fifo: 'Receive FIFO errors',
  receive_length: 'Receive length errors',
  receive_dropped: 'Receive packets dropped',
  transmit: 'Total transmit errors',
  transmit_dropped: 'Transmit packets dropped',
} as const;

export interface NicErrors {
  readonly nic: string;
  readonly counters: readonly (readonly [kind: string, count: number])[];
}

/** What each physical NIC has counted since its driver was loaded. */
export const nicErrors: Probe<readonly NicErrors[]> = {
  name: 'nic-errors',
  seconds: 8,
  keeps: { lines: 60 },
  commands: () => [
    {
      key: 'stats',
      argv: ['esxcli', 'network', 'nic', 'stats', 'get', '-n'],
      shape: 'object',
      each: { list: 'network nic list', field: 'Name', most: 16 },
    },
  ],
  parse(answers) {
    const { each = [] } = answerOf(answers, 'stats');
    const read = each.flatMap(({ name: nic, answer }): NicErrors[] => {
      if (answer.code !== 0) return [];
      const stats = objectOf(answer, [COUNTERS.receive]);
      const counters = Object.entries(COUNTERS).flatMap(([kind, field]) => {
        const count = numberOf(stats, field);
        return count === undefined ? [] : [[kind, count] as const];
      });
      return [{ nic, counters }];
    });
    if (read.length === 0 && each.length > 0)
      throw probeError('output', `"esxcli network nic stats get" failed on all of ${each.length} NICs`);
    return read;
  },
};
