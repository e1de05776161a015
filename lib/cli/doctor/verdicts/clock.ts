import { green, red, type Verdict, yellow } from './verdict.ts';

/** CurrentTime and QueryDateTime are exact to a second, and the way there takes some of another. */
const EXACT_MS = 2_000;
/** What single sign-on tolerates by default (vSphere Authentication, "vCenter Single Sign-On Token Policy": clock tolerance). */
const TOLERATED_MS = 600_000;

/** Of a clock that is `offsetMs` ahead of this machine's (behind, if negative), known to half of `roundTripMs`. */
export function judgeClock({
  offsetMs,
  roundTripMs,
}: {
  readonly offsetMs: number;
  readonly roundTripMs: number;
}): Verdict {
  const ms = Math.abs(offsetMs);
  const off = `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s ${offsetMs < 0 ? 'behind' : 'ahead of'} this machine`;
  const remedy = 'Compare both with a time server (NTP)';
  if (ms <= EXACT_MS + roundTripMs / 2) return green('its clock agrees with that of this machine');
  if (ms < TOLERATED_MS) return yellow(`its clock is ${off}. ${remedy}`);
  return red(`its clock is ${off}, more than single sign-on tolerates. ${remedy}`);
}

/** Of several hosts, the worst; `unread` are those that did not tell. */
export function judgeClocks(
  clocks: readonly { readonly host: string; readonly offsetMs: number; readonly roundTripMs: number }[],
  { unread, hosts }: { readonly unread: readonly string[]; readonly hosts: number },
): Verdict {
  const asked = `${clocks.length} of ${hosts} hosts asked`;
  const silent = unread.length === 0 ? '' : `; without an answer: ${unread.join(', ')}`;
  const [worst] = clocks.toSorted((one, other) => Math.abs(other.offsetMs) - Math.abs(one.offsetMs));
  if (worst === undefined && unread.length === 0)
    return green('not asked: no connected host has a date and time system');
  if (worst === undefined) return yellow(`no host told its time (${asked}${silent})`);
  const { colour, reason } = judgeClock(worst);
  if (colour !== 'green') return { colour, reason: `${worst.host}: ${reason} (${asked}${silent})` };
  return unread.length === 0
    ? green(`their clocks agree with that of this machine (${asked})`)
    : yellow(`the clocks of those that answered agree with that of this machine (${asked}${silent})`);
}
