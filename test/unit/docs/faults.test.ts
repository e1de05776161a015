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

  it.each(ELSEWHERE)('names for "$fault" a test that there is', ({ file, test }) => {
    expect(readPage(file)).toContain(`it('${test}'`.replace("it('", "('"));
  });
});
