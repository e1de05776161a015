import * as z from 'zod';
import { messageOf } from '../platform/errors.ts';
import type { HttpResponse } from '../platform/http-exchange.ts';
import { quote } from '../platform/quote.ts';
import { TlsTrustError } from '../platform/tls.ts';
import { NetboxError, type NetboxErrorCode } from './errors.ts';

/** What an error says of the request that it befell. */
export interface Asked {
  /** `GET <url>` without the query. */
  readonly what: string;
  /** It is never shown. */
  readonly token: string | undefined;
}

/** The error for an answer that is no success. */
export function statusError({ what, token }: Asked, response: HttpResponse): NetboxError {
  const { status, statusText, headers } = response;
  const version = versionOf(headers);
  const { code, remedy } = faultOf(status, { version, token });
  const conceal = (text: string) => concealToken(text, token);
  const said = quote(conceal(wordsOf(response)));
  const answer = [`${status} ${quote(conceal(statusText))}`.trim(), said]
    .filter((part) => part !== '')
    .join(': ');
  return new NetboxError(`${what}: NetBox answered ${answer.replace(/[.\s]+$/, '')}. ${remedy}`, {
    code,
    status,
    retryable: status === 429 || status >= 500,
  });
}

/** A text of the peer without the token. Shorten it only then: half of a token would not be found. */
export const concealToken = (text: string, token: string | undefined): string =>
  token === undefined ? text : text.replaceAll(token, '…');

/** The error for a request that got no answer. */
export function networkError({ what }: Asked, cause: unknown): NetboxError {
  if (cause instanceof TlsTrustError) {
    return new NetboxError(`${what}: ${cause.message.replace('tls: {', 'netbox.tls: {')}`, {
      code: 'tls',
      cause,
    });
  }
  const nodeCode = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const said = cause instanceof Error ? messageOf(cause) || nodeCode || cause.name : String(cause);
  return new NetboxError(`${what}: no answer: ${said}. Check netbox.url and the network path to it.`, {
    code: 'network',
    // Somebody has to change the name, or wait for the DNS to take it up.
    retryable: nodeCode !== 'ENOTFOUND',
    cause,
  });
}

export function timeoutError({ what }: Asked, ms: number): NetboxError {
  return new NetboxError(
    `${what}: no whole answer within ${ms / 1_000} s. Check the load of NetBox, or narrow netbox.filter.`,
    { code: 'timeout' },
  );
}

/** The error for a body that did not come to its end, or is no page of devices. */
export function bodyError(
  { what }: Asked,
  { bodyEnd, headers, text }: HttpResponse,
  why: string,
): NetboxError {
  if (bodyEnd === 'cut-off') {
    return new NetboxError(
      `${what}: the answer was cut off after ${text.length} characters. Check NetBox's log and any proxy in front of it.`,
      { code: 'cut-off', retryable: true },
    );
  }
  if (bodyEnd === 'too-large') {
    return new NetboxError(
      `${what}: one page has more than ${text.length} characters. Lower MAX_PAGE_SIZE of NetBox, or narrow netbox.filter.`,
      { code: 'too-large' },
    );
  }
  const got = isHtml({ headers, text }) ? 'an HTML page' : `something else (${why})`;
  return new NetboxError(
    `${what}: NetBox should answer with a page of devices, but the answer is ${got}. ` +
      'Check that netbox.url is that of NetBox itself, without /api, and that no login page is in front of it.',
    { code: 'not-netbox' },
  );
}

export function versionOf(headers: HttpResponse['headers']): string | undefined {
  const version = headers['api-version'];
  return typeof version === 'string' && /^\d{1,4}(\.\d{1,4}){0,2}$/.test(version) ? version : undefined;
}

function faultOf(
  status: number,
  { version, token }: { version: string | undefined; token: string | undefined },
): { readonly code: NetboxErrorCode; readonly remedy: string } {
  switch (status) {
    case 400:
      return {
        code: 'filter',
        remedy: 'Correct netbox.filter: write slugs that exist in NetBox, not names.',
      };
    case 401:
    case 403:
      return { code: 'token', remedy: tokenRemedy(token, version) };
    case 404:
      return { code: 'not-found', remedy: 'Check netbox.url: leave out /api.' };
    case 429:
      return { code: 'busy', remedy: 'NetBox or its proxy limits requests; raise netbox.cacheMinutes.' };
    default:
      if (status >= 500) return { code: 'busy', remedy: "Check NetBox's health and log." };
      return {
        code: 'status',
        remedy: 'Check that netbox.url is NetBox itself, with the right scheme; redirects are not followed.',
      };
  }
}

function tokenRemedy(token: string | undefined, version: string | undefined): string {
  if (token === undefined) return 'Set netbox.token: this NetBox requires one.';
  const rights =
    'Check that netbox.token is enabled and not expired, that its user may view devices (dcim.view_device), ' +
    'and that its allowed IPs include this machine.';
  return token.startsWith('nbt_') && version !== undefined && isBefore(version, [4, 5])
    ? `Tokens that begin with nbt_ need NetBox 4.5, but this is ${version}: create a version 1 token.`
    : rights;
}

function isBefore(version: string, [major, minor]: readonly [number, number]): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map(Number);
  return ownMajor < major || (ownMajor === major && ownMinor < minor);
}

const isHtml = ({ headers, text }: Pick<HttpResponse, 'headers' | 'text'>) =>
  headers['content-type']?.includes('html') === true || /^\s*<(?:!doctype|html)/i.test(text);

/** Django's form of a fault: `{"detail": text}`, or field names with what is wrong with each. */
const djangoFault = z.record(z.string(), z.union([z.string(), z.array(z.string())]));

/** What NetBox says, as text; of a page for browsers nothing. */
function wordsOf(response: HttpResponse): string {
  if (isHtml(response)) return 'an HTML page';
  const { data } = djangoFault.safeParse(tryJson(response.text));
  if (data === undefined) return response.text;
  const words = Object.entries(data).map(([field, said]) => {
    const text = [said].flat().join(' ');
    return field === 'detail' ? text : `${field}: ${text}`;
  });
  return words.join('; ');
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
