import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { quote } from '../../platform/quote.ts';
import { PushError, type PushErrorCode } from '../http/errors.ts';
import { createHttpLink, type HttpLink, type HttpLinkOptions } from '../http/http-link.ts';
import { whileLeased } from '../http/while-leased.ts';
import type { DeliverOptions, PartlyTaken, RunSeries, Sink } from '../sink.ts';
import { type ExportBatch, exportBatches } from './export-batches.ts';
import { type PartialSuccess, readExportResponse } from './export-response.ts';
import { OTLP, rejectedError } from './otlp-words.ts';

export interface OtlpDeps {
  /** Reads the credential; called for each delivery, so that a rotated one is used. */
  open(options: { signal: AbortSignal }): Promise<Omit<HttpLinkOptions, 'clock' | 'log' | 'random'>>;
  readonly retry: Pick<HttpLinkOptions, 'clock' | 'log' | 'random'>;
  /** Further headers, such as that of a tenant. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Of a request before compression; default 1 MB. */
  readonly maxBytes?: number;
  readonly maxPoints?: number;
  /** How old a sample it is given at most. */
  readonly maxBackfillMs: number;
}

const MAX_BYTES = 1_000_000;
const MAX_POINTS = 5_000;
/** What is appended is one request, so that nobody has to know which of several were taken; its size follows from its samples. */
const ONE_REQUEST = { maxBytes: Number.MAX_SAFE_INTEGER, maxPoints: Number.MAX_SAFE_INTEGER };
/** Of an answer. */
const MAX_ANSWER_BYTES = 64 * 1024;

const HEADERS = { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' };

/** A request with one of these costs the others nothing. After any other fault the next request would end the same way. */
const OF_ONE_REQUEST: ReadonlySet<PushErrorCode> = new Set(['inconsistent', 'too-large']);

const compress = promisify(gzip);

/**
 * OTLP over HTTP (https://opentelemetry.io/docs/specs/otlp/#otlphttp): one request behind the other, so that each series
 * arrives in the order of its times and only one request is in memory. Samples without a time get that of the delivery, all
 * the same one, also when a request is repeated. It replaces nothing: a series that is not sent any more ends by the staleness
 * of the query. So there is nothing to forget.
 */
export function createOtlpSink(deps: OtlpDeps): Sink {
  const { retry, headers = {}, maxBytes = MAX_BYTES, maxPoints = MAX_POINTS } = deps;

  async function send(
    { group, families }: RunSeries,
    options: DeliverOptions,
    limits: { readonly maxBytes: number; readonly maxPoints: number },
  ): Promise<NotTaken | undefined | 'lease-lost'> {
    const link = createHttpLink({ ...(await deps.open(options)), headers, ...retry }, OTLP);
    const agent = link.createAgent();
    try {
      return await whileLeased(options, async (sending) => {
        const sendOne = async ({ message }: ExportBatch): Promise<PartialSuccess> => {
          const body = await compress(message, { level: constants.Z_BEST_SPEED });
          const request = { method: 'POST', headers: HEADERS, body, maxBodyBytes: MAX_ANSWER_BYTES } as const;
          const answer = await link.send(PATH, request, { ...sending, agent });
          // Undefined is no success, which the link has refused.
          return readExportResponse(answer) ?? { rejected: 0, message: '' };
        };
        const batches = exportBatches(families, { group, timeMs: retry.clock.now(), ...limits });
        return await sendAll(batches, sendOne, { link, retry });
      });
    } finally {
      agent.destroy();
    }
  }

  return {
    name: 'otlp',
    async deliver(series, options) {
      const ended = await send(series, options, { maxBytes, maxPoints });
      if (typeof ended === 'object') throw ended.why;
      return ended ?? 'delivered';
    },
    timed: {
      maxAgeMs: deps.maxBackfillMs,
      maxSamples: maxPoints,
      async append(series, options) {
        const ended = await send(series, options, ONE_REQUEST);
        // A request that was refused whole holds samples that would be taken without the others.
        if (typeof ended === 'object' && ended.isRequest) throw ended.why;
        return ended ?? 'delivered';
      },
    },
    forget: async () => false,
  };
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

const PATH = '/v1/metrics';

interface NotTaken extends PartlyTaken {
  /** Whether the first fault was of a whole request. */
  readonly isRequest: boolean;
}

/** Sends each batch; one error for all points that were not taken. Throws that of a destination that takes nothing. */
async function sendAll(
  batches: Iterable<ExportBatch>,
  send: (batch: ExportBatch) => Promise<PartialSuccess>,
  { link, retry: { log } }: { link: HttpLink; retry: Pick<HttpLinkOptions, 'log'> },
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
