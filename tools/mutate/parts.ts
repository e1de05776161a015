import * as fs from 'node:fs';

/** A folder of lib/ that is measured by itself: the integration tests that must kill its mutants, and the score to reach. */
export interface Part {
  readonly folder: string;
  /** Per cent. */
  readonly goal: number;
  /** Besides all unit tests. */
  readonly tests: readonly string[];
}

const GOAL = 90;
const UNIT_TESTS = 'test/unit/**';

/** The parts that need other integration tests than a room's own, or another goal. */
const PARTS: readonly Part[] = [
  { folder: 'lib/logins/rules', goal: 95, tests: ['test/integration/logins/**'] },
  { folder: 'lib/logins', goal: 95, tests: ['test/integration/logins/lost-batches.test.ts'] },
  { folder: 'lib/state', goal: 95, tests: ['test/integration/state/**'] },
  // It is read, and its faults are printed, by commands.
  {
    folder: 'lib/config',
    goal: GOAL,
    tests: ['test/integration/cli/{config-check,from-*,interpreted-schemas,load-config}.test.ts'],
  },
  {
    folder: 'lib/cli',
    goal: GOAL,
    tests: ['test/integration/cli/**', 'test/integration/lambda/invoke-*.test.ts'],
  },
  { folder: 'lib/esxi', goal: 95, tests: ['test/integration/esxi/**'] },
  // Without a goal: a change there changes what the tests run against, not vsweep (docs/testing.md).
  { folder: 'lib/demo', goal: 0, tests: ['test/integration/{demo,vsphere}/**'] },
];

/** What is made once in a process is kept there, so a mutant shows only where these modules are loaded anew. */
const KEEPS = [
  'lib/vsphere/performance/known-counters.ts',
  'lib/vsphere/property/data-fields.ts',
  'lib/vsphere/vim25/',
];

export const keepsThings = (file: string): boolean => KEEPS.some((folder) => file.startsWith(folder));

/** Test files that take too long to be run for each mutant. What only they kill is reported as survived. */
const TOO_SLOW = [
  'test/integration/esxi/odd-sequences.test.ts',
  'test/integration/logins/any-history.*',
  'test/integration/state/disk-full.test.ts',
  'test/integration/state/read-units.test.ts',
  'test/integration/state/several-processes.test.ts',
  'test/integration/state/steady-state.test.ts',
  'test/unit/vsphere/endless-answers.test.ts',
  'test/unit/vsphere/retrieval-streaming.test.ts',
  'test/unit/vsphere/soap/endless-xml.test.ts',
];

/** The part that a source file belongs to: the innermost of the table, else its room. */
export function partOf(file: string): Part {
  const inTable = PARTS.filter(({ folder }) => file.startsWith(`${folder}/`));
  const innermost = inTable.sort((one, other) => other.folder.length - one.folder.length)[0];
  if (innermost !== undefined) return innermost;
  const [lib, room] = file.split('/');
  return { folder: `${lib}/${room}`, goal: GOAL, tests: [`test/integration/${room}/**`] };
}

/**
 * The test files of a part: all unit tests, because what a room does may be stated where it is used, as the rows of the
 * catalogue are by golden files and pages; and the integration tests of the room, which take longer.
 */
export function testsOf(part: Part, root: string): string[] {
  const slow = new Set(fs.globSync(TOO_SLOW, { cwd: root }));
  return fs
    .globSync([UNIT_TESTS, ...part.tests], { cwd: root })
    .filter((file) => file.endsWith('.test.ts') && !slow.has(file))
    .sort();
}

/** The source files of folders and files of lib/, by the part that they belong to; each part once. */
export function sourcesByPart(
  places: readonly string[],
  root: string,
): { readonly part: Part; readonly files: readonly string[] }[] {
  const files = places
    .map((place) => place.replace(/\/+$/, ''))
    .flatMap((place) => fs.globSync(place.endsWith('.ts') ? place : `${place}/**/*.ts`, { cwd: root }))
    .filter((file) => file.startsWith('lib/') && !file.endsWith('.d.ts'));
  const byFolder = Object.groupBy([...new Set(files)].sort(), (file) => partOf(file).folder);
  return Object.values(byFolder).flatMap((found = []) => {
    const [first] = found;
    return first === undefined ? [] : [{ part: partOf(first), files: found }];
  });
}
