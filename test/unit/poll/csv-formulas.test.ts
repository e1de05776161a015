import fc from 'fast-check';
import { expect, it } from 'vitest';
import { withoutFormulas } from '../../../lib/poll/format/csv-formulas.ts';

const reply = (result: readonly Record<string, string>[]) => ({ success: 0, msg: 'ok', result }) as const;

it.each(['=HYPERLINK("http://evil")', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])(
  'a text that a spreadsheet takes for a formula is a text: %j',
  (text) => {
    expect(withoutFormulas(reply([{ name: text }]))).toEqual(reply([{ name: `'${text}` }]));
  },
);

it('any other value stays as it is, and so does a failure', () => {
  const plain = fc.string().filter((text) => !/^[=+\-@\t\r\n]/.test(text));
  fc.assert(
    fc.property(fc.array(fc.record({ name: plain })), (objects) => {
      expect(withoutFormulas(reply(objects))).toEqual(reply(objects));
    }),
  );
  const numbers = { success: 0, msg: '', result: { count: -1, list: ['=1'] } } as const;
  expect(withoutFormulas(numbers)).toEqual(numbers);
  const failed = { success: 1, msg: '=1' } as const;
  expect(withoutFormulas(failed)).toBe(failed);
});
