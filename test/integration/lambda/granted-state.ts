import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { FunctionName } from '../../../cdk/bundle.ts';
import { tableRightsOf } from '../../../cdk/table-rights.ts';
import type { Clock } from '../../../lib/platform/clock.ts';
import { createDynamoTable } from '../../../lib/state/dynamo/table.ts';
import { createState, type State } from '../../../lib/state/state.ts';

/** The state as a deployed function reaches it, and what it was used for and refused, as `<action> <key>`. */
export interface GrantedState extends Disposable {
  readonly state: State;
  readonly used: ReadonlySet<string>;
  readonly denied: ReadonlySet<string>;
}

/** Where keys are pinned at first contact, the functions have the most rights. */
const rightsOf = (name: FunctionName) =>
  tableRightsOf(name, { esxi: { hostKeys: { unknown: 'trust-first' } } });

/** Every right that the stack grants a function on the table, as `<action> <key>`. */
export const grantedTo = (name: FunctionName): string[] =>
  rightsOf(name).flatMap(({ actions, keys }) =>
    actions.flatMap((action) => keys.map((key) => `${action} ${key}`)),
  );

/** Refuses, as IAM does, each request for which the function has no right. */
export function createGrantedState(
  name: FunctionName,
  options: { aws: DynamoDBClientConfig; tableName: string; clock: Clock },
): GrantedState {
  const { aws, tableName, clock } = options;
  const used = new Set<string>();
  const denied = new Set<string>();
  const rights = rightsOf(name);
  const client = new DynamoDBClient(aws);
  client.middlewareStack.add(
    (next) => async (args) => {
      const { headers, body } = args.request as { headers: Record<string, string>; body: Uint8Array };
      const [, action = ''] = headers['x-amz-target']?.split('.') ?? [];
      for (const pk of leadingKeys(JSON.parse(new TextDecoder().decode(body)))) {
        const key = rights
          .filter(({ actions }) => actions.some((one) => one === action))
          .flatMap(({ keys }) => keys)
          .find((pattern) => isLike(pk, pattern));
        if (key !== undefined) used.add(`${action} ${key}`);
        else {
          denied.add(`${action} ${pk}`);
          throw Object.assign(new Error(`${name} may not ${action} ${pk}`), {
            name: 'AccessDeniedException',
            $fault: 'client',
          });
        }
      }
      return next(args);
    },
    { step: 'finalizeRequest', priority: 'low' },
  );
  return {
    state: createState({
      table: createDynamoTable({ client: DynamoDBDocumentClient.from(client), tableName, clock }),
      clock,
    }),
    used,
    denied,
    [Symbol.dispose]: () => client.destroy(),
  };
}

const isLike = (pk: string, pattern: string): boolean =>
  pattern.endsWith('*') ? pk.startsWith(pattern.slice(0, -1)) : pk === pattern;

interface Keyed {
  readonly pk: { readonly S: string };
}

/** What IAM calls dynamodb:LeadingKeys: the partition keys that a request touches. */
function leadingKeys(request: {
  Key?: Keyed;
  Item?: Keyed;
  KeyConditionExpression?: string;
  ExpressionAttributeValues?: Record<string, { S: string }>;
  RequestItems?: Record<
    string,
    { PutRequest?: { Item: Keyed }; DeleteRequest?: { Key: Keyed } }[] | { Keys: Keyed[] }
  >;
}): string[] {
  const { Key, Item, KeyConditionExpression, ExpressionAttributeValues, RequestItems = {} } = request;
  const queried = KeyConditionExpression === undefined ? undefined : ExpressionAttributeValues?.[':pk']?.S;
  const batched = Object.values(RequestItems)
    .flatMap((batch) =>
      'Keys' in batch
        ? batch.Keys
        : batch.map(({ PutRequest, DeleteRequest }) => PutRequest?.Item ?? DeleteRequest?.Key),
    )
    .map((key) => key?.pk.S);
  const keys = [Key?.pk.S, Item?.pk.S, queried, ...batched].filter((key) => key !== undefined);
  if (keys.length === 0) throw new Error(`a request without a partition key: ${JSON.stringify(request)}`);
  return keys;
}
