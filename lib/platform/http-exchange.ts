import { once } from 'node:events';
import * as http from 'node:http';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: URL;
  readonly headers: http.OutgoingHttpHeaders;
  readonly body?: Uint8Array;
  /** Of node:https for a url of https: it speaks the protocol, whichever module makes the request. */
  readonly agent: http.Agent;
  /** What is longer is cut off unread; default 8 KiB, enough for a message about a fault. */
  readonly maxBodyBytes?: number;
}

export interface HttpResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: http.IncomingHttpHeaders;
  /** The body, and the same as UTF-8. */
  readonly bytes: Uint8Array;
  readonly text: string;
  /** Whether `text` is all of the body, was ended by the peer or the network, or by `maxBodyBytes`. */
  readonly bodyEnd: 'whole' | 'cut-off' | 'too-large';
}

const DEFAULT_BODY_BYTES = 8 * 1024;

export interface ExchangeOptions {
  readonly signal: AbortSignal;
  /** Awaited once there is a connection, which the agent has checked; what it throws ends the exchange, and nothing is sent. */
  readonly beforeSent?: () => Promise<void>;
  /** With `beforeSent`: told just before the first byte goes out. */
  readonly onSent?: () => void;
}

/**
 * One request and its response, redirects not followed. Rejects with the signal's reason when that aborts, with what
 * `beforeSent` threw, else with Node's own error.
 */
export async function exchange(
  request: HttpRequest,
  { signal, ...options }: ExchangeOptions,
): Promise<HttpResponse> {
  try {
    const response = await send(request, { signal, ...options });
    const body = await readBody(response, request.maxBodyBytes ?? DEFAULT_BODY_BYTES);
    signal.throwIfAborted();
    return {
      status: response.statusCode ?? 0,
      statusText: response.statusMessage ?? '',
      headers: response.headers,
      ...body,
    };
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

async function send(
  { method, url, headers, body, agent }: HttpRequest,
  { signal, beforeSent, onSent }: ExchangeOptions,
): Promise<http.IncomingMessage> {
  const length = method === 'GET' ? {} : { 'content-length': body?.byteLength ?? 0 };
  const outgoing = http.request(url, { method, headers: { ...headers, ...length }, agent, signal });
  // Stays: a fault after the response came must find a listener; the response itself reports it.
  outgoing.on('error', () => undefined);
  // With the signal: Node reports an abort of a request only once the agent has a socket, or has none.
  const response = once(outgoing, 'response', { signal });
  if (beforeSent !== undefined) {
    // Whoever waits below sees how it ended.
    response.catch(() => undefined);
    await untilConnected(outgoing, { signal, beforeSent });
    // Closed by the peer meanwhile: nothing goes out any more.
    if (!outgoing.destroyed) onSent?.();
  }
  outgoing.end(body);
  const [message] = await response;
  return message;
}

/** Without `end` no byte of the request goes out, its headers neither. */
async function untilConnected(
  outgoing: http.ClientRequest,
  { signal, beforeSent }: { signal: AbortSignal; beforeSent: () => Promise<void> },
): Promise<void> {
  try {
    await once(outgoing, 'socket', { signal });
    await beforeSent();
    signal.throwIfAborted();
  } catch (error) {
    outgoing.destroy();
    throw error;
  }
}

/** What came before the body broke off is handed on: of a fault the status has decided already. */
async function readBody(
  response: http.IncomingMessage,
  maxBytes: number,
): Promise<Pick<HttpResponse, 'bytes' | 'text' | 'bodyEnd'>> {
  const chunks: Buffer[] = [];
  let size = 0;
  let bodyEnd: HttpResponse['bodyEnd'] = 'whole';
  try {
    for await (const chunk of response) {
      chunks.push(chunk);
      size += chunk.length;
      if (size <= maxBytes) continue;
      bodyEnd = 'too-large';
      break;
    }
  } catch {
    // Cut off, or aborted, which the caller checks.
    bodyEnd = 'cut-off';
  }
  const bytes = Buffer.concat(chunks).subarray(0, maxBytes);
  return { bytes, text: bytes.toString('utf8'), bodyEnd };
}
