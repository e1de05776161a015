import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { ABSENT } from '../../../lib/state/conditions.ts';
import { createDeployedClient } from '../../../lib/state/dynamo/deployed-client.ts';
import { createDynamoTable } from '../../../lib/state/dynamo/table.ts';
import { translateError } from '../../../lib/state/dynamo/translate-error.ts';
import { StateError } from '../../../lib/state/errors.ts';
import type { Table } from '../../../lib/state/port.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const { signal } = new AbortController();
const o = { signal };
const KEY = { pk: 'p', sk: 's' };

/** The real client over a peer that answers each request so, and what it was asked. */
function tableOver(answer: (nth: number) => object | Error = () => ({})) {
  const sent: unknown[] = [];
  const signals: (AbortSignal | undefined)[] = [];
  const handle = async (
    request: { body: Uint8Array<ArrayBuffer> },
    { abortSignal }: { abortSignal?: AbortSignal },
  ) => {
    signals.push(abortSignal);
    const reply = answer(sent.push(await new Response(request.body).json()));
    if (reply instanceof Error) throw reply;
    return { response: { statusCode: 200, headers: {}, body: new Blob([JSON.stringify(reply)]).stream() } };
  };
  const client = new DynamoDBClient({
    region: 'eu-central-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
    requestHandler: { handle } as never,
  });
  const clock = createManualClock();
  const table = createDynamoTable({ client: DynamoDBDocumentClient.from(client), tableName: 't', clock });
  return { table, sent, signals, clock };
}

describe('a read of the table in DynamoDB', () => {
  it('is consistent unless something older will do', async () => {
    const { table, sent } = tableOver();
    await table.get(KEY, o);
    await table.query({ pk: 'p' }, o);
    await table.query({ pk: 'p' }, { ...o, eventual: true });
    await table.getAll([KEY], o);
    await table.getAll([KEY], { ...o, eventual: true });
    const batch = (ConsistentRead: boolean) => ({ RequestItems: { t: { ConsistentRead } } });
    expect(sent).toMatchObject([
      { ConsistentRead: true },
      { ConsistentRead: true },
      { ConsistentRead: false },
      batch(true),
      batch(false),
    ]);
  });

  it('asks for the keys of an item and nothing else that stands in it', async () => {
    const { table, sent } = tableOver();
    await table.get({ ...KEY, more: 1 } as typeof KEY, o);
    await table.getAll([{ ...KEY, more: 1 } as typeof KEY], o);
    await table.writeAll([{ delete: { ...KEY, more: 1 } as typeof KEY }], o);
    const key = { pk: { S: 'p' }, sk: { S: 's' } };
    expect(sent).toMatchObject([
      { Key: key },
      { RequestItems: { t: { Keys: [key] } } },
      { RequestItems: { t: [{ DeleteRequest: { Key: key } }] } },
    ]);
    expect(JSON.stringify(sent)).not.toContain('more');
  });

  it('goes on to the last page, and bears pages of nothing', async () => {
    const after = { pk: { S: 'p' }, sk: { S: 'a' } };
    const pages = [
      { Items: [{ ...after, n: { N: '1' } }], LastEvaluatedKey: after },
      { LastEvaluatedKey: after },
      {},
    ];
    const { table, sent } = tableOver((nth) => pages[nth - 1] ?? {});
    expect(await table.query({ pk: 'p', skPrefix: 'a' }, o)).toEqual([{ pk: 'p', sk: 'a', n: 1 }]);
    expect(sent).toMatchObject([{}, { ExclusiveStartKey: after }, { ExclusiveStartKey: after }]);
  });

  it('asks again for what DynamoDB hands back of 250, a hundred at a time', async () => {
    const keys = Array.from({ length: 250 }, (_, n) => ({ pk: 'p', sk: `${n}` }));
    const unread = { UnprocessedKeys: { t: { Keys: [{ pk: { S: 'p' }, sk: { S: 'left' } }] } } };
    const { table, sent, clock } = tableOver((nth) => (nth === 3 ? unread : {}));
    const reading = table.getAll(keys, o);
    await expect.poll(() => clock.nextInMs()).toBe(50);
    clock.advance(50);
    await reading;
    const asked = sent.map((one) => (one as { RequestItems: { t: { Keys: object[] } } }).RequestItems.t.Keys);
    expect(asked.map(({ length }) => length)).toEqual([100, 100, 50, 1]);
    expect(asked[3]).toEqual(unread.UnprocessedKeys.t.Keys);
  });

  it('asks for nothing where there is nothing to ask for', async () => {
    const { table, sent } = tableOver();
    expect(await table.getAll([], o)).toEqual([]);
    expect(sent).toEqual([]);
  });

  it('names the attributes that are wanted, and the part of a partition', async () => {
    const { table, sent } = tableOver();
    await table.query({ pk: 'p' }, o);
    await table.query({ pk: 'p', only: ['sk', 'name'] }, o);
    await table.query({ pk: 'p', skRange: ['a', 'b'] }, o);
    expect(sent).toEqual([
      {
        TableName: 't',
        ConsistentRead: true,
        KeyConditionExpression: '#pk = :pk',
        ExpressionAttributeNames: { '#pk': 'pk' },
        ExpressionAttributeValues: { ':pk': { S: 'p' } },
      },
      expect.objectContaining({
        ProjectionExpression: '#a0, #a1',
        ExpressionAttributeNames: { '#pk': 'pk', '#a0': 'sk', '#a1': 'name' },
      }),
      expect.objectContaining({
        KeyConditionExpression: '#pk = :pk AND #sk BETWEEN :from AND :to',
        ExpressionAttributeNames: { '#pk': 'pk', '#sk': 'sk' },
        ExpressionAttributeValues: { ':pk': { S: 'p' }, ':from': { S: 'a' }, ':to': { S: 'b' } },
      }),
    ]);
  });
});

/** Each call of a table, with the words for it. */
const callsOf = (table: Table) =>
  [
    ['a read', () => table.get(KEY, o)],
    ['a batch of reads', () => table.getAll([KEY], o)],
    ['a query', () => table.query({ pk: 'p' }, o)],
    ['a write', () => table.replace(KEY, o)],
    ['a write', () => table.update(KEY, { set: { a: 1 } }, o)],
    ['a conditional write', () => table.putIf(ABSENT, KEY, o)],
    ['a conditional write', () => table.updateIf(ABSENT, KEY, { set: { a: 1 } }, o)],
    ['a conditional write', () => table.deleteIf(ABSENT, KEY, o)],
    ['a batch of writes', () => table.writeAll([{ put: KEY }], o)],
  ] as const;

describe('a call', () => {
  it('ends with the signal that it was given, whatever it does', async () => {
    const { table, signals } = tableOver();
    for (const [, call] of callsOf(table)) await call();
    expect(signals).toEqual(callsOf(table).map(() => signal));
  });

  it('that fails says what was done', async () => {
    const { table } = tableOver(() => new Error('it broke'));
    for (const [doing, call] of callsOf(table)) {
      await expect(call()).rejects.toThrow(
        `The state table did not answer ${doing}: Error: it broke. The next run tries again.`,
      );
    }
  });
});

describe('a change', () => {
  it('leaves out what is undefined, which DynamoDB has no value for', async () => {
    const { table, sent } = tableOver();
    await table.update(KEY, { set: { a: 1, b: undefined } }, o);
    await table.update(KEY, { set: { b: undefined }, remove: ['c'] }, o);
    expect(sent).toMatchObject([
      { UpdateExpression: expect.stringMatching(/^SET #\w+ = :\w+$/) },
      { UpdateExpression: expect.stringMatching(/^REMOVE #\w+$/) },
    ]);
  });

  it('names each of several additions and removals', async () => {
    const { table, sent } = tableOver();
    await table.update(KEY, { add: { a: 1, b: 2 }, remove: ['c', 'd'] }, o);
    expect(sent).toMatchObject([{ UpdateExpression: 'REMOVE #c, #d ADD #a :v0, #b :v1' }]);
  });
});

describe('translateError', () => {
  const clientFault = (name: string) =>
    Object.assign(new Error('at 10.0.0.1. words.'), { name, $fault: 'client' });

  it.each([
    'LimitExceededException',
    'ProvisionedThroughputExceededException',
    'RequestLimitExceeded',
    'ThrottlingException',
    'TransactionConflictException',
  ])('takes %s for something that passes', (name) => {
    expect(translateError(clientFault(name), 'a read', signal)).toMatchObject({
      code: 'unavailable',
      message: `The state table did not answer a read: ${name}: at 10.0.0.1. words. The next run tries again.`,
    });
  });

  it('takes any other fault of the client for a refusal, and says what to check', () => {
    const cause = clientFault('AccessDeniedException');
    expect(translateError(cause, 'a query', signal)).toMatchObject({
      code: 'refused',
      retryable: false,
      cause,
      message:
        'The state table refused a query: AccessDeniedException: at 10.0.0.1. words. Check the name of the table, its keys, and the IAM rights on it.',
    });
  });

  it('bears what is no error of the SDK', () => {
    expect(translateError('odd...', 'a read', signal)).toMatchObject({
      code: 'unavailable',
      message: 'The state table did not answer a read: odd. The next run tries again.',
    });
    const server = Object.assign(new Error('x'), { $fault: 'server' });
    expect(translateError(server, 'a read', signal)).toMatchObject({ code: 'unavailable' });
    expect(translateError({ $fault: 'client' }, 'a read', signal)).toMatchObject({ code: 'unavailable' });
  });

  it('hands on an error of the state, and the reason of the signal before all', () => {
    const ours = new StateError('x', { code: 'malformed' });
    expect(translateError(ours, 'a read', signal)).toBe(ours);
    expect(translateError(ours, 'a read', AbortSignal.abort('over'))).toBe('over');
  });
});

describe('the client of DynamoDB', () => {
  it('ends a call that hangs, and makes three at most', async () => {
    const { config } = createDeployedClient();
    expect(await config.maxAttempts()).toBe(3);
    const handler = config.requestHandler as unknown as {
      handle(request: object, options: object): Promise<never>;
      httpHandlerConfigs(): object;
    };
    // It knows its settings from its first request on, of which this one sends nothing.
    await handler.handle({}, { abortSignal: AbortSignal.abort() }).catch(() => undefined);
    expect(handler.httpHandlerConfigs()).toMatchObject({
      connectionTimeout: 2_000,
      requestTimeout: 5_000,
      throwOnRequestTimeout: true,
    });
  });
});
