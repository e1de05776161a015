import { DeleteCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createSeals } from '../../../lib/platform/seal.ts';
import { createDynamoTable } from '../../../lib/state/dynamo/table.ts';
import { StateError } from '../../../lib/state/errors.ts';
import { createState, type State } from '../../../lib/state/state.ts';
import { startTable, type TestTable } from '../../support/lambda/dynamodb.ts';
import { stateContract } from './state-contract.ts';

const { signal } = new AbortController();
const o = { signal };
const T0 = Date.UTC(2026, 0, 1);
const clock = {
  now: () => T0,
  monotonic: () => T0,
  sleep: () => Promise.reject(new Error('nothing waits here')),
};
const sealsOf = (secret: string) => async () => createSeals(secret.repeat(64));
const schema = z.array(z.string());
const LIST = ['esx01', 'esx02'];
const KEY = { type: 'ecdsa-sha2-nistp256', blob: btoa('key') };
const OTHER = { type: 'ecdsa-sha2-nistp256', blob: btoa('other') };
type Raw = Record<string, unknown> & { pk: string; sk: string };

stateContract('the state with seals', startTable, { seals: sealsOf('s') });

describe('the state with seals, in a table that others write', () => {
  let table: TestTable;
  let state: State;
  let unique = 0;
  const fresh = (what: string) => `${what}-${++unique}`;
  const stateWith = (secret: string | undefined) =>
    createState({
      table: createDynamoTable({ ...table, clock }),
      clock,
      ...(secret === undefined ? {} : { seals: sealsOf(secret) }),
    });
  beforeAll(async () => {
    table = await startTable();
    state = stateWith('s');
  });
  afterAll(() => table[Symbol.asyncDispose]());

  const itemsOf = async (pk: string): Promise<Raw[]> => {
    const query = {
      TableName: table.tableName,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': pk },
    };
    const { Items = [] } = await table.client.send(new QueryCommand(query));
    return Items as Raw[];
  };
  const put = (Item: Raw) => table.client.send(new PutCommand({ TableName: table.tableName, Item }));
  const codeOf = (promise: Promise<unknown>) =>
    promise.then(
      () => 'answered',
      (error: unknown) => (error instanceof StateError ? `${error.code}: ${error.message}` : error),
    );

  describe('a host list', () => {
    const written = async () => {
      const target = fresh('vc');
      await state.hostLists.write(target, LIST, o);
      const items = await itemsOf(`target#${target}`);
      const head = items.find(({ sk }) => sk === 'hosts');
      const chunk = items.find(({ sk }) => sk !== 'hosts');
      if (head === undefined || chunk === undefined) throw new RangeError('a list is a head and a chunk');
      return { target, head, chunk };
    };
    const bytesOf = ({ bytes }: Raw) => bytes as Uint8Array;

    it.each<[string, (of: Awaited<ReturnType<typeof written>>) => Promise<unknown>]>([
      [
        'has no seal, as one of an earlier version',
        ({ target }) => stateWith(undefined).hostLists.write(target, LIST, o),
      ],
      ['was sealed with another secret', ({ target }) => stateWith('x').hostLists.write(target, LIST, o)],
      ['is made younger', ({ head }) => put({ ...head, writtenAt: T0 + 1 })],
      ['has another seal', ({ head }) => put({ ...head, seal: `${String(head['seal']).slice(0, -1)}_` })],
      ['has half a seal', ({ head }) => put({ ...head, seal: String(head['seal']).slice(0, 20) })],
      ['has a seal that is no text', ({ head }) => put({ ...head, seal: 7 })],
      [
        'has a bit changed',
        ({ chunk }) =>
          put({ ...chunk, bytes: bytesOf(chunk).map((byte, at) => (at === 9 ? byte ^ 1 : byte)) }),
      ],
      ['is cut off', ({ chunk }) => put({ ...chunk, bytes: bytesOf(chunk).slice(0, -1) })],
      [
        'is the list of another target',
        async ({ head, chunk }) => {
          const other = await written();
          await put({ ...other.head, pk: head.pk });
          await put({ ...other.chunk, pk: chunk.pk });
        },
      ],
      [
        'gets a chunk more',
        async ({ head, chunk }) => {
          await put({ ...head, chunks: 2 });
          await put({ ...chunk, sk: chunk.sk.replace(/\d$/, '1'), bytes: new Uint8Array([1]) });
        },
      ],
    ])('that %s is not read, and the next one that is written is', async (_what, forge) => {
      const of = await written();
      expect((await state.hostLists.read(of.target, schema, o))?.hosts).toEqual(LIST);
      await forge(of);
      expect(await codeOf(state.hostLists.read(of.target, schema, o))).toMatch(
        /^malformed: .* was not written by the functions of this stack/,
      );
      await state.hostLists.write(of.target, ['esx03'], o);
      expect((await state.hostLists.read(of.target, schema, o))?.hosts).toEqual(['esx03']);
    });

    it('is not inflated before its seal is known to be right', async () => {
      const { target, chunk } = await written();
      await put({ ...chunk, bytes: new Uint8Array([0x1f, 0x8b, 1, 2, 3]) });
      expect(await codeOf(state.hostLists.read(target, schema, o))).toContain('not written by the functions');
    });

    it('cannot be read nor written while the secret cannot be, as while the table is away', async () => {
      const { target } = await written();
      const sealless = createState({
        table: createDynamoTable({ ...table, clock }),
        clock,
        seals: () => Promise.reject(new Error('no secret.')),
      });
      for (const doing of [
        sealless.hostLists.read(target, schema, o),
        sealless.hostLists.write(target, [], o),
      ])
        expect(await codeOf(doing)).toMatch(/^unavailable: .* no secret\./);
      expect((await state.hostLists.read(target, schema, o))?.hosts).toEqual(LIST);
    });
  });

  describe('a host key', () => {
    const pinned = async () => {
      const endpoint = `${fresh('esx')}:22`;
      expect(await state.hostKeys.pin(endpoint, { key: KEY, target: 'vc' }, o)).toBe('pinned');
      const item = (await itemsOf('hostkeys')).find(({ sk }) => sk === endpoint);
      if (item === undefined) throw new RangeError('it is pinned');
      return { endpoint, item };
    };
    const readOne = async (endpoint: string) => {
      const unsealed: string[] = [];
      const keys = await state.hostKeys.readAll({ ...o, onUnsealed: (one) => unsealed.push(one) });
      return { key: keys.get(endpoint), isTold: unsealed.includes(endpoint) };
    };

    it.each<[string, (item: Raw) => Promise<unknown>]>([
      ['has no seal, as one of an earlier version', ({ seal: _none, ...item }) => put(item as Raw)],
      ['has another key under its seal', (item) => put({ ...item, ...OTHER })],
      ['is pinned at another time', (item) => put({ ...item, pinnedAt: 1 })],
      [
        'has the seal of another endpoint',
        async (item) => {
          const { item: other } = await pinned();
          await put({ ...item, seal: other['seal'] });
        },
      ],
      [
        'has a seal of another secret',
        async (item) => {
          await table.client.send(
            new DeleteCommand({ TableName: table.tableName, Key: { pk: item.pk, sk: item.sk } }),
          );
          await stateWith('x').hostKeys.pin(item.sk, { key: KEY, target: 'vc' }, o);
        },
      ],
      ['is of another kind altogether', ({ pk, sk }) => put({ pk, sk, blob: [1], seal: 'x' })],
      ['has a seal that is no text', (item) => put({ ...item, seal: [7] })],
    ])('that %s counts as absent and is told; the next one that is shown is pinned', async (_what, forge) => {
      const { endpoint, item } = await pinned();
      expect(await readOne(endpoint)).toMatchObject({ key: KEY, isTold: false });
      await forge(item);
      expect(await readOne(endpoint)).toEqual({ key: undefined, isTold: true });
      expect(await state.hostKeys.read(endpoint, o)).toBeUndefined();
      const racing = await Promise.all(
        [KEY, OTHER, KEY, OTHER].map((key, n) => state.hostKeys.pin(endpoint, { key, target: `vc${n}` }, o)),
      );
      const now = await state.hostKeys.read(endpoint, o);
      expect(racing.filter((answer) => answer === 'pinned').length).toBeGreaterThan(0);
      for (const answer of racing) if (answer !== 'pinned') expect(answer).toEqual(now);
      expect(await readOne(endpoint)).toMatchObject({ isTold: false });
    });

    it('that is not believed is replaced by the operator as if there were none', async () => {
      const { endpoint, item } = await pinned();
      await put({ ...item, ...OTHER });
      const change = { key: KEY, target: 'vc', seen: undefined };
      expect(await state.hostKeys.replace(endpoint, change, o)).toBe(true);
      expect(await state.hostKeys.read(endpoint, o)).toMatchObject(KEY);
      expect(await state.hostKeys.replace(endpoint, { ...change, key: OTHER }, o)).toBe(false);
    });

    it('that is changed in any character of any attribute is not believed', async () => {
      const { endpoint, item } = await pinned();
      const attributes = ['type', 'blob', 'target', 'seal'] as const;
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...attributes), fc.nat(), fc.nat(61), async (name, at, to) => {
          const text = String(item[name]);
          const place = at % text.length;
          const character = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'[to] ?? '';
          fc.pre(text[place] !== character);
          await put({ ...item, [name]: text.slice(0, place) + character + text.slice(place + 1) });
          expect(await state.hostKeys.read(endpoint, o)).toBeUndefined();
        }),
        { numRuns: 60 },
      );
      await put(item);
      expect(await state.hostKeys.read(endpoint, o)).toMatchObject(KEY);
    });
  });

  it('reads its keys and lists as they are where nobody asks for seals', async () => {
    const plain = stateWith(undefined);
    const target = fresh('vc');
    await state.hostLists.write(target, LIST, o);
    expect((await plain.hostLists.read(target, schema, o))?.hosts).toEqual(LIST);
    expect((await itemsOf(`target#${target}`)).filter(({ seal }) => seal !== undefined)).toHaveLength(1);
  });
});
