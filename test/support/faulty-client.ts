import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** What the table does with a call; it fails when this rejects. */
export interface TableFault {
  answer:
    | ((
        forward: () => Promise<unknown>,
        options: { readonly signal: AbortSignal; readonly isWrite: boolean },
      ) => Promise<unknown>)
    | undefined;
}

const { signal: running } = new AbortController();

/** The client of a table that does what `table` says, as long as it says something. */
export const toFaultyClient = (
  client: Pick<DynamoDBDocumentClient, 'send'>,
  table: TableFault,
): DynamoDBDocumentClient =>
  ({
    send: (...args: Parameters<DynamoDBDocumentClient['send']>) => {
      const forward = (): Promise<unknown> => client.send(...args) as unknown as Promise<unknown>;
      const { abortSignal } = (args[1] ?? {}) as { abortSignal?: AbortSignal };
      const isWrite = /Put|Update|Delete|Write/.test(args[0].constructor.name);
      return table.answer?.(forward, { signal: abortSignal ?? running, isWrite }) ?? forward();
    },
  }) as unknown as DynamoDBDocumentClient;
