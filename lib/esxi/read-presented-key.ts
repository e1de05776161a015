import type { Clock } from '../platform/clock.ts';
import { withTimeLimit } from '../platform/deadline.ts';
import { connectTcp, printTarget, type SshTarget } from './connect-tcp.ts';
import { SshError } from './errors.ts';
import type { HostKey } from './host-key.ts';
import { logIn } from './log-in.ts';
import type { SshTimeouts } from './run-command.ts';

/** Nothing of it is sent: the conversation ends before an account is named. */
const NOBODY = {
  id: 'none',
  version: '',
  username: 'ssh',
  proof: { kind: 'password', password: '' },
} as const;

/**
 * The key by which a host proves itself now: one connection that ends after the key exchange, without any
 * authentication, so no account is touched. Rejects with SshError.
 */
export async function readPresentedKey(
  request: {
    target: SshTarget;
    knownKeyTypes?: readonly string[];
    timeouts: Pick<SshTimeouts, 'connectMs' | 'loginMs'>;
  },
  { clock }: { clock: Clock },
  { signal }: { signal: AbortSignal },
): Promise<HostKey> {
  const { target, knownKeyTypes, timeouts } = request;
  const where = printTarget(target);
  const socket = await withTimeLimit(
    { clock, ms: timeouts.connectMs, what: `connecting to ${where}`, signal },
    (limited) => connectTcp(target, {}, { signal: limited }),
  );
  let presented: HostKey | undefined;
  const login = {
    socket,
    target,
    credential: NOBODY,
    clock,
    answerMs: 0,
    ...(knownKeyTypes === undefined ? {} : { knownKeyTypes }),
    verifyHostKey: async (key: HostKey) => {
      presented = key;
      return false;
    },
  };
  try {
    await withTimeLimit(
      { clock, ms: timeouts.loginMs, what: `the key exchange with ${where}`, signal },
      (_limited, deadline) => logIn(login, deadline),
    );
  } catch (error) {
    if (presented === undefined) throw error;
  } finally {
    socket.destroy();
  }
  if (presented !== undefined) return presented;
  throw new SshError(`${where}: the host sent no host key`, { code: 'banner' });
}
