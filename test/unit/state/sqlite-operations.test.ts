import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Connection, openDatabase } from '../../../lib/state/sqlite/database.ts';
import type { Write } from '../../../lib/state/sqlite/operations.ts';
import {
  decodeAttributes,
  encodeAttributes,
  type Row,
  toItem,
  toRow,
} from '../../../lib/state/sqlite/rows.ts';

let folder = '';
let connection: Connection;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vsweep-state-'));
  connection = openDatabase(folder);
});
afterEach(() => connection.db.exec('DELETE FROM items'));
afterAll(() => {
  connection[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

const KEY = { pk: 'p', sk: 'a' };
const write = (order: Write) => connection.operations.write(order);
const put = (sk: string, more: object = {}) => write({ kind: 'put', row: toRow({ pk: 'p', sk, ...more }) });
const all = () => connection.operations.query({ pk: 'p' });

describe('a row', () => {
  it('is an item as JSON with a sum over all of it', () => {
    const item = { ...KEY, text: 'é', list: [1, { b: new Uint8Array([0, 255]) }], none: undefined };
    const row = toRow(item);
    expect(row).toEqual({
      pk: 'p',
      sk: 'a',
      item: '{"text":"é","list":[1,{"b":{"$bytes":"AP8="}}]}',
      sum: row.sum,
    });
    expect(toItem(row)).toEqual({ ...KEY, text: 'é', list: [1, { b: new Uint8Array([0, 255]) }] });
    const changes: Partial<Row>[] = [{ pk: 'q' }, { sk: 'b' }, { item: '{}' }, { sum: row.sum + 1 }];
    for (const change of [...changes, { pk: 'pa', sk: '' }, { pk: '', sk: 'pa' }])
      expect(() => toItem({ ...row, ...change })).toThrow(
        expect.objectContaining({ name: 'StateError', code: 'damaged' }),
      );
  });

  it('has bytes of every type of array as they were, and nothing else as bytes', () => {
    expect(decodeAttributes(encodeAttributes({ a: Buffer.from('x') }))).toEqual({ a: new Uint8Array([120]) });
    expect(() => encodeAttributes({ $bytes: 'x' })).toThrow(new TypeError('no attribute is called $bytes'));
    expect(() => encodeAttributes({ a: { $bytes: 'x' } })).toThrow(TypeError);
    expect(decodeAttributes('{"a":{"$bytes":5},"b":null,"c":"\\"$bytes\\""}')).toEqual({
      a: { $bytes: 5 },
      b: null,
      c: '"$bytes"',
    });
  });
});

describe('a write', () => {
  it('puts an item and gives back the row before it', () => {
    expect(put('a', { n: 1 })).toEqual({ done: true });
    expect(put('a', { n: 2 })).toEqual({ done: true, row: toRow({ ...KEY, n: 1 }) });
    expect(all()).toEqual([{ ...KEY, n: 2 }]);
  });

  it('is not done where its condition does not hold', () => {
    put('a', { n: 1 });
    const condition = { equals: ['n', 2] } as const;
    expect(write({ kind: 'put', row: toRow({ ...KEY, n: 3 }), condition })).toEqual({ done: false });
    expect(write({ kind: 'delete', key: KEY, condition })).toEqual({ done: false });
    expect(write({ kind: 'update', key: KEY, change: '{"add":{"n":1}}', condition })).toEqual({
      done: false,
    });
    expect(all()).toEqual([{ ...KEY, n: 1 }]);
    const holding = { equals: ['n', 1] } as const;
    expect(write({ kind: 'update', key: KEY, change: '{"add":{"n":1}}', condition: holding })).toEqual({
      done: true,
      row: toRow({ ...KEY, n: 2 }),
    });
    expect(write({ kind: 'delete', key: KEY, condition: { present: 'n' } })).toEqual({ done: true });
    expect(all()).toEqual([]);
    const absent = { absent: 'pk' };
    expect(write({ kind: 'put', row: toRow(KEY), condition: absent })).toEqual({ done: true });
    expect(write({ kind: 'put', row: toRow(KEY), condition: absent })).toEqual({ done: false });
  });

  it('changes an item that is not there as an empty one', () => {
    const change = encodeAttributes({ set: { bytes: new Uint8Array([7]) }, add: { n: 1 } });
    expect(write({ kind: 'update', key: KEY, change })).toEqual({
      done: true,
      row: toRow({ ...KEY, bytes: new Uint8Array([7]), n: 1 }),
    });
    expect(connection.operations.get(KEY)).toEqual({ ...KEY, n: 1, bytes: new Uint8Array([7]) });
  });

  it('of many puts and deletes is done whole', () => {
    put('b');
    const puts = ['a', 'c'].map((sk) => toRow({ pk: 'p', sk }));
    expect(write({ kind: 'all', puts, deletes: [{ pk: 'p', sk: 'b' }] })).toEqual({ done: true });
    expect(all().map(({ sk }) => sk)).toEqual(['a', 'c']);
  });
});

describe('a query', () => {
  beforeEach(() => {
    for (const sk of ['b', 'a#1', 'a#2', 'a', 'c', 'ä']) put(sk, { n: 1, m: 2 });
    write({ kind: 'put', row: toRow({ pk: 'q', sk: 'a' }) });
  });

  it.each([
    [{}, ['a', 'a#1', 'a#2', 'b', 'c', 'ä']],
    [{ skPrefix: 'a' }, ['a', 'a#1', 'a#2']],
    [{ skPrefix: 'a#' }, ['a#1', 'a#2']],
    [{ skPrefix: 'd' }, []],
    [{ skRange: ['a#2', 'c'] }, ['a#2', 'b', 'c']],
    [{ skRange: ['a#3', 'bb'] }, ['b']],
    [{ skRange: ['b', 'b'] }, ['b']],
    [{ skRange: ['d', 'z'] }, []],
  ] as const)('finds the items of a partition by %j, in their order', (of, found) => {
    expect(connection.operations.query({ pk: 'p', ...of }).map(({ sk }) => sk)).toEqual(found);
  });

  it('has the attributes that are asked for', () => {
    const { query } = connection.operations;
    expect(query({ pk: 'p', skPrefix: 'b', only: ['sk', 'm', 'none'] })).toEqual([{ sk: 'b', m: 2 }]);
    expect(query({ pk: 'p', skPrefix: 'b', only: [] })).toEqual([{ pk: 'p', sk: 'b', n: 1, m: 2 }]);
    expect(connection.operations.get({ pk: 'p', sk: 'no' })).toBeUndefined();
  });

  it('does not end without a word at a damaged key', () => {
    connection.db.exec("UPDATE items SET sk = 'ax' WHERE sk = 'b'");
    expect(() => connection.operations.query({ pk: 'p', skRange: ['a', 'aa'] })).toThrow(
      expect.objectContaining({ code: 'damaged' }),
    );
  });
});
