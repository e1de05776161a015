// Changes lib/ in one place after the other, and names the changes that no test notices: npm run mutate -- <folder>
import * as fs from 'node:fs';
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import { openCompiler } from './mutate/compiler.ts';
import { readImportGraph } from './mutate/import-graph.ts';
import { identityOf, instrument, type Mutant } from './mutate/instrument.ts';
import { KNOWN_SURVIVORS } from './mutate/known-survivors.ts';
import { applyMutant, changedLines } from './mutate/mutant-text.ts';
import { type Part, partOf, sourcesByPart, testsOf } from './mutate/parts.ts';
import { isInSample } from './mutate/sample.ts';
import { makeSandbox } from './mutate/sandbox.ts';
import {
  intervalOf,
  type MutantPlace,
  readEnds,
  type Score,
  scoreOf,
  type TriedMutant,
} from './mutate/score.ts';
import { tryMutants } from './mutate/try-mutants.ts';

const USAGE = `Usage: npm run mutate -- [options] <folder or file of lib/>...

  --sample <per cent>  tries a random sample of the mutants, for an estimate (default: 100)
  --seed <text>        chooses the sample (default: 1)
  --tests <glob>       only these of a part's tests, quicker: what the others find survives; may be repeated
  --longest <seconds>  tests that take longer are not run again for each mutant (default: 10)
  --again <file>       only the survivors in the report of an earlier run; the score is that of both
  --out <folder>       for the sandbox and the report (default: .mutate)
`;

const root = path.join(import.meta.dirname, '..');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: 'boolean', short: 'h', default: false },
    sample: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    tests: { type: 'string', multiple: true, default: ['**'] },
    longest: { type: 'string', default: '10' },
    again: { type: 'string' },
    out: { type: 'string', default: '.mutate' },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
const parts = sourcesByPart(positionals, root);
const share = Number(values.sample) / 100;
const longestTestMs = 1_000 * Number(values.longest);
if (parts.length === 0 || !(share > 0 && share <= 1) || !(longestTestMs > 0)) {
  console.error(`mutate: no TypeScript file of lib/ named, or an option without a sense\n\n${USAGE}`);
  process.exit(2);
}
process.chdir(root);
const folder = path.resolve(values.out);
const sandbox = path.join(folder, 'sandbox');
fs.mkdirSync(folder, { recursive: true });

const texts = new Map(
  parts.flatMap(({ files }) => files).map((file) => [file, fs.readFileSync(file, 'utf8')]),
);
const { mutants } = await instrument(texts);
const places = new Map(mutants.map((mutant) => [mutant, placeOf(mutant)] as const));
const report =
  values.again === undefined
    ? undefined
    : (JSON.parse(fs.readFileSync(values.again, 'utf8')) as TriedMutant[]);
const earlier = readEnds(report ?? [], [...places.values()]);
if (report !== undefined && earlier.size < report.length)
  console.log(`${report.length - earlier.size} mutants of ${values.again} are not in the code any more`);
const chosen = mutants.filter(isChosen);
// Tests come by lib/ also through what else imports it, such as the tools that print a page.
const graph = readImportGraph(fs.globSync('{lib,functions,cdk,bench,tools,test}/**/*.ts'), root);
// What survived an earlier run was taken then.
const taken = report === undefined ? takenByCompiler(chosen) : chosen;
console.log(
  `${mutants.length} mutants, ${chosen.length} chosen, of which the compiler takes ${taken.length}`,
);
const placed = await instrument(texts, taken);
makeSandbox(root, sandbox, placed.changed);
const testsByPart = new Map(
  parts.map(({ part }) => [
    part.folder,
    testsOf(part, root).filter((test) => values.tests.some((glob) => path.matchesGlob(test, glob))),
  ]),
);
const isTaken = new Set(taken.map(identityOf));
const ends = await tryMutants(
  placed.mutants.filter((mutant) => isTaken.has(identityOf(mutant))),
  {
    sandbox,
    folder,
    graph,
    longestTestMs,
    testsOf: (file) => testsByPart.get(partOf(file).folder) ?? [],
    tell: (line) => console.log(`${new Date().toISOString().slice(11, 19)} ${line}`),
  },
);

const endOf = new Map(placed.mutants.map((mutant) => [identityOf(mutant), ends.get(mutant.id)]));
const tried = new Map(mutants.map((mutant) => [mutant, triedOf(mutant)] as const));
fs.writeFileSync(path.join(folder, 'report.json'), JSON.stringify([...tried.values()].filter(wasTried)));
const scores = parts.map(({ part }) => ({
  part,
  score: scoreOf(
    [...tried.values()].filter(({ file }) => partOf(file).folder === part.folder),
    KNOWN_SURVIVORS,
    texts,
  ),
}));
for (const { score } of scores) printSurvivors(score);
if (share < 1) console.log(`An estimate: ${values.sample} % of the mutants, chosen by seed ${values.seed}.`);
console.table(
  Object.fromEntries([
    ...scores.map(({ part, score }) => [part.folder, rowOf(score, part)] as const),
    ['all', rowOf(scoreOf([...tried.values()], KNOWN_SURVIVORS))] as const,
  ]),
);
process.exitCode = scores.every(({ part, score }) => isReached(part, score)) ? 0 : 1;

function isChosen(mutant: Mutant): boolean {
  const { file, location, replacement } = mutant;
  if (report !== undefined) return ['survived', 'unreached'].includes(earlierOf(mutant) ?? '');
  return isInSample(JSON.stringify([file, location, replacement]), { share, seed: values.seed });
}

/** The mutants that the compiler takes: one that it refuses cannot land, so no test has to find it. */
function takenByCompiler(all: readonly Mutant[]): Mutant[] {
  using compiler = openCompiler(root);
  return all.filter(({ file, ...mutant }) => {
    const text = applyMutant(texts.get(file) ?? '', mutant);
    return compiler.refuses(file, text) === undefined;
  });
}

function placeOf(mutant: Mutant): MutantPlace {
  const { file, location } = mutant;
  return { file, line: location.start.line + 1, ...changedLines(texts.get(file) ?? '', mutant) };
}

function earlierOf(mutant: Mutant): TriedMutant['end'] | undefined {
  const place = places.get(mutant);
  return place && earlier.get(place);
}

function triedOf(mutant: Mutant): TriedMutant {
  const end = endOf.get(identityOf(mutant)) ?? earlierOf(mutant);
  const place = places.get(mutant) ?? placeOf(mutant);
  return { ...place, mutator: mutant.mutator, end: end ?? (isChosen(mutant) ? 'invalid' : 'not-tried') };
}

function wasTried({ end }: TriedMutant): boolean {
  return end !== 'not-tried' && end !== 'invalid';
}

/** As an entry of known-survivors.ts has them. */
function printSurvivors({ unknown, stale }: Score): void {
  for (const { file, line, mutator, was, becomes, end } of unknown) {
    const unreached = end === 'unreached' ? ' (no test comes by)' : '';
    console.log(
      `${file}:${line}: ${mutator}${unreached}\n  was: ${JSON.stringify(was)},\n  becomes: ${JSON.stringify(becomes)},`,
    );
  }
  for (const { file, was, becomes } of stale) {
    console.log(`tools/mutate/known-survivors.ts: survives no more, drop it: ${file}: ${was} => ${becomes}`);
  }
}

function rowOf(score: Score, part?: Part) {
  const { tried: all, killed, timeouts, survived, unreached, equivalent, invalid, percent } = score;
  const [from, to] = intervalOf(score);
  return {
    tried: all,
    killed,
    timeouts,
    survived,
    unreached,
    equivalent,
    invalid,
    'score %': Number(percent.toFixed(1)),
    from: Number(from.toFixed(1)),
    to: Number(to.toFixed(1)),
    goal: part?.goal ?? '',
  };
}

function isReached({ goal }: Part, { percent, stale }: Score): boolean {
  return percent >= goal && stale.length === 0;
}
