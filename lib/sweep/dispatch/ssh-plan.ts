import type { KnownHosts } from '../../config/known-hosts/find-keys.ts';
import type { EsxiConfig, TargetConfig } from '../../config/schema.ts';
import type { Credential, CredentialReader } from '../../credentials/credential.ts';
import { underKnownVersion } from '../../credentials/known-version.ts';
import {
  type HostToKnow,
  type KnownOfHosts,
  type KnownOfHostsDeps,
  readKnownOfHosts,
} from '../../logins/history/known-of-hosts.ts';
import type { ProcessMemory } from '../../logins/history/process-memory.ts';
import type { SshCredential } from '../../logins/rules/principal.ts';
import { type CredentialRunDeps, openCredentialRun } from '../../logins/trial/credential-run.ts';
import { countLostFlights, type FlightDeps } from '../../logins/trial/flights.ts';
import { countFlightsBeside, type FlightsBesideDeps } from '../../logins/trial/flights-beside.ts';
import type { JoinedRun, RunLogins } from '../../logins/trial/run-logins.ts';
import { messageOf } from '../../platform/errors.ts';
import { toShellWord } from '../../platform/quote.ts';
import { isStateAway } from '../../state/errors.ts';
import type { Roll } from '../../state/stores/rolls.ts';
import { type AskedElsewhereDeps, askedElsewhere } from '../listing/asked-elsewhere.ts';
import type { RunLists } from '../listing/run-lists.ts';
import type { SshPlan } from '../plan/plan-hosts.ts';

export type SshPlanDeps = CredentialRunDeps &
  FlightDeps &
  FlightsBesideDeps &
  KnownOfHostsDeps &
  AskedElsewhereDeps & {
    readonly knownHosts: KnownHosts;
    readonly credentials: CredentialReader;
    /** What to go by when the table cannot be read; without it nobody is asked then. */
    readonly memory?: Pick<ProcessMemory, 'learnKeys' | 'recall'>;
  };

/** Who holds the lease of the sweep on the target. */
export interface Holder {
  readonly sweep: string;
  /** The others that ask the target by ssh, where their turn is over; without that, none. */
  readonly others: readonly string[];
  readonly runId: string;
  /** The end of its lease, in milliseconds since the epoch. */
  readonly endsAt: number;
  readonly logins: RunLogins;
  readonly lists: RunLists;
  /** Counts what other runs left in flight, and answers what is wrong with it. */
  readonly countLeft: (options: { signal: AbortSignal }) => Promise<readonly string[]>;
}

/** What must be known before anybody logs in by ssh. */
export interface PreparedSsh {
  readonly plan: SshPlan;
  /** Fixed for the run; undefined when it could not be read, and then nobody is asked. */
  readonly credential: SshCredential | undefined;
  /** Undefined when nothing is known of the credential, and then nobody is asked. */
  readonly run: JoinedRun | undefined;
  /** Undefined when it was not read. */
  readonly known?: KnownOfHosts & Pick<Roll, 'elsewhere'>;
  /** Batches that an earlier run left in flight. */
  readonly lostFlights?: number;
  readonly problems: readonly string[];
}

/** For a run in which nobody is asked: nothing is read, and no trial is claimed. */
export const withoutLogins = (
  { name: target }: Pick<TargetConfig, 'name'>,
  esxi: EsxiConfig,
  { clock, config, knownHosts }: Pick<SshPlanDeps, 'clock' | 'config' | 'knownHosts'>,
): PreparedSsh => ({
  plan: {
    target,
    esxi,
    knownHosts,
    now: clock.now(),
    blacklistMinutes: config.blacklist.minutes,
    credentialVersion: '',
    accounts: new Map<string, never>(),
    hostKeys: new Map<string, never>(),
    askedByOthers: new Set<string>(),
    stateDown: false,
  },
  credential: undefined,
  run: undefined,
  problems: [],
});

/**
 * Reads the credential, and of these hosts the accounts, the pinned keys and which of them other targets ask. Never rejects: what could not be
 * read shuts ssh for this run and stands in `problems`.
 */
export async function prepareSsh(
  target: TargetConfig,
  { esxi, holder, hosts }: { esxi: EsxiConfig; holder: Holder; hosts: readonly HostToKnow[] },
  deps: SshPlanDeps,
  options: { signal: AbortSignal },
): Promise<PreparedSsh> {
  const { plan: base } = withoutLogins(target, esxi, deps);
  const problems: string[] = [];
  const note = (error: unknown) => {
    problems.push(`ssh: ${messageOf(error)}`);
    return undefined;
  };
  const readCredential = async (): Promise<SshCredential> => {
    const { credentials: source } = esxi;
    const newest = await deps.credentials.read(source, options);
    const { id, version, username } = await underVersionInUse(newest, source, deps, options);
    return { id, version, username, scope: source.scope };
  };
  const credential = await holder.logins.readCredential(readCredential).catch(note);
  const shut = {
    plan: base,
    credential,
    run: undefined,
    problems,
  };
  // Without a credential no host is asked: failed(worker).
  if (credential === undefined) return shut;
  const what = { target, esxi, credential, holder, hosts, note };
  let isAway = false;
  const read = await readKnown(what, deps, options).catch((error: unknown) => {
    isAway = isStateAway(error);
    return note(error);
  });
  if (read === undefined) {
    // A table that answers, however oddly, knows more than this process.
    const remembered = isAway ? await recall(what, deps, options).catch(note) : undefined;
    return { ...shut, plan: { ...shut.plan, ...(remembered ?? { stateDown: true }) } };
  }
  const { run, lostFlights, known, ...facts } = read;
  const { permission } = run;
  const suspended = permission.kind === 'suspended' ? suspendedUntil(credential.id, permission) : undefined;
  if (suspended !== undefined) problems.push(`ssh: ${suspended}`);
  const plan = {
    ...base,
    ...facts,
    credentialVersion: credential.version,
    stateDown: false,
    suspended,
  };
  return { plan, credential, run, lostFlights, known, problems };
}

/** A secret that was stored again unchanged is the credential that hosts accepted, or refuse, already. */
async function underVersionInUse(
  newest: Credential,
  source: EsxiConfig['credentials'],
  { credentialStates, credentials }: SshPlanDeps,
  options: { signal: AbortSignal },
): Promise<Credential> {
  // Without the table nothing is known of versions, and the rest of the plan says so.
  const known = await credentialStates.read(newest.id, options).catch(() => undefined);
  if (known === undefined) return newest;
  const { provenVersion, suspended } = known.state;
  const versions = [provenVersion, suspended?.version];
  return await underKnownVersion(newest, { source, versions, reader: credentials }, options);
}

function suspendedUntil(
  id: string,
  { until, triedByAnother }: { until: number; triedByAnother?: true },
): string {
  const end = new Date(until).toISOString();
  return triedByAnother
    ? `${id} is on trial in another run until ${end} at the latest. Nothing to do: the next run continues`
    : `${id} is suspended until ${end}, because hosts refused it. Correct it, or run: vsweep credential lift ${toShellWord(id)}`;
}

/** What this process saw while the table could be read. An account of all hosts is not used without a count. */
async function recall(
  what: Omit<WhatToRead, 'note'>,
  deps: SshPlanDeps,
  options: { signal: AbortSignal },
): Promise<Partial<SshPlan> | undefined> {
  const { target, esxi, credential, holder, hosts } = what;
  if (esxi.credentials.scope === 'domain') return undefined;
  const known = deps.memory?.recall({ user: credential.username, credential });
  if (known === undefined) return undefined;
  const own = { target, esxi, hosts, lists: holder.lists };
  // The table that has the stamps is away, and nothing of this is kept: by the lists that this process has seen.
  const bySeenLists = { ...deps, stamps: { read: async () => '' } };
  const { addresses: askedByOthers } = await askedElsewhere(own, undefined, bySeenLists, options);
  return { ...known, askedByOthers, credentialVersion: credential.version, fromMemory: true };
}

interface WhatToRead {
  readonly target: TargetConfig;
  readonly esxi: EsxiConfig;
  readonly credential: SshCredential;
  readonly holder: Holder;
  readonly hosts: readonly HostToKnow[];
  readonly note: (error: unknown) => undefined;
}

/**
 * What stands in the state table. What an earlier run lost is counted before anything is read. An item that is
 * malformed shuts its own address, and a list of another target that cannot be read shuts nobody: both are noted.
 */
async function readKnown(what: WhatToRead, deps: SshPlanDeps, options: { signal: AbortSignal }) {
  const { target, esxi, credential, holder, hosts, note } = what;
  // Its own come first: with the one account of a domain `countLeft` takes them away, and the lost run would not be known.
  const own = { sweeps: [holder.sweep], target: target.name, asking: holder.runId };
  const ownLost = await countLostFlights(own, deps, options);
  const beside = await countFlightsBeside({ sweeps: holder.others, target: target.name }, deps, options);
  for (const problem of await holder.countLeft(options)) note(problem);
  const run = await holder.logins.join(() =>
    openCredentialRun({ ...credential, holder: holder.runId, endsAt: holder.endsAt }, deps, options),
  );
  const unreadable = new Set<string>();
  const onMalformed = (key: string, error: unknown) => {
    unreadable.add(key);
    note(error);
  };
  try {
    const read = await readKnownOfHosts({ target: target.name, ...credential, hosts }, deps, {
      ...options,
      onMalformed,
      onProblem: note,
    });
    const { addresses: askedByOthers, toKeep: elsewhere } = await askedElsewhere(
      { target, esxi, hosts, lists: holder.lists },
      read.kept?.elsewhere,
      deps,
      { ...options, onUnreadable: note },
    );
    const known = { ...read, elsewhere };
    deps.memory?.learnKeys(known.keys);
    if (known.unsealed.length > 0) note(notBelieved(known.unsealed));
    const pinned = [...known.keys].flatMap(([endpoint, key]) =>
      key === undefined ? [] : [[endpoint, key] as const],
    );
    return {
      run,
      lostFlights: ownLost + beside.lost,
      askedBeside: beside.asked,
      known,
      accounts: known.accounts,
      hostKeys: new Map(pinned),
      askedByOthers,
      unreadable,
    };
  } catch (error) {
    await run.leave(undefined, options);
    throw error;
  }
}

const MAX_NAMED = 5;

/** Of keys that somebody else wrote into the table, or this deployment before it sealed what it writes. */
function notBelieved(endpoints: readonly string[]): string {
  const named = endpoints.slice(0, MAX_NAMED).join(', ');
  const more = endpoints.length > MAX_NAMED ? ` and ${endpoints.length - MAX_NAMED} more` : '';
  return `the host keys of ${named}${more} in the state table were not written by the functions of this stack, so they count as unknown`;
}
