import { targetsOfSweep } from '../config/cross-checks.ts';
import { ConfigError } from '../config/errors.ts';
import { sayNone } from '../config/unknown-names.ts';
import { printExposition } from '../metrics/encode-exposition.ts';
import { systemClock } from '../platform/clock.ts';
import { keepYoungGenerationSmall } from '../platform/young-generation.ts';
import { createHeldSeries } from '../sinks/stdout/held-series.ts';
import { startWriterThread } from '../state/sqlite/writer.ts';
import type { RunSummary } from '../sweep/result/summary.ts';
import { openContainer } from './container.ts';
import { loadConfig } from './load-config.ts';
import { printRun } from './print-run.ts';
import { toJson } from './print-summary.ts';
import { withProgress } from './progress.ts';
import { quietOnceStopped } from './quiet-log.ts';
import { refuseRunsBesideStack } from './stack-state.ts';
import { abortOnSignals, logTo, printVerbatim } from './terminal.ts';

export interface SweepCommandOptions {
  readonly config: string;
  readonly json: boolean;
  readonly dryRun: boolean;
  readonly verbose: boolean;
}

/** `vsweep sweep <name>`: one run, now. Answers the exit code. */
export async function sweepCommand(name: string, options: SweepCommandOptions): Promise<number> {
  // It starts while the configuration is read.
  using thread = startWriterThread();
  const loaded = await loadConfig(options.config, process.env);
  const sweep = loaded.config.sweeps.find((one) => one.name === name);
  if (sweep === undefined) {
    const known = loaded.config.sweeps.map((one) => one.name);
    throw new ConfigError(options.config, [{ path: 'sweeps', message: sayNone('sweep', name, known) }]);
  }
  refuseRunsBesideStack(loaded, 'a run');
  keepYoungGenerationSmall();
  using signals = abortOnSignals();
  const held = createHeldSeries();
  const targets = targetsOfSweep(sweep, loaded.config).length;
  const summary = await withProgress({ targets, json: options.json }, async (onProgress) => {
    await using container = await openContainer(
      {
        loaded,
        env: process.env,
        clock: systemClock,
        log: quietOnceStopped(logTo(options.verbose ? 'debug' : 'warn'), signals),
        push: !options.dryRun,
        dryRun: options.dryRun,
        sinks: options.dryRun ? [held] : [],
        onProgress,
        thread,
      },
      signals,
    );
    // Awaited here, because the container closes the state when this function is left.
    return await container.runSweep({ sweep }, signals);
  });
  if (options.dryRun) printDryRun(summary, held.families(), options);
  else {
    // With the sink stdout, standard output is nothing but series.
    const stream = loaded.config.stdout === undefined ? process.stdout : process.stderr;
    printRun(summary, options, stream);
  }
  return summary.exitCode;
}

/** One exposition over all targets, as /metrics would serve it, is the whole of standard output; or a field of the JSON. */
function printDryRun(
  summary: RunSummary,
  families: ReturnType<ReturnType<typeof createHeldSeries>['families']>,
  { json, verbose }: SweepCommandOptions,
): void {
  const isStopped = summary.targets.some(({ status }) => status === 'stopped');
  const metrics = isStopped ? '' : printExposition(families);
  // What the JSON holds is text of the exposition, too.
  if (json) printVerbatim(toJson(summary, { metrics }));
  else {
    if (metrics !== '') printVerbatim(metrics);
    printRun(summary, { json, verbose }, process.stderr);
  }
}
