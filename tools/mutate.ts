// Changes lib/ in one place after the other, and names the changes that no test notices: npm run mutate -- <folder>
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import { KNOWN_SURVIVORS } from './mutate/known-survivors.ts';
import { type Part, sourcesByPart } from './mutate/parts.ts';
import { type Score, scoreOf } from './mutate/score.ts';
import { SEED_VARIABLE, SHARE_VARIABLE } from './mutate/stryker-plugins.ts';
import { tryMutants } from './mutate/try-mutants.ts';

const USAGE = `Usage: npm run mutate -- [options] <folder or file of lib/>...

  --sample <per cent>  tries a random sample of the mutants, for an estimate (default: 100)
  --seed <text>        chooses the sample (default: 1)
  --workers <n>        processes that run tests (default: 2)
  --tests <glob>       only these of a part's tests, quicker: what the others find survives; may be repeated
`;

const root = path.join(import.meta.dirname, '..');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: 'boolean', short: 'h', default: false },
    sample: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: '2' },
    tests: { type: 'string', multiple: true, default: ['**'] },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
const parts = sourcesByPart(positionals, root);
const share = Number(values.sample) / 100;
const workers = Number(values.workers);
if (parts.length === 0 || !(share > 0 && share <= 1) || !(workers >= 1)) {
  console.error(`mutate: no TypeScript file of lib/ named, or an option without a sense\n\n${USAGE}`);
  process.exit(2);
}
process.chdir(root);
process.env[SHARE_VARIABLE] = String(share);
process.env[SEED_VARIABLE] = values.seed;

const scores: { readonly part: Part; readonly score: Score }[] = [];
for (const { part, files } of parts) {
  try {
    const score = scoreOf(
      await tryMutants(part, files, { root, workers, only: values.tests }),
      KNOWN_SURVIVORS,
    );
    printSurvivors(score);
    scores.push({ part, score });
  } catch (error) {
    // A test that fails without any mutant: the other parts can be measured all the same.
    console.error(`${part.folder}: not measured: ${error instanceof Error ? error.message : String(error)}`);
  }
}
if (share < 1)
  console.log(`An estimate: ${values.sample} % of the mutants were tried, by seed ${values.seed}.`);
console.table(Object.fromEntries(scores.map(({ part, score }) => [part.folder, rowOf(part, score)])));
const reached = scores.filter(({ part, score }) => isReached(part, score));
process.exitCode = reached.length === parts.length ? 0 : 1;

/** As an entry of known-survivors.ts has them. */
function printSurvivors({ unknown, stale }: Score): void {
  for (const { file, line, mutator, was, becomes } of unknown) {
    console.log(
      `${file}:${line}: ${mutator}\n  was: ${JSON.stringify(was)},\n  becomes: ${JSON.stringify(becomes)},`,
    );
  }
  for (const { file, was, becomes } of stale) {
    console.log(`tools/mutate/known-survivors.ts: survives no more, drop it: ${file}: ${was} => ${becomes}`);
  }
}

function rowOf({ goal }: Part, { tried, killed, timeouts, survived, equivalent, invalid, percent }: Score) {
  return {
    tried,
    killed,
    timeouts,
    survived,
    equivalent,
    invalid,
    'score %': Number(percent.toFixed(1)),
    goal,
  };
}

function isReached({ goal }: Part, { percent, stale }: Score): boolean {
  return percent >= goal && stale.length === 0;
}
