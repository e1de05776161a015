import type { Clock } from '../../platform/clock.ts';
import type { SoapReply, Transport } from '../soap/transport.ts';

/** What a session has cost so far. */
export interface Measurements {
  readonly calls: number;
  /** Of reply bodies. */
  readonly bytes: number;
  /** From the start of each call to the end of its reply, added up. */
  readonly ms: number;
}

/** Counts calls, bytes and time into `measurements()`. */
export function withMeasuring(
  transport: Transport,
  { clock }: { clock: Clock },
): { transport: Transport; measurements: () => Measurements } {
  const total = { calls: 0, bytes: 0, ms: 0 };
  const measured: Transport = async (call, options) => {
    total.calls += 1;
    const startedAt = clock.monotonic();
    const stop = () => {
      total.ms += clock.monotonic() - startedAt;
    };
    try {
      return measureReply(await transport(call, options), { stop, count: (bytes) => (total.bytes += bytes) });
    } catch (error) {
      stop();
      throw error;
    }
  };
  return { transport: measured, measurements: () => ({ ...total }) };
}

function measureReply(
  reply: SoapReply,
  { stop, count }: { stop: () => void; count: (bytes: number) => void },
): SoapReply {
  async function* body() {
    for await (const chunk of reply.body) {
      count(chunk.length);
      yield chunk;
    }
  }
  return {
    origin: reply.origin,
    secrets: reply.secrets,
    ...(reply.isConfidential === undefined ? {} : { isConfidential: reply.isConfidential }),
    body: body(),
    async [Symbol.asyncDispose]() {
      stop();
      await reply[Symbol.asyncDispose]();
    },
  };
}
