import { toPrintable } from '../platform/printable.ts';
import { printOutcome } from '../sweep/outcome.ts';
import type { Delivery, HostSummary, RunSummary, TargetSummary } from '../sweep/result/summary.ts';
import { formatTable } from './format-table.ts';

const MAX_ROWS = 40;
/** So many hosts with one outcome and one reason are one row. */
const FOLDED = 4;

/**
 * A run as an operator reads it, its exit code where it is that of the command: counts by path, then every host that is not
 * ok with what to do, and last, next to the prompt, what is wrong with whole targets.
 */
export function printSummary(
  summary: Omit<RunSummary, 'exitCode'> & { readonly exitCode?: number },
  width: number,
): string {
  const seconds = ((summary.endedAt - summary.startedAt) / 1_000).toFixed(1);
  const at = new Date(summary.startedAt).toISOString();
  const exitCode = summary.exitCode === undefined ? '' : `, exit code ${summary.exitCode}`;
  const gone = summary.targets.filter(({ status }) => status === 'swept' || status === 'unlisted');
  const problems = gone.flatMap(({ target, problems: ofTarget }) =>
    ofTarget.map((problem) => `problem: ${summary.targets.length > 1 ? `${target}: ` : ''}${problem}`),
  );
  return [
    `sweep ${summary.sweep} at ${at}, ${seconds} s${exitCode}`,
    ...summary.targets.map((target) => printTarget(target, width)),
    ...(problems.length === 0 ? [] : ['', ...problems.map(toPrintable)]),
  ].join('\n');
}

function printTarget(target: TargetSummary, width: number): string {
  if (target.status === 'duplicate')
    return `\n${target.target}: skipped: a run for this or a later time already completed`;
  if (target.status === 'stopped') return `\n${target.target}: stopped by a signal; nothing was delivered`;
  if (target.status === 'lease')
    return `\n${target.target}: skipped: another run of this sweep is under way; see it by: vsweep lease list`;
  const counts = Object.entries(target.paths).map(([path, { hosts, ok, failed, skipped }]) =>
    [path, hosts, ok, failed, skipped].map(String),
  );
  const hosts = printHosts(target.hosts, width);
  return [
    `\n${target.target}: ${LISTINGS[target.listing]}${printResult(target)}`,
    ...(counts.length === 0
      ? []
      : [formatTable(['path', 'hosts', 'ok', 'failed', 'skipped'], counts, { width })]),
    ...hosts,
    ...(hosts.length > 0 && target.warnings.length > 0 ? [''] : []),
    ...target.warnings.map(({ text, count }) =>
      toPrintable(count === 1 ? `  warning: ${text}` : `  warning: ${text} (${count} times)`),
    ),
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
  const rows = [...Map.groupBy(notable.map(toRow), sameness).values()].flatMap((same) =>
    same.length < FOLDED ? same.map(withoutRepetition) : fold(same),
  );
  const shown = rows.slice(0, MAX_ROWS);
  const told = shown.reduce((sum, { hosts: count }) => sum + count, 0);
  const left = notable.length - told;
  return [
    '',
    formatTable(...filledColumns(['host', 'vcenter', 'ssh', 'reason'], shown.map(toCells)), {
      width,
      details: shown.some(({ reason }) => reason !== ''),
    }),
    ...(left > 0 ? [`… and ${left} more hosts that are not ok; --json has all`] : []),
    ...(shown.some(({ hosts: count }) => count > 1) ? [FOLDED_ROWS] : []),
  ];
}

/** Without the path on which no host was asked, and without reasons where none is known. */
function filledColumns(
  header: readonly string[],
  rows: readonly (readonly string[])[],
): [header: readonly string[], rows: readonly (readonly string[])[]] {
  const filled = header.map((_, column) => rows.some((cells) => cells[column] !== ''));
  const pick = (cells: readonly string[]) => cells.filter((_, column) => filled[column]);
  return [pick(header), rows.map(pick)];
}

const FOLDED_ROWS = 'their names: --json, or vsweep status --hosts --outcome failed --outcome skipped';

interface Row {
  readonly host: string;
  /** How many it stands for. */
  readonly hosts: number;
  readonly vcenter: string;
  readonly ssh: string;
  readonly reason: string;
  /** Where it was asked, which differs from host to host. */
  readonly where: string;
}

function toRow({ name, outcomes, details }: HostSummary): Row {
  const { where, reason } = splitAddress(details.join('; ').replace(/\s+/g, ' '));
  return {
    host: name,
    hosts: 1,
    vcenter: outcomes.vcenter === undefined ? '' : printOutcome(outcomes.vcenter),
    ssh: outcomes.ssh === undefined ? '' : printOutcome(outcomes.ssh),
    reason,
    where,
  };
}

/** A detail of ssh begins with `ssh: user@address:port: `; what is wrong comes first for a reader. */
function splitAddress(detail: string): { readonly where: string; readonly reason: string } {
  const [, where = '', reason = detail] = /^ssh: ((?:\S+@)?\S+:\d{1,5}): (.+)$/.exec(detail) ?? [];
  return { where, reason };
}

const sameness = ({ vcenter, ssh, reason }: Row): string => JSON.stringify([vcenter, ssh, reason]);

const fold = ([first, ...more]: readonly Row[]): Row[] =>
  first === undefined
    ? []
    : [{ ...first, host: `${more.length + 1} hosts`, hosts: more.length + 1, where: '' }];

/** One cause can hold for several hosts, and its text stands once. */
const withoutRepetition = (row: Row, index: number): Row =>
  index === 0 || row.reason === '' ? row : { ...row, reason: 'as above' };

const toCells = ({ host, vcenter, ssh, reason, where }: Row): string[] => [
  host,
  vcenter,
  ssh,
  where === '' ? reason : `${reason} (${where})`,
];

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
