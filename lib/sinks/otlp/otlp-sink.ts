import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { createHttpLink, type HttpLinkOptions } from '../http/http-link.ts';
import { whileLeased } from '../http/while-leased.ts';
import type { DeliverOptions, RunSeries, Sink } from '../sink.ts';
import { type ExportBatch, exportBatches } from './export-batches.ts';
import { type PartialSuccess, readExportResponse } from './export-response.ts';
import { OTLP } from './otlp-words.ts';
import { type NotTaken, sendAll } from './send-all.ts';

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

const PATH = '/v1/metrics';

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
          // What is no such answer is no success, which the link has refused.
          return readExportResponse(answer) as PartialSuccess;
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
