import { checkEsxcli } from '../../esxi/commands/check-esxcli.ts';
import { whyNoSshCommand } from '../../esxi/commands/check-ssh.ts';
import { likelyEsxcli } from '../../esxi/commands/known-esxcli.ts';
import { isSecretColumn } from '../../esxi/commands/secrets.ts';
import type { NamedOwn, OwnFault } from './own-kind.ts';
import { labelsOfKind, whyNoLabel } from './reserved-names.ts';

/** Whether `esxcli` is a command that only reads, and prints no secret; and which columns it needs. */
export function checkEsxcliMetric(own: NamedOwn): readonly OwnFault[] {
  const { metric } = own;
  const checked = checkEsxcli(metric.esxcli ?? '');
  const likely = typeof checked === 'string' ? undefined : likelyEsxcli(checked.command);
  const columns = Object.entries({ value: metric.value, divide: metric.divide }).flatMap(([at, column]) =>
    typeof column === 'string' ? [[at, column] as const] : [],
  );
  const labels = Object.entries(metric.labels ?? {}).map(
    ([label, column]) => [`labels.${label}`, column] as const,
  );
  return [
    ...(typeof checked === 'string' ? [{ at: 'esxcli', message: checked }] : []),
    ...(likely === undefined
      ? []
      : [{ at: 'esxcli', message: `esxcli has no such command; did you mean "${likely}"?` }]),
    ...(metric.value === undefined && metric.count === undefined
      ? [
          {
            at: 'value',
            message: 'write the column that is the value, such as value: Used; or count: <pattern>',
          },
        ]
      : []),
    ...(typeof checked !== 'string' && isList(checked.command) && isOfOneRow(metric)
      ? [
          {
            at: 'value',
            message:
              'of which row? The command prints a list; add each: true for a series per row, with labels that tell them apart',
          },
        ]
      : []),
    ...[...columns, ...labels]
      .filter(([, column]) => isSecretColumn(column))
      .map(([at, column]) => ({
        at,
        message: `the column "${column}" may hold a secret; choose another one`,
      })),
    ...(metric.labels !== undefined && metric.count !== undefined
      ? [{ at: 'labels', message: 'do not go with count; leave them out' }]
      : []),
    ...labelFaults(own),
  ];
}

/** `get` prints one object, `list` a row for each. */
const isList = (command: string): boolean => command.split(' ').at(-1) === 'list';

const isOfOneRow = ({ each, value, count }: NamedOwn['metric']): boolean =>
  each !== true && value !== undefined && count === undefined;

/** Whether `ssh` is one of the forms that only read. */
export function checkSshMetric({ metric }: NamedOwn): readonly OwnFault[] {
  const { ssh = [], test, count } = metric;
  const why = whyNoSshCommand(ssh);
  if (why !== undefined) return [{ at: 'ssh', message: why }];
  if (test !== undefined || count !== undefined || NUMBER_PRINTERS.some((one) => startsWith(ssh, one)))
    return [];
  const message = `what ${ssh[0]} prints is a text, and a text is never a value; add test: { matches: <pattern> }, or count: <pattern> for how many lines match`;
  return [{ at: 'ssh', message }];
}

/** How the commands begin whose output is one number. */
const NUMBER_PRINTERS = [['wc'], ['grep', '-c'], ['date', '+%s']];

const startsWith = (argv: readonly string[], beginning: readonly string[]): boolean =>
  beginning.every((word, index) => argv[index] === word);

function labelFaults({ metric, preset }: NamedOwn): OwnFault[] {
  const taken = [...(labelsOfKind('host', preset) ?? []), ...(metric.states === undefined ? [] : ['state'])];
  return Object.keys(metric.labels ?? {}).flatMap((label): OwnFault[] => {
    const message = whyNoLabel(label, { taken });
    return message === undefined ? [] : [{ at: `labels.${label}`, message }];
  });
}
