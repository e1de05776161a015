import { messageOf } from '../../platform/errors.ts';
import type { HttpResponse } from '../../platform/http-exchange.ts';
import { quote, withoutSecrets } from '../../platform/quote.ts';
import type { TlsTrustError } from '../../platform/tls.ts';
import { PushError, type PushErrorCode } from './errors.ts';

interface Fault {
  readonly code: PushErrorCode;
  readonly remedy: string;
}

/** The error for an answer that is no success; `what` names the request. */
export function statusError(
  what: string,
  response: HttpResponse,
  { gzip, secrets }: { gzip: boolean; secrets: readonly string[] },
): PushError {
  const { status, statusText, text } = response;
  const { code, remedy } = faultOf(status, gzip);
  const said = (words: string) => quote(withoutSecrets(words, secrets));
  const answer = [`${status} ${said(statusText)}`.trim(), said(text)]
    .filter((part) => part !== '')
    .join(': ');
  return new PushError(`${what}: the Pushgateway answered ${answer}. ${remedy}`, {
    code,
    status,
    retryable: status === 429 || status >= 500,
  });
}

/** The error for a request that got no answer. */
export function networkError(what: string, cause: unknown): PushError {
  const reason = messageOf(cause) || (cause instanceof Error ? codeOf(cause) : 'unknown');
  return new PushError(`${what}: no answer: ${reason}. Check push.url and the network path to it.`, {
    code: 'network',
    retryable: true,
    cause,
  });
}

/** A part of a divided group that was not taken. */
export interface RefusedPart {
  readonly part: string;
  readonly error: unknown;
}

/** One error for all parts that were not taken; of a group that is not divided it is the error itself. */
export function partsError(refused: readonly RefusedPart[], parts: number): unknown {
  const cause = refused[0]?.error;
  if (parts === 1) return cause;
  const names = refused.map(({ part }) => part).join(', ');
  const left = refused.length === parts ? '' : ' The others were taken.';
  return new PushError(
    `${refused.length} of ${parts} parts were not taken (vsweep_part ${names}).${left} The first: ${messageOf(cause)}`,
    { code: 'parts', cause },
  );
}

/** The error for a gateway that is not the trusted one; `cause` says what was seen and what to configure. */
export function trustError(what: string, cause: TlsTrustError): PushError {
  return new PushError(`${what}: ${cause.message}`, { code: 'tls', cause });
}

export function timeoutError(what: string, ms: number): PushError {
  return new PushError(
    `${what}: no answer within ${ms / 1000} s. Check the load of the gateway and the network path to it.`,
    { code: 'timeout', retryable: true },
  );
}

function faultOf(status: number, gzip: boolean): Fault {
  switch (status) {
    case 400:
    case 415:
      return { code: 'inconsistent', remedy: inconsistentRemedy(gzip) };
    case 401:
    case 403:
      return { code: 'credentials', remedy: 'Check push.credentials.' };
    case 404:
    case 405:
      return { code: 'not-found', remedy: 'Check the path of push.url: leave out /metrics.' };
    case 413:
      return { code: 'too-large', remedy: 'Raise the body limit of the proxy in front of the gateway.' };
    case 429:
      return { code: 'busy', remedy: 'The gateway or its proxy limits requests; raise the limit.' };
    default:
      return status >= 500
        ? { code: 'busy', remedy: 'Check the health and log of the gateway.' }
        : {
            code: 'status',
            remedy: 'Check that push.url is the Pushgateway itself; redirects are not followed.',
          };
  }
}

function inconsistentRemedy(gzip: boolean): string {
  const base =
    'Nothing of this request was stored. The gateway rejects series that clash with another group.';
  return gzip ? `${base} A gateway older than 1.5 does not read gzip: set push.gzip: false.` : base;
}

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : error.name;
}
