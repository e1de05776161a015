import { messageOf } from '../../platform/errors.ts';
import type { HttpResponse } from '../../platform/http-exchange.ts';
import { quote, withoutSecrets } from '../../platform/quote.ts';
import type { TlsTrustError } from '../../platform/tls.ts';
import { PushError, type PushErrorCode } from './errors.ts';
import { retryAfterMs } from './retry-after.ts';

/** How messages call a destination. */
export interface PeerWords {
  /** Such as `the Pushgateway`, and `the gateway` where it was named before. */
  readonly name: string;
  readonly short: string;
  /** The section of the configuration. */
  readonly section: string;
  /** What is special about its answers. */
  faultOf?(status: number): Fault | undefined;
  /** Whether a push may be repeated after such an answer; without it after 429 and every 5xx. */
  mayRepeat?(status: number): boolean;
  /** Whether an answer below 300 to a push is what it says when it took all of it; what else answers so is something else. */
  isSuccess(response: Answered): boolean;
  /** What an error says, where that is no text; without it its body. */
  textOf?(response: Answered): string;
}

/** What of an answer tells who gave it. */
export type Answered = Pick<HttpResponse, 'status' | 'headers' | 'text' | 'bytes'>;

export interface Fault {
  readonly code: PushErrorCode;
  readonly remedy: string;
}

/** A run that waits longer keeps its targets from their next one, which sends newer values anyway. */
const LONGEST_WAIT_MS = 60_000;

/** Of servers written in Go, of nginx, and of Apache. */
const SAYS_HTTPS =
  /HTTP request to an HTTPS server|plain HTTP request was sent to HTTPS port|plain HTTP to an SSL-enabled server/i;

/** The error for an answer that is no success; `what` names the request, `now` is in milliseconds since the epoch. */
export function statusError(
  what: string,
  response: HttpResponse,
  { words, secrets, now }: { words: PeerWords; secrets: readonly string[]; now: number },
): PushError {
  const { status, statusText } = response;
  const text = words.textOf?.(response) ?? response.text;
  const { code, remedy: ofStatus } = words.faultOf?.(status) ?? faultOf(status, words);
  const remedy = SAYS_HTTPS.test(text) ? `Write ${words.section}.url with https.` : ofStatus;
  const waitMs = retryAfterMs(response.headers['retry-after'], now) ?? 0;
  const isTooLong = waitMs > LONGEST_WAIT_MS;
  const asked = isTooLong
    ? ` It asks to wait ${Math.ceil(waitMs / 1_000)} s, so this run does not try again; the next one does.`
    : '';
  const said = (answered: string) => quote(withoutSecrets(answered, secrets));
  const answer = [`${status} ${said(statusText)}`.trim(), said(text)]
    .filter((part) => part !== '')
    .join(': ')
    .replace(/[.\s]+$/, '');
  const mayRepeat = words.mayRepeat?.(status) ?? (status === 429 || status >= 500);
  return new PushError(`${what}: ${words.name} answered ${answer}. ${remedy}${mayRepeat ? asked : ''}`, {
    code,
    status,
    retryable: mayRepeat && !isTooLong,
    retryAfterMs: waitMs,
  });
}

/**
 * The error for a success that only a web page is, as that of a login or of a proxy, which took nothing; undefined for
 * any other answer. No destination answers a push with HTML.
 */
export function pageError(
  what: string,
  { status, headers, text }: HttpResponse,
  { name, section }: PeerWords,
): PushError | undefined {
  const isPage =
    /^text\/html\b/i.test(headers['content-type'] ?? '') || /^\s*<(?:!doctype|html)\b/i.test(text);
  if (!isPage) return undefined;
  return new PushError(
    `${what}: answered ${status} with a web page, so it was not ${name} and nothing was stored. Check ${section}.url, ` +
      'and any proxy or login page in front of it.',
    { code: 'page', status },
  );
}

/**
 * The error for a success that the destination does not give, as of another service at that address, or of a proxy that
 * answers everything; undefined for one that it gives.
 */
export function strangerError(
  what: string,
  response: HttpResponse,
  { words, secrets }: { words: PeerWords; secrets: readonly string[] },
): PushError | undefined {
  if (words.isSuccess(response)) return undefined;
  const { status, text } = response;
  const said = quote(withoutSecrets(text, secrets), 200);
  return new PushError(
    `${what}: answered ${status}${said === '' ? '' : `: ${said}`}. ${sentence(words.name)} does not answer so, so ` +
      `something else did and nothing was stored. Check ${words.section}.url, and any proxy in front of it.`,
    { code: 'stranger', status },
  );
}

/** The error for a request that got no answer. */
export function networkError(what: string, cause: unknown, { section, short }: PeerWords): PushError {
  const reason = messageOf(cause) || (cause instanceof Error ? codeOf(cause) : 'unknown');
  const isRefused = cause instanceof Error && codeOf(cause) === 'ECONNREFUSED';
  const check = isRefused ? `Check that ${short} runs, ${section}.url` : `Check ${section}.url`;
  return new PushError(`${what}: no answer: ${reason}. ${check} and the network path to it.`, {
    code: 'network',
    retryable: true,
    cause,
  });
}

/** The error for a peer that is not the trusted one; `cause` says what was seen and what to configure. */
export function trustError(what: string, cause: TlsTrustError): PushError {
  return new PushError(`${what}: ${cause.message}`, { code: 'tls', cause });
}

export function timeoutError(what: string, ms: number, { short }: PeerWords): PushError {
  return new PushError(
    `${what}: no answer within ${ms / 1000} s. Check the load of ${short} and the network path to it.`,
    { code: 'timeout', retryable: true },
  );
}

function faultOf(status: number, { name, short, section }: PeerWords): Fault {
  switch (status) {
    case 401:
    case 403:
      return { code: 'credentials', remedy: `Check ${section}.credentials.` };
    case 404:
    case 405:
      return { code: 'not-found', remedy: `Check the path of ${section}.url.` };
    case 413:
      return {
        code: 'too-large',
        remedy: `Raise the body limit of the proxy in front of ${short}.`,
      };
    case 429:
      return { code: 'busy', remedy: `${sentence(short)} or its proxy limits requests; raise the limit.` };
    default:
      return status >= 500
        ? { code: 'busy', remedy: `Check the health and log of ${short}.` }
        : {
            code: 'status',
            remedy: `Check that ${section}.url is ${name} itself; redirects are not followed.`,
          };
  }
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : error.name;
}
