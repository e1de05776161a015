import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exitCodeOf, inColour, printCounts, printLine } from '../../../../lib/cli/doctor/print-lines.ts';
import { green, red, type Verdict, yellow } from '../../../../lib/cli/doctor/verdicts/verdict.ts';

const TEXT = fc.string({ unit: 'binary', maxLength: 20 });
const line = (colour: Verdict['colour']) => ({ check: 'c', subject: 's', colour, reason: 'r' });

describe('the print of a line', () => {
  it('has one line and the command below, and no control character of a peer', () => {
    fc.assert(
      fc.property(TEXT, TEXT, (reason, command) => {
        const printed = printLine({ check: 'c', subject: 's', colour: 'red', reason, command });
        expect(printed.split('\n')).toHaveLength(2);
        expect(printed.replace('\n', '')).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
      }),
    );
    expect(printLine(line('yellow'))).toBe('yellow  c s: r');
    expect(printLine({ ...line('red'), command: 'mend it' })).toBe('red     c s: r\n        mend it');
  });

  it.each([
    ['green', '\x1b[32mgreen\x1b[39m   c s: red'],
    ['yellow', '\x1b[33myellow\x1b[39m  c s: red'],
    ['red', '\x1b[31mred\x1b[39m     c s: red'],
  ] as const)('has the word %s in its colour, and no other word', (colour, expected) => {
    expect(inColour(printLine({ ...line(colour), reason: 'red' }))).toBe(expected);
  });

  it('counts colours, and red alone makes the exit code 1', () => {
    expect(printCounts([line('green'), line('red'), line('green')])).toBe('2 green, 0 yellow, 1 red');
    expect(exitCodeOf([line('green'), line('yellow')])).toBe(0);
    expect(exitCodeOf([line('green'), line('red')])).toBe(1);
  });
});

it('a verdict has its colour, its reason, and a command only where there is one', () => {
  expect([green('a'), yellow('b', 'c'), red('d')]).toStrictEqual([
    { colour: 'green', reason: 'a' },
    { colour: 'yellow', reason: 'b', command: 'c' },
    { colour: 'red', reason: 'd' },
  ]);
});
