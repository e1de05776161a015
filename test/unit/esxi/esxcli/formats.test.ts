import { describe, expect, it } from 'vitest';
import { readCsv } from '../../../../lib/esxi/esxcli/read-csv.ts';
import { readKeyvalue } from '../../../../lib/esxi/esxcli/read-keyvalue.ts';
import { errorOf, fieldKey, readEsxcli } from '../../../../lib/esxi/esxcli/read-output.ts';
import { objectOf, rowsOf } from '../../../../lib/esxi/esxcli/rows.ts';

const objects = (found: readonly (readonly (readonly [string, unknown])[])[] | undefined) =>
  found?.map((fields) => Object.fromEntries(fields));

describe('csv', () => {
  const read = (text: string) => {
    const csv = readCsv(text);
    return csv && { rows: objects(csv.records), brokenRow: csv.brokenRow };
  };

  it.each([
    ['A,B,', []],
    ['A,B,\n', []],
    ['A,B,\r\n1,2,', [{ A: '1', B: '2' }]],
    [
      'A,B,\n1,2,\n\n3,4,\n',
      [
        { A: '1', B: '2' },
        { A: '3', B: '4' },
      ],
    ],
    ['A,B,\n,,\n', [{ A: '', B: '' }]],
    ['A,B,\n"x,y","say ""no""",\n', [{ A: 'x,y', B: 'say "no"' }]],
    ['A,\n"x\ny",\n', [{ A: 'x\ny' }]],
    ['A,\nx"y",\n', [{ A: 'x"y"' }]],
    ['A,\n"",\n', [{ A: '' }]],
    ['A,\n"x"y,\n', [{ A: 'xy' }]],
    ['A,\n\n \n', []],
    ['Used %,A-b/c (#1).d_e,\n1,2,', [{ 'Used %': '1', 'A-b/c (#1).d_e': '2' }]],
    [`${'n'.repeat(64)},\n1,`, [{ ['n'.repeat(64)]: '1' }]],
  ])('%j is the rows %j', (text, rows) => {
    expect(read(text)).toEqual({ rows, brokenRow: undefined });
  });

  it.each([
    ['A,B,\n1,2,\n1,\n', 2],
    ['A,B,\n1,2,3,\n', 1],
    ['A,B,\n1,2', 1],
    ['A,B,\n1,2,\n"x', 2],
    ['A,\n"x', 1],
    ['A,\n1,\nx\n', 2],
  ])('%j is broken in its row %i, and has none then', (text, brokenRow) => {
    expect(read(text)).toEqual({ rows: [], brokenRow });
  });

  it.each(['', 'A', 'A,B', ',', 'A,,', '9,', ' A,', 'A;b,', 'A,B,x', `${'n'.repeat(65)},`, 'x\nA,\n1,'])(
    '%j is not taken for csv',
    (text) => {
      expect(read(text)).toBeUndefined();
    },
  );
});

describe('keyvalue', () => {
  const read = (text: string) => objects(readKeyvalue(text));

  it.each([
    ['structure[0].N.A.string=1\nstructure[0].N.B.integer=2\n', [{ A: '1', B: '2' }]],
    ['structure[0].N.A.string=1\nstructure[1].N.A.string=2', [{ A: '1' }, { A: '2' }]],
    ['structure[7].N.A.string=1\nstructure[12345].N.A.string=2', [{ A: '1' }, { A: '2' }]],
    [
      'structure[1].N.A.string=1\nstructure[0].N.A.string=2\nstructure[1].N.B.string=3',
      [{ A: '1', B: '3' }, { A: '2' }],
    ],
    ['VersionGet.Version.string=8.0.3\n', [{ Version: '8.0.3' }]],
    ['  N.A.string=x y \n', [{ A: 'x y' }]],
    ['N.A.string=', [{ A: '' }]],
    ['N.A.string=a=b', [{ A: 'a=b' }]],
    ['N.A.string=x\nsecond line\nN.B.string=y', [{ A: 'x', B: 'y' }]],
    ['N.A.string[] = \nN.B.string[]=\nN.C.string[]  =', [{ A: 0, B: 0, C: 0 }]],
    ['N.A.string[0].string=x\nN.A.string[1].string=y', [{ A: 2 }]],
    ['N.A.structure[12345].X.B.string=x', [{ A: 12_346 }]],
    ['N9_.A9_.string=1', [{ A9_: '1' }]],
    ['N.A.sTRing=1', [{ A: '1' }]],
  ])('%j is the rows %j', (text, rows) => {
    expect(read(text)).toEqual(rows);
  });

  it.each([
    '',
    'x',
    'first line\nN.A.string=1',
    'N.A=1',
    '9.A.string=1',
    'N.9.string=1',
    'N.A.String=1',
    'N.A.9=1',
    'N.A.string',
    'N.A. string=1',
    'N-x.A.string=1',
    'N.A-x.string=1',
    'structure[x].N.A.string=1',
    'structure[123456].N.A.string=1',
    'xstructure[0].N.A.string=1',
    'N.A.string[x].string=1',
    'N.A.string[123456].string=1',
    'N.A.string[0]string=1',
    'N.A.string[1] =',
    'N.A.string[] x',
  ])('%j is not taken for keyvalue', (text) => {
    expect(read(text)).toBeUndefined();
  });
});

describe('readEsxcli', () => {
  const rowsOfText = (text: string) => readEsxcli(text).records.map((record) => Object.fromEntries(record));

  it('has nothing of an empty output, and trims what is around an answer', () => {
    expect(readEsxcli(' \n')).toEqual({ format: 'csv', records: [] });
    expect(rowsOfText('\n [{"A": 1}] \n')).toEqual([{ a: 1 }]);
    expect(rowsOfText(' {"A": 1} ')).toEqual([{ a: 1 }]);
  });

  it('keeps texts, numbers and booleans of json, of arrays the length, and of nothing else anything', () => {
    const row = { Text: 'x', Number: 1.5, Yes: true, List: [1, { a: 2 }], None: null, 'A.b C': 1 };
    expect(rowsOfText(JSON.stringify(row))).toEqual([{ text: 'x', number: 1.5, yes: true, list: 2, abc: 1 }]);
  });

  it('has the fields of an object within an object behind its name, three levels deep', () => {
    const row = { A: { B: { C: { D: 1, E: { F: 2 } } } }, 'x.y': { z: 3 } };
    expect(rowsOfText(JSON.stringify(row))).toEqual([{ 'a.b.c.d': 1, 'xy.z': 3 }]);
  });

  it('has the first one of two fields with one key, and none whose key is empty', () => {
    expect(rowsOfText('Used %,used,X,\n1,2,3,')).toEqual([{ used: '1', x: '3' }]);
    expect(rowsOfText('{"%": 1, "A": 2}')).toEqual([{ a: 2 }]);
    expect(fieldKey('Maximum Inodes (%) .x_9')).toBe('maximuminodes.x9');
  });

  it('cuts a text after 4,096 characters', () => {
    expect(rowsOfText(JSON.stringify({ A: 'x'.repeat(4_096) }))).toEqual([{ a: 'x'.repeat(4_096) }]);
    expect(rowsOfText(JSON.stringify({ A: 'x'.repeat(4_097) }))).toEqual([{ a: 'x'.repeat(4_096) }]);
  });

  it('takes 5,000 rows, 200 fields of a row and 2,000,000 characters, and no more', () => {
    const fields = (count: number) =>
      JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, 1])));
    expect(readEsxcli(`A,\n${'x,\n'.repeat(5_000)}`).records).toHaveLength(5_000);
    expect(readEsxcli(fields(200)).records[0]?.size).toBe(200);
    expect(() => readEsxcli(fields(201))).toThrow('the output of esxcli has a row of more than 200 fields');
    const padded = (length: number) => `{"A": 1}${' '.repeat(length - 8)}`;
    expect(rowsOfText(padded(2_000_000))).toEqual([{ a: 1 }]);
    expect(() => readEsxcli(padded(2_000_001))).toThrow(
      'the output of esxcli has more than 2000000 characters',
    );
  });

  it.each(['[null]', '[[1]]', '["x"]', '[{"A": 1}, 2]'])('has no rows of %s', (text) => {
    expect(() => readEsxcli(text)).toThrow('the output of esxcli is json, but no list of objects');
  });
});

describe('an error of esxcli', () => {
  it.each([
    'Error',
    'Error: x',
    'Errors: x',
    'Errors x',
    'Unable to find',
    'Connect to localhost failed',
    'Runtime error x',
    'Usage: esxcli',
    'Unknown command',
    'Failed to x',
    'Invalid option',
    'Missing required parameter',
  ])('is told by its first word: %s', (text) => {
    expect(errorOf(`Name: s3cret\n${text}\ns3cret\n`)).toBe(text);
  });

  it.each(['Errorless x', 'An Error: x', 'Missings', 'error', 'Usages'])('is none: %s', (text) => {
    expect(errorOf(text)).toBeUndefined();
  });

  it('has at most 160 printable characters', () => {
    expect(errorOf(`Error ${'x'.repeat(200)}`)).toBe(`Error ${'x'.repeat(154)}`);
    expect(errorOf('Error \u001b[31m')).toBe('Error  [31m');
  });
});

describe('the rows of an answer', () => {
  const answer = (rows: unknown) => ({ code: 0, stdout: JSON.stringify(rows), stderr: '' });

  it('need each column in one of them, under whatever blanks', () => {
    const both = answer([{ UsedX: 1 }, { Free: 2 }]);
    expect(rowsOf(both, ['Used X', 'free'])).toHaveLength(2);
    expect(rowsOf(both, [])).toHaveLength(2);
    expect(rowsOf(answer([]), ['Used X'])).toEqual([]);
    expect(() => rowsOf(both, ['Free', 'Other Name', 'None'])).toThrow(
      'the output of esxcli has no column "Other Name"; it has usedx',
    );
  });

  it('have the first twelve columns in the message', () => {
    const many = Object.fromEntries(Array.from({ length: 13 }, (_, index) => [`c${index}`, 1]));
    expect(() => rowsOf(answer([many]), ['X'])).toThrow(
      /; it has c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11$/,
    );
  });

  it('are an object by the first of them', () => {
    expect(objectOf(answer([{ A: 1 }, { A: 2 }]), ['A']).get('a')).toBe(1);
    expect(() => objectOf(answer([]), ['A'])).toThrow('esxcli printed nothing');
  });
});
