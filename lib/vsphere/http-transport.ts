import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import { createTlsAgent, type TlsTrust, TlsTrustError } from '../platform/tls.ts';
import { VsphereConnectionError, VsphereReplyError } from './errors.ts';
import { readUnits } from './soap-reply.ts';
import { envelope } from './soap-request.ts';
import type { CallOptions, SoapCall, SoapReply, Transport } from './transport.ts';

/** A vCenter or a standalone ESXi host. `name` is what messages call it, `url` ends in `/sdk`. */
export interface VsphereEndpoint {
  readonly name: string;
  readonly url: string;
  readonly tls: TlsTrust | undefined;
}

export interface HttpTransportOptions {
  readonly endpoint: VsphereEndpoint;
  readonly userAgent: string;
  /** Bytes of one reply. Default 1 GiB. */
  readonly maxReplyBytes?: number;
  /** A safety net under the caller's signal: this long without any byte ends a call. Default 2 minutes. */
  readonly idleTimeoutMs?: number;
}

/** The SOAP version that is spoken; every vCenter and ESXi from 6.5 on answers it. */
const SOAP_ACTION = 'urn:vim25/6.5';
const GIBIBYTE = 2 ** 30;
const FAULT_BYTES = 2 ** 20;
const RETRYABLE_STATUS: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/**
 * SOAP over HTTPS with connections of its own. The session's cookie stays inside. `close` drops the connections,
 * also those that are being made.
 */
export function createHttpTransport(options: HttpTransportOptions): Transport & Disposable {
  const { endpoint, userAgent, maxReplyBytes = GIBIBYTE, idleTimeoutMs = 120_000 } = options;
  const agent = createTlsAgent(endpoint.tls);
  let cookie: string | undefined;

  const transport = async (call: SoapCall, { signal, onSent }: CallOptions): Promise<SoapReply> => {
    signal.throwIfAborted();
    const origin = `${call.operation} on ${endpoint.name}`;
    const content = Buffer.from(envelope(call.body));
    const request = https.request(endpoint.url, {
      method: 'POST',
      agent,
      signal,
      headers: {
        'Content-Type': 'text/xml; charset=utf-8',
        'Content-Length': content.length,
        SOAPAction: `"${SOAP_ACTION}"`,
        'User-Agent': userAgent,
        ...(cookie === undefined ? {} : { Cookie: cookie }),
      },
    });
    // A failure after the reply began shows in its body too; without a listener it would end the process.
    request.on('error', () => undefined);
    // The agent hands out checked connections only, and the request is written as soon as it has one.
    request.once('socket', () => onSent?.());
    request.setTimeout(idleTimeoutMs, () => request.destroy(silence(idleTimeoutMs)));
    request.end(content);
    const response = await responseTo(request, { signal, origin });
    cookie = sessionCookieOf(response) ?? cookie;
    const maxBytes = response.statusCode === 200 ? maxReplyBytes : FAULT_BYTES;
    const reply = toReply(response, { origin, signal, maxBytes });
    if (response.statusCode === 200 && isXml(response)) return reply;
    await using _ = reply;
    return await refuse(response, reply, call);
  };
  return Object.assign(transport, { [Symbol.dispose]: () => agent.destroy() });
}

async function responseTo(
  request: ReturnType<typeof https.request>,
  { signal, origin }: { signal: AbortSignal; origin: string },
): Promise<IncomingMessage> {
  try {
    // Node tells an aborted request so only once its connection is made, which may be never.
    const [response] = (await once(request, 'response', { signal })) as [IncomingMessage];
    return response;
  } catch (error) {
    signal.throwIfAborted();
    throw toConnectionError(error as NodeJS.ErrnoException, origin);
  }
}

function toReply(
  response: IncomingMessage,
  options: { origin: string; signal: AbortSignal; maxBytes: number },
): SoapReply {
  return {
    origin: options.origin,
    body: bodyOf(response, options),
    [Symbol.asyncDispose]: async () => {
      if (!response.readableEnded) response.destroy();
    },
  };
}

async function* bodyOf(
  response: IncomingMessage,
  { origin, signal, maxBytes }: { origin: string; signal: AbortSignal; maxBytes: number },
): AsyncGenerator<Uint8Array, void, undefined> {
  const tooLarge = () =>
    new VsphereReplyError(`the answer to ${origin} is larger than ${maxBytes} bytes`, { code: 'too-large' });
  if (Number(response.headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw tooLarge();
      yield chunk;
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof VsphereReplyError) throw error;
    throw new VsphereReplyError(`the answer to ${origin} was cut off after ${bytes} bytes`, {
      code: 'truncated',
      cause: error,
    });
  }
}

/** Says what an answer is that is no reply: a SOAP fault, an HTTP error, or something else such as HTML. */
async function refuse(response: IncomingMessage, reply: SoapReply, call: SoapCall): Promise<never> {
  const status = response.statusCode ?? 0;
  if (isXml(response)) {
    for await (const _ of readUnits(reply, { depth: 2, secret: call.secret })) break;
  }
  const shown = String(response.headers['content-type'] ?? 'no content type').slice(0, 80);
  const isStatus = status !== 200;
  throw new VsphereReplyError(
    `${reply.origin} was answered with HTTP ${status} and ${shown} instead of SOAP: ` +
      'check that the url is that of a vCenter or ESXi (https://<name>/sdk) and that no proxy stands between',
    { code: isStatus ? 'status' : 'not-soap', retryable: RETRYABLE_STATUS.has(status) },
  );
}

function isXml({ headers }: IncomingMessage): boolean {
  return /\bxml\b/i.test(headers['content-type'] ?? 'xml');
}

function sessionCookieOf({ headers }: IncomingMessage): string | undefined {
  for (const line of headers['set-cookie'] ?? []) {
    const pair = line.split(';', 1)[0] ?? '';
    if (/^vmware_soap_session=[\x21-\x7e]{1,4096}$/.test(pair)) return pair;
  }
  return undefined;
}

function toConnectionError(error: NodeJS.ErrnoException, origin: string): Error {
  const [code, retryable] = kindOf(error);
  if (code === undefined) {
    return new VsphereReplyError(`${origin} was answered with something that is not HTTP: ${error.message}`, {
      code: 'not-soap',
      cause: error,
    });
  }
  return new VsphereConnectionError(`${origin} failed (${code}): ${error.message}`, {
    code,
    retryable,
    cause: error,
  });
}

function kindOf(error: NodeJS.ErrnoException): [VsphereConnectionError['code'] | undefined, boolean] {
  const code = error.code ?? '';
  if (error instanceof TlsTrustError || code === 'EPROTO' || code.startsWith('ERR_SSL_'))
    return ['tls', false];
  if (code === 'EAI_AGAIN') return ['dns', true];
  if (code === 'ENOTFOUND') return ['dns', false];
  if (code === 'ECONNREFUSED') return ['connection-refused', true];
  if (code === 'ETIMEDOUT') return ['timeout', true];
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH') return ['unreachable', true];
  if (code.startsWith('HPE_')) return [undefined, false];
  return ['cut-off', true];
}

function silence(ms: number): Error {
  return Object.assign(new Error(`nothing was heard for ${ms / 1000} s`), { code: 'ETIMEDOUT' });
}
