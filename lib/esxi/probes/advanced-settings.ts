import { rowsOf } from '../esxcli/rows.ts';
import { textOf } from '../esxcli/values.ts';
import { answerOf, type Probe } from '../session/probe.ts';

/** A host in use has some tens of them. */
const MOST = 100;

export interface AdvancedSettings {
  readonly count: number;
  /** Of the first hundred. */
  readonly names: readonly string[];
}

/** Which advanced settings differ from their defaults. Their values, which may be secret, do not leave the host. */
export const advancedSettings: Probe<AdvancedSettings> = {
  name: 'advanced-settings',
  seconds: 8,
  keeps: { lines: 2_000 },
  commands: () => [
    {
      key: 'changed',
      argv: ['esxcli', 'system', 'settings', 'advanced', 'list', '-d'],
      shape: 'list',
      columns: 'Path',
    },
  ],
  parse(answers) {
    const names = rowsOf(answerOf(answers, 'changed'), ['Path'])
      .map((row) => textOf(row, 'Path').replace(/^\//, '').replaceAll('/', '.'))
      .filter((name) => /^[\w.-]{1,128}$/.test(name));
    return { count: names.length, names: names.toSorted().slice(0, MOST) };
  },
};
