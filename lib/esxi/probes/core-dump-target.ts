import { objectOf } from '../esxcli/rows.ts';
import { booleanOf, textOf } from '../esxcli/values.ts';
import { answerOf, type Probe, probeError } from '../session/probe.ts';

const TARGETS = ['partition', 'file', 'network'] as const;

/** Where a purple screen would be dumped to: a host with none of these keeps no trace of it. */
export const coreDumpTarget: Probe<readonly (readonly [target: string, isActive: boolean])[]> = {
  name: 'core-dump-target',
  seconds: 8,
  keeps: { lines: 40 },
  anyEnd: true,
  commands: () =>
    TARGETS.map((target) => ({
      key: target,
      argv: ['esxcli', 'system', 'coredump', target, 'get'] as const,
      shape: 'object' as const,
    })),
  parse(answers) {
    const read = TARGETS.flatMap((target): (readonly [string, boolean])[] => {
      const answer = answerOf(answers, target);
      if (answer.code !== 0) return [];
      if (target === 'network')
        return [[target, booleanOf(objectOf(answer, ['Enabled']), 'Enabled') === true]];
      return [[target, textOf(objectOf(answer, ['Active']), 'Active') !== '']];
    });
    if (read.length === 0) throw probeError('output', '"esxcli system coredump" failed for each target');
    return read;
  },
};
