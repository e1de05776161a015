import { describe, expect, it } from 'vitest';
import { POLL_FORMATS } from '../../../lib/poll/format/print-reply.ts';
import { OLD_METHOD_NAMES, POLL_METHODS } from '../../../lib/poll/registry.ts';
import { INTENDED_DIFFERENCES } from '../../peers/poll/intended-differences.ts';
import { codeOf, sectionOf, tableRows } from './pages.ts';

const PAGE = 'docs/vpoller.md';
const code = (text: string) => `\`${text}\``;

describe(PAGE, () => {
  it('has the table of methods that the registry makes', () => {
    const names = new Set(POLL_METHODS.map(({ name }) => code(name)));
    const rows = tableRows(sectionOf(PAGE, 'Methods')).filter(([name = '']) => names.has(name));
    expect(rows).toEqual(
      POLL_METHODS.map(({ name, requiredKeys, propertiesOf, summary }) => [
        code(name),
        requiredKeys.map(code).join(', ') || 'none',
        propertiesOf === undefined ? 'none' : code(propertiesOf),
        summary,
      ]),
    );
  });

  it('has every format by its names', () => {
    const named = tableRows(sectionOf(PAGE, 'Formats')).flat();
    const names = named.flatMap((cell) => codeOf(cell) ?? []);
    expect(names.toSorted()).toEqual([...POLL_FORMATS.keys()].toSorted());
  });

  it('has every difference that the test beside vPoller shows, and no other', () => {
    const rows = tableRows(sectionOf(PAGE, 'Differences from vPoller'));
    expect(rows.map(([request]) => request)).toEqual(INTENDED_DIFFERENCES.map(({ request }) => request));
  });

  it('has every old name', () => {
    const rows = tableRows(sectionOf(PAGE, 'Methods')).filter(([, name]) => name?.startsWith('`'));
    const old = new Map(rows.map(([one, name]) => [one, name]));
    for (const [one, name] of OLD_METHOD_NAMES) expect(old.get(code(one))).toBe(code(name));
  });
});
