import { once } from 'node:events';
import * as http from 'node:http';
import * as https from 'node:https';

export interface HttpRequest {
  readonly method: 'PUT' | 'DELETE';
  readonly url: URL;
  readonly headers: http.OutgoingHttpHeaders;
  readonly body?: Uint8Array;
  readonly agent: http.Agent | https.Agent;
}

export interface HttpResponse {
  readonly status: number;
  readonly statusText: string;
  /** The beginning of the body; what is longer than `MAX_BODY_BYTES` is cut off unread. */
  readonly text: string;
}

const MAX_BODY_BYTES = 8 * 1024;

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
    const text = await readBeginning(response);
    signal.throwIfAborted();
    return { status: response.statusCode ?? 0, statusText: response.statusMessage ?? '', text };
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

/** What came before the body broke off is enough: the status has decided already. */
async function readBeginning(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= MAX_BODY_BYTES) break;
    }
  } catch {
    // Cut off, or aborted, which the caller checks.
  }
  return Buffer.concat(chunks).subarray(0, MAX_BODY_BYTES).toString('utf8');
}
