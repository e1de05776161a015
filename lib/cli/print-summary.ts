import { printOutcome } from '../sweep/outcome.ts';
import type { Delivery, HostSummary, RunSummary, TargetSummary } from '../sweep/result/summary.ts';
import { formatTable } from './format-table.ts';

const MAX_HOSTS = 40;

/** A run as an operator reads it, its exit code where it is that of the command: counts by path, then every host that is not ok, with what to do. */
export function printSummary(
  summary: Omit<RunSummary, 'exitCode'> & { readonly exitCode?: number },
  width: number,
): string {
  const seconds = ((summary.endedAt - summary.startedAt) / 1_000).toFixed(1);
  const at = new Date(summary.startedAt).toISOString();
  const exitCode = summary.exitCode === undefined ? '' : `, exit code ${summary.exitCode}`;
  return [
    `sweep ${summary.sweep} at ${at}, ${seconds} s${exitCode}`,
    ...summary.targets.map((target) => printTarget(target, width)),
  ].join('\n');
}

function printTarget(target: TargetSummary, width: number): string {
  if (target.status === 'duplicate')
    return `\n${target.target}: skipped: a run for this or a later time already completed`;
  if (target.status === 'stopped') return `\n${target.target}: stopped by a signal; nothing was delivered`;
  if (target.status === 'lease') return `\n${target.target}: skipped: another run of this sweep is under way`;
  const counts = Object.entries(target.paths).map(([path, { hosts, ok, failed, skipped }]) =>
    [path, hosts, ok, failed, skipped].map(String),
  );
  return [
    `\n${target.target}: ${LISTINGS[target.listing]}${printResult(target)}`,
    ...target.problems.map((problem) => `  problem: ${problem}`),
    ...target.warnings.map(({ text, count }) =>
      count === 1 ? `  warning: ${text}` : `  warning: ${text} (${count} times)`,
    ),
    ...(counts.length === 0
      ? []
      : [formatTable(['path', 'hosts', 'ok', 'failed', 'skipped'], counts, { width })]),
    ...printHosts(target.hosts, width),
  ].join('\n');
}

const LISTINGS: Record<TargetSummary['listing'], string> = {
  fresh: 'listed',
  last: 'NOT LISTED; using the last known host list',
  none: 'NOT LISTED, and no host list from the last 24 h is known',
};

/** A target without a host list has no samples of hosts; its own metrics, such as `vsweep_target_up` 0, are delivered. */
function printResult({ status, samples, deliveries }: TargetSummary): string {
  if (status !== 'unlisted') return `; ${samples} samples of hosts, ${printDeliveries(deliveries)}`;
  return deliveries.length === 0 ? '' : `; ${printDeliveries(deliveries)}`;
}

const DELIVERIES: Record<Delivery['outcome'], (sink: string) => string> = {
  delivered: (sink) => `delivered to ${sink}`,
  failed: (sink) => `NOT DELIVERED to ${sink}`,
  'lease-lost': (sink) => `not delivered to ${sink}, because another run took the lease`,
};

const printDeliveries = (deliveries: readonly Delivery[]): string =>
  deliveries.length === 0
    ? 'no push configured'
    : deliveries.map(({ sink, outcome }) => DELIVERIES[outcome](sink)).join(', ');

function printHosts(hosts: readonly HostSummary[], width: number): string[] {
  const notable = hosts.filter(({ outcomes }) => Object.values(outcomes).some(({ kind }) => kind !== 'ok'));
  if (notable.length === 0) return [];
  const rows = sameTogether(notable.map(toRow)).slice(0, MAX_HOSTS).map(withoutRepetition);
  const rest = notable.length - rows.length;
  return [
    '',
    formatTable(['host', 'vcenter', 'ssh', 'detail'], rows, { width, details: true }),
    ...(rest > 0 ? [`… and ${rest} more hosts that are not ok; --json has all`] : []),
  ];
}

const toRow = ({ name, outcomes, details }: HostSummary) => [
  name,
  outcomes.vcenter === undefined ? '' : printOutcome(outcomes.vcenter),
  outcomes.ssh === undefined ? '' : printOutcome(outcomes.ssh),
  details.join('; ').replace(/\s+/g, ' '),
];

const detailOf = (row: readonly string[] | undefined): string => row?.at(-1) ?? '';

/** Rows of one detail one after the other, in the order of the first of each. */
const sameTogether = (rows: readonly (readonly string[])[]): (readonly string[])[] =>
  [...Map.groupBy(rows, detailOf).values()].flat();

/** One cause can hold for every host, and its text stands once. */
const withoutRepetition = (row: readonly string[], index: number, all: readonly (readonly string[])[]) =>
  detailOf(row) !== '' && detailOf(row) === detailOf(all[index - 1])
    ? [...row.slice(0, -1), 'as above']
    : row;

/** The summary with outcomes printed as text, and what else there is to tell: the form of `--json`. */
export function toJson(summary: RunSummary, more: { readonly metrics?: string } = {}): string {
  return JSON.stringify(
    {
      ...summary,
      targets: summary.targets.map((target) => ({
        ...target,
        hosts: target.hosts.map((host) => ({
          ...host,
          outcomes: Object.fromEntries(
            Object.entries(host.outcomes).map(([path, outcome]) => [path, printOutcome(outcome)]),
          ),
        })),
      })),
      ...more,
    },
    undefined,
    2,
  );
}
