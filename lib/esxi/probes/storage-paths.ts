import { rowsOf } from '../esxcli/rows.ts';
import { textOf } from '../esxcli/values.ts';
import { answerOf, type Probe } from '../session/probe.ts';

export const PATH_STATES = ['active', 'standby', 'dead', 'disabled', 'other'] as const;
type PathState = (typeof PATH_STATES)[number];

/** How many storage paths are in each state. A state of another name counts as `other`. */
export const storagePaths: Probe<Readonly<Record<PathState, number>>> = {
  name: 'storage-paths',
  seconds: 8,
  // A line a path; a host has at most 4,096 of them.
  keeps: { lines: 4_200 },
  commands: () => [
    {
      key: 'paths',
      argv: ['esxcli', 'storage', 'core', 'path', 'list'],
      shape: 'list',
      columns: 'State',
    },
  ],
  parse(answers) {
    const counts = { active: 0, standby: 0, dead: 0, disabled: 0, other: 0 };
    for (const row of rowsOf(answerOf(answers, 'paths'), ['State'])) {
      const said = textOf(row, 'State').toLowerCase();
      counts[PATH_STATES.find((state) => state === said) ?? 'other'] += 1;
    }
    return counts;
  },
};
