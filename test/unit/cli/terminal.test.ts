import { describe, expect, it } from 'vitest';
import {
  aboutConfig,
  completingCommands,
  logTo,
  print,
  printAge,
  printColoured,
  printError,
  printTime,
  printVerbatim,
  tableWidth,
  toDisplay,
} from '../../../lib/cli/terminal.ts';
import { here } from '../../support/cli/here.ts';

const printed = (work: () => void) =>
  here(async () => {
    work();
    return 0;
  });
const stream = (more: object) => more as NodeJS.WriteStream;

describe('what is printed', () => {
  it('ends with one line feed, answers on standard output and all else on standard error', async () => {
    expect(await printed(() => [print('a'), print('b\n')])).toMatchObject({ output: 'a\nb\n', errors: '' });
    expect(await printed(() => printError('a'))).toMatchObject({ output: '', errors: 'a\n' });
  });

  it('moves no cursor, but for what a program reads', async () => {
    expect(await printed(() => print('a\u001b[2Jb'))).toMatchObject({ output: 'a\\u001b[2Jb\n' });
    expect(await printed(() => printColoured('failed\u0007'))).toMatchObject({ output: 'failed\\u0007\n' });
    expect(await printed(() => printVerbatim('a\u001b[2Jb'))).toMatchObject({ output: 'a\u001b[2Jb\n' });
  });

  it('has a line of the log for each entry, with its time', async () => {
    const { errors } = await printed(() => logTo('info').warn('one\ntwo', { of: 1 }));
    expect(errors).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z warn {2}one two of=1\n$/);
    expect(await printed(() => logTo('warn').info('one'))).toMatchObject({ errors: '' });
  });

  it('names commands as this one was started, about its configuration, until it has ended', () => {
    const complete = (text: string, config?: string) => `${text} of ${config}`;
    {
      using _one = completingCommands(complete);
      expect(toDisplay('x')).toBe('x of undefined');
      using _two = aboutConfig('a.yaml');
      expect(toDisplay('x')).toBe('x of a.yaml');
    }
    expect(toDisplay('x')).toBe('x');
    using _one = completingCommands(complete);
    expect(toDisplay('x')).toBe('x of undefined');
  });

  it('has as many columns as the terminal, and no limit elsewhere or where all is to be seen', () => {
    const all = Number.POSITIVE_INFINITY;
    expect(tableWidth({ verbose: false }, stream({ isTTY: true, columns: 100 }))).toBe(100);
    expect(tableWidth({ verbose: false }, stream({ isTTY: true, columns: 0 }))).toBe(80);
    expect(tableWidth({ verbose: true }, stream({ isTTY: true, columns: 100 }))).toBe(all);
    expect(tableWidth({ verbose: false }, stream({ columns: 100 }))).toBe(all);
  });
});

describe('a time', () => {
  it('is printed with its date in UTC, and one that is not known as nothing', () => {
    expect(printTime(0)).toBe('1970-01-01T00:00:00.000Z');
    expect(printTime(undefined)).toBe('');
  });

  it.each([
    [-1, '0 s'],
    [999, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 m'],
    [3_599_999, '59 m'],
    [3_600_000, '1 h'],
    [86_399_999, '23 h'],
    [86_400_000, '1 d'],
    [200 * 86_400_000, '200 d'],
  ])('of %d ms ago has the largest unit that it fills: %s', (ms, text) => {
    expect(printAge(ms)).toBe(text);
  });
});
