import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../lib/platform/clock.ts';
import { ABSENT } from '../../../lib/state/conditions.ts';
import { createDynamoTable } from '../../../lib/state/dynamo/table.ts';

const { signal } = new AbortController();
const o = { signal };

type Sent = { RequestItems: { t: { PutRequest: { Item: { sk: { S: string } } } }[] } };
type Answer = { status: number; body: object } | Error;

/** The real client over a peer that answers each request by `answer`. */
function tableOver(answer: (request: Sent, nth: number) => Answer) {
  const sent: Sent[] = [];
  const slept: number[] = [];
  const handle = async (request: { body: Uint8Array<ArrayBuffer> }) => {
    const body = (await new Response(request.body).json()) as Sent;
    const reply = answer(body, sent.push(body));
    if (reply instanceof Error) throw reply;
    const stream = new Blob([JSON.stringify(reply.body)]).stream();
    return { response: { statusCode: reply.status, headers: {}, body: stream } };
  };
  const clock: Clock = { now: () => 0, monotonic: () => 0, sleep: async (ms) => void slept.push(ms) };
  const client = new DynamoDBClient({
    region: 'eu-central-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
    requestHandler: { handle } as never,
  });
  const table = createDynamoTable({ client: DynamoDBDocumentClient.from(client), tableName: 't', clock });
  return { table, sent, slept };
}

const puts = (count: number) => Array.from({ length: count }, (_, n) => ({ put: { pk: 'p', sk: `${n}` } }));
const keysOf = ({ RequestItems }: Sent) => RequestItems.t.map(({ PutRequest }) => PutRequest.Item.sk.S);
const taken = { status: 200, body: { UnprocessedItems: {} } };

describe('a batch of writes', () => {
  it('goes out by 25', async () => {
    const { table, sent, slept } = tableOver(() => taken);
    await table.writeAll(puts(60), o);
    expect(sent.map((request) => keysOf(request).length)).toEqual([25, 25, 10]);
    expect(slept).toEqual([]);
  });

  it('sends nothing when there is nothing to write', async () => {
    const { table, sent } = tableOver(() => taken);
    await table.writeAll([], o);
    expect(sent).toEqual([]);
  });

  it('sends again what was left unprocessed, after growing pauses, until all is written', async () => {
    const written = new Set<string>();
    const { table, slept } = tableOver((request, nth) => {
      const kept = nth <= 3 ? 10 : 25;
      for (const key of keysOf(request).slice(0, kept)) written.add(key);
      const left = request.RequestItems.t.slice(kept);
      return { status: 200, body: { UnprocessedItems: left.length === 0 ? {} : { t: left } } };
    });
    await table.writeAll(puts(60), o);
    expect(written.size).toBe(60);
    expect(slept).toEqual([50, 100, 200]);
  });

  it('gives up after 8 attempts, and may be tried again', async () => {
    const { table, sent, slept } = tableOver(({ RequestItems }) => ({
      status: 200,
      body: { UnprocessedItems: RequestItems },
    }));
    await expect(table.writeAll(puts(3), o)).rejects.toMatchObject({
      code: 'unavailable',
      retryable: true,
      message:
        'The state table t throttled 3 items in 8 attempts. The next run tries again. If this repeats, raise the ' +
        'capacity of the table.',
    });
    expect(sent).toHaveLength(8);
    expect(slept).toEqual([50, 100, 200, 400, 800, 1_600, 2_000]);
  });
});

describe('a table that fails', () => {
  const fault = (status: number, name: string): Answer => ({
    status,
    body: { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: `the words of ${name}` },
  });

  it.each([
    ['ResourceNotFoundException', fault(400, 'ResourceNotFoundException'), 'refused', false],
    ['AccessDeniedException', fault(400, 'AccessDeniedException'), 'refused', false],
    ['ValidationException', fault(400, 'ValidationException'), 'refused', false],
    ['ThrottlingException', fault(400, 'ThrottlingException'), 'unavailable', true],
    [
      'ProvisionedThroughputExceededException',
      fault(400, 'ProvisionedThroughputExceededException'),
      'unavailable',
      true,
    ],
    ['InternalServerError', fault(500, 'InternalServerError'), 'unavailable', true],
    [
      'ECONNREFUSED',
      Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
      'unavailable',
      true,
    ],
  ] as const)('says so with its own words: %s', async (name, answer, code, retryable) => {
    const { table } = tableOver(() => answer);
    const key = { pk: 'p', sk: 's' };
    const expected = { name: 'StateError', code, retryable, message: expect.stringContaining(name) };
    await expect(table.get(key, o)).rejects.toMatchObject(expected);
    await expect(table.replace(key, o)).rejects.toMatchObject(expected);
    await expect(table.writeAll(puts(1), o)).rejects.toMatchObject(expected);
  });

  it('has one full stop after words that bring their own', async () => {
    const { table } = tableOver(() => new Error('it ended.'));
    await expect(table.get({ pk: 'p', sk: 's' }, o)).rejects.toThrow(
      'Error: it ended. The next run tries again',
    );
  });

  it('is not failing when only a condition did not hold', async () => {
    const { table } = tableOver(() => fault(400, 'ConditionalCheckFailedException'));
    expect(await table.putIf(ABSENT, { pk: 'p', sk: 's' }, o)).toBe(false);
    expect(await table.deleteIf(ABSENT, { pk: 'p', sk: 's' }, o)).toBe(false);
  });
});
