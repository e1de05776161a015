import type { HostKeysConfig } from '../../config/host-keys.ts';
import type { KnownHosts } from '../../config/known-hosts/find-keys.ts';
import { fingerprint, type HostKey } from '../../esxi/host-key.ts';
import type { KeyObjection } from '../../esxi/log-in.ts';
import type { Clock } from '../../platform/clock.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import type { HostKeyStore } from '../../state/stores/host-keys.ts';
import type { BatchHost } from '../batch.ts';
import { isOneOf, trustIn, whyUnknown } from '../plan/host-trust.ts';

export interface HostKeyCheckDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** The operator's own word on host keys. */
  readonly knownHosts: KnownHosts;
  readonly records: Pick<HostKeyStore, 'pin'>;
}

/** The check of one host's key, which is asked for once: when the host has proved that it owns the key. */
export interface HostKeyCheck {
  readonly knownKeyTypes: readonly string[];
  /** True: the login may begin. Else why not, and what to do, for the operator. Rejects when the table cannot tell. */
  verify(key: HostKey, options: { signal: AbortSignal }): Promise<true | KeyObjection>;
  /** The key was seen first and is pinned now, or may be. */
  isPinned(): boolean;
}

/**
 * What a host has to show. A text says why nobody connects to it: the plan left such a host out, and the worker
 * decides again by its own clock, because a request is only as good as who sent it.
 */
export function openHostKeyCheck(
  host: BatchHost,
  { target, rules }: { target: string; rules: HostKeysConfig },
  { clock, log, knownHosts, records }: HostKeyCheckDeps,
): HostKeyCheck | string {
  const { address, port } = host;
  const trust = trustIn({ inFile: knownHosts.find(host), pinned: host.hostKey }, { rules, now: clock.now() });
  if (trust.kind === 'unknown') return whyUnknown(trust, { target, address, port });
  if (trust.kind === 'known') {
    const what = trust.from === 'file' ? IN_FILE : PINNED;
    return {
      knownKeyTypes: trust.keys.map(({ type }) => type),
      verify: async (key) => isOneOf(key, trust.keys) || not(key, what),
      isPinned: () => false,
    };
  }
  let pinned = false;
  const tell = (message: string, key: HostKey, more: { error?: string } = {}) => {
    pinned = true;
    const shown = { type: key.type, fingerprint: fingerprint(key) };
    log.warn(message, { target, host: host.name, endpoint: `${address}:${port}`, ...shown, ...more });
  };
  return {
    knownKeyTypes: [],
    async verify(key, options) {
      if (isOneOf(key, trust.revoked)) return not(key, REVOKED);
      try {
        const there = await records.pin(`${address}:${port}`, { key, target }, options);
        if (there !== 'pinned') return isOneOf(key, [there]) || not(key, PINNED);
      } catch (error) {
        // The write may have landed, and nobody would hear of it in a later run.
        tell('a host key may or may not be pinned: the write at first contact failed', key, {
          error: messageOf(error),
        });
        throw error;
      }
      tell('a host key was pinned at first contact', key);
      return true;
    },
    isPinned: () => pinned,
  };
}

const PINNED = {
  what: 'is not the pinned one',
  remedy: 'no password was sent. If the host was reinstalled, compare and accept its new key',
};
const IN_FILE = {
  what: 'is none of those in esxi.hostKeys.file',
  remedy: 'no password was sent. If the host was reinstalled, compare its new key and put it there',
};
const REVOKED = {
  what: 'is revoked in esxi.hostKeys.file',
  remedy: 'no password was sent. Make a new host key on the host',
};

const not = (key: HostKey, { what, remedy }: KeyObjection): KeyObjection => ({
  what: `its ${key.type} key ${fingerprint(key)} ${what}`,
  remedy,
});
