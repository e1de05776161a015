import type { Credential } from '../../credentials/credential.ts';
import { type LoginTally, NO_LOGINS } from '../../lockout/credential-state.ts';
import type { HostList } from '../listing/host-list.ts';
import type { CredentialRun } from './credential-run.ts';
import { addTallies, createWaveTurns, type WaveTurns } from './wave-turns.ts';

interface Options {
  readonly signal: AbortSignal;
}

/** A target's part in what a run does with its ssh credential. */
export interface JoinedRun extends Pick<CredentialRun, 'permission' | 'acceptedBy' | 'judge' | 'isOk'> {
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
  /** The addresses that are asked, over all targets; each adds its own. */
  readonly addresses: Set<string>;
  readonly turns: WaveTurns;
  /** Read by the first target that comes; a failure is left to the next one to try again. */
  readCredential(read: () => Promise<Credential>): Promise<Credential>;
  /** As `readCredential`, for the last list of each target. */
  readLastList(target: string, read: () => Promise<HostList | undefined>): Promise<HostList | undefined>;
  join(open: () => Promise<CredentialRun>): Promise<JoinedRun>;
}

export function createRunLogins(deps: { allowanceOf: (hosts: number) => number }): RunLogins {
  const turns = createWaveTurns(deps);
  const credential = createShared<Credential>();
  const lists = new Map<string, Shared<HostList | undefined>>();
  const opened = createShared<CredentialRun>();
  let steady = NO_LOGINS;
  let acceptedBy: string | undefined;
  let members = 0;
  return {
    addresses: new Set(),
    turns,
    readCredential: (read) => credential.get(read),
    readLastList(target, read) {
      const list = lists.get(target) ?? createShared<HostList | undefined>();
      lists.set(target, list);
      return list.get(read);
    },
    async join(open) {
      members += 1;
      const run = await opened.get(open).catch((error: unknown) => {
        members -= 1;
        throw error;
      });
      return {
        permission: run.permission,
        acceptedBy: run.acceptedBy,
        isOk: () => run.isOk(),
        judge: (...rest) => run.judge(...rest),
        async leave(ends, options) {
          if (ends !== undefined) steady = addTallies(steady, ends);
          acceptedBy ??= ends?.acceptedBy?.address;
          members -= 1;
          if (members > 0) return;
          await run.judge(addTallies(steady, turns.tally()), acceptedBy, options);
          await run.end(options);
          // A target that is only coming now finds out anew what stands.
          opened.forget();
        },
      };
    },
  };
}

/** One value for all who ask, unless it could not be had. */
interface Shared<T> {
  get(make: () => Promise<T>): Promise<T>;
  forget(): void;
}

function createShared<T>(): Shared<T> {
  let value: Promise<T> | undefined;
  return {
    get(make) {
      if (value !== undefined) return value;
      const made = make();
      value = made;
      made.catch(() => {
        value = undefined;
      });
      return made;
    },
    forget() {
      value = undefined;
    },
  };
}
