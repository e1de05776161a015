import type { MetricRow } from '../catalogue/row.ts';
import type { Clock } from '../platform/clock.ts';
import type { GuestAccount } from '../vsphere/guest/guest-process.ts';
import type { AskHost, HostQuestion } from './ask-host.ts';
import type { NameMaps } from './name-map.ts';
import type { ReadOnlySession } from './read-only-session.ts';
import type { PollAnswer } from './reply.ts';

/** What a method needs of a session; it can only read (see read-only-session.ts). */
export type PollSession = ReadOnlySession & {
  /** Objects by their names. */
  readonly names: NameMaps;
  /** Milliseconds since the epoch. */
  now(): number;
  readonly clock: Clock;
  /** By their names. */
  metrics(): ReadonlyMap<string, MetricRow>;
  /** Makes a login to a guest of the target, unless too many were refused, as `guestLogin` does. */
  guestLogin<T>(
    guest: { moref: string; account: GuestAccount },
    login: () => Promise<T>,
    options: { signal: AbortSignal },
  ): Promise<T>;
  /** Asks a host of the target, as `AskHost` does. */
  askHost(question: HostQuestion, options: { signal: AbortSignal }): ReturnType<AskHost>;
};

/** A request whose checks are over. What it does not have, or has as null, is undefined. */
export interface PollRequest {
  /** The object that is asked about, by its name or, a datastore, by its `info.url`. */
  readonly name?: string | undefined;
  /** As requested, without duplicates; empty when none were. */
  readonly properties: readonly string[];
  /** Narrows the answer down: the path of a guest's disk, or a part of a process's command line. */
  readonly key?: string | undefined;
  readonly counterName?: string | undefined;
  readonly instance?: string | undefined;
  readonly maxSample?: string | undefined;
  /** The name of a historical interval. */
  readonly perfInterval?: string | undefined;
  /** An account of the guest's own system. Never log the password, never put it into a message. */
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

export type RunPoll = (
  session: PollSession,
  request: PollRequest,
  options: { signal: AbortSignal },
) => Promise<PollAnswer>;

/** A method of vPoller. */
export interface PollMethod {
  readonly name: string;
  /** What it answers, in a line for help and docs. */
  readonly summary: string;
  /** Keys that a request must have, whatever their value is. */
  readonly requiredKeys: readonly string[];
  /**
   * The type whose properties a request may name; absent when it may name none. Of a managed object any path, which
   * is checked before anybody logs in; of a data object its own fields.
   */
  readonly propertiesOf?: string;
  /** The `msg` of a reply that succeeded. */
  readonly successMessage: string | ((request: PollRequest) => string);
  /** Runs again from its beginning when the session turns out to have ended: it only reads. */
  readonly run: RunPoll;
}
