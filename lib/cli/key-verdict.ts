import type { FileKeys } from '../config/known-hosts/find-keys.ts';
import { fingerprint, type HostKey } from '../esxi/host-key.ts';
import { toShellWord } from '../platform/quote.ts';
import { isOneOf } from '../sweep/plan/host-trust.ts';

/** Whether the key that a host presents may be pinned. */
export type KeyVerdict =
  | 'same'
  | 'in-file'
  | 'accepted'
  | 'not-confirmed'
  | 'another-fingerprint'
  | 'not-in-file'
  | 'revoked';

/**
 * The operator's file comes first, as in a run: a pin that it contradicts would be written for nothing, and come into
 * force with the day on which the host is taken out of the file.
 */
export function judgeKey(
  presented: HostKey,
  known: { readonly inFile: FileKeys; readonly pinned: HostKey | undefined },
  typed: string | undefined,
): KeyVerdict {
  const { accepted, revoked } = known.inFile;
  if (isOneOf(presented, revoked)) return 'revoked';
  const isInFile = isOneOf(presented, accepted);
  if (accepted.length > 0 && !isInFile) return 'not-in-file';
  if (typed !== undefined && typed !== fingerprint(presented)) return 'another-fingerprint';
  if (isInFile) return 'in-file';
  if (known.pinned !== undefined && isOneOf(presented, [known.pinned])) return 'same';
  return typed === undefined ? 'not-confirmed' : 'accepted';
}

/** The host proves itself by this key from now on. */
export const isAccepted = (verdict: KeyVerdict): boolean =>
  verdict === 'accepted' || verdict === 'same' || verdict === 'in-file';

/** What the operator reads of a verdict, and what to do. */
export function explainVerdict(
  verdict: KeyVerdict,
  presented: HostKey,
  { target, endpoint }: { target: string; endpoint: string },
): string {
  const texts: Readonly<Record<KeyVerdict, string>> = {
    same: 'the host presents the pinned key',
    'in-file': 'esxi.hostKeys.file names the presented key, so it is accepted; nothing was changed',
    accepted: 'the presented key is pinned now',
    'not-confirmed':
      "Compare the presented fingerprint with the host's own (on its console: ssh-keygen -lf " +
      `/etc/ssh/ssh_host_…_key.pub), then run: vsweep hostkey accept ${toShellWord(target)} ${toShellWord(endpoint)} --fingerprint ${fingerprint(presented)}`,
    'another-fingerprint':
      'the host presents a key with another fingerprint than --fingerprint; nothing was changed',
    'not-in-file':
      'esxi.hostKeys.file has other keys of this host, and overrides pinned keys; nothing was changed. ' +
      `Compare the fingerprint, then replace them there by the presented key: ${presented.type} ${presented.blob}`,
    revoked:
      'the presented key is revoked in esxi.hostKeys.file; nothing was changed. Make a new host key on the host, ' +
      'then repeat this',
  };
  return texts[verdict];
}
