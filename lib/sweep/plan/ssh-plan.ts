import { targetsOfSweep } from '../../config/cross-checks.ts';
import type { KnownHosts } from '../../config/known-hosts/find-keys.ts';
import type { Config, EsxiConfig, TargetConfig } from '../../config/schema.ts';
import type { Credential, CredentialReader } from '../../credentials/credential.ts';
import { underKnownVersion } from '../../credentials/known-version.ts';
import { sshAccount } from '../../lockout/principal.ts';
import { messageOf } from '../../platform/errors.ts';
import type { AccountStore } from '../../state/accounts.ts';
import { normalAddress } from '../../state/address-map.ts';
import type { HostKeyStore } from '../../state/host-keys.ts';
import type { HostListStore } from '../../state/host-lists.ts';
import { type CredentialRunDeps, openCredentialRun } from '../accounts/credential-run.ts';
import { countLostFlights, type FlightDeps } from '../accounts/flights.ts';
import type { ProcessMemory } from '../accounts/process-memory.ts';
import { readHostKeys } from '../accounts/read-host-keys.ts';
import type { JoinedRun, RunLogins } from '../accounts/run-logins.ts';
import { readLastList } from '../target/list-target.ts';
import { collectorsOf } from '../target/target-settings.ts';
import { addressOf } from './address.ts';
import type { SshPlan } from './plan-hosts.ts';

export interface SshPlanDeps extends CredentialRunDeps, FlightDeps {
  readonly config: Config;
  readonly knownHosts: KnownHosts;
  readonly credentials: CredentialReader;
  readonly accounts: Pick<AccountStore, 'read' | 'readAll' | 'recordLost' | 'recordRefusal'>;
  readonly hostKeys: Pick<HostKeyStore, 'readAll'>;
  readonly hostLists: HostListStore;
  /** What to go by when the table cannot be read; without it nobody is asked then. */
  readonly memory?: Pick<ProcessMemory, 'hasFlown' | 'recall'>;
}

/** Who holds the lease of the sweep on the target. */
export interface Holder {
  readonly sweep: string;
  readonly runId: string;
  /** The end of its lease, in milliseconds since the epoch. */
  readonly endsAt: number;
  readonly logins: RunLogins;
}

/** What must be known before anybody logs in by ssh. */
export interface PreparedSsh {
  readonly plan: SshPlan;
  /** Fixed for the run; undefined when it could not be read, and then nobody is asked. */
  readonly credential: Credential | undefined;
  /** Undefined when nothing is known of the credential, and then nobody is asked. */
  readonly run: JoinedRun | undefined;
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
 * Reads the credential, the accounts, the pinned keys and what other targets ask. Never rejects: what could not be
 * read shuts ssh for this run and stands in `problems`.
 */
export async function prepareSsh(
  target: TargetConfig,
  { esxi, holder }: { esxi: EsxiConfig; holder: Holder },
  deps: SshPlanDeps,
  options: { signal: AbortSignal },
): Promise<PreparedSsh> {
  const { plan: base } = withoutLogins(target, esxi, deps);
  const problems: string[] = [];
  const note = (error: unknown) => {
    problems.push(`ssh: ${messageOf(error)}`);
    return undefined;
  };
  const readCredential = async () =>
    underVersionInUse(
      await deps.credentials.read(esxi.credentials, options),
      esxi.credentials,
      deps,
      options,
    );
  const credential = await holder.logins.readCredential(readCredential).catch(note);
  const shut = {
    plan: base,
    credential,
    run: undefined,
    problems,
  };
  // Without a credential no host is asked: failed(worker).
  if (credential === undefined) return shut;
  const known = await readKnown({ target, esxi, credential, holder, note }, deps, options).catch(note);
  if (known === undefined) {
    const remembered = await recall({ target, esxi, credential }, deps, options).catch(note);
    return { ...shut, plan: { ...shut.plan, ...(remembered ?? { stateDown: true }) } };
  }
  const { run, ...facts } = known;
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
  return { plan, credential, run, problems };
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
    ? `${id} is not used, because another run tries it until ${end} at the latest; nothing is to be done, the next run goes on`
    : `${id} is not used until ${end}, because hosts refused it; correct it, or run "vsweep credential lift"`;
}

/** What this process saw while the table could be read. An account of all hosts is not used without a count. */
async function recall(
  what: { target: TargetConfig; esxi: EsxiConfig; credential: Credential },
  deps: SshPlanDeps,
  options: { signal: AbortSignal },
): Promise<Partial<SshPlan> | undefined> {
  const { target, esxi, credential } = what;
  if (esxi.credentials.scope === 'domain') return undefined;
  const known = deps.memory?.recall({ user: credential.username, credential });
  if (known === undefined) return undefined;
  const askedByOthers = await addressesOfEarlierTargets(target, esxi, deps, options);
  return { ...known, askedByOthers, credentialVersion: credential.version, fromMemory: true };
}

/**
 * What stands in the state table. What an earlier run lost is counted before anything is read. An item that is
 * malformed shuts its own address, and a list of another target that cannot be read shuts nobody: both are noted.
 */
async function readKnown(
  what: {
    target: TargetConfig;
    esxi: EsxiConfig;
    credential: Credential;
    holder: Holder;
    note: (error: unknown) => undefined;
  },
  deps: SshPlanDeps,
  options: { signal: AbortSignal },
) {
  const { target, esxi, credential, holder, note } = what;
  const { id, version, username } = credential;
  const { user } = sshAccount({ username, scope: esxi.credentials.scope }, '');
  await countLostFlights({ sweep: holder.sweep, target: target.name }, deps, options);
  const run = await holder.logins.join(() =>
    openCredentialRun({ id, version, holder: holder.runId, endsAt: holder.endsAt }, deps, options),
  );
  const unreadable = new Set<string>();
  const onMalformed = (key: string, error: unknown) => {
    unreadable.add(key);
    note(error);
  };
  try {
    const [accounts, hostKeys, askedByOthers] = await Promise.all([
      deps.accounts.readAll(user, { ...options, onMalformed }),
      holder.logins.readHostKeys(() => readHostKeys(deps, options)),
      addressesOfEarlierTargets(target, esxi, deps, { ...options, onUnreadable: note }),
    ]);
    for (const [endpoint, error] of hostKeys.malformed) onMalformed(endpoint, error);
    if (hostKeys.unsealed.length > 0) note(notBelieved(hostKeys.unsealed));
    return { run, accounts, hostKeys: hostKeys.keys, askedByOthers, unreadable };
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

/**
 * An address listed by two targets is asked by the first one of the configuration whose last list has it. A target
 * that no sweep asks by ssh does not count: nobody would ask the host. A list that cannot be read rejects, unless
 * somebody is told of it: then it counts as empty.
 */
async function addressesOfEarlierTargets(
  target: TargetConfig,
  esxi: EsxiConfig,
  deps: SshPlanDeps,
  options: { signal: AbortSignal; onUnreadable?: (error: unknown) => undefined },
): Promise<Set<string>> {
  const { targets, sweeps } = deps.config;
  const overSsh = sweeps.filter((sweep) => collectorsOf(sweep).some(({ needs }) => needs.probes.length > 0));
  const earlier = targets
    .slice(
      0,
      targets.findIndex(({ name }) => name === target.name),
    )
    .filter((one) => overSsh.some((sweep) => targetsOfSweep(sweep, deps.config).includes(one)));
  const lists = await Promise.all(
    earlier.map(({ name }) => {
      const reading = readLastList(name, deps, options);
      return options.onUnreadable === undefined ? reading : reading.catch(options.onUnreadable);
    }),
  );
  return new Set(
    lists.flatMap((list) => list?.hosts ?? []).map((host) => normalAddress(addressOf(host, esxi).address)),
  );
}
