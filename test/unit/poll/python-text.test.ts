import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printPythonNumber, printPythonText, printPythonTime } from '../../../lib/poll/python-text.ts';

describe('printPythonTime', () => {
  it.each([
    ['2026-01-02T03:04:05.678901Z', '2026-01-02 03:04:05.678901+00:00'],
    ['2026-01-02T03:04:05.5Z', '2026-01-02 03:04:05.500000+00:00'],
    ['2026-01-02T03:04:05.678901987Z', '2026-01-02 03:04:05.678901+00:00'],
    ['2026-01-02T03:04:05.000Z', '2026-01-02 03:04:05+00:00'],
    ['2026-01-02T03:04:05Z', '2026-01-02 03:04:05+00:00'],
    ['None', 'None'],
  ])('prints %s as Python does', (iso, printed) => {
    expect(printPythonTime(iso)).toBe(printed);
  });
});

describe('printPythonNumber', () => {
  it.each([
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [-1.5e-7, '-1.5e-07'],
    [2.5e-10, '2.5e-10'],
    [1e21, '1000000000000000000000'],
    [-3, '-3'],
  ])('prints %d as Python does', (value, printed) => {
    expect(printPythonNumber(value)).toBe(printed);
  });

  it('loses nothing', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Number(printPythonNumber(value))).toBe(value === 0 ? 0 : value);
      }),
    );
  });
});

describe('printPythonText', () => {
  it.each([
    ["it's", "it's"],
    [["it's"], '["it\'s"]'],
    [[`it's "x"`], `['it\\'s "x"']`],
    [['a\\b\n\u0000\u00a0\u2028\u{e0001}é'], "['a\\\\b\\n\\x00\\xa0\\u2028\\U000e0001é']"],
    [{ a: null, b: [true, 1] }, "{'a': None, 'b': [True, 1]}"],
  ])('prints %j as Python does', (value, printed) => {
    expect(printPythonText(value)).toBe(printed);
  });
});
