import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DemoEsxcli, type DemoRow, toCsv, toKeyvalue } from '../../../lib/demo/esxi-sshd/esxcli.ts';
import { PROBES } from '../../../lib/esxi/probes/registry.ts';

/** What hostd of a host does, and the newest format that its esxcli has. */
export interface EsxcliMode {
  readonly hostd?: 'up' | 'dead' | 'hung';
  readonly format?: 'json' | 'csv';
}

/** Fills the folder from which test/peers/sshd/esxcli answers. */
export async function writeEsxcliAnswers(
  folder: string,
  answers: DemoEsxcli['answers'],
  mode: EsxcliMode = {},
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeMode(folder, mode);
  for (const [words, answer] of Object.entries(answers)) {
    if (answer === 'hung') await writeFile(join(folder, `${nameOf(words)}.hung`), '');
    else for (const [file, text] of filesOf(words, answer)) await writeFile(join(folder, file), text);
  }
}

export const writeMode = (folder: string, { hostd = 'up', format = 'json' }: EsxcliMode): Promise<void> =>
  writeFile(join(folder, 'mode'), `${hostd} ${format}\n`);

/** The command that these words are, as a file of the folder: with `.flood` or `.hung` behind it, it is one that does that. */
export const nameOf = (words: string): string => words.replaceAll(' ', ',');

const COLUMNS = PROBES.flatMap((probe) => probe.commands({ services: [] })).flatMap(({ argv, columns }) =>
  columns === undefined ? [] : [[argv.slice(1).join(' '), columns] as const],
);

function filesOf(words: string, answer: DemoRow | readonly DemoRow[]): [string, string][] {
  const rows = Array.isArray(answer) ? answer : [answer as DemoRow];
  const ofColumns = COLUMNS.filter(([asked]) => asked === words).map(([, columns]): [string, string] => [
    `${nameOf(words)};${columns}.csv`,
    toCsv(rows, columns.split(',')),
  ]);
  return [
    [`${nameOf(words)}.json`, `${JSON.stringify(answer)}\n`],
    [`${nameOf(words)}.csv`, toCsv(rows)],
    [`${nameOf(words)}.keyvalue`, toKeyvalue(answer)],
    ...ofColumns,
  ];
}
