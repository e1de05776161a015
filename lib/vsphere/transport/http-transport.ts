import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import { certificateEndOf, createTlsAgent, type TlsTrust } from '../../platform/tls.ts';
import { VsphereReplyError } from '../errors.ts';
import { readUnits } from '../soap/soap-reply.ts';
import { envelope } from '../soap/soap-request.ts';
import type { CallOptions, SoapCall, SoapReply, Transport } from '../soap/transport.ts';
import { toConnectionError } from './connection-faults.ts';
import { decodeBody, isDecodingError } from './decode-body.ts';

/** A vCenter or a standalone ESXi host. `name` is what messages call it, `url` ends in `/sdk`. */
export interface VsphereEndpoint {
  readonly name: string;
  readonly url: string;
  readonly tls: TlsTrust | undefined;
}

export interface HttpTransportOptions {
  readonly endpoint: VsphereEndpoint;
  readonly userAgent: string;
  /** Bytes of one reply, its Content-Encoding taken off. Default 1 GiB. */
  readonly maxReplyBytes?: number;
  /** A safety net under the caller's signal: this long without any byte ends a call. Default 2 minutes. */
  readonly idleTimeoutMs?: number;
}

/** The SOAP version that is spoken; every vCenter and ESXi from 6.5 on answers it. */
const SOAP_ACTION = 'urn:vim25/6.5';
/** As govmomi and VMware's vsanapiutils.py call it. */
const VSAN = { path: '/vsanHealth', soapAction: 'urn:vsan/6.7.3' };
const GIBIBYTE = 2 ** 30;
const FAULT_BYTES = 2 ** 20;
const RETRYABLE_STATUS: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** SOAP over HTTPS with connections of its own. Disposing it drops them, also those that are being made. */
export type HttpTransport = Transport &
  Disposable & {
    /** The peer has named a session; its cookie stays inside. */
    readonly hasCookie: () => boolean;
    /** The end of the certificate of the newest connection: milliseconds since the epoch; undefined before the first. */
    readonly certificateEndsAt: () => number | undefined;
  };

export function createHttpTransport(options: HttpTransportOptions): HttpTransport {
  const { endpoint, userAgent, maxReplyBytes = GIBIBYTE, idleTimeoutMs = 120_000 } = options;
  const agent = createTlsAgent(endpoint.tls);
  let cookie: string | undefined;
  let certificateEndsAt: number | undefined;

  const transport = async (call: SoapCall, { signal, onSent }: CallOptions): Promise<SoapReply> => {
    signal.throwIfAborted();
    if (call.secret !== undefined) dropKept(agent);
    const origin = `${call.operation} on ${endpoint.name}`;
    const content = Buffer.from(envelope(call.body));
    const isVsan = call.service === 'vsan';
    const url = isVsan ? new URL(VSAN.path, endpoint.url) : endpoint.url;
    const request = https.request(url, {
      method: 'POST',
      agent,
      signal,
      headers: {
        'Content-Type': 'text/xml; charset=utf-8',
        'Content-Length': content.length,
        SOAPAction: `"${isVsan ? VSAN.soapAction : SOAP_ACTION}"`,
        'User-Agent': userAgent,
        ...(cookie === undefined ? {} : { Cookie: cookie }),
      },
    });
    // A failure after the reply began shows in its body too; without a listener it would end the process.
    request.on('error', () => undefined);
    // The agent hands out checked connections only, and the request is written as soon as it has one.
    request.once('socket', (socket) => {
      certificateEndsAt = certificateEndOf(socket);
      onSent?.();
    });
    request.setTimeout(idleTimeoutMs, () => request.destroy(silence(idleTimeoutMs)));
    request.end(content);
    const response = await responseTo(request, { signal, origin, url: endpoint.url });
    // The vSAN service is another one: what it sets is no session of the vCenter.
    if (!isVsan) cookie = sessionCookieOf(response) ?? cookie;
    const maxBytes = response.statusCode === 200 ? maxReplyBytes : FAULT_BYTES;
    const secrets = [call.secret, cookieValueOf(cookie)].filter((secret) => secret !== undefined);
    const isConfidential = call.secret !== undefined;
    const reply = toReply(response, { origin, secrets, isConfidential, signal, maxBytes });
    if (response.statusCode === 200 && isXml(response)) return reply;
    await using _ = reply;
    return await refuse(response, reply);
  };
  return Object.assign(transport, {
    hasCookie: () => cookie !== undefined,
    certificateEndsAt: () => certificateEndsAt,
    [Symbol.dispose]: () => agent.destroy(),
  });
}

/**
 * The peer may have closed a connection that was kept, and this process not know it yet: the word of it is on its way,
 * or lies unread because the process was stalled. A call with a secret is made once, and a login that is cut off counts
 * as a refusal, so it goes over a connection that is made for it.
 */
function dropKept({ freeSockets }: https.Agent): void {
  for (const socket of Object.values(freeSockets).flatMap((sockets) => sockets ?? [])) socket.destroy();
}

async function responseTo(
  request: ReturnType<typeof https.request>,
  { signal, origin, url }: { signal: AbortSignal; origin: string; url: string },
): Promise<IncomingMessage> {
  try {
    // Node tells an aborted request so only once its connection is made, which may be never.
    const [response] = (await once(request, 'response', { signal })) as [IncomingMessage];
    return response;
  } catch (error) {
    signal.throwIfAborted();
    throw toConnectionError(error as NodeJS.ErrnoException, { origin, url });
  }
}

function toReply(
  response: IncomingMessage,
  options: Pick<SoapReply, 'origin' | 'secrets' | 'isConfidential'> & {
    signal: AbortSignal;
    maxBytes: number;
  },
): SoapReply {
  return {
    origin: options.origin,
    secrets: options.secrets,
    ...(options.isConfidential === true ? { isConfidential: true } : {}),
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
    for await (const chunk of decodeBody(response, { origin })) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw tooLarge();
      yield chunk;
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof VsphereReplyError) throw error;
    if (isDecodingError(error)) {
      throw new VsphereReplyError(
        `the answer to ${origin} does not match its Content-Encoding. Check the proxy in front of it`,
        { code: 'malformed', cause: error },
      );
    }
    throw new VsphereReplyError(`the answer to ${origin} was cut off after ${bytes} bytes`, {
      code: 'truncated',
      cause: error,
    });
  }
}

/** Says what an answer is that is no reply: a SOAP fault, an HTTP error, or something else such as HTML. */
async function refuse(response: IncomingMessage, reply: SoapReply): Promise<never> {
  const status = response.statusCode ?? 0;
  if (isXml(response)) await throwFault(reply);
  const type = String(response.headers['content-type'] ?? 'no content type').slice(0, 80);
  const shown = reply.isConfidential === true ? '' : ` and ${type}`;
  const isStatus = status !== 200;
  const retryable = RETRYABLE_STATUS.has(status);
  const remedy = retryable
    ? 'its services are starting, overloaded or down. Check the health of the vCenter, and any proxy between'
    : 'check that the url is that of a vCenter or ESXi (https://<name>/sdk), and that no proxy is between';
  throw new VsphereReplyError(
    `${reply.origin} returned HTTP ${status}${shown} instead of SOAP: ${remedy}`,
    isStatus ? { code: 'status', retryable, status } : { code: 'not-soap', retryable },
  );
}

/** Throws the fault of a reply that holds one. Of any other the status says more than what is wrong with its XML. */
async function throwFault(reply: SoapReply): Promise<void> {
  try {
    for await (const _ of readUnits(reply, { depth: 2 })) break;
  } catch (error) {
    if (!(error instanceof VsphereReplyError) || error.code === 'too-large') throw error;
  }
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

/** Without its name, which is no secret, and the quotes around it. */
const cookieValueOf = (cookie: string | undefined) => /="?([^"]+)/.exec(cookie ?? '')?.[1];

function silence(ms: number): Error {
  return Object.assign(new Error(`no data arrived for ${ms / 1000} s`), { code: 'ETIMEDOUT' });
}
