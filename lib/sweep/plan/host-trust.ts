import { type HostKeysConfig, unknownKeysAt } from '../../config/host-keys.ts';
import type { FileKeys, KnownHosts } from '../../config/known-hosts/find-keys.ts';
import type { KnownKey } from '../../config/known-hosts/known-hosts.ts';

/** Which key a host may prove itself by. */
export type HostTrust =
  /** Any of these, and no other. */
  | { readonly kind: 'known'; readonly keys: readonly KnownKey[]; readonly from: 'file' | 'pin' }
  /** The first that it shows, which is pinned then, unless it is one of these. */
  | { readonly kind: 'first'; readonly revoked: readonly KnownKey[] }
  /** None: nobody connects to it. */
  | { readonly kind: 'unknown'; readonly why: 'never-accepted' | 'revoked' };

/**
 * Decides which key a host is believed by. The operator's file comes first: what it names is accepted, whatever was
 * pinned; what it revokes never is. A pinned key that is revoked leaves no key, also with trust-first: that the host
 * was known once is no reason to believe the next who answers at its address.
 */
export function trustIn(
  { inFile, pinned }: { readonly inFile: FileKeys; readonly pinned: KnownKey | undefined },
  { rules, now }: { readonly rules: HostKeysConfig; readonly now: number },
): HostTrust {
  const { accepted, revoked } = inFile;
  if (accepted.length > 0) return { kind: 'known', keys: accepted, from: 'file' };
  if (pinned !== undefined) {
    return isOneOf(pinned, revoked)
      ? { kind: 'unknown', why: 'revoked' }
      : { kind: 'known', keys: [pinned], from: 'pin' };
  }
  return unknownKeysAt(rules, now) === 'refuse'
    ? { kind: 'unknown', why: 'never-accepted' }
    : { kind: 'first', revoked };
}

/** Whether a host may prove itself by a key that is known, whatever becomes of those that are not. */
export const hasKnownKey = (
  host: { readonly address: string; readonly port: number; readonly hostKey?: KnownKey | undefined },
  knownHosts: Pick<KnownHosts, 'find'>,
): boolean =>
  trustIn({ inFile: knownHosts.find(host), pinned: host.hostKey }, { rules: { unknown: 'refuse' }, now: 0 })
    .kind === 'known';

export const isOneOf = ({ type, blob }: KnownKey, keys: readonly KnownKey[]): boolean =>
  keys.some((key) => key.blob === blob && key.type === type);

/** What the operator reads of a host that is not asked for want of a key, with the command that accepts one. */
export function whyUnknown(
  { why }: Extract<HostTrust, { kind: 'unknown' }>,
  { target, address, port }: { readonly target: string; readonly address: string; readonly port: number },
): string {
  const what =
    why === 'revoked'
      ? 'its pinned ssh host key is revoked, so no login was tried. Make a new host key on the host, then compare and accept it'
      : 'its ssh host key was never accepted, so no login was tried. Compare and accept it';
  const ofAll = why === 'revoked' ? '' : ', or all keys: vsweep hostkey scan --accept';
  return (
    `${what}: vsweep hostkey accept ${target} ${address}:${port}${ofAll} ` +
    '(on AWS: vsweep invoke hostkeys, then put it into esxi.hostKeys.file and deploy)'
  );
}
