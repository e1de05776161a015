import { expect, it } from 'vitest';
import { printCount } from '../../../lib/cli/print-count.ts';

it.each([
  [0, '0 items'],
  [1, '1 item'],
  [2, '2 items'],
])('%d of a thing is printed as "%s"', (count, printed) => {
  expect(printCount(count, 'item')).toBe(printed);
});
