import { expect, it } from 'vitest';
import { toSources } from '../../../functions/readable-stack.ts';

const map = {
  findOrigin: (line: number, column: number) => ({
    fileName: 'lib/a.ts',
    lineNumber: line,
    columnNumber: column,
  }),
} as unknown as Parameters<typeof toSources>[1];

it('names our lines in the frames of the bundle, and leaves those of packages beside it, and messages, alone', () => {
  const stack = [
    'Error: see index.js:1:2',
    '    at run (/var/task/index.js:1:345)',
    '    at file:///var/task/index.js:1:9',
    '    at async Object.x [as y] (file:///var/task/index.js:2:3)',
    '    at z (/var/task/node_modules/re2js/index.js:1:500)',
  ].join('\n');
  expect(toSources(stack, map).split('\n')).toEqual([
    'Error: see index.js:1:2',
    '    at run (lib/a.ts:1:345)',
    '    at lib/a.ts:1:9',
    '    at async Object.x [as y] (lib/a.ts:2:3)',
    '    at z (/var/task/node_modules/re2js/index.js:1:500)',
  ]);
});

it('looks at a long word of a message no longer than it has letters, wherever it stands', () => {
  const word = 'a'.repeat(1_000_000);
  const stack = `Error: ${word}\n    at ${word}\n    at run (/var/task/index.js:1:2)`;
  expect(toSources(stack, map).endsWith('at run (lib/a.ts:1:2)')).toBe(true);
});
