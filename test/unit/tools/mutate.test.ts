import * as fs from 'node:fs';
import * as path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openCompiler } from '../../../tools/mutate/compiler.ts';
import { readImportGraph } from '../../../tools/mutate/import-graph.ts';
import { KNOWN_SURVIVORS } from '../../../tools/mutate/known-survivors.ts';
import { applyMutant, changedLines } from '../../../tools/mutate/mutant-text.ts';
import { partOf, sourcesByPart, testsOf } from '../../../tools/mutate/parts.ts';
import { isInSample } from '../../../tools/mutate/sample.ts';
import { makeSandbox } from '../../../tools/mutate/sandbox.ts';
import {
  intervalOf,
  type KnownSurvivor,
  readEnds,
  scoreOf,
  type TriedMutant,
} from '../../../tools/mutate/score.ts';
import { createSandbox, ROOT } from './sandbox.ts';

const at = (line: number, column: number) => ({ line, column });

describe('applyMutant', () => {
  it('puts the replacement where the place is, over lines too', () => {
    const location = { start: at(1, 2), end: at(2, 1) };
    expect(applyMutant('first\n  old\n} end\n', { location, replacement: 'new {}' })).toBe(
      'first\n  new {} end\n',
    );
  });
});

describe('changedLines', () => {
  it('has the whole lines, each run of white space as one space', () => {
    const location = { start: at(1, 4), end: at(3, 1) };
    const lines = changedLines('a;\nif (x) {\n  b();\n} else c();\nd;', { location, replacement: 'true' });
    expect(lines).toEqual({ was: 'if (x) { b(); } else c();', becomes: 'if (true else c();' });
  });

  it('stays the same when lines are put before it', () => {
    const mutant = (line: number) => ({
      location: { start: at(line, 6), end: at(line, 7) },
      replacement: '<=',
    });
    fc.assert(
      fc.property(
        fc.array(
          fc.string().map((text) => text.replace(/\n/g, ' ')),
          { maxLength: 9 },
        ),
        (before) => {
          const text = [...before, 'if (a < b)', 'c();'].join('\n');
          expect(changedLines(text, mutant(before.length))).toEqual({
            was: 'if (a < b)',
            becomes: 'if (a <= b)',
          });
        },
      ),
    );
  });
});

describe('openCompiler', () => {
  it('says why it refuses a text, takes one that has the right types, and forgets both', () => {
    using compiler = openCompiler(ROOT);
    const file = 'lib/logins/rules/allowance.ts';
    const text = fs.readFileSync(path.join(ROOT, file), 'utf8');
    expect(compiler.refuses(file, `${text}\nexport const wrong: number = 'text';`)).toContain(
      'not assignable',
    );
    expect(compiler.refuses(file, `${text}\nexport const right: number = 1;`)).toBeUndefined();
    expect(compiler.refuses(file, text)).toBeUndefined();
    // Nor is it seen by those that import it.
    compiler.refuses(file, '');
    const importer = 'lib/logins/trial/waves.ts';
    expect(compiler.refuses(importer, fs.readFileSync(path.join(ROOT, importer), 'utf8'))).toBeUndefined();
  });
});

describe('isInSample', () => {
  it('takes the share that was asked for, and by another seed others', () => {
    const mutants = Array.from({ length: 4_000 }, (_, index) => `mutant ${index}`);
    const sample = (seed: string) => mutants.filter((mutant) => isInSample(mutant, { share: 0.1, seed }));
    expect(sample('1').length).toBeGreaterThan(300);
    expect(sample('1').length).toBeLessThan(500);
    expect(sample('1')).toEqual(sample('1'));
    expect(sample('1')).not.toEqual(sample('2'));
  });

  it('takes each mutant of a whole', () => {
    fc.assert(fc.property(fc.string(), (mutant) => isInSample(mutant, { share: 1, seed: '1' })));
  });
});

const mutantOf = (end: TriedMutant['end'], becomes: string, file = 'lib/a.ts'): TriedMutant => ({
  file,
  line: 1,
  mutator: 'EqualityOperator',
  was: 'a < b',
  becomes,
  end,
});
const entryOf = (kind: KnownSurvivor['kind'], becomes: string): KnownSurvivor => ({
  file: 'lib/a.ts',
  was: 'a < b',
  becomes,
  kind,
  why: 'for this test',
});

describe('makeSandbox', () => {
  it('copies a project with the changed files, and not the folder inside it where it writes', () => {
    using project = createSandbox(['tools/mutate']);
    project.write('lib/a.ts', 'was');
    project.write('lib/b.ts', 'b');
    const folder = path.join(project.folder, 'of/a run/sandbox');
    makeSandbox(project.folder, folder, new Map([['lib/a.ts', 'becomes']]));
    makeSandbox(project.folder, folder, new Map([['lib/a.ts', 'becomes']]));
    expect(fs.readdirSync(folder).sort()).toEqual(['lib', 'older-node.cjs', 'package.json', 'tools']);
    expect(fs.readFileSync(path.join(folder, 'lib/a.ts'), 'utf8')).toBe('becomes');
    expect(fs.readFileSync(path.join(folder, 'lib/b.ts'), 'utf8')).toBe('b');
  });
});

describe('scoreOf', () => {
  it('counts what was noticed among the mutants that were tried and are not equivalent', () => {
    const mutants = [
      mutantOf('killed', '1'),
      mutantOf('timeout', '2'),
      mutantOf('survived', '3'),
      mutantOf('survived', '4'),
      mutantOf('survived', '5'),
      mutantOf('invalid', '6'),
      mutantOf('not-tried', '7'),
      mutantOf('unreached', '8'),
    ];
    const score = scoreOf(mutants, [entryOf('equivalent', '3'), entryOf('accepted', '4')]);
    const counts = {
      tried: 6,
      killed: 1,
      timeouts: 1,
      survived: 3,
      unreached: 1,
      equivalent: 1,
      invalid: 1,
      percent: 40,
    };
    expect(score).toMatchObject(counts);
    expect(score.unknown.map(({ becomes }) => becomes)).toEqual(['5', '8']);
  });

  it('names entries that a whole file has no survivor for, and none of a file that was tried in part', () => {
    const gone = entryOf('equivalent', 'gone');
    expect(scoreOf([mutantOf('killed', 'gone')], [gone]).stale).toEqual([gone]);
    expect(scoreOf([mutantOf('survived', 'gone')], [gone]).stale).toEqual([]);
    expect(scoreOf([mutantOf('timeout', 'gone')], [gone]).stale).toEqual([]);
    expect(scoreOf([mutantOf('killed', '1'), mutantOf('not-tried', 'gone')], [gone]).stale).toEqual([]);
    expect(scoreOf([mutantOf('killed', '1', 'lib/b.ts')], [gone]).stale).toEqual([]);
  });

  it('names entries whose lines are gone from a file, also where it was tried in part', () => {
    const entry = entryOf('equivalent', 'other');
    const mutants = [mutantOf('killed', '1'), mutantOf('not-tried', 'other')];
    const staleIn = (file: string, text: string) => scoreOf(mutants, [entry], new Map([[file, text]])).stale;
    expect(staleIn('lib/a.ts', 'if (a <= b)')).toEqual([entry]);
    expect(staleIn('lib/a.ts', 'if (\n  a < b\n)')).toEqual([]);
    expect(staleIn('lib/b.ts', '')).toEqual([]);
  });
});

describe('readEnds', () => {
  const at = (becomes: string, line: number) => ({ file: 'lib/a.ts', line, was: 'a < b', becomes });
  const earlier = (end: TriedMutant['end'], becomes: string, line = 1) => ({
    ...mutantOf(end, becomes),
    line,
  });

  it('says what became of a mutant, also when code above it moved', () => {
    const [first, moved, other] = [at('1', 1), at('2', 9), at('3', 1)];
    const ends = readEnds([earlier('survived', '1'), earlier('killed', '2')], [first, moved, other]);
    expect([first, moved, other].map((one) => ends.get(one))).toEqual(['survived', 'killed', undefined]);
  });

  it('tells mutants of the same text by their lines, and takes none for another one', () => {
    const [first, second] = [at('1', 1), at('1', 2)];
    const ends = readEnds([earlier('survived', '1', 2), earlier('killed', '1', 3)], [first, second]);
    expect([ends.size, ends.get(first), ends.get(second)]).toEqual([1, undefined, 'survived']);
  });
});

describe('intervalOf', () => {
  it('is that of Wilson: 90 of 100 are 82.6 to 94.5 per cent', () => {
    const ends = [...Array<'killed'>(90).fill('killed'), ...Array<'survived'>(10).fill('survived')];
    const score = scoreOf(
      ends.map((end, index) => mutantOf(end, String(index))),
      [],
    );
    expect(intervalOf(score).map((value) => Number(value.toFixed(1)))).toEqual([82.6, 94.5]);
  });
});

describe('readImportGraph', () => {
  it('has what depends on a file, directly and through others', () => {
    using project = createSandbox([]);
    project.write('lib/low.ts', 'export const low = 1;');
    project.write('lib/middle.ts', "import { low } from './low.ts';\nexport const middle = low;");
    project.write('test/high.test.ts', "const { middle } = await import('../lib/middle.ts');");
    project.write('test/other.test.ts', "import * as fs from 'node:fs';");
    project.write('lib/thread.ts', "new Worker(new URL('./middle.ts', import.meta.url));");
    const files = ['lib/low.ts', 'lib/middle.ts', 'lib/thread.ts', 'test/high.test.ts', 'test/other.test.ts'];
    const { dependents } = readImportGraph(files, project.folder);
    expect([...dependents('lib/low.ts')]).toEqual([
      'lib/low.ts',
      'lib/middle.ts',
      'lib/thread.ts',
      'test/high.test.ts',
    ]);
    expect([...dependents('test/other.test.ts')]).toEqual(['test/other.test.ts']);
    expect([...dependents('lib/middle.ts')], 'the nearest ones first').toEqual([
      'lib/middle.ts',
      'lib/thread.ts',
      'test/high.test.ts',
    ]);
  });
});

describe('partOf', () => {
  it('is the innermost of the table, else the room', () => {
    expect(partOf('lib/logins/rules/allowance.ts')).toMatchObject({ folder: 'lib/logins/rules', goal: 95 });
    expect(partOf('lib/logins/trial/flights.ts')).toMatchObject({ folder: 'lib/logins', goal: 95 });
    expect(partOf('lib/sweep/plan/plan-hosts.ts')).toMatchObject({ folder: 'lib/sweep', goal: 90 });
  });
});

describe('sourcesByPart', () => {
  it('has each file of the places once, and the rooms of lib/ with tests of their own', () => {
    const parts = sourcesByPart(['lib', 'lib/logins/rules/allowance.ts'], ROOT);
    const files = parts.flatMap((part) => part.files);
    expect(new Set(files).size).toBe(files.length);
    expect(files).toContain('lib/logins/rules/allowance.ts');
    expect(parts.filter(({ part }) => testsOf(part, ROOT).length === 0)).toEqual([]);
  });

  it('knows nothing outside of lib/', () => {
    expect(sourcesByPart(['tools', 'test/'], ROOT)).toEqual([]);
  });
});

describe('KNOWN_SURVIVORS', () => {
  it('are of files that there are', () => {
    const missing = KNOWN_SURVIVORS.filter(({ file }) => !fs.existsSync(path.join(ROOT, file)));
    expect(missing).toEqual([]);
  });
});
