import type { Agent } from 'node:http';
import { type ExchangeOptions, exchange, type HttpResponse } from '../../platform/http-exchange.ts';
import { VsphereReplyError } from '../errors.ts';
import { toConnectionError } from '../transport/connection-faults.ts';
import type { VsphereEndpoint } from '../transport/http-transport.ts';

export interface RestRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Answers that are longer are refused. */
  readonly maxBytes: number;
}

export interface RestLink {
  readonly endpoint: VsphereEndpoint;
  readonly agent: Agent;
  readonly userAgent: string;
}

/**
 * One request to the endpoint's own origin; a redirect is an answer like any other, and is not followed. Rejects with
 * VsphereConnectionError, VsphereReplyError or the signal's reason; never with what the peer said, which may repeat a
 * secret.
 */
export async function send(
  { endpoint, agent, userAgent }: RestLink,
  { method, path, headers, body, maxBytes }: RestRequest,
  options: ExchangeOptions,
): Promise<HttpResponse> {
  const { signal } = options;
  const url = new URL(path, endpoint.url);
  const origin = `${method} ${url.pathname} on ${endpoint.name}`;
  const json = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  let response: HttpResponse;
  try {
    response = await exchange(
      {
        method,
        url,
        agent,
        headers: {
          'user-agent': userAgent,
          accept: 'application/json',
          'accept-encoding': 'identity',
          ...(json === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(json === undefined ? {} : { body: json }),
        maxBodyBytes: maxBytes,
      },
      options,
    );
  } catch (error) {
    signal.throwIfAborted();
    throw toConnectionError(error as NodeJS.ErrnoException, { origin, url: url.origin });
  }
  if (response.bodyEnd === 'too-large')
    throw new VsphereReplyError(`the answer to ${origin} is larger than ${maxBytes} bytes`, {
      code: 'too-large',
      status: response.status,
    });
  if (response.bodyEnd === 'cut-off')
    throw new VsphereReplyError(`the answer to ${origin} was cut off`, {
      code: 'truncated',
      retryable: true,
      status: response.status,
    });
  return response;
}

const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** What is wrong with an answer of that status, with the kind of error that vSphere names and no other word of it. */
export function statusError(origin: string, response: HttpResponse, remedy: string): VsphereReplyError {
  const { status } = response;
  const said = errorTypeOf(response.text);
  return new VsphereReplyError(
    `${origin} returned HTTP ${status}${said === '' ? '' : ` (${said})`}. ${remedy}`,
    {
      code: 'status',
      status,
      retryable: RETRYABLE.has(status),
    },
  );
}

/**
 * `{"error_type": "UNAUTHENTICATED", …}` of /api, `{"type": "com.vmware.vapi.std.errors.unauthenticated", …}` of /rest:
 * one of the standard errors, any other word may be a secret that the peer repeats.
 */
export function errorTypeOf(text: string): string {
  const [, word = ''] =
    /^\s*\{\s*"(?:error_type|type)"\s*:\s*"(?:com\.vmware\.vapi\.std\.errors\.)?([A-Za-z_]{1,40})"/.exec(
      text,
    ) ?? [];
  const type = word.toUpperCase();
  return STANDARD_ERRORS.has(type) ? type : '';
}

/** vSphere Automation API, `com.vmware.vapi.std.errors`. */
const STANDARD_ERRORS: ReadonlySet<string> = new Set([
  'ALREADY_EXISTS',
  'ALREADY_IN_DESIRED_STATE',
  'CANCELED',
  'CONCURRENT_CHANGE',
  'ERROR',
  'FEATURE_IN_USE',
  'INTERNAL_SERVER_ERROR',
  'INVALID_ARGUMENT',
  'INVALID_ELEMENT_CONFIGURATION',
  'INVALID_ELEMENT_TYPE',
  'INVALID_REQUEST',
  'NOT_ALLOWED_IN_CURRENT_STATE',
  'NOT_FOUND',
  'OPERATION_NOT_FOUND',
  'RESOURCE_BUSY',
  'RESOURCE_IN_USE',
  'RESOURCE_INACCESSIBLE',
  'SERVICE_UNAVAILABLE',
  'TIMED_OUT',
  'UNABLE_TO_ALLOCATE_RESOURCE',
  'UNAUTHENTICATED',
  'UNAUTHORIZED',
  'UNEXPECTED_INPUT',
  'UNSUPPORTED',
  'UNVERIFIED_PEER',
]);
