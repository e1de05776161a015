import { translateError } from '../../lib/state/dynamo/translate-error.ts';
import type { Table } from '../../lib/state/port.ts';

/** What the table does with a call; it fails when this rejects. */
export interface TableFault {
  answer:
    | ((
        forward: () => Promise<unknown>,
        options: { readonly signal: AbortSignal; readonly isWrite: boolean },
      ) => Promise<unknown>)
    | undefined;
}

const READS: readonly (string | symbol)[] = ['get', 'getAll', 'query'] satisfies (keyof Table)[];

/** The table that does what `fault` says, as long as it says something; its failures are told as DynamoDB's are. */
export const toFaultyTable = (table: Table, fault: TableFault): Table =>
  new Proxy(table, {
    get(target, name) {
      const call: unknown = Reflect.get(target, name);
      if (typeof call !== 'function') return call;
      return async (...args: unknown[]): Promise<unknown> => {
        const forward = async (): Promise<unknown> => await call.apply(target, args);
        const isOfNothing = Array.isArray(args[0]) && args[0].length === 0;
        if (fault.answer === undefined || isOfNothing) return await forward();
        const { signal } = args.at(-1) as { signal: AbortSignal };
        const isWrite = !READS.includes(name);
        try {
          return await fault.answer(forward, { signal, isWrite });
        } catch (error) {
          throw translateError(error, isWrite ? 'a write' : 'a read', signal);
        }
      };
    },
  });
