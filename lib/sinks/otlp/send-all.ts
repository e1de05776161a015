import { quote } from '../../platform/quote.ts';
import { PushError, type PushErrorCode } from '../http/errors.ts';
import type { HttpLink, HttpLinkOptions } from '../http/http-link.ts';
import type { PartlyTaken } from '../sink.ts';
import type { ExportBatch } from './export-batches.ts';
import type { PartialSuccess } from './export-response.ts';
import { rejectedError } from './otlp-words.ts';

/** A request with one of these costs the others nothing. After any other fault the next request would end the same way. */
const OF_ONE_REQUEST: ReadonlySet<PushErrorCode> = new Set(['inconsistent', 'too-large']);

export interface NotTaken extends PartlyTaken {
  /** Whether the first fault was of a whole request. */
  readonly isRequest: boolean;
}

/** Sends each batch; one error for all points that were not taken. Throws that of a destination that takes nothing. */
export async function sendAll(
  batches: Iterable<ExportBatch>,
  send: (batch: ExportBatch) => Promise<PartialSuccess>,
  {
    link,
    retry: { log },
  }: { link: Pick<HttpLink, 'base' | 'withoutSecrets'>; retry: Pick<HttpLinkOptions, 'log'> },
): Promise<NotTaken | undefined> {
  let points = 0;
  let rejected = 0;
  let first: PartialSuccess | PushError | undefined;
  for (const batch of batches) {
    points += batch.points;
    try {
      const partial = await send(batch);
      rejected += Math.min(partial.rejected, batch.points);
      if (partial.rejected > 0) first ??= partial;
      else if (partial.message !== '') {
        log.warn('the OTLP receiver took all samples, and warned', {
          warning: quote(link.withoutSecrets(partial.message)),
        });
      }
    } catch (error) {
      if (!(error instanceof PushError) || !OF_ONE_REQUEST.has(error.code)) {
        throw withTaken(error, points - batch.points - rejected);
      }
      rejected += batch.points;
      first ??= error;
    }
  }
  if (first === undefined) return undefined;
  const why = rejectedError(link, { rejected, points, first });
  return { refused: rejected, why, isRequest: first instanceof PushError };
}

/** A fault that ends a delivery, with what was taken before. */
function withTaken(error: unknown, taken: number): unknown {
  if (!(error instanceof PushError) || taken === 0) return error;
  const { message, code, status } = error;
  return new PushError(`${message} ${taken} samples were taken before that.`, {
    code,
    ...(status === undefined ? {} : { status }),
    cause: error,
  });
}
