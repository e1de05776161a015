import type { MetricRow, Point } from '../catalogue/row.ts';
import { PROBE } from '../catalogue/sources/probe.ts';
import type { TargetConfig } from '../config/schema.ts';
import { PollError } from './errors.ts';

/** Metrics by commands on a host, and which host. */
export interface HostQuestion {
  /** Of the host: its managed object id. */
  readonly moref: string;
  readonly rows: readonly MetricRow[];
}

/**
 * Asks a host by ssh, by the rules of lockout: the points of each row, by its name; none where the host answered and has
 * nothing. Rejects with PollError if it was not asked, or did not answer.
 */
export type AskHost = (
  question: HostQuestion & { readonly target: TargetConfig },
  options: { signal: AbortSignal },
) => Promise<ReadonlyMap<string, readonly Point[]>>;

/** Whether a host is asked for it, and no vCenter knows it. */
export const isAskedOfHost = ({ source }: Pick<MetricRow, 'source'>): boolean => source.reader === PROBE;

/** A host is asked as the sweep of its target asks it that has the metric: by its lease, its turn and its credential. */
export const inNoSweepOf = (target: string): string =>
  `read from hosts by ssh, and no sweep collects it on ${target}; name its collector ("vsweep metrics list" has it) in a sweep of this target`;

/** Where hosts are not asked: a poll function of AWS has neither the credential of the hosts nor a way to them. */
export const askNoHost: AskHost = async ({ rows }) => {
  const names = rows.map(({ name }) => name).join(', ');
  throw new PollError(
    `${names}: read from hosts by ssh, which the poll function does not do: it has neither their credential nor a network to them. ` +
      'Ask by "vsweep poll" or "vsweep gateway" without --lambda, on a machine that may, or query what its sweep delivers',
    { code: 'unavailable' },
  );
};
