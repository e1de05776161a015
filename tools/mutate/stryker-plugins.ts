import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { type Checker, CheckStatus } from '@stryker-mutator/api/check';
import type { MutantResult } from '@stryker-mutator/api/core';
import type { Ignorer } from '@stryker-mutator/api/ignore';
import { declareClassPlugin, declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';
import type { Reporter } from '@stryker-mutator/api/report';
import { type Compiler, openCompiler } from './compiler.ts';
import { applyMutant } from './mutant-text.ts';

/** The environment variables of a run: the share of the mutants that is tried, 0 to 1, and the seed that chooses. */
export const SHARE_VARIABLE = 'MUTATE_SHARE';
export const SEED_VARIABLE = 'MUTATE_SEED';

/** Why a mutant was not tried; any other reason is the compiler's. */
export const NOT_IN_SAMPLE = 'not in the sample';

/** Whether a mutant belongs to the sample: by its text, so that each machine and each worker chooses alike. */
export function isInSample(mutant: string, { share, seed }: { share: number; seed: string }): boolean {
  const hash = createHash('sha256').update(`${seed}\n${mutant}`).digest();
  return hash.readUInt32BE() / 2 ** 32 < share;
}

/**
 * Keeps a mutant from the tests that is not in the sample, or that the compiler refuses: it cannot land, so no test
 * has to find it. That is half of them. Stryker's own checker needs an older TypeScript.
 */
class MutantChecker implements Checker {
  #compiler: Compiler | undefined;

  init() {
    this.#compiler = openCompiler('tsconfig.json');
    return Promise.resolve();
  }

  check(mutants: Parameters<Checker['check']>[0]): ReturnType<Checker['check']> {
    const share = Number(process.env[SHARE_VARIABLE] ?? 1);
    const seed = process.env[SEED_VARIABLE] ?? '';
    const results = mutants.map(({ id, fileName, location, replacement }) => {
      const mutant = JSON.stringify([path.relative('', fileName), location, replacement]);
      const isChosen = isInSample(mutant, { share, seed });
      const text = applyMutant(fs.readFileSync(fileName, 'utf8'), { location, replacement });
      const reason = isChosen ? this.#compiler?.refuses(fileName, text) : NOT_IN_SAMPLE;
      const passed = { status: CheckStatus.Passed } as const;
      return [id, reason === undefined ? passed : { status: CheckStatus.CompileError, reason }] as const;
    });
    return Promise.resolve(Object.fromEntries(results));
  }
}

/** What this file asks of a node of Babel's tree; Stryker's own type for one is empty. */
interface TreePath {
  readonly listKey?: string;
  readonly parent?: { readonly type: string; readonly callee?: TreeNode };
}
interface TreeNode {
  readonly type: string;
  readonly name?: string;
  readonly object?: TreeNode;
  readonly property?: TreeNode;
}

const LOG_LEVELS = ['debug', 'info', 'warn', 'error'];

/** Leaves the text and the fields of a log line as they are: that the line is written is what a test can ask for. */
const logTexts: Ignorer = {
  shouldIgnore: (node) => {
    const { listKey, parent } = node as TreePath;
    if (listKey !== 'arguments' || parent?.type !== 'CallExpression') return undefined;
    const { object, property } = parent.callee ?? {};
    const receiver = object?.property?.name ?? object?.name;
    return receiver === 'log' && LOG_LEVELS.includes(property?.name ?? '')
      ? 'the text of a log line'
      : undefined;
  },
};

/** Names each survivor when it is found: a run takes long, and its report comes at its end. */
class SurvivorReporter implements Reporter {
  onMutantTested({ status, fileName, location, replacement = '' }: MutantResult): void {
    if (status !== 'Survived' && status !== 'NoCoverage') return;
    const { line, column } = location.start;
    console.log(
      `${path.relative('', fileName)}:${line}:${column}: survives as ${JSON.stringify(replacement)}`,
    );
  }
}

export const strykerPlugins = [
  declareClassPlugin(PluginKind.Checker, 'mutants', MutantChecker),
  declareValuePlugin(PluginKind.Ignore, 'log-texts', logTexts),
  declareClassPlugin(PluginKind.Reporter, 'survivors', SurvivorReporter),
];
