import type { LoadedConfig } from '../config/loaded-config.ts';
import type { CredentialSource } from '../credentials/credential.ts';
import { afterLift, isUnderWay, nextTryOf } from '../logins/rules/credential-state.ts';
import { systemClock } from '../platform/clock.ts';
import type { State } from '../state/state.ts';
import type { CredentialState } from '../state/stores/credential-states.ts';
import { formatTable } from './format-table.ts';
import { type StateOptions, withState } from './open-state.ts';
import { print, printError, printTime, tableWidth } from './terminal.ts';

/** `vsweep credential list`: what is known of the credential for ssh over all hosts and runs. */
export async function credentialListCommand(options: StateOptions & { json: boolean }): Promise<number> {
  return await withState(options, async ({ state, loaded, signal }) => {
    const ids = idsOf(loaded);
    const known = await state.credentialStates.list(ids, { signal });
    const shown = { ids, now: systemClock.now(), width: tableWidth(options) };
    print(options.json ? JSON.stringify(known, undefined, 2) : printCredentials(known, shown));
    return 0;
  });
}

/** What is known of the credentials of a configuration, `ids`, in a table of at most `width` columns. */
export function printCredentials(
  known: readonly CredentialState[],
  { ids, now, width }: { ids: readonly string[]; now: number; width: number },
): string {
  if (ids.length === 0) return 'no credential for ssh is configured';
  if (known.length === 0) return `${ids.join(', ')}: not tried yet`;
  const rows = known.map((one) => toRow(one, now));
  return formatTable(['credential', 'state', 'until', 'accepted by'], rows, { width });
}

/** `vsweep credential lift <id>`: the next run tries the credential, on one host first. */
export async function credentialLiftCommand(
  id: string,
  options: StateOptions & { json: boolean },
): Promise<number> {
  return await withState(options, async ({ state, loaded, signal }) => {
    const lifted = await liftCredential(state, id, { signal });
    if (lifted === 'unknown') {
      printError(
        `credential "${id}" was never tried; the configuration has ${idsOf(loaded).join(', ') || 'none'}`,
      );
      return 1;
    }
    if (lifted === 'changed-meanwhile') {
      printError(`"${id}" was changed by a run at the same time; try again`);
      return 1;
    }
    print(options.json ? JSON.stringify({ lifted: id }) : `${id}: the next run tries it, on one host first`);
    return 0;
  });
}

const MAX_LOOKS = 5;

/** `changed-meanwhile`: each time, a run changed the record between the read and the write. */
export async function liftCredential(
  { credentialStates }: Pick<State, 'credentialStates'>,
  id: string,
  options: { signal: AbortSignal },
): Promise<'lifted' | 'unknown' | 'changed-meanwhile'> {
  for (let looks = 0; looks < MAX_LOOKS; looks += 1) {
    const seen = await credentialStates.read(id, options);
    if (seen.revision === 0) return 'unknown';
    if (await credentialStates.replace(afterLift(seen.state), seen, options)) return 'lifted';
  }
  return 'changed-meanwhile';
}

/** Gives the trials of a run that died to the next one; answers the credentials that it was trying. */
export async function endTrials(
  { credentialStates }: Pick<State, 'credentialStates'>,
  { loaded, holder }: { loaded: LoadedConfig; holder: string },
  options: { signal: AbortSignal },
): Promise<string[]> {
  const ended: string[] = [];
  for (const id of idsOf(loaded)) {
    for (let looks = 0; looks < MAX_LOOKS; looks += 1) {
      const seen = await credentialStates.read(id, options);
      const { trial, ...rest } = seen.state;
      if (trial?.holder !== holder) break;
      if ((await credentialStates.replace(rest, seen, options)) === undefined) continue;
      ended.push(id);
      break;
    }
  }
  return ended;
}

/** As they stand in the state and in messages; only the one for ssh has a state. */
export function idsOf({ config }: LoadedConfig): string[] {
  return config.esxi === undefined ? [] : [idOf(config.esxi.credentials)];
}

function idOf(source: CredentialSource): string {
  if ('secret' in source) return `secret:${source.secret}`;
  return 'env' in source ? `env:${source.env}` : `file:${source.file}`;
}

function toRow(state: CredentialState, now: number): string[] {
  const { suspended, trial } = state;
  const acceptedBy = state.acceptedBy ?? '';
  if (trial !== undefined && isUnderWay(state, now)) {
    return [state.id, 'trial', printTime(trial.endsAt), acceptedBy];
  }
  if (suspended !== undefined) {
    const tries = suspended.tries === 1 ? 'once' : `${suspended.tries} times`;
    return [state.id, `suspended, refused ${tries}`, printTime(nextTryOf(suspended, now)), acceptedBy];
  }
  return [state.id, state.provenVersion === undefined ? 'not tried yet' : 'accepted', '', acceptedBy];
}
