import type { PrintedAnswer } from '../../esxi/session/answers.ts';
import type { Cli } from '../../esxi/session/cli.ts';
import type { ScriptedCommand } from '../../esxi/session/script.ts';

/** A row of a list, or an object, by the names of its fields as json has them. */
export type DemoRow = Readonly<Record<string, string | number | boolean>>;

/** What a simulated host answers to esxcli, by the words behind it; of a command for one device with its name. */
export interface DemoEsxcli {
  /** `json` since 7.0; before, csv and keyvalue. */
  readonly format: 'json' | 'csv';
  /** Without it localcli answers. */
  readonly isHostdUp: boolean;
  readonly answers: Readonly<Record<string, DemoRow | readonly DemoRow[] | 'hung'>>;
}

export const cliOf = ({ format, isHostdUp }: DemoEsxcli): Cli => ({
  program: isHostdUp ? 'esxcli' : 'localcli',
  format,
});

export function answerOfEsxcli(asked: ScriptedCommand, host: DemoEsxcli): PrintedAnswer {
  const words = asked.argv.slice(1).join(' ');
  const { each } = asked;
  if (each === undefined) return answerTo(words, asked, host);
  const list = host.answers[each.list];
  if (list === undefined || list === 'hung') return { code: list === 'hung' ? 'timeout' : 1 };
  const [whenField = '', whenValue] = each.when?.replace(/\.[a-z]+=/, '=').split('=') ?? [];
  const names = rowsOf(list)
    .filter((row) => each.when === undefined || String(row[whenField]) === whenValue)
    .map((row) => String(row[each.field]));
  return {
    code: 0,
    each: names.map((name) => ({ name, answer: answerTo(`${words} ${name}`, asked, host) })),
  };
}

const rowsOf = (answer: DemoRow | readonly DemoRow[]): readonly DemoRow[] =>
  Array.isArray(answer) ? answer : [answer as DemoRow];

function answerTo(
  words: string,
  { shape, columns }: ScriptedCommand,
  { format, answers }: DemoEsxcli,
): PrintedAnswer {
  const answer = answers[words];
  if (answer === undefined) return { code: 1, stdout: `Error: Unknown command or namespace ${words}\n` };
  if (answer === 'hung') return { code: 'timeout' };
  if (columns !== undefined) return { code: 0, stdout: toCsv(rowsOf(answer), columns.split(',')) };
  if (format === 'json') return { code: 0, stdout: `${JSON.stringify(answer)}\n` };
  return { code: 0, stdout: shape === 'list' ? toCsv(rowsOf(answer)) : toKeyvalue(answer) };
}

/** As esxcli prints it: a comma behind each value, also the last one. */
export function toCsv(
  rows: readonly DemoRow[],
  names: readonly string[] = Object.keys(rows[0] ?? {}).toSorted(),
): string {
  const quote = (value: DemoRow[string] = '') =>
    /[",\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value);
  const lines = rows.map((row) => names.map((name) => `${quote(row[name])},`).join(''));
  return [names.map((name) => `${name},`).join(''), ...lines].map((line) => `${line}\n`).join('');
}

export function toKeyvalue(answer: DemoRow | readonly DemoRow[]): string {
  return rowsOf(answer)
    .flatMap((row, index) => {
      const place = Array.isArray(answer) ? `structure[${index}].` : '';
      return Object.entries(row).map(([name, value]) => `${place}Answer.${name}.${typeOf(value)}=${value}\n`);
    })
    .join('');
}

const typeOf = (value: DemoRow[string]): string => (typeof value === 'number' ? 'integer' : typeof value);
