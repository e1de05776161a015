import pLimit from 'p-limit';
import type { KnownKey } from '../../config/known-hosts/known-hosts.ts';
import type { SshTimeouts } from '../../esxi/run-command.ts';
import { messageOf } from '../../platform/errors.ts';

/** A host that is asked which key it has, and of which types its known keys are: it shows one of these, if it can. */
export interface AskedForKey {
  readonly address: string;
  readonly port: number;
  readonly types: readonly string[];
}

/** What a host showed, or why it showed nothing. */
export type Presented = { readonly key: KnownKey } | { readonly error: string };

/** Asks hosts for their keys, without a login; one answer a host, in their order. */
export type PresentKeys = (
  hosts: readonly AskedForKey[],
  options: { signal: AbortSignal },
) => Promise<readonly Presented[]>;

export interface PresentKeysDeps {
  readonly timeouts: Pick<SshTimeouts, 'connectMs' | 'loginMs'>;
  readPresentedKey(
    request: {
      target: { host: string; port: number };
      knownKeyTypes: readonly string[];
      timeouts: PresentKeysDeps['timeouts'];
    },
    options: { signal: AbortSignal },
  ): Promise<KnownKey>;
}

/** Hosts asked at once: each takes this process a key exchange. */
const AT_ONCE = 64;
const MAX_ERROR_CHARACTERS = 300;

/** Asks from this process, 64 hosts at once, each within its time-outs. Never rejects: an abort is each host's error. */
export const createPresentKeys =
  ({ timeouts, readPresentedKey }: PresentKeysDeps): PresentKeys =>
  async (hosts, { signal }) => {
    const limit = pLimit(AT_ONCE);
    const ask = async ({ address, port, types }: AskedForKey): Promise<Presented> => {
      try {
        signal.throwIfAborted();
        const target = { host: address, port };
        return { key: await readPresentedKey({ target, knownKeyTypes: types, timeouts }, { signal }) };
      } catch (error) {
        return { error: messageOf(error).slice(0, MAX_ERROR_CHARACTERS) };
      }
    };
    return await Promise.all(hosts.map((host) => limit(() => ask(host))));
  };
