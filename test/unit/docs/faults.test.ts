import { describe, expect, it } from 'vitest';
import { ELSEWHERE } from '../../integration/sweep/faults/elsewhere.ts';
import { FAULTS, toRow } from '../../integration/sweep/faults/fault-table.ts';
import { readPage, sectionOf, tableRows } from './pages.ts';

const PAGE = 'docs/faults.md';

describe(PAGE, () => {
  it.each(Object.entries(FAULTS))('has under "%s" what the tests show', (heading, faults) => {
    expect(tableRows(sectionOf(PAGE, heading))).toEqual(faults.map(toRow));
  });

  it('has each fault of a part once, and no part that nothing shows', () => {
    for (const [heading, faults] of Object.entries(FAULTS)) {
      const names = faults.map(({ fault }) => fault);
      expect(new Set(names).size, heading).toBe(names.length);
    }
    const headings = Array.from(readPage(PAGE).matchAll(/^## (.+)$/gm), ([, heading]) => heading);
    expect(headings).toEqual(Object.keys(FAULTS));
  });

  it.each(ELSEWHERE)('names for "$fault" a test that there is and compares its cells', (row) => {
    // A longer call has its arguments on lines of their own.
    const [, body = ''] = readPage(row.file).split(`'${row.test}'`);
    expect(body).not.toBe('');
    // Up to the next test.
    const [own = ''] = body.split(/^ +it(?:\.each)?\(/m);
    if (row.unseen === undefined) {
      expect(own).toContain(`'${row.fault}'`);
      expect(own).toContain('expectDocumented(');
    } else expect(own).not.toContain('expectDocumented(');
  });
});
