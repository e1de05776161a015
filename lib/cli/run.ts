import type { LoadedConfig } from '../config/loaded-config.ts';
import { DEFAULT_LISTEN } from '../config/schema.ts';
import { systemClock } from '../platform/clock.ts';
import { type Log, quieter } from '../platform/log.ts';
import { keepYoungGenerationSmall } from '../platform/young-generation.ts';
import { createExporter } from '../sinks/exporter/exporter.ts';
import { exporterSink } from '../sinks/exporter/exporter-sink.ts';
import type { RunSummary } from '../sweep/result/summary.ts';
import { createRepeatedSweep, type RepeatedSweep } from '../sweep/run/repeat-sweep.ts';
import { openContainer } from './container.ts';
import { loadConfig } from './load-config.ts';
import { printLastRuns } from './print-last-runs.ts';
import { createProcessMetrics } from './process-metrics.ts';
import { isLive } from './progress.ts';
import { quietOnceStopped } from './quiet-log.ts';
import { openRunPage } from './run-page.ts';
import { createShownRun } from './shown-run.ts';
import { refuseRunsBesideStack } from './stack-state.ts';
import { abortOnSignals, logTo, tableWidth } from './terminal.ts';
import { VERSION } from './version.ts';

/** `vsweep run`: every sweep on its schedule until a signal ends it. Answers the exit code. */
export async function runCommandLine(options: { config: string; verbose: boolean }): Promise<number> {
  const loaded = await loadConfig(options.config, process.env);
  refuseRunsBesideStack(loaded, 'a run');
  const log = logTo(options.verbose ? 'debug' : 'info');
  keepYoungGenerationSmall();
  using signals = abortOnSignals();
  try {
    const isShown = !options.verbose && isLive({ json: false });
    await serveAndRepeat(loaded, { log: quietOnceStopped(log, signals), isShown }, signals);
  } catch (error) {
    // Ended while it was starting, as it was asked to.
    if (!signals.signal.aborted) throw error;
  }
  log.info('stopped by a signal');
  return 0;
}

async function serveAndRepeat(
  loaded: LoadedConfig,
  { log, isShown }: { log: Log; isShown: boolean },
  signals: { signal: AbortSignal },
): Promise<void> {
  using shown = createShownRun({ json: false });
  const last = new Map<string, RunSummary>();
  const repeated: RepeatedSweep[] = [];
  const ofProcess = createProcessMetrics();
  const status = () => ({ version: VERSION, sweeps: repeated.map((sweep) => sweep.status()) });
  using page = await openRunPage({ loaded, env: process.env, status, log }, signals);
  await using exporter = createExporter({
    listen: loaded.config.exporter?.listen ?? DEFAULT_LISTEN,
    clock: systemClock,
    log,
    targets: loaded.config.targets.map(({ name }) => name),
    status,
    answerPage: page.answer,
    processText: ofProcess.text,
  });
  const { url } = await exporter.start(signals);
  log.info(`serving ${url}`);
  await using container = await openContainer(
    {
      loaded,
      env: process.env,
      clock: systemClock,
      log,
      push: true,
      sinks: [exporterSink(exporter)],
      observe: ofProcess.observe,
    },
    signals,
  );
  for (const sweep of loaded.config.sweeps) {
    const runOnce = async (options: { signal: AbortSignal }) => {
      const summary = await container.runSweep({ sweep }, options);
      // On a terminal the table has what a line would say of a run that went well.
      logRun(summary, isShown ? quieter(log) : log);
      last.set(sweep.name, summary);
      if (isShown) shown.show(printLastRuns([...last.values()], tableWidth({ verbose: false })));
      page.take(summary, { state: container.state, signal: options.signal });
      return summary;
    };
    repeated.push(createRepeatedSweep(sweep, { clock: systemClock, log, runOnce }));
  }
  await Promise.all(repeated.map((sweep) => sweep.run(signals)));
}

/** One line a run and target; a warning when something is wrong with the whole target. */
export function logRun(summary: RunSummary, log: Log): void {
  for (const {
    target,
    status,
    listing,
    paths,
    samples,
    deliveries,
    durationMs,
    problems,
  } of summary.targets) {
    const counts = Object.fromEntries(
      Object.entries(paths).map(([path, { ok, failed, skipped }]) => [
        path,
        `${ok} ok, ${failed} failed, ${skipped} skipped`,
      ]),
    );
    if (status === 'stopped') continue;
    const write = problems.length === 0 ? log.info : log.warn;
    write(`sweep ${summary.sweep} on ${target}`, {
      status,
      listing,
      ...counts,
      samples,
      deliveries: deliveries.map(({ sink, outcome }) => `${sink} ${outcome}`).join(', '),
      durationMs,
      problem: problems.length === 0 ? undefined : problems.join('; '),
    });
  }
}
