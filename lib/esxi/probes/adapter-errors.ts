import { rowsOf } from '../esxcli/rows.ts';
import { numberOf, textOf } from '../esxcli/values.ts';
import { answerOf, type Probe } from '../session/probe.ts';

const COUNTERS = {
  commands: 'Failed Commands',
  reads: 'Failed Read Operations',
  writes: 'Failed Write Operations',
  reservation_conflicts: 'Reservation Conflicts',
} as const;

export interface AdapterErrors {
  readonly adapter: string;
  readonly counters: readonly (readonly [kind: string, count: number])[];
}

/** What each storage adapter has counted since the host was started. */
export const adapterErrors: Probe<readonly AdapterErrors[]> = {
  name: 'adapter-errors',
  seconds: 8,
  keeps: { lines: 400 },
  commands: () => [
    { key: 'stats', argv: ['esxcli', 'storage', 'core', 'adapter', 'stats', 'get'], shape: 'list' },
  ],
  parse: (answers) =>
    rowsOf(answerOf(answers, 'stats'), ['Failed Commands'])
      .slice(0, 64)
      .map((row) => ({
        adapter: textOf(row, 'Adapter Name', 'Adapter', 'Device'),
        counters: Object.entries(COUNTERS).flatMap(([kind, field]) => {
          const count = numberOf(row, field);
          return count === undefined ? [] : [[kind, count] as const];
        }),
      }))
      .filter(({ adapter }) => adapter !== ''),
};
