import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** What one request consumed, by DynamoDB's own rules. */
export interface Consumed {
  readonly action: string;
  readonly pk: string;
  readonly read: number;
  readonly written: number;
}

type Item = Readonly<Record<string, unknown>>;
/** As DynamoDB has values on the wire: `{ S: 'text' }`. */
type Wire = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

interface WireRequest {
  readonly Key?: Wire;
  readonly Item?: Wire;
  readonly ConsistentRead?: boolean;
  readonly ExpressionAttributeValues?: Wire;
  readonly RequestItems?: Readonly<
    Record<
      string,
      | { readonly Keys: readonly Wire[]; readonly ConsistentRead?: boolean }
      | readonly {
          readonly PutRequest?: { readonly Item: Wire };
          readonly DeleteRequest?: { readonly Key: Wire };
        }[]
    >
  >;
}

const READ_BYTES = 4_096;
const WRITE_BYTES = 1_024;

/**
 * Counts the capacity units of every request that the client sends from now on: 4 KB a consistent read unit and twice
 * that an eventual one, items read together summed before they are rounded, each of a batch rounded by itself, 1 KB a
 * write unit of the larger of the item before and after, whatever a projection leaves out
 * (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html, and for the size of an
 * item https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html). All writes must
 * come through it. Of transactions and indexes it knows nothing.
 */
export function meterCapacity(client: DynamoDBDocumentClient): { readonly consumed: Consumed[] } {
  const consumed: Consumed[] = [];
  const sizes = new Map<string, number>();
  const idOf = ({ pk, sk }: Item) => JSON.stringify([pk, sk]);
  const sizeThere = (key: Item) => sizes.get(idOf(key)) ?? 0;
  const note = (action: string, { pk }: Item, units: { read?: number; written?: number }) =>
    void consumed.push({ action, pk: String(pk), read: 0, written: 0, ...units });
  /** `after`: undefined for a write that was refused, which is billed all the same. */
  const write = (action: string, key: Item, after: number | undefined) => {
    note(action, key, { written: toUnits(Math.max(sizeThere(key), after ?? 0), WRITE_BYTES) });
    if (after === 0) sizes.delete(idOf(key));
    else if (after !== undefined) sizes.set(idOf(key), after);
  };
  const read = (action: string, key: Item, bytes: number, isConsistent = false) =>
    note(action, key, { read: toUnits(bytes, READ_BYTES) * (isConsistent ? 1 : 0.5) });
  const noteBatches = (action: string, batches: NonNullable<WireRequest['RequestItems']>) => {
    for (const batch of Object.values(batches)) {
      if ('Keys' in batch) {
        for (const key of batch.Keys.map(fromWire)) read(action, key, sizeThere(key), batch.ConsistentRead);
        continue;
      }
      for (const { PutRequest, DeleteRequest } of batch) {
        if (PutRequest) write(action, fromWire(PutRequest.Item), sizeOf(fromWire(PutRequest.Item)));
        if (DeleteRequest) write(action, fromWire(DeleteRequest.Key), 0);
      }
    }
  };
  const noteOne = (action: string, { Key = {}, Item = {}, ...request }: WireRequest, output: Answer) => {
    const [key, item] = [fromWire(Key), fromWire(Item)];
    const { pk } = fromWire({ pk: request.ExpressionAttributeValues?.[':pk'] ?? {} });
    const together = (output.Items ?? []).reduce((sum, one) => sum + sizeThere(one), 0);
    if (action === 'GetItem') read(action, key, sizeThere(key), request.ConsistentRead);
    if (action === 'Query') read(action, { pk }, together, request.ConsistentRead);
    if (action === 'PutItem') write(action, item, sizeOf(item));
    if (action === 'DeleteItem') write(action, key, 0);
    if (action === 'UpdateItem') write(action, key, sizeOf(output.Attributes ?? {}));
    noteBatches(action, request.RequestItems ?? {});
  };

  client.middlewareStack.add(
    (next) => async (args) => {
      const { headers, body } = args.request as { headers: Record<string, string>; body: Uint8Array };
      const [, action = ''] = headers['x-amz-target']?.split('.') ?? [];
      const request: WireRequest = JSON.parse(new TextDecoder().decode(body));
      try {
        const answer = await next(args);
        noteOne(action, request, answer.output as Answer);
        return answer;
      } catch (error) {
        const isRefused = error instanceof Error && error.name === 'ConditionalCheckFailedException';
        if (isRefused) write(action, fromWire(request.Item ?? request.Key ?? {}), undefined);
        throw error;
      }
    },
    { step: 'build', priority: 'low', name: 'capacity-meter' },
  );
  return { consumed };
}

/** As the client hands it out. */
interface Answer {
  readonly Items?: readonly Item[];
  readonly Attributes?: Item;
}

function fromWire(item: Wire): Item {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, fromWireValue(value)]));
}

function fromWireValue(value: Readonly<Record<string, unknown>>): unknown {
  const [[type, content] = ['NULL', true]] = Object.entries(value);
  if (type === 'N') return Number(content);
  if (type === 'B') return Buffer.from(String(content), 'base64');
  if (type === 'L') return (content as Wire[]).map((one) => fromWireValue(one as never));
  if (type === 'M') return fromWire(content as Wire);
  return type === 'NULL' ? null : content;
}

/** A request costs one unit at least. */
const toUnits = (bytes: number, unit: number): number => Math.max(1, Math.ceil(bytes / unit));

/** Names in UTF-8 and values. */
const sizeOf = (item: Item): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + sizeOfValue(value), 0);

function sizeOfValue(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'number') return Math.ceil(String(value).replace(/^-?0*|[.-]/g, '').length / 2) + 1;
  if (value instanceof Uint8Array) return value.length;
  if (Array.isArray(value)) return value.reduce((sum: number, one) => sum + 1 + sizeOfValue(one), 3);
  if (typeof value !== 'object' || value === null) return 1;
  return Object.keys(value).length + 3 + sizeOf(value as Item);
}

/** Summed by what `of` says. */
export function sumBy(
  consumed: readonly Consumed[],
  what: 'read' | 'written',
  of: (one: Consumed) => string,
): Readonly<Record<string, number>> {
  const groups = Object.entries(Object.groupBy(consumed, of));
  const sums = groups.map(
    ([name, some = []]) => [name, some.reduce((sum, one) => sum + one[what], 0)] as const,
  );
  return Object.fromEntries(sums.filter(([, sum]) => sum > 0).toSorted(([, one], [, other]) => other - one));
}

export const total = (consumed: readonly Consumed[], what: 'read' | 'written'): number =>
  consumed.reduce((sum, one) => sum + one[what], 0);
