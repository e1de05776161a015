import type { LoginQueue } from '../../lockout/guarded-login.ts';
import { PRINCIPAL } from '../../lockout/principal.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import { untilAborted } from '../../platform/until-aborted.ts';
import type { AccountStore } from '../../state/accounts.ts';
import type { Flight, FlightStore } from '../../state/flights.ts';
import type { BatchHost } from '../batch.ts';
import type { FinishedBatch } from '../target/merge.ts';

export interface FlightDeps {
  readonly log: Log;
  readonly flights: FlightStore;
  readonly accounts: Pick<AccountStore, 'recordRefusal'>;
  readonly logins: LoginQueue;
}

interface Options {
  readonly signal: AbortSignal;
}

/**
 * The record of batches under way, for accounts that are proven and so have no record of each attempt: a batch whose
 * result nobody saw counts as one refusal of each of its accounts, without a waiting time.
 */
export interface Flights {
  /** Before a worker starts. Rejects when it cannot be written: then the batch must not start. */
  begin(batch: { batch: number; hosts: readonly BatchHost[] }, options: Options): Promise<void>;
  /** What came back is struck off, what is lost is counted. A failure leaves the record to the next run. */
  land(finished: readonly FinishedBatch[], options: Options): Promise<void>;
}

export function openFlights(
  run: {
    runId: string;
    sweep: string;
    target: string;
    version: string;
    /** On which account a login on a host counts. */
    accountOf: (host: BatchHost) => { readonly user: string; readonly address: string };
  },
  deps: FlightDeps,
): Flights {
  const { runId, sweep, target, version } = run;
  const addressOf = (host: BatchHost) => run.accountOf(host).address;
  const flying = new Map<number, Flight>();
  return {
    async begin({ batch, hosts }, options) {
      // A domain account has one address on all hosts: a lost batch is one refusal of it.
      const asked = hosts.filter((host) => host.ssh === 'try' && host.proven);
      const [first] = asked;
      if (first === undefined) return;
      const addresses = [...new Set(asked.map(addressOf))];
      const { user } = run.accountOf(first);
      const flight = { id: `${runId}#${target}#${batch}`, batch, user, version, addresses };
      await deps.flights.begin(sweep, target, flight, options);
      flying.set(batch, flight);
    },
    async land(finished, options) {
      const landed: number[] = [];
      for (const one of finished) {
        const flight = flying.get(one.batch);
        if (flight === undefined) continue;
        const refused = refusalsToRecord(one, flight, addressOf);
        // What a worker saw refused is no presumption, though it could not write it.
        const presumed = one.result.status === 'rejected';
        if (await recordAll({ ...flight, addresses: refused }, presumed, deps, options))
          landed.push(one.batch);
      }
      await deps.flights.end(sweep, target, landed, options).catch((error: unknown) => {
        deps.log.warn('the record of batches under way stays', { sweep, target, error: messageOf(error) });
      });
    },
  };
}

/** Counts what an earlier run left in flight. Rejects when that cannot be done: then nobody may log in. */
export async function countLostFlights(
  { sweep, target }: { sweep: string; target: string },
  deps: FlightDeps,
  options: Options,
): Promise<void> {
  const lost = await deps.flights.readAll(sweep, target, options);
  for (const flight of lost) {
    deps.log.warn('a batch of an earlier run was lost; its accounts are tried with care', {
      sweep,
      target,
      batch: flight.batch,
      hosts: flight.addresses.length,
    });
    const count = () => countFlight(flight, true, deps, options);
    // The one account of a domain must not change between the look of another target and its login.
    const isOfDomain = flight.addresses.includes(PRINCIPAL);
    const account = { user: flight.user, address: PRINCIPAL };
    await (isOfDomain ? untilAborted(deps.logins(account, count), options.signal) : count());
    await deps.flights.end(sweep, target, [flight.batch], options);
  }
}

/** Of a lost batch every account, of one that came back those whose refusal the worker could not write. */
function refusalsToRecord(
  { hosts, result, started }: FinishedBatch,
  flight: Flight,
  addressOf: (host: BatchHost) => string,
): readonly string[] {
  if (result.status === 'rejected') return started ? flight.addresses : [];
  const unrecorded = new Set(
    result.value.logins.filter(([, end]) => end === 'unrecorded').map(([moref]) => moref),
  );
  return hosts.filter(({ moref }) => unrecorded.has(moref)).map(addressOf);
}

/** What was counted before stays counted once: a count that was cut short is made again from its beginning. */
const countFlight = (
  { id, user, version, addresses }: Flight,
  presumed: boolean,
  deps: FlightDeps,
  options: Options,
): Promise<unknown> =>
  Promise.all(
    addresses.map((address) =>
      deps.accounts.recordRefusal(user, address, { version, presumed, flight: id }, options),
    ),
  );

async function recordAll(
  flight: Flight,
  presumed: boolean,
  deps: FlightDeps,
  options: Options,
): Promise<boolean> {
  try {
    await countFlight(flight, presumed, deps, options);
    return true;
  } catch (error) {
    deps.log.error('refusals could not be recorded; the next run counts them', { error: messageOf(error) });
    return false;
  }
}
