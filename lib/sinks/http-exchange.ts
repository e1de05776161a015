import { once } from 'node:events';
import * as http from 'node:http';
import * as https from 'node:https';

export interface HttpRequest {
  readonly method: 'GET' | 'PUT' | 'DELETE';
  readonly url: URL;
  readonly headers: http.OutgoingHttpHeaders;
  readonly body?: Uint8Array;
  readonly agent: http.Agent | https.Agent;
  /** Of the response; default 8 kB, enough for the words of a fault. */
  readonly maxBodyBytes?: number;
}

export interface HttpResponse {
  readonly status: number;
  readonly statusText: string;
  /** The body, or its beginning when `isWhole` is false: it was longer than allowed, or broke off. */
  readonly text: string;
  readonly isWhole: boolean;
}

const DEFAULT_BODY_BYTES = 8 * 1024;

/**
 * One request and its response, redirects not followed. Rejects with the signal's reason when that aborts, else
 * with Node's own error.
 */
export async function exchange(
  request: HttpRequest,
  { signal }: { signal: AbortSignal },
): Promise<HttpResponse> {
  signal.throwIfAborted();
  try {
    const response = await send(request, signal);
    const body = await readBody(response, request.maxBodyBytes ?? DEFAULT_BODY_BYTES);
    signal.throwIfAborted();
    return { status: response.statusCode ?? 0, statusText: response.statusMessage ?? '', ...body };
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

async function send(
  { method, url, headers, body, agent }: HttpRequest,
  signal: AbortSignal,
): Promise<http.IncomingMessage> {
  const request = url.protocol === 'https:' ? https.request : http.request;
  const length = { 'content-length': body?.byteLength ?? 0 };
  const outgoing = request(url, { method, headers: { ...headers, ...length }, agent, signal });
  // Stays: a fault after the response came must find a listener; the response itself reports it.
  outgoing.on('error', () => undefined);
  // With the signal: Node reports an abort of a request only once the agent has a socket, or has none.
  const response = once(outgoing, 'response', { signal });
  outgoing.end(body);
  const [message] = await response;
  return message;
}

/** What came before the body broke off is enough for a fault: the status has decided already. */
async function readBody(
  response: http.IncomingMessage,
  maxBytes: number,
): Promise<Pick<HttpResponse, 'text' | 'isWhole'>> {
  const chunks: Buffer[] = [];
  let size = 0;
  let isWhole = true;
  try {
    for await (const chunk of response) {
      chunks.push(chunk);
      size += chunk.length;
      isWhole = size <= maxBytes;
      if (!isWhole) break;
    }
  } catch {
    // Cut off, or aborted, which the caller checks.
    isWhole = false;
  }
  return { text: Buffer.concat(chunks).subarray(0, maxBytes).toString('utf8'), isWhole };
}
