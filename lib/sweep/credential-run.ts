import {
  afterAcceptance,
  afterSuspension,
  type CredentialPermission,
  type CredentialState,
  type LoginTally,
  mayUseCredential,
  shouldSuspend,
} from '../lockout/credential-state.ts';
import type { Clock } from '../platform/clock.ts';
import { messageOf } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';
import type { CredentialStateStore, RevisedState } from '../state/credential-states.ts';

export interface CredentialRunDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly credentialStates: CredentialStateStore;
}

/** A run's dealings with the state of its ssh credential. */
export interface CredentialRun {
  readonly permission: CredentialPermission;
  /** The address that accepted the credential last. */
  readonly acceptedBy: string | undefined;
  /** Writes what the logins so far say of the credential, when that is news. Never rejects. */
  judge(tally: LoginTally, acceptedBy: string | undefined, options: { signal: AbortSignal }): Promise<void>;
  /** Whether hosts accept the credential, as far as is known by now. */
  isOk(): boolean;
  /** Gives a trial without a verdict to the next run. Never rejects. */
  end(options: { signal: AbortSignal }): Promise<void>;
}

/**
 * Asks whether hosts may be asked with the credential, and claims the trial of one that is not proven: the claim is a
 * conditional write, so of two runs one tries it. Rejects when the table cannot be read or written.
 */
export async function openCredentialRun(
  run: { id: string; version: string; holder: string; endsAt: number },
  deps: CredentialRunDeps,
  options: { signal: AbortSignal },
): Promise<CredentialRun> {
  const { id, version, holder, endsAt } = run;
  const { credentialStates, clock, log } = deps;
  let seen = await credentialStates.read(id, options);
  let permission = mayUseCredential(seen.state, { version, holder, now: clock.now() });
  if (permission.kind === 'trial') {
    const claimed = await credentialStates.replace(
      { ...seen.state, trial: { holder, endsAt } },
      seen,
      options,
    );
    if (claimed === undefined) permission = { kind: 'suspended', until: endsAt };
    else seen = claimed;
  }
  let verdict: 'accepted' | 'suspended' | undefined = permission.kind === 'open' ? 'accepted' : undefined;

  const write = async (next: CredentialState, { signal }: { signal: AbortSignal }) => {
    try {
      const written: RevisedState | undefined = await credentialStates.replace(next, seen, { signal });
      if (written === undefined)
        log.warn('another run judged the credential at the same time', { credential: id });
      else seen = written;
    } catch (error) {
      log.warn('the state of a credential could not be written', { credential: id, error: messageOf(error) });
    }
  };

  return {
    permission,
    acceptedBy: seen.state.acceptedBy,
    isOk: () => verdict === 'accepted',
    async judge(tally, acceptedBy, judgeOptions) {
      if (shouldSuspend(tally)) {
        if (verdict === 'suspended') return;
        verdict = 'suspended';
        await write(afterSuspension(seen.state, { version, now: clock.now() }), judgeOptions);
      } else if (verdict === undefined && acceptedBy !== undefined) {
        verdict = 'accepted';
        await write(afterAcceptance(seen.state, { version, address: acceptedBy }), judgeOptions);
      }
    },
    async end(endOptions) {
      if (permission.kind !== 'trial' || verdict !== undefined) return;
      const { trial: _ended, ...rest } = seen.state;
      await write(rest, endOptions);
    },
  };
}
