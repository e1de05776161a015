import { targetsOfSweep } from '../config/cross-checks.ts';
import type { Config, TargetConfig } from '../config/schema.ts';
import type { Credential, CredentialReader } from '../credentials/credential.ts';
import type { Clock } from '../platform/clock.ts';
import { messageOf } from '../platform/errors.ts';
import type { AccountStore } from '../state/accounts.ts';
import { normalAddress } from '../state/address-map.ts';
import type { HostKeyStore } from '../state/host-keys.ts';
import type { HostListStore } from '../state/host-lists.ts';
import { addressOf } from './address.ts';
import { readLastList } from './list-target.ts';
import type { SshPlan } from './plan-hosts.ts';
import { collectorsOf } from './target-settings.ts';

export interface SshPlanDeps {
  readonly config: Config;
  readonly clock: Clock;
  readonly credentials: CredentialReader;
  readonly accounts: Pick<AccountStore, 'readAll'>;
  readonly hostKeys: Pick<HostKeyStore, 'readAll'>;
  readonly hostLists: HostListStore;
}

/** What must be known before anybody logs in by ssh. */
export interface PreparedSsh {
  readonly plan: SshPlan;
  /** Fixed for the run; undefined when it could not be read, and then nobody is asked. */
  readonly credential: Credential | undefined;
  readonly problems: readonly string[];
}

/**
 * Reads the credential, the accounts, the pinned keys and what other targets ask. Never rejects: what could not be
 * read shuts ssh for this run and stands in `problems`.
 */
export async function prepareSsh(
  target: TargetConfig,
  esxi: NonNullable<Config['esxi']>,
  deps: SshPlanDeps,
  options: { signal: AbortSignal },
): Promise<PreparedSsh> {
  const base = {
    esxi,
    now: deps.clock.now(),
    blacklistMinutes: deps.config.blacklist.minutes,
    credentialVersion: '',
    accounts: new Map<string, never>(),
    hostKeys: new Map<string, never>(),
    askedByOthers: new Set<string>(),
  };
  const problems: string[] = [];
  const note = (error: unknown) => {
    problems.push(`ssh: ${messageOf(error)}`);
    return undefined;
  };
  const credential = await deps.credentials.read(esxi.credentials, options).catch(note);
  // Without a credential every host goes out as it is and comes back as failed(worker).
  if (credential === undefined) return { plan: { ...base, stateDown: false }, credential, problems };
  const known = await Promise.all([
    deps.accounts.readAll(credential.username, options),
    deps.hostKeys.readAll(target.name, options),
    addressesOfEarlierTargets(target, esxi, deps, options),
  ]).catch(note);
  if (known === undefined) return { plan: { ...base, stateDown: true }, credential, problems };
  const [accounts, hostKeys, askedByOthers] = known;
  const plan = {
    ...base,
    credentialVersion: credential.version,
    accounts,
    hostKeys,
    askedByOthers,
    stateDown: false,
  };
  return { plan, credential, problems };
}

/**
 * An address listed by two targets is asked by the first one of the configuration whose last list has it. A target
 * that no sweep asks by ssh does not count: nobody would ask the host.
 */
async function addressesOfEarlierTargets(
  target: TargetConfig,
  esxi: NonNullable<Config['esxi']>,
  deps: SshPlanDeps,
  options: { signal: AbortSignal },
): Promise<Set<string>> {
  const { targets, sweeps } = deps.config;
  const overSsh = sweeps.filter((sweep) => collectorsOf(sweep).some(({ needs }) => needs.probes.length > 0));
  const earlier = targets
    .slice(
      0,
      targets.findIndex(({ name }) => name === target.name),
    )
    .filter((one) => overSsh.some((sweep) => targetsOfSweep(sweep, deps.config).includes(one)));
  const lists = await Promise.all(earlier.map(({ name }) => readLastList(name, deps, options)));
  return new Set(
    lists
      .flatMap((list) => list?.hosts ?? [])
      .flatMap((host) => addressOf(host, esxi)?.address ?? [])
      .map(normalAddress),
  );
}
