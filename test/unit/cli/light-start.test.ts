import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';

const LIB = join(import.meta.dirname, '../../../lib');

/** The packages that a file of ours loads before it does anything. */
function packagesOf(file: string, seen = new Set<string>()): Set<string> {
  const packages = new Set<string>();
  if (seen.has(file)) return packages;
  seen.add(file);
  const imports = /^(?:import|export) (?!type )(?:[^;]*? from )?'([^']+)';/gm;
  for (const [, from = ''] of readFileSync(file, 'utf8').matchAll(imports)) {
    if (!from.startsWith('.')) packages.add(from);
    else for (const one of packagesOf(join(dirname(file), from), seen)) packages.add(one);
  }
  return packages;
}

const others = (packages: ReadonlySet<string>) => [...packages].filter((one) => !one.startsWith('node:'));

it('the command line starts with nothing but its own parser, so that a completion comes at once', () => {
  expect(others(packagesOf(join(LIB, 'cli/main.ts')))).toEqual(['commander']);
  expect(others(packagesOf(join(LIB, 'cli/completion.ts')))).toEqual([]);
});

it('the methods and property paths that are completed need no package but the small ones of polls', () => {
  const packages = new Set([
    ...packagesOf(join(LIB, 'poll/registry.ts')),
    ...packagesOf(join(LIB, 'vsphere/vim25/complete-path.ts')),
  ]);
  expect(others(packages)).toEqual([]);
});

it('a sweep and a command on the state load nothing of AWS before something in AWS is asked', () => {
  for (const file of ['cli/sweep.ts', 'cli/run.ts', 'cli/status.ts'])
    expect(others(packagesOf(join(LIB, file))).filter((one) => one.startsWith('@aws-sdk/'))).toEqual([]);
});

/** Node takes 10 ms for the first of these: nothing that a start does before it knows what is wrong needs them. */
const COUNT_LOCALES = `
  const made = [];
  const note = (name) => function () { made.push(name); return ''; };
  for (const type of [Number, BigInt, Date, Array]) type.prototype.toLocaleString = note('toLocaleString');
  String.prototype.localeCompare = note('localeCompare');
  for (const name of ['Collator', 'DateTimeFormat', 'ListFormat', 'NumberFormat', 'PluralRules', 'Segmenter'])
    Intl[name] = note(name);`;

it('no command words a number or compares texts by a locale before it has anything to say', () => {
  const commands = ['sweep', 'run', 'gateway', 'status', 'config-check'];
  const files = commands.map((name) => pathToFileURL(join(LIB, 'cli', `${name}.ts`)).href);
  const script = `${COUNT_LOCALES}
    for (const file of ${JSON.stringify(files)}) await import(file);
    console.log(JSON.stringify(made));`;
  const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
  });
  expect(JSON.parse(printed)).toEqual([]);
});
