import type { Ignorer } from '@stryker-mutator/api/ignore';
import type { Logger } from '@stryker-mutator/api/logging';
import { Instrumenter } from '@stryker-mutator/instrumenter';
import type { Replacement } from './mutant-text.ts';

/** One change of one file. */
export interface Mutant extends Replacement {
  /** By which the changed code asks whether it runs. */
  readonly id: string;
  readonly file: string;
  readonly mutator: string;
}

/** Which mutant it is, in whatever order they were found. */
export const identityOf = ({ file, location, replacement, mutator }: Mutant) =>
  JSON.stringify([file, location, replacement, mutator]);

/** What this file asks of a node of Babel's tree; Stryker's own type for one is empty. */
interface TreePath {
  readonly listKey?: string;
  readonly parent?: { readonly type: string; readonly callee?: TreeNode };
}
interface TreeNode {
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

const nothing = () => undefined;
const silent = {
  isTraceEnabled: () => false,
  isDebugEnabled: () => false,
  isInfoEnabled: () => false,
  isWarnEnabled: () => false,
  isErrorEnabled: () => false,
  isFatalEnabled: () => false,
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  fatal: nothing,
} satisfies Logger;

/**
 * The files with mutants in place, each asleep until it is the active one, and what these change: all mutants, or those
 * at the places of some and within them. Code with few of them is quicker.
 */
export async function instrument(
  texts: ReadonlyMap<string, string>,
  some?: readonly Mutant[],
): Promise<{ readonly mutants: readonly Mutant[]; readonly changed: ReadonlyMap<string, string> }> {
  const instrumenter = new Instrumenter(silent);
  const places = Map.groupBy(some ?? [], ({ file }) => file);
  const files = [...texts]
    .filter(([name]) => some === undefined || places.has(name))
    .map(([name, content]) => {
      const mutate = places.get(name)?.map(({ location }) => location);
      return { name, content, mutate: mutate ?? true };
    });
  const result = await instrumenter.instrument(files, {
    plugins: null,
    excludedMutations: [],
    ignorers: [logTexts],
    noHeader: false,
  });
  return {
    changed: new Map(result.files.map(({ name, content }) => [name, content])),
    mutants: result.mutants.flatMap(({ id, fileName, location, replacement = '', mutatorName, status }) =>
      status === 'Ignored' ? [] : [{ id, file: fileName, location, replacement, mutator: mutatorName }],
    ),
  };
}
