import { definitionOf, type MetricRow, type Point } from '../catalogue/row.ts';
import { MIN_POLL_MS, maxPollMs } from '../config/run-times.ts';
import type { Config, TargetConfig } from '../config/schema.ts';
import type { Family } from '../metrics/family.ts';
import { type AskHost, inNoSweepOf } from '../poll/ask-host.ts';
import { PollError } from '../poll/errors.ts';
import { createHostQueue } from '../poll/host-queue.ts';
import { createHeldSeries } from '../sinks/stdout/held-series.ts';
import { ok, printOutcome } from '../sweep/outcome.ts';
import type { TargetSummary } from '../sweep/result/summary.ts';
import { type RunSweepDeps, runSweep } from '../sweep/run/run-sweep.ts';
import { type SweptRows, toQuestions } from './host-questions.ts';

/** What one host said, in the series that the run would have pushed. */
export interface HostAnswer {
  readonly families: readonly Family[];
  /** Why anything is missing, and what else there is to know. */
  readonly warnings: readonly string[];
}

/**
 * Asks one host by a run that nobody is told of, with everything that guards its account: the lease of the sweep, the
 * turn of its target, the record of refusals, the key of the host. It ends within `ms` milliseconds.
 */
export async function askOneHost(
  { sweep, rows, probes }: SweptRows,
  { target, moref, ms }: { target: TargetConfig; moref: string; ms: number },
  deps: RunSweepDeps,
  options: { signal: AbortSignal },
  run: typeof runSweep = runSweep,
): Promise<HostAnswer> {
  const held = createHeldSeries();
  const order = {
    sweep: { ...sweep, targets: [target.name] },
    target: target.name,
    host: moref,
    probes,
    remainingMs: ms,
  };
  const { targets } = await run(order, { ...deps, sinks: [held], dryRun: true }, options);
  const names = new Set(rows.map((row) => definitionOf(row).name));
  const families = held.families().filter(({ definition }) => names.has(definition.name));
  const [summary] = targets;
  const warnings = summary === undefined ? [] : warningsOf(summary, { sweep: sweep.name, moref, families });
  return { families, warnings };
}

/** What is wrong with the run as a whole is of interest only where it has no series. */
export function warningsOf(
  { status, problems, hosts, warnings }: TargetSummary,
  of: { sweep: string; moref: string; families: readonly Family[] },
): string[] {
  const host = hosts.find((one) => one.moref === of.moref);
  const outcome = host?.outcomes.ssh;
  return [
    ...(status === 'lease'
      ? [
          `the sweep ${of.sweep} is under way or about to begin, or another poll or try asks a host of it; try again when that is over`,
        ]
      : []),
    ...(outcome === undefined || outcome.kind === ok.kind
      ? []
      : [[printOutcome(outcome), ...(host?.details ?? [])].join(': ')]),
    ...(of.families.length > 0 ? [] : problems),
    ...warnings.map(({ text }) => text),
  ];
}

/** How polls of this process ask hosts: one at a time per target. */
export function createAskHost(
  config: Pick<Config, 'sweeps' | 'targets' | 'esxi'>,
  deps: RunSweepDeps,
  ask: typeof askOneHost = askOneHost,
): AskHost {
  const queue = createHostQueue<ReadonlyMap<string, readonly Point[]>>(deps.clock);
  return async ({ target, moref, rows }, options) => {
    const names = rows.map(({ name }) => name);
    if (config.esxi === undefined)
      throw unavailable(
        `${names.join(', ')}: read from hosts by ssh, and there is no credential for them: add esxi.credentials to vsweep.yaml`,
      );
    const questions = toQuestions(names, config, target);
    const known = questions.flatMap((question) => question.rows.map(({ name }) => name));
    const missing = names.filter((name) => !known.includes(name));
    if (missing.length > 0) throw unavailable(`${missing.join(', ')}: ${inNoSweepOf(target.name)}`);
    const tooOften = questions.find(({ sweep }) => maxPollMs(sweep.everyMs) < MIN_POLL_MS);
    if (tooOften !== undefined) throw unavailable(noTimeOf(tooOften));
    const key = JSON.stringify([moref, ...names.toSorted()]);
    const work = async () => {
      const points = new Map<string, readonly Point[]>();
      for (const question of questions) {
        const of = { target, moref, ms: maxPollMs(question.sweep.everyMs) };
        const { families, warnings } = await ask(question, of, deps, options);
        options.signal.throwIfAborted();
        if (families.length === 0 && warnings.length > 0) throw unavailable(warnings.join('; '));
        for (const row of question.rows) points.set(row.name, pointsOf(row, families));
      }
      return points;
    };
    return await queue({ target: target.name, key }, work, options);
  };
}

const noTimeOf = ({ rows, sweep }: SweptRows): string =>
  `${rows.map(({ name }) => name).join(', ')}: the sweep ${sweep.name} runs every ${sweep.everyMs / 1_000} s, which leaves no time for a login between its runs. Query what it delivers`;

const unavailable = (message: string) => new PollError(message, { code: 'unavailable' });

/** The labels that a row has of its own are the last ones of its series. */
export function pointsOf(row: MetricRow, families: readonly Family[]): Point[] {
  const { name } = definitionOf(row);
  const samples = families
    .filter(({ definition }) => definition.name === name)
    .flatMap((family) => [...family.samples]);
  return samples.map(({ labels, value }) => ({
    labels: row.labels.length === 0 ? [] : labels.slice(-row.labels.length),
    value,
  }));
}
