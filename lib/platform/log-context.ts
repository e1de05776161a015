import { AsyncLocalStorage } from 'node:async_hooks';
import type { LogFields } from './log.ts';

const contexts = new AsyncLocalStorage<LogFields>();

/** Does some work, during which every line of a log that looks here has these fields besides. They nest. */
export const inLogContext = <Result>(fields: LogFields, work: () => Result): Result =>
  contexts.run({ ...contexts.getStore(), ...fields }, work);

/** What every line that is written now has besides its own fields. */
export const logContext = (): LogFields => contexts.getStore() ?? {};
