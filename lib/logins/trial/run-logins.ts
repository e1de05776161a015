import { makeOnce } from '../../platform/once.ts';
import { type LoginTally, NO_LOGINS } from '../rules/credential-state.ts';
import type { SshCredential } from '../rules/principal.ts';
import type { CredentialRun } from './credential-run.ts';
import { addTallies, createWaveTurns, type WaveTurns } from './wave-turns.ts';

interface Options {
  readonly signal: AbortSignal;
}

/** A target's part in what a run does with its ssh credential. */
export interface JoinedRun extends Pick<CredentialRun, 'permission' | 'acceptedBy' | 'isOk'> {
  /**
   * Counts the logins of a wave. In a trial the run judges the credential by all of its waves so far: the next one waits
   * for that. Never rejects.
   */
  count(ends: Ends, wave: { readonly trial: boolean }, options: Options): Promise<void>;
  /**
   * The target is done, with what came of its hosts that were asked outside of waves; the last one judges over all
   * and gives a trial without a verdict to the next run. Never rejects.
   */
  leave(ends: Ends | undefined, options: Options): Promise<void>;
}

interface Ends extends LoginTally {
  readonly acceptedBy: { readonly address: string } | undefined;
}

/**
 * What the targets of one run have in common of their logins by ssh: the credential in one version, its trial, and one
 * count. They are side by side in one process.
 */
export interface RunLogins {
  readonly turns: WaveTurns;
  /** Read by the first target that comes; a failure is left to the next one to try again. */
  readCredential(read: () => Promise<SshCredential>): Promise<SshCredential>;
  join(open: () => Promise<CredentialRun>): Promise<JoinedRun>;
}

export function createRunLogins(deps: { allowanceOf: (hosts: number) => number }): RunLogins {
  const turns = createWaveTurns(deps);
  const credential = makeOnce<SshCredential>();
  const opened = makeOnce<CredentialRun>();
  let steady = NO_LOGINS;
  /** The first one of the run; the next run begins with it. */
  let acceptedBy: string | undefined;
  let members = 0;
  /** The last target's verdict and the end of the trial: who joins meanwhile would ask with a trial that is given back. */
  let closing: Promise<void> | undefined;
  return {
    turns,
    readCredential: (read) => credential.get(read),
    async join(open) {
      await closing;
      members += 1;
      const run = await opened.get(open).catch((error: unknown) => {
        members -= 1;
        throw error;
      });
      const { permission, isOk } = run;
      return {
        permission,
        acceptedBy: run.acceptedBy,
        isOk,
        async count(ends, { trial }, options) {
          turns.count(ends);
          acceptedBy ??= ends.acceptedBy?.address;
          // Of a credential in use the hosts in waves are the odd ones out: they count together with the others.
          if (trial) await run.judge(turns.tally(), acceptedBy, options);
        },
        async leave(ends, options) {
          if (ends !== undefined) steady = addTallies(steady, ends);
          acceptedBy ??= ends?.acceptedBy?.address;
          members -= 1;
          if (members > 0) return;
          closing = run
            .judge(addTallies(steady, turns.tally()), acceptedBy, options)
            .then(() => run.end(options))
            // A target that is only coming now finds out anew what stands.
            .finally(() => opened.forget());
          await closing;
        },
      };
    },
  };
}
