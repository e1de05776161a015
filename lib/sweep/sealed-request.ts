import * as z from 'zod';
import { messageOf } from '../platform/errors.ts';
import { type Invoke, InvokeError } from '../platform/invoke.ts';
import type { ReadSeals, Seal } from '../platform/seal.ts';
import { RequestRefusedError } from './errors.ts';

/** Whom a request is for: one that was sealed for another stack, table or function is refused. */
export interface Addressee {
  readonly stack: string;
  readonly table: string;
  /** The deployed name of the worker. */
  readonly worker: string;
}

interface SealedFor {
  readonly seal: Seal;
  readonly addressee: Addressee;
}

/** A Lambda event may have 6 MB. */
const MAX_ENVELOPE_BYTES = 7_000_000;

const envelope = z.strictObject({ body: z.string(), mac: z.string().max(64) });

/** What is sealed: the exact bytes of the request, with whom it is for. */
const partsOf = ({ stack, table, worker }: Addressee, body: Uint8Array) => [stack, table, worker, body];

/** The bytes of a batch request in an envelope, JSON as a Lambda event has to be. */
export function sealRequest(body: Uint8Array, { seal, addressee }: SealedFor): Uint8Array {
  const mac = seal.tagOf(partsOf(addressee, body));
  return Buffer.from(JSON.stringify({ body: Buffer.from(body).toString('utf8'), mac }));
}

/**
 * The bytes of the batch request that an envelope holds. They are neither parsed nor inflated before the seal is known
 * to be right. Throws RequestRefusedError.
 */
export function openRequest(bytes: Uint8Array, { seal, addressee }: SealedFor): Uint8Array {
  if (bytes.length > MAX_ENVELOPE_BYTES) throw new RequestRefusedError(`it has ${bytes.length} bytes`);
  const { body, mac } = parseEnvelope(bytes);
  const request = Buffer.from(body);
  if (seal.fits(mac, partsOf(addressee, request))) return request;
  throw new RequestRefusedError(
    'it was not sealed by the sweep function of this stack. If that function sent it, deploy the stack again',
  );
}

function parseEnvelope(bytes: Uint8Array): z.output<typeof envelope> {
  try {
    const parsed = envelope.safeParse(JSON.parse(Buffer.from(bytes).toString()));
    if (parsed.success) return parsed.data;
  } catch {
    // JSON.parse quotes its input, which may hold a ticket.
  }
  throw new RequestRefusedError(
    'it is not sealed. Only the sweep function of this stack may invoke the worker',
  );
}

const refusal = z.strictObject({ refused: z.string(), taken: z.literal(true).exactOptional() });
const MAX_REFUSAL_CHARACTERS = 600;
/** JSON writes a character with six bytes at most. */
const MAX_REFUSAL_BYTES = 6 * MAX_REFUSAL_CHARACTERS + 100;

/** What a worker answers in the place of a result when it refused the request, and asked nobody. */
export const encodeRefusal = ({ message, code }: RequestRefusedError): Uint8Array =>
  Buffer.from(
    JSON.stringify({
      refused: message.slice(0, MAX_REFUSAL_CHARACTERS),
      ...(code === 'request-taken' ? { taken: true } : {}),
    }),
  );

function refusalIn(answer: Uint8Array): z.output<typeof refusal> | undefined {
  if (answer.length > MAX_REFUSAL_BYTES) return undefined;
  try {
    return refusal.safeParse(JSON.parse(Buffer.from(answer).toString())).data;
  } catch {
    return undefined;
  }
}

/**
 * Invokes with the payload sealed. A request that cannot be sealed, or that the worker refused, is one that did not
 * start: nobody was logged in to. One that was taken before is lost: whoever took it may be logging in.
 */
export function sealedInvoke(
  invoke: Invoke,
  { seals, addressee }: { seals: ReadSeals; addressee: Addressee },
): Invoke {
  return async (name, payload, options) => {
    const { batch } = await seals(options).catch((error: unknown) => {
      options.signal.throwIfAborted();
      throw new InvokeError(`${addressee.worker} was not started: ${messageOf(error)}`, { code: 'refused' });
    });
    const answer = await invoke(name, sealRequest(payload, { seal: batch, addressee }), options);
    const refused = refusalIn(answer);
    if (refused === undefined) return answer;
    const code = refused.taken === true ? 'lost' : 'refused';
    throw new InvokeError(`${addressee.worker}: ${refused.refused}`, { code });
  };
}
