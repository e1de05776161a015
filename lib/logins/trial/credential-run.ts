import type { Clock } from '../../platform/clock.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import type { CredentialState, CredentialStateStore } from '../../state/stores/credential-states.ts';
import {
  afterAcceptance,
  afterOneAcceptance,
  afterSuspension,
  type CredentialPermission,
  type LoginTally,
  mayUseCredential,
  shouldSuspend,
} from '../rules/credential-state.ts';
import type { SshCredential } from '../rules/principal.ts';

interface Options {
  readonly signal: AbortSignal;
}

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
  judge(tally: LoginTally, acceptedBy: string | undefined, options: Options): Promise<void>;
  /** Whether hosts accept the credential, as far as is known by now. */
  isOk(): boolean;
  /** Gives a trial without a verdict to the next run. Never rejects. */
  end(options: Options): Promise<void>;
}

const MAX_LOOKS = 4;

/** How many hosts have to accept a version before it is in use, in the run that tries it first. One of a domain may lie. */
const TO_BE_IN_USE = { host: 1, domain: 2 } as const;

type Verdict = 'accepted' | 'suspended' | undefined;

/** What stands before anybody was asked in this run. */
const VERDICTS: Readonly<Record<CredentialPermission['kind'], Verdict>> = {
  open: 'accepted',
  suspended: 'suspended',
  trial: undefined,
};

const withoutTrial = ({ trial: _ended, ...rest }: CredentialState): CredentialState => rest;

/**
 * Asks whether hosts may be asked with the credential, and claims the trial of one that is not proven: the claim is a
 * conditional write, so of two runs one tries it. The targets of one run share its trial. Rejects when the table cannot be read or written.
 */
export async function openCredentialRun(
  run: Omit<SshCredential, 'username'> & { readonly holder: string; readonly endsAt: number },
  deps: CredentialRunDeps,
  options: Options,
): Promise<CredentialRun> {
  const { id, version, holder, endsAt, scope } = run;
  const { credentialStates, clock, log } = deps;
  const ask = () => mayUseCredential(seen.state, { version, holder, now: clock.now() });
  /** Changes the state, also where others did meanwhile; false where it is no more this run's to try. */
  const replace = async (next: (state: CredentialState) => CredentialState, { signal }: Options) => {
    for (let looks = 0; looks < MAX_LOOKS; looks += 1) {
      const written = await credentialStates.replace(next(seen.state), seen, { signal });
      seen = written ?? (await credentialStates.read(id, { signal }));
      if (written !== undefined) return true;
      if (ask().kind !== 'trial') return false;
    }
    return false;
  };
  let seen = await credentialStates.read(id, options);
  const claim = (state: CredentialState) => ({ ...state, trial: { holder, endsAt, since: clock.now() } });
  const isMine = ask().kind !== 'trial' || (await replace(claim, options));
  const now = ask();
  const permission: CredentialPermission =
    isMine || now.kind !== 'trial' ? now : { kind: 'suspended', until: endsAt, triedByAnother: true };
  let verdict = VERDICTS[permission.kind];
  /** The first host that accepted it. */
  let accepter: string | undefined;
  const isEnough = ({ accepted }: LoginTally) =>
    seen.state.acceptedOnce === version || accepted >= TO_BE_IN_USE[scope];

  /** The targets of one run share a trial, so what stands there may have changed: the first verdict counts. */
  const change = async (next: (state: CredentialState) => CredentialState, { signal }: Options) => {
    try {
      if (await replace(next, { signal })) return;
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
  return {
    permission,
    acceptedBy: seen.state.acceptedBy,
    isOk: () => verdict === 'accepted' || (verdict === undefined && accepter !== undefined),
    async judge(tally, acceptedBy, judgeOptions) {
      accepter ??= acceptedBy;
      const address = accepter;
      if (shouldSuspend(tally, rules)) {
        if (verdict === 'suspended') return;
        verdict = 'suspended';
        await change((state) => afterSuspension(state, { version, now: clock.now() }), judgeOptions);
      } else if (address !== undefined) {
        const isNew = verdict === undefined && isEnough(tally);
        // With a domain's account the next run begins with it. What another run found against it stands.
        const isOther = rules.isDomain && ask().kind === 'open' && address !== seen.state.acceptedBy;
        if (!isNew && !(isOther && verdict === 'accepted')) return;
        verdict = 'accepted';
        await change((state) => afterAcceptance(state, { version, address }), judgeOptions);
      }
    },
    async end(endOptions) {
      // Without a trial the verdict stood before.
      if (verdict !== undefined) return;
      const address = accepter;
      const next = (state: CredentialState) =>
        address === undefined ? withoutTrial(state) : afterOneAcceptance(state, { version, address });
      await change(next, endOptions);
    },
  };
}
