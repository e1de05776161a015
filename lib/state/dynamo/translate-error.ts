import { messageOf } from '../../platform/errors.ts';
import { StateError } from '../errors.ts';

/** Client faults of DynamoDB that pass by themselves. */
const PASSING = new Set([
  'LimitExceededException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
  'TransactionConflictException',
]);

/**
 * What the SDK threw, as a StateError; after an abort, the signal's reason. A fault that DynamoDB blames on the client
 * is `refused`, all else (network, time-out, server fault) is `unavailable`.
 */
export function translateError(error: unknown, doing: string, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof StateError) return error;
  const said = error instanceof Error ? `${error.name}: ${error.message}` : messageOf(error);
  const reason = said.replace(/\.+$/, '');
  if (isClientFault(error)) {
    return new StateError(
      `The state table refused ${doing}: ${reason}. Check the name of the table, its keys, and the IAM rights on it.`,
      { code: 'refused', cause: error },
    );
  }
  return new StateError(`The state table did not answer ${doing}: ${reason}. The next run tries again.`, {
    code: 'unavailable',
    cause: error,
  });
}

function isClientFault(error: unknown): boolean {
  return error instanceof Error && '$fault' in error && error.$fault === 'client' && !PASSING.has(error.name);
}
