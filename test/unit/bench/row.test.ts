import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { percentileOf, spreadOf } from '../../../bench/measured.ts';
import { printRows, type Row } from '../../../bench/row.ts';

const row = (more: Partial<Row>): Row => ({ what: 'work', unit: 's', ours: [2.2, 2, 2.1], ...more });
const lineOf = (one: Row) => printRows([one]).split('\n')[1];

describe('spreadOf', () => {
  it('puts as many runs below the median as above, all of them between min and max', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1 }), (runs) => {
        const { median, min, max } = spreadOf(runs);
        const count = (holds: (run: number) => boolean) => runs.filter(holds).length;
        expect(count((run) => run < median)).toBeLessThanOrEqual(runs.length / 2);
        expect(count((run) => run > median)).toBeLessThanOrEqual(runs.length / 2);
        expect([min, max]).toEqual([Math.min(...runs), Math.max(...runs)]);
      }),
    );
  });

  it('refuses to summarise no run at all', () => {
    expect(() => spreadOf([])).toThrow(RangeError);
  });
});

describe('percentileOf', () => {
  it('is the least of the values that the share does not exceed', () => {
    const share = fc.double({ min: 0.01, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.nat(50), { minLength: 1 }), share, (values, part) => {
        const percentile = percentileOf(values, part);
        expect(values).toContain(percentile);
        const count = (holds: (value: number) => boolean) => values.filter(holds).length / values.length;
        expect(count((value) => value <= percentile)).toBeGreaterThanOrEqual(part - 1e-9);
        expect(count((value) => value < percentile)).toBeLessThan(part);
      }),
    );
    expect(percentileOf([...Array(100).keys()], 0.99)).toBe(98);
  });
});

describe('printRows', () => {
  it('prints the medians, their ranges and the ratio beside the peer', () => {
    expect(lineOf(row({ peer: { name: 'ssh2', runs: [4, 4.4, 4.2] } }))).toMatch(
      /^work +2\.10 s +2\.00 to 2\.20 +ssh2 +4\.20 s +4\.00 to 4\.40 +0\.50$/,
    );
  });

  it('judges a target of the unit by the median, whatever the slowest run took', () => {
    const ours = [2.9, 3, 9];
    expect(lineOf(row({ ours, target: { atMost: 3, of: 'unit' } }))).toMatch(/at most 3 s: met$/);
    expect(lineOf(row({ ours, target: { atMost: 2.9, of: 'unit' } }))).toMatch(/at most 2\.9 s: NOT MET$/);
  });

  it('judges a target beside the peer by the ratio, and says when there was no peer', () => {
    const target = { atMost: 1.1, of: 'peer' } as const;
    expect(lineOf(row({ target, peer: { name: 'ssh2', runs: [2] } }))).toMatch(/ratio at most 1\.1: met$/);
    expect(lineOf(row({ target, peer: { name: 'ssh2', runs: [1.8] } }))).toMatch(/1\.1: NOT MET$/);
    expect(lineOf(row({ target, peer: { name: 'ssh2', missing: 'no ssh2' } }))).toMatch(
      /ssh2 +no ssh2 .* 1\.1: not measured$/,
    );
  });

  it('says what a row lacks that could not be measured', () => {
    expect(lineOf(row({ ours: [], missing: 'no sshd' }))).toBe('work  missing: no sshd');
  });
});
