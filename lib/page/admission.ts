import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';

/** Who may see the page. */
export type Admission =
  /** Whoever is on this machine. */
  | { readonly of: 'loopback' }
  | { readonly of: 'token'; readonly token: string }
  /** It listens for other machines, and there is no token. */
  | { readonly of: 'nobody' };

export type Verdict = 'admitted' | 'no-token' | 'other-name' | 'closed';

/** Whether only this machine reaches the address; `localhost` is one by RFC 6761, section 6.3. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

/** Without a token only who listens for this machine alone shows the page. */
export function admissionOf(listenHost: string, token: string | undefined): Admission {
  if (token !== undefined) return { of: 'token', token };
  return { of: isLoopback(listenHost) ? 'loopback' : 'nobody' };
}

/**
 * Whether a request may see the page. A browser sends the token as the password of basic authentication, with any user
 * (https://www.rfc-editor.org/rfc/rfc7617); others may send it as a bearer.
 */
export function admit(admission: Admission, headers: IncomingHttpHeaders): Verdict {
  if (admission.of === 'nobody') return 'closed';
  if (admission.of === 'loopback') return isFromHere(headers) ? 'admitted' : 'other-name';
  return tokensOf(headers.authorization).some((token) => isEqual(token, admission.token))
    ? 'admitted'
    : 'no-token';
}

/**
 * Asked for by a name of this machine, or else a site whose name an attacker points to 127.0.0.1 could read the page in the
 * operator's browser; and not handed on by a proxy, which may serve the whole network.
 */
const isFromHere = (headers: IncomingHttpHeaders): boolean =>
  isLoopback(hostOf(headers.host)) &&
  ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'].every(
    (name) => headers[name] === undefined,
  );

const hostOf = (header: string | undefined): string =>
  (header ?? '')
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();

function tokensOf(authorization: string | undefined): string[] {
  if (authorization === undefined) return [];
  const bearer = /^bearer +(\S+)$/i.exec(authorization)?.[1];
  if (bearer !== undefined) return [bearer];
  const basic = /^basic +(\S+)$/i.exec(authorization)?.[1];
  if (basic === undefined) return [];
  const pair = Buffer.from(basic, 'base64').toString('utf8');
  return pair.includes(':') ? [pair.slice(pair.indexOf(':') + 1)] : [];
}

/** Takes the same time wherever they differ, and whatever their lengths are. */
function isEqual(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
