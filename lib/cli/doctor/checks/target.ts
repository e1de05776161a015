import { COLLECTORS } from '../../../collectors/registry.ts';
import { roleOf } from '../../../collectors/role.ts';
import { targetsOfSweep } from '../../../config/cross-checks.ts';
import type { TargetConfig } from '../../../config/schema.ts';
import type { ListedHost } from '../../../inventory/host.ts';
import { listInventory } from '../../../inventory/list-inventory.ts';
import { LoginForbiddenError } from '../../../logins/errors.ts';
import { mayTryHost, mayTryVcenter } from '../../../logins/rules/may-try-login.ts';
import { accountOfTarget } from '../../../logins/trial/target-login.ts';
import { messageOf } from '../../../platform/errors.ts';
import type { PollSession } from '../../../poll/method.ts';
import { StateError } from '../../../state/errors.ts';
import { keepListing } from '../../../sweep/listing/list-target.ts';
import { readHeldPrivileges } from '../../../vsphere/authorization/held-privileges.ts';
import { readCurrentTime } from '../../../vsphere/current-time.ts';
import { commandFor } from '../../credential-faults.ts';
import type { Check } from '../engine/check.ts';
import type { Surroundings } from '../engine/surroundings.ts';
import { printMargin } from '../verdicts/account.ts';
import { judgeClock, judgeClocks } from '../verdicts/clock.ts';
import { judgePrivileges } from '../verdicts/privileges.ts';
import { green, red, type Verdict, yellow } from '../verdicts/verdict.ts';
import { readHostClocks } from './host-clocks.ts';
import type { StateChecks } from './state.ts';

/** Of one target that is logged in to. */
export interface TargetChecks {
  readonly checks: readonly Check[];
  /** Passes when its hosts are known. */
  readonly listed: Check;
  /** Its hosts; none before `listed` passed. */
  hosts(): readonly ListedHost[];
}

type Options = { readonly signal: AbortSignal };
/** Works in the one session on the target, which is logged in to by the rules of all logins. */
export type InSession = <T>(
  target: TargetConfig,
  work: (session: PollSession) => Promise<T>,
  options: Options,
) => Promise<T>;

/** Above what a vCenter takes to answer a login that it checks in a directory. */
const LOGIN_MS = 45_000;
const LIST_MS = 60_000;
const CLOCKS_MS = 30_000;

/** Login, hosts, privileges and clocks of a target, behind its network, its credential and the state. */
export function targetChecks(
  target: TargetConfig,
  { inSession, state, ...surroundings }: Surroundings & { inSession: InSession; state: StateChecks },
  after: readonly Check[],
): TargetChecks {
  const { clock, words, loaded } = surroundings;
  let found: readonly ListedHost[] = [];
  let isLoggedIn = false;
  const login: Check = {
    name: 'login',
    subject: target.name,
    after,
    ms: LOGIN_MS,
    passed: () => isLoggedIn,
    async run(options) {
      const verdict = await logsIn(target, { inSession, state, ...surroundings }, options);
      isLoggedIn = verdict.colour === 'green';
      return verdict;
    },
  };
  const listed: Check = {
    name: 'hosts',
    subject: target.name,
    after: [login],
    ms: LIST_MS,
    async run(options) {
      const query = {
        managementAddress: loaded.config.esxi?.address === 'management-ip',
        sshService: loaded.config.esxi !== undefined,
      };
      const listing = await inSession(target, (session) => listInventory(session, query, options), options);
      const { hosts } = listing;
      found = hosts;
      if (hosts.length > 0) {
        // What the commands on host keys go by, so that none of them needs a run first. A stack believes its functions only.
        if (loaded.config.aws === undefined)
          await keepListing(target.name, listing, { ...state.container().state, clock }, options);
        return green(`the account sees ${hosts.length} hosts`);
      }
      const reason =
        'the account sees no host. Give it its role on the root folder, propagated: the commands are printed by';
      return red(reason, words('role'));
    },
  };
  const privileges: Check = {
    name: 'privileges',
    subject: target.name,
    after: [login],
    run: (options) => holdsPrivileges(target, { inSession, ...surroundings }, options),
  };
  const ownClock: Check = {
    name: 'clock',
    subject: target.name,
    after: [login],
    async run(options) {
      const began = clock.monotonic();
      const time = await inSession(target, (session) => readCurrentTime(session, options), options);
      const roundTripMs = clock.monotonic() - began;
      return judgeClock({ offsetMs: time - (clock.now() - roundTripMs / 2), roundTripMs });
    },
  };
  const hostClocks: Check = {
    name: 'clock',
    subject: `hosts of ${target.name}`,
    after: [listed],
    ms: CLOCKS_MS,
    async run(options) {
      const { clocks, unread, hosts } = await inSession(
        target,
        (session) => readHostClocks(session, found, { clock, ...options }),
        options,
      );
      return judgeClocks(clocks, { unread, hosts });
    },
  };
  return { checks: [login, listed, privileges, ownClock, hostClocks], listed, hosts: () => found };
}

async function logsIn(
  target: TargetConfig,
  { inSession, state, ...surroundings }: Surroundings & { inSession: InSession; state: StateChecks },
  options: Options,
): Promise<Verdict> {
  try {
    const { about } = await inSession(target, async (session) => session, options);
    const product = about.fullName;
    return green(`logged in to ${product}; ${await marginOf(target, { state, ...surroundings }, options)}`);
  } catch (error) {
    options.signal.throwIfAborted();
    // Of the table of a stack: nobody was logged in to, as the attempt could not be recorded first.
    if (error instanceof StateError && state.container().table !== undefined)
      return yellow(`not tried, because the attempt cannot be recorded: ${messageOf(error)}`);
    if (error instanceof LoginForbiddenError)
      return red(messageOf(error), await liftCommand(target, { state, ...surroundings }, options));
    const margin = await marginOf(target, { state, ...surroundings }, options).catch(() => undefined);
    const source = target.credentials;
    const command =
      source !== undefined && 'file' in source && isRefused(error)
        ? commandFor(source.file, error)
        : undefined;
    return red(`${messageOf(error)}${margin === undefined ? '' : `; ${margin}`}`, command);
  }
}

const isRefused = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'login-refused';

/** Reads the account as its credential names it; nothing of it is sent. */
async function accountOf(
  target: TargetConfig,
  { state, loaded }: Surroundings & { state: StateChecks },
  options: Options,
) {
  const { state: stores, credentials } = state.container();
  if (target.credentials === undefined) throw new Error(`${target.name} has no credentials`);
  const credential = await credentials.read(target.credentials, options);
  const account = accountOfTarget(target, credential.username, loaded.config);
  const history = await stores.accounts.read(account.user, account.address, options);
  return { ...account, version: credential.version, history };
}

async function marginOf(
  target: TargetConfig,
  surroundings: Surroundings & { state: StateChecks },
  options: Options,
): Promise<string> {
  const { history, version, isPrincipal } = await accountOf(target, surroundings, options);
  const blacklistMinutes = surroundings.loaded.config.blacklist.minutes;
  const ask = { now: surroundings.clock.now(), version, blacklistMinutes };
  return printMargin(history, isPrincipal ? mayTryHost(history, ask) : mayTryVcenter(history, ask));
}

async function liftCommand(
  target: TargetConfig,
  surroundings: Surroundings & { state: StateChecks },
  options: Options,
): Promise<string> {
  const { user, address, history } = await accountOf(target, surroundings, options);
  // A counter that decays by itself needs no confirmation; asking for one would teach to confirm without a look.
  const confirmed = history?.decays === true ? [] : ['--counter-was-reset'];
  const { table } = surroundings.state.container();
  const where = table === undefined ? [] : ['--table', table];
  return surroundings.words(
    'blacklist',
    'lift',
    '--user',
    user,
    '--address',
    address,
    ...confirmed,
    ...where,
  );
}

async function holdsPrivileges(
  target: TargetConfig,
  { inSession, loaded, words }: Surroundings & { inSession: InSession },
  options: Options,
): Promise<readonly Verdict[]> {
  const names = new Set(
    loaded.config.sweeps
      .filter((sweep) => targetsOfSweep(sweep, loaded.config).includes(target))
      .flatMap(({ collectors }) => collectors),
  );
  const collectors = COLLECTORS.filter(({ name }) => names.has(name));
  const role = roleOf(collectors, target);
  const needed = new Map(
    role.privileges.map((privilege) => {
      const needing = collectors
        .filter((one) => roleOf([one], { endLeftoverSessions: false }).privileges.includes(privilege))
        .map(({ name }) => name);
      return [privilege, needing.length === 0 ? ['endLeftoverSessions'] : needing];
    }),
  );
  const held = await inSession(
    target,
    (session) => readHeldPrivileges(session, role.privileges, options),
    options,
  );
  return judgePrivileges(needed, { held, role, command: words('role') });
}
