import { describe, expect, it } from 'vitest';
import { formatTable } from '../../../lib/cli/format-table.ts';

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
  it('makes columns as wide as their widest cell', () => {
    const rows = [
      ['long', 'x'],
      ['s', ''],
    ];
    expect(formatTable(['a', 'b'], rows, { width: 80 })).toBe('a     b\nlong  x\ns');
  });

  it('prints no control characters, which a name in vCenter may hold', () => {
    const rows = [['esx\u009b2J\u001b[1mname\n']];
    expect(formatTable(['host'], rows, { width: 80 })).toBe('host\nesx 2J [1mname');
  });

  it.each([80, 200])('keeps every other column whole and shortens the details to fit %i columns', (width) => {
    const [header, first = '', second] = table(width).split('\n');
    expect(header).toMatch(/^host +vcenter {2}ssh +detail$/);
    expect(first).toMatch(
      /^esx40\.example\.org {2}ok {7}failed\(connection-refused\) {2}ssh: 127\.10\.1\.40.*…?$/,
    );
    expect(first.length).toBeLessThanOrEqual(width);
    expect(first.endsWith('…')).toBe(first.length < 56 + DETAILS.length);
    expect(second).toBe('esx42.example.org  ok       skipped(lockdown)');
  });

  it('makes lines of a row where its other columns leave no room, and cuts nothing then', () => {
    const text = table(40);
    expect(text).toContain(
      `host: esx40.example.org\nvcenter: ok\nssh: failed(connection-refused)\ndetail: ${DETAILS}\n`,
    );
    expect(text.endsWith('\nhost: esx42.example.org\nvcenter: ok\nssh: skipped(lockdown)')).toBe(true);
  });

  it('cuts nothing where the last column is not details', () => {
    expect(table(80, false)).toContain(DETAILS);
    expect(table(80, false)).toContain('ssh: failed(connection-refused)\n');
    expect(table(Number.POSITIVE_INFINITY, false)).toContain(`failed(connection-refused)  ${DETAILS}\n`);
  });

  it('shows all where there is no width to keep', () => {
    expect(longest(table(Number.POSITIVE_INFINITY))).toBe(56 + DETAILS.length);
  });
});
