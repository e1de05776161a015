import type { Clock } from '../../platform/clock.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import type { CredentialState, CredentialStateStore } from '../../state/stores/credential-states.ts';
import {
  afterAcceptance,
  afterSuspension,
  type CredentialPermission,
  type LoginTally,
  mayUseCredential,
  shouldSuspend,
} from '../rules/credential-state.ts';

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

const MAX_LOOKS = 4;

type Verdict = 'accepted' | 'suspended' | undefined;

/** What stands before anybody was asked in this run. */
const VERDICTS: Readonly<Record<CredentialPermission['kind'], Verdict>> = {
  open: 'accepted',
  suspended: 'suspended',
  trial: undefined,
};

/**
 * Asks whether hosts may be asked with the credential, and claims the trial of one that is not proven: the claim is a
 * conditional write, so of two runs one tries it. The targets of one run share its trial. Rejects when the table cannot be read or written.
 */
export async function openCredentialRun(
  run: {
    id: string;
    version: string;
    holder: string;
    endsAt: number;
    /** With `domain` each run begins with the host that accepted last: another one takes its place when it does not. */
    scope: 'host' | 'domain';
  },
  deps: CredentialRunDeps,
  options: { signal: AbortSignal },
): Promise<CredentialRun> {
  const { id, version, holder, endsAt, scope } = run;
  const { credentialStates, clock, log } = deps;
  const ask = () => mayUseCredential(seen.state, { version, holder, now: clock.now() });
  let seen = await credentialStates.read(id, options);
  let permission = ask();
  for (let looks = 0; permission.kind === 'trial' && looks < MAX_LOOKS; looks += 1) {
    const claim = { ...seen.state, trial: { holder, endsAt, since: clock.now() } };
    const claimed = await credentialStates.replace(claim, seen, options);
    seen = claimed ?? (await credentialStates.read(id, options));
    if (claimed !== undefined) break;
    permission = looks + 1 < MAX_LOOKS ? ask() : { kind: 'suspended', until: endsAt, triedByAnother: true };
  }
  let verdict = VERDICTS[permission.kind];

  /** The targets of one run share a trial, so what stands there may have changed: the first verdict counts. */
  const change = async (
    next: (state: CredentialState) => CredentialState,
    { signal }: { signal: AbortSignal },
  ) => {
    try {
      for (let looks = 0; looks < MAX_LOOKS; looks += 1) {
        const written = await credentialStates.replace(next(seen.state), seen, { signal });
        seen = written ?? (await credentialStates.read(id, { signal }));
        if (written !== undefined) return;
        if (ask().kind !== 'trial') break;
      }
      log.warn(
        'another run recorded whether hosts accept the credential at the same time; its result is used',
        { credential: id },
      );
    } catch (error) {
      log.warn('the state of a credential could not be written', { credential: id, error: messageOf(error) });
    }
  };

  const rules = {
    version: permission.kind === 'open' ? ('in-use' as const) : ('new' as const),
    isDomain: scope === 'domain',
  };
  const isRenewed = (acceptedBy: string | undefined): acceptedBy is string =>
    rules.isDomain &&
    permission.kind === 'open' &&
    verdict === 'accepted' &&
    acceptedBy !== undefined &&
    acceptedBy !== seen.state.acceptedBy;

  return {
    permission,
    acceptedBy: seen.state.acceptedBy,
    isOk: () => verdict === 'accepted',
    async judge(tally, acceptedBy, judgeOptions) {
      if (shouldSuspend(tally, rules)) {
        if (verdict === 'suspended') return;
        verdict = 'suspended';
        await change((state) => afterSuspension(state, { version, now: clock.now() }), judgeOptions);
      } else if (verdict === undefined && acceptedBy !== undefined) {
        verdict = 'accepted';
        await change((state) => afterAcceptance(state, { version, address: acceptedBy }), judgeOptions);
      } else if (isRenewed(acceptedBy)) {
        await change((state) => afterAcceptance(state, { version, address: acceptedBy }), judgeOptions);
      }
    },
    async end(endOptions) {
      // Without a trial the verdict stood before.
      if (verdict !== undefined) return;
      await change(({ trial: _ended, ...rest }) => rest, endOptions);
    },
  };
}
