import { messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import { allMalformed, isStateAway, type StateError } from '../../state/errors.ts';
import type { AccountStore } from '../../state/stores/accounts.ts';
import type { Flight, FlightStore } from '../../state/stores/flights.ts';
import type { AskedBatch, LoginHost } from '../asked-batch.ts';
import type { ProcessMemory } from '../history/process-memory.ts';
import { MAX_DETAIL_CHARACTERS } from '../rules/left-alone.ts';
import { PRINCIPAL } from '../rules/principal.ts';
import { digestOfKeys } from './key-digest.ts';

export interface FlightDeps {
  readonly log: Log;
  readonly flights: Pick<FlightStore, 'begin' | 'end' | 'readAll'>;
  readonly accounts: Pick<AccountStore, 'recordLost' | 'recordRefusal'>;
  readonly memory?: Pick<ProcessMemory, 'hasFlown'>;
}

interface Options {
  readonly signal: AbortSignal;
}

/**
 * The record of batches under way. Accounts that are proven have no record of each attempt: of a batch whose result
 * nobody saw each of them counts one refusal, without a waiting time. All its hosts are asked with care from then on, as
 * one of them may have ended the worker.
 */
export interface Flights<Host extends LoginHost> {
  /**
   * Before a worker starts; answers the hosts as they may be asked. Where the record cannot be written, those that are
   * proven and whose key is known go on if the memory of this process stands for it, and nobody else.
   */
  begin(
    batch: Pick<AskedBatch<Host>, 'batch' | 'hosts' | 'care'>,
    options: Options,
  ): Promise<readonly Host[]>;
  /** Whether the memory of this process stands for the record of a batch. */
  isRemembered(batch: number): boolean;
  /**
   * What came back is struck off, what is lost is counted, once. What could not be struck off is tried again with the next
   * call, also one without batches; after the last one a failure leaves the record to the next run. Answers whether all is
   * counted, and nothing is lost that only the memory of this process stands for.
   */
  land(finished: readonly AskedBatch[], options: Options): Promise<boolean>;
}

/** Of one batch over all runs, by what its request says too. */
export const flightId = ({
  runId,
  target,
  batch,
}: {
  runId: string;
  target: string;
  batch: number;
}): string => `${runId}#${target}#${batch}`;

/** A domain's account was accepted in the run before batches flew side by side: all that are lost of it count once. */
export const runOf = (id: string): string => id.split('#', 1)[0] ?? id;

export function openFlights<Host extends LoginHost>(
  run: {
    runId: string;
    sweep: string;
    target: string;
    version: string;
    /** Of its lease, in milliseconds since the epoch. */
    endsAt: number;
    /** The last change of pinned keys when these were read; undefined: they were not. */
    keysChange: string | undefined;
    /** On which account a login on a host counts. */
    accountOf: (host: LoginHost) => { readonly user: string; readonly address: string };
    /** Whether the host may prove itself by a key that is known. */
    hasKnownKey: (host: Host) => boolean;
  },
  deps: FlightDeps,
): Flights<Host> {
  const { runId, sweep, target, version, endsAt, keysChange } = run;
  const addressOf = (host: LoginHost) => run.accountOf(host).address;
  const idOf = (batch: number) => flightId({ runId, target, batch });
  const flying = new Map<number, Flight>();
  const remembered = new Set<number>();
  /** Not recorded as far as is known; the answer may have been lost. */
  const unsure = new Set<number>();
  /** What is counted, or needs no count, and may still stand there. */
  const landed = new Set<string>();
  return {
    async begin({ batch, hosts, care }, options) {
      // With care each attempt is on record, and which host is dialled.
      if (care !== undefined) return hosts;
      const asked = hosts.filter(({ ssh }) => ssh === 'try');
      const [first] = asked;
      if (first === undefined) return hosts;
      const addressesOf = (some: readonly LoginHost[]) => [...new Set(some.map(addressOf))];
      // A domain account has one address on all hosts: a lost batch is one refusal of it.
      const addresses = addressesOf(asked.filter(({ proven }) => proven));
      const others = addressesOf(asked.filter(({ proven }) => !proven));
      const unproven = others.filter((address) => address !== PRINCIPAL);
      if (addresses.length + unproven.length === 0) return hosts;
      const { user } = run.accountOf(first);
      const keys =
        keysChange === undefined ? {} : { keys: { digest: digestOfKeys(asked), change: keysChange } };
      const flight = { id: idOf(batch), batch, user, version, endsAt, addresses, unproven, ...keys };
      try {
        await deps.flights.begin(sweep, target, flight, options);
        flying.set(batch, flight);
        return hosts;
      } catch (error) {
        // Of the one account of a domain memory has no count of what others cost it.
        const isKnown =
          isStateAway(error) &&
          addressOf(first) !== PRINCIPAL &&
          deps.memory?.hasFlown(sweep, target) === true;
        if (isKnown) remembered.add(batch);
        unsure.add(batch);
        deps.log.warn('in-flight record of a batch could not be written', {
          sweep,
          target,
          batch,
          error: messageOf(error),
        });
        return hosts.map((host) =>
          isKnown && host.proven && run.hasKnownKey(host) ? host : withoutSsh(host, error),
        );
      }
    },
    isRemembered: (batch) => remembered.has(batch),
    async land(finished, options) {
      if (finished.length + landed.size === 0) return true;
      for (const one of finished) {
        const flight = flying.get(one.batch);
        // What became of its hosts is in the memory of this process, or they were not asked.
        if (unsure.delete(one.batch)) landed.add(idOf(one.batch));
        if (flight === undefined) continue;
        if (!(await recordAll(flight, toCount(one, flight, addressOf), deps, options))) continue;
        landed.add(idOf(one.batch));
        flying.delete(one.batch);
      }
      const ended = [...landed];
      try {
        await deps.flights.end(sweep, target, ended, options);
        for (const id of ended) landed.delete(id);
      } catch (error) {
        deps.log.warn(
          'in-flight record of batches could not be cleared; unless a later try of this run succeeds, the next run counts a possible refusal per host',
          { sweep, target, error: messageOf(error) },
        );
      }
      const isOwed = ({ batch, result, started }: AskedBatch) =>
        started && result.status === 'rejected' && remembered.has(batch);
      return !finished.some((one) => flying.has(one.batch) || isOwed(one));
    },
  };
}

function withoutSsh<Host extends LoginHost>(host: Host, error: unknown): Host {
  const why = messageOf(error).slice(0, MAX_DETAIL_CHARACTERS);
  return host.ssh === 'try' ? { ...host, ssh: { skip: 'state', why } } : host;
}

/**
 * Counts what earlier runs of these sweeps left in flight, and answers how many batches. Those of the run `asking` itself,
 * which is in its second turn then, are left: it knows what became of them, and only could not strike them off yet.
 * Rejects when that cannot be done: then nobody may log in.
 */
export async function countLostFlights(
  { sweeps, target, asking }: { sweeps: readonly string[]; target: string; asking?: string },
  deps: FlightDeps,
  options: Options,
): Promise<number> {
  const malformed: StateError[] = [];
  const onMalformed = (_id: string, error: StateError) => void malformed.push(error);
  let count = 0;
  for (const sweep of sweeps) {
    const left = await deps.flights.readAll(sweep, target, { ...options, onMalformed });
    const lost = left.filter(({ id }) => runOf(id) !== asking);
    await countFlights(lost, { sweep, target }, deps, options);
    count += lost.length;
  }
  // Nobody knows whose refusals it stands for.
  const unreadable = allMalformed(malformed);
  if (unreadable !== undefined) throw unreadable;
  return count;
}

/** Counts batches that are lost, and strikes them off. Rejects when that cannot be done. */
export async function countFlights(
  lost: readonly Flight[],
  { sweep, target }: { sweep: string; target: string },
  deps: FlightDeps,
  options: Options,
): Promise<void> {
  for (const flight of lost) {
    deps.log.warn('batch of an earlier run never reported; counted as a possible refusal per host', {
      sweep,
      target,
      batch: flight.batch,
      hosts: flight.addresses.length + flight.unproven.length,
    });
    await countFlight(flight, true, deps, options);
    await deps.flights.end(sweep, target, [flight.id], options);
  }
}

/** Accounts of a flight that count alike; `presumed`: nobody knows how their logins ended. */
interface Counted extends Pick<Flight, 'addresses' | 'unproven'> {
  readonly presumed: boolean;
}

/**
 * Of a lost batch every account, of one that came back those whose refusal the worker could not write: what it saw
 * refused is no presumption.
 */
function toCount(
  { hosts, result, started }: AskedBatch,
  { addresses, unproven }: Flight,
  addressOf: (host: LoginHost) => string,
): readonly Counted[] {
  if (result.status === 'rejected') return started ? [{ addresses, unproven, presumed: true }] : [];
  const endOf = new Map(result.value.logins);
  const ending = (end: 'unrecorded' | 'presumed-unrecorded') =>
    hosts.filter(({ moref }) => endOf.get(moref) === end).map(addressOf);
  return [
    { addresses: ending('unrecorded'), unproven: [], presumed: false },
    { addresses: ending('presumed-unrecorded'), unproven: [], presumed: true },
  ];
}

/** What was counted before stays counted once: a count that was cut short is made again from its beginning. */
const countFlight = (
  { id: flight, user, version, addresses, unproven }: Flight,
  presumed: boolean,
  deps: FlightDeps,
  options: Options,
): Promise<unknown> =>
  Promise.all([
    ...addresses.map((address) =>
      deps.accounts.recordRefusal(
        user,
        address,
        { version, presumed, flight: address === PRINCIPAL ? runOf(flight) : flight },
        options,
      ),
    ),
    ...unproven.map((address) => deps.accounts.recordLost(user, address, { flight }, options)),
  ]);

async function recordAll(
  flight: Flight,
  parts: readonly Counted[],
  deps: FlightDeps,
  options: Options,
): Promise<boolean> {
  try {
    // What was seen comes first: of one account only the first record of a flight counts.
    for (const { presumed, ...part } of parts)
      await countFlight({ ...flight, ...part }, presumed, deps, options);
    return true;
  } catch (error) {
    deps.log.error('refusals could not be recorded; the next run counts them', { error: messageOf(error) });
    return false;
  }
}
