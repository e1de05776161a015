import { PRINCIPAL, principalOf } from '../../../lib/logins/rules/principal.ts';
import { spentBy } from '../../../lib/logins/rules/seen-account.ts';
import { printOutcome } from '../../../lib/sweep/outcome.ts';
import { ALL_HOSTS, ALL_TARGETS } from '../../support/world/estate.ts';
import { MAX_SKEW_MS, NO_FAULTS, OWN_DOMAIN, type Start, type World } from '../../support/world/world.ts';
import { type Due, dueTimes, leaseEnd } from './due.ts';
import { type History, liftAll } from './history.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** `every` of the sweep: what is due is collected by a run that begins at most one interval later. */
const INTERVAL = MINUTE;
const { signal } = new AbortController();
const SERVICES: Start = { what: 'services', afterMs: 0 };

/**
 * Everything works again and accepts what the secrets say: throws when a host that can be collected is not, within one
 * interval of the time at which it is due. Then the credential is refused everywhere and tried again, after 30
 * minutes, 2 hours, 24 hours.
 */
export async function expectRecovery(world: World, history: History): Promise<void> {
  world.setFaults(NO_FAULTS);
  world.catchUp();
  acceptEverywhere(world, history, world.secrets.esxi);
  await expectByTime(world, await dueTimes(world, history), 'its time');

  acceptEverywhere(world, history, 'fresh');
  await expectByTime(world, await dueTimes(world, history), 'the time of a changed value');

  await liftAll(world);
  const lifted = await dueTimes(world, history);
  for (const [host, due] of lifted)
    if (typeof due !== 'number') throw new Error(`${host} is shut after a lift`);
  await expectByTime(world, lifted, 'the time of a lift');
  await expectSuspension(world, history);
  const [locked] = world.farSide.locked;
  if (locked !== undefined) throw new Error(`recovery locked ${locked}`);
}

/** A directory has one password for all that is its account. */
function acceptEverywhere(world: World, { kind, api }: History, to: string): void {
  for (const host of ALL_HOSTS) world.farSide.setHostPassword(host, to);
  world.secrets.esxi = to;
  if (kind === 'domain' && api === 'directory') world.secrets.vcenter = to;
  world.farSide.setVcenterPassword(world.secrets.vcenter);
}

const isDueBy = (now: number, due: ReadonlyMap<string, Due>) => (host: string) => {
  const at = due.get(host);
  return typeof at === 'number' && at <= now;
};

/** At each time at which hosts are due one run, as late as the interval allows: those and all before are collected. */
async function expectByTime(world: World, due: ReadonlyMap<string, Due>, what: string): Promise<void> {
  const now = world.now();
  const ofHosts = [...due.values()].filter((at) => typeof at === 'number');
  // With nobody due runs go on all the same, and count what others left in flight.
  const ofRuns = await Promise.all(ALL_TARGETS.map((target) => leaseEnd(world, target)));
  const times = new Set((ofHosts.length > 0 ? ofHosts : ofRuns).map((at) => Math.max(at, now)));
  for (const at of [...times].sort((one, other) => one - other)) {
    if (at > world.now()) world.pass(at - world.now());
    await expectCollected(world, isDueBy(world.now(), due), `at ${new Date(at).toISOString()}, ${what}`);
    world.pass(INTERVAL / 2);
  }
}

/** Hosts at which a worker ended are asked after a run, three of a target at a time, and collected by the next one. */
async function expectCollected(world: World, isDue: (host: string) => boolean, when: string): Promise<void> {
  await settleDomain(world);
  for (;;) {
    const suspects = await suspectsOf(world);
    const isCollected = (host: string) => isDue(host) && !suspects.includes(host);
    await expectCollectedNow(world, isCollected, when);
    if (!suspects.some(isDue)) return;
    const left = await suspectsOf(world);
    if (left.filter(isDue).length >= suspects.filter(isDue).length)
      throw new Error(`${left.join()} are not asked alone ${when}`);
    world.pass(INTERVAL / 2);
  }
}

/**
 * Hosts that never accepted the one account of a domain, or may have refused it since, are asked by a run that begins
 * when nothing stands of it: the run before erases that, or the second where it found an attempt without an end.
 */
async function settleDomain(world: World): Promise<void> {
  for (let runs = 0; runs < 2; runs += 1) {
    const history = await world.accounts.read(principalOf(world.userOf('esxi')), PRINCIPAL, { signal });
    const isLost = [...world.flights.values()].some(({ flight }) => flight.addresses.includes(PRINCIPAL));
    if (!isLost && (history === undefined || spentBy(history).length === 0)) return;
    await world.run([SERVICES]);
    world.pass(INTERVAL / 2);
  }
}

async function suspectsOf(world: World): Promise<readonly string[]> {
  const all = await world.accounts.readAll(world.userOf('esxi'), { signal });
  return [...all.values()].filter(({ dialling }) => dialling !== undefined).map(({ address }) => address);
}

async function expectCollectedNow(
  world: World,
  isDue: (host: string) => boolean,
  when: string,
): Promise<void> {
  const [summary] = await world.run([SERVICES]);
  const targets = summary?.targets ?? [];
  const hosts = new Map(
    targets.flatMap((target) => target.hosts).map((host) => [host.name.replace(OWN_DOMAIN, ''), host]),
  );
  for (const host of ALL_HOSTS.filter(isDue)) {
    const { outcomes, details = [] } = hosts.get(host) ?? {};
    const ssh = outcomes?.ssh === undefined ? 'nothing' : printOutcome(outcomes.ssh);
    if (ssh === 'ok') continue;
    const problems = targets.flatMap((one) => [one.target, one.status, ...one.problems]);
    throw new Error(`${host} is ${ssh} ${when}: ${[...details, ...problems].join('; ')}`);
  }
}

const PAUSES = [30 * MINUTE, 2 * HOUR, 24 * HOUR] as const;

/**
 * Proven everywhere, then refused everywhere: suspended. Hosts accept it again by its first, second or third trial. Of an
 * account of a domain two hosts spend the budget, and a lift gives it back.
 */
async function expectSuspension(world: World, history: History): Promise<void> {
  if (history.kind === 'domain') return await expectSpent(world);
  const trials = 1 + (history.seed % PAUSES.length);
  await expectCollected(world, () => true, 'before its password is changed');
  for (const host of ALL_HOSTS) world.farSide.setHostPassword(host, 'changed');
  await world.run([SERVICES]);
  for (const [index, pause] of PAUSES.slice(0, trials).entries()) {
    const nextTryAt = await nextTry(world, index + 1);
    const ahead = nextTryAt - world.now();
    if (ahead > pause + MAX_SKEW_MS || ahead < pause - INTERVAL)
      throw new Error(`trial ${index + 1} is ${ahead} ms ahead`);
    world.pass(ahead - INTERVAL);
    if ((await sshLogins(world)) > 0) throw new Error(`asked before trial ${index + 1}`);
    world.pass(Math.max(0, nextTryAt - world.now()));
    if (index + 1 === trials) break;
    if ((await sshLogins(world)) !== 1) throw new Error(`trial ${index + 1} did not ask one host`);
  }
  for (const host of ALL_HOSTS) world.farSide.setHostPassword(host, world.secrets.esxi);
  const due = await dueTimes(world, history);
  await expectCollected(world, isDueBy(world.now(), due), `at trial ${trials} of a suspended credential`);
}

async function expectSpent(world: World): Promise<void> {
  await expectCollected(world, () => true, 'before its password is changed');
  for (const host of ALL_HOSTS) world.farSide.setHostPassword(host, 'changed');
  const refused = await sshLogins(world, 'refused');
  if (refused > 2) throw new Error(`${refused} hosts refused before the account was left alone`);
  world.pass(25 * HOUR);
  if (refused + (await sshLogins(world, 'refused')) > 2)
    throw new Error('the account was sent once more without a lift');
  for (const host of ALL_HOSTS) world.farSide.setHostPassword(host, world.secrets.esxi);
  await liftAll(world);
  world.pass(25 * HOUR);
  await expectCollected(world, () => true, 'after the lift of a spent account');
}

async function nextTry(world: World, tries: number): Promise<number> {
  const { state } = await world.credentialStates.read('secret:esxi', { signal });
  if (state.suspended?.tries !== tries) throw new Error(`${state.suspended?.tries} trials and not ${tries}`);
  return state.suspended.nextTryAt;
}

/** The logins by ssh of one run. */
async function sshLogins(world: World, which: 'all' | 'refused' = 'all'): Promise<number> {
  const before = world.logins.length;
  await world.run([SERVICES]);
  return world.logins
    .slice(before)
    .filter(({ path, accepted }) => path === 'ssh' && !(which === 'refused' && accepted)).length;
}
