import type { Family } from '../../metrics/family.ts';
import { createMessageBytes } from '../http/message-bytes.ts';
import type { Batch } from './batches.ts';
import { putMetadata } from './write-request.ts';

/** What metrics mean, in requests of their own: a destination that takes none must not refuse samples for it. */
export function* writeMetadata(
  families: readonly Family[],
  maxBytes: number,
): Generator<Batch, void, undefined> {
  const message = createMessageBytes(16 * 1024);
  const batch = () => ({
    message: message.bytes.subarray(0, message.length),
    series: 0,
    samples: 0,
    hasSeveral: false,
    first: '',
  });
  for (const { definition } of families) {
    if (message.length > maxBytes) {
      yield batch();
      message.length = 0;
    }
    putMetadata(message, definition);
  }
  if (message.length > 0) yield batch();
}
