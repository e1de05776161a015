import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTable, wrap } from '../../../lib/cli/format-table.ts';

const HEADER = ['host', 'vcenter', 'ssh', 'detail'];
const DETAILS =
  'ssh: 127.10.1.40:41537: connection failed (ECONNREFUSED); check that the ssh service of the host runs and that its firewall lets this machine in';
const ROWS = [
  ['esx40.example.org', 'ok', 'failed(connection-refused)', DETAILS],
  ['esx42.example.org', 'ok', 'skipped(lockdown)', ''],
];
const table = (width: number, details = true) => formatTable(HEADER, ROWS, { width, details });
const longest = (text: string) => Math.max(...text.split('\n').map((line) => line.length));

describe('formatTable', () => {
  it('makes columns as wide as their widest cell, and leaves no cell empty', () => {
    const rows = [
      ['long', 'x'],
      ['s', ''],
    ];
    expect(formatTable(['a', 'b'], rows, { width: 80 })).toBe('a     b\nlong  x\ns     -');
  });

  it('prints no control characters and no marks that turn text round, which a name in vCenter may hold', () => {
    const rows = [['esx\u009b2J\u001b[1mname\n\u202egpj']];
    expect(formatTable(['host'], rows, { width: 80 })).toBe('host\nesx 2J [1mname  gpj');
  });

  it('wraps the details in their column where it is wide enough, and cuts nothing', () => {
    const [header, ...lines] = table(160).split('\n');
    expect(header).toMatch(/^host +vcenter {2}ssh +detail$/);
    expect(lines[0]).toMatch(
      /^esx40\.example\.org {2}ok {7}failed\(connection-refused\) {2}ssh: 127\.10\.1\.40.*\S$/,
    );
    expect(lines[1]).toMatch(/^ {56}\S/);
    expect(lines.at(-1)).toBe('esx42.example.org  ok       skipped(lockdown)');
    expect(longest(table(160))).toBeLessThanOrEqual(160);
    expect(lines.slice(0, 2).join(' ').replaceAll(/ +/g, ' ')).toContain(DETAILS);
  });

  it.each([40, 80])(
    'puts the details below their row where %i columns leave no room, and cuts nothing',
    (width) => {
      const [header, first, ...lines] = table(width).split('\n');
      expect(header).toMatch(/^host +vcenter {2}ssh +detail$/);
      expect(first).toBe('esx40.example.org  ok       failed(connection-refused)');
      const below = lines.filter((line) => line.startsWith('    '));
      expect(below.map((line) => line.trim()).join(' ')).toBe(DETAILS);
      expect(Math.max(...below.map((line) => line.length))).toBeLessThanOrEqual(width);
      expect(lines.at(-1)).toBe('esx42.example.org  ok       skipped(lockdown)');
    },
  );

  it('makes lines of a row where the last column is not details and the table does not fit', () => {
    const text = table(80, false);
    expect(text).toContain(
      `host: esx40.example.org\nvcenter: ok\nssh: failed(connection-refused)\ndetail: ${DETAILS}\n`,
    );
    expect(text.endsWith('\nhost: esx42.example.org\nvcenter: ok\nssh: skipped(lockdown)\ndetail: -')).toBe(
      true,
    );
    expect(table(Number.POSITIVE_INFINITY, false)).toContain(`failed(connection-refused)  ${DETAILS}\n`);
  });

  it('shows all on one line where there is no width to keep', () => {
    expect(longest(table(Number.POSITIVE_INFINITY))).toBe(56 + DETAILS.length);
  });
});

describe('wrap', () => {
  const word = fc.stringMatching(/^[a-z,.]{1,12}$/);

  it('loses no word, and makes no line longer than it may be but for a single word', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), fc.integer({ min: 1, max: 60 }), (words, width) => {
        const lines = wrap(words.join(' '), width);
        expect(lines.join(' ')).toBe(words.join(' '));
        expect(lines.filter((line) => line.length > width && line.includes(' '))).toEqual([]);
      }),
    );
  });

  it('keeps a command whole, so that it can be pasted', () => {
    const text = 'Compare and accept it: vsweep hostkey accept vc1 10.0.0.7:22, or all keys at once';
    expect(wrap(text, 30)).toEqual([
      'Compare and accept it:',
      'vsweep hostkey accept vc1 10.0.0.7:22,',
      'or all keys at once',
    ]);
  });
});
