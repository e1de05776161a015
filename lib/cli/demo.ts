import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoadedConfig } from '../config/loaded-config.ts';
import { DEFAULT_LISTEN } from '../config/schema.ts';
import { checkDemoRun } from '../demo/check-demo-run.ts';
import type { DemoHost } from '../demo/fleet.ts';
import { type RunningDemoFleet, startDemoFleet } from '../demo/start-demo-fleet.ts';
import { systemClock } from '../platform/clock.ts';
import { createExporter, type Exporter } from '../sinks/exporter/exporter.ts';
import { exporterSink } from '../sinks/exporter/exporter-sink.ts';
import { createHeldSeries } from '../sinks/stdout/held-series.ts';
import type { RunSummary } from '../sweep/result/summary.ts';
import { createRepeatedSweep } from '../sweep/run/repeat-sweep.ts';
import { openContainer } from './container.ts';
import { loadConfig } from './load-config.ts';
import { printSummary, toJson } from './print-summary.ts';
import { withProgress } from './progress.ts';
import { quietOnceStopped } from './quiet-log.ts';
import { openRunPage } from './run-page.ts';
import { createShownRun } from './shown-run.ts';
import {
  abortOnSignals,
  aboutConfig,
  logTo,
  print,
  printColoured,
  printError,
  tableWidth,
} from './terminal.ts';
import { VERSION } from './version.ts';

interface DemoOptions {
  readonly json: boolean;
  readonly verbose: boolean;
}

interface Demo {
  /** The path of its vsweep.yaml. */
  readonly config: string;
  readonly loaded: LoadedConfig;
  readonly fleet: RunningDemoFleet;
}

/** `vsweep demo`: a simulated fleet on loopback, swept. Answers 1 when a host's outcome is not the one that the demo built. */
export async function demoCommand(options: DemoOptions & { once: boolean }): Promise<number> {
  using signals = abortOnSignals();
  await using fleet = await startDemoFleet({ pace: options.once ? 'unhurried' : 'watched' });
  const folder = await mkdtemp(join(tmpdir(), 'vsweep-demo-'));
  try {
    for (const [name, text] of Object.entries(fleet.files)) {
      await writeFile(join(folder, name), text, { mode: 0o600 });
    }
    const config = join(folder, 'vsweep.yaml');
    using _about = aboutConfig(config);
    const demo = { config, loaded: await loadConfig(config), fleet };
    return options.once
      ? await sweepOnce(demo, options, signals)
      : await sweepOnAndOn(demo, options, signals);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function sweepOnce(
  demo: Demo,
  options: DemoOptions,
  signals: { signal: AbortSignal },
): Promise<number> {
  await using sweeper = await openSweeper(demo, { ...options, exporter: undefined }, signals);
  const { summary, differences } = await sweeper.sweep(signals);
  if (options.json) print(toJson(summary));
  else printColoured(printDemoRun(summary, options));
  if (signals.signal.aborted) return 1;
  for (const line of describeDifferences(differences)) printError(line);
  if (!options.json && differences.length === 0) print('\nevery host has the expected outcome');
  return differences.length === 0 ? 0 : 1;
}

/** What there is to see, and where. `url` is the exporter's own, without a path. */
export function introduceDemo(
  hosts: readonly Pick<DemoHost, 'name' | 'story'>[],
  { url, everyMs, config }: { url: string; everyMs: number; config: string },
): string {
  const stories = hosts.filter(({ story }) => story !== '').map(({ name, story }) => `  ${name}  ${story}`);
  return [
    `${hosts.length} simulated ESXi hosts behind a simulated vCenter, swept every ${everyMs / 1_000} s.`,
    `Page: ${url}/, metrics: ${url}/metrics (Ctrl-C ends it).`,
    `Other commands ask it while it runs: vsweep metrics try vmware_host_power_state --config ${config}`,
    'Simulated faults:',
    '',
    ...stories,
  ].join('\n');
}

/** Without the exit code that `vsweep sweep` would have: the demo's own says whether all came out as it was built. */
const printDemoRun = ({ exitCode: _ofSweep, ...run }: RunSummary, options: DemoOptions) =>
  printSummary(run, tableWidth(options));

async function sweepOnAndOn(
  demo: Demo,
  options: DemoOptions,
  signals: { signal: AbortSignal },
): Promise<number> {
  const { sweep } = sweepOf(demo.loaded);
  let sweeper: Awaited<ReturnType<typeof openSweeper>> | undefined;
  let exitCode = 0;
  // Also when nobody reads what it prints any more, as after `| head`.
  const unread = new AbortController();
  using shown = createShownRun(options);
  const repeated = createRepeatedSweep(sweep, {
    clock: systemClock,
    log: logTo('warn'),
    async runOnce(running) {
      if (sweeper === undefined) throw new Error('the demo has not begun');
      const { summary, differences } = await sweeper.sweep(running);
      page.take(summary, { state: sweeper.state, signal: running.signal });
      if (running.signal.aborted) return summary;
      if (options.json) print(toJson(summary));
      else shown.show(printDemoRun(summary, options));
      for (const line of describeDifferences(differences)) printError(line);
      if (differences.length > 0) exitCode = 1;
      if (!process.stdout.writable) unread.abort();
      return summary;
    },
  });
  const status = () => ({ version: VERSION, sweeps: [repeated.status()] });
  using page = await openRunPage({ loaded: demo.loaded, env: {}, status, log: logTo('warn') }, signals);
  await using exporter = createExporter({
    listen: DEFAULT_LISTEN,
    clock: systemClock,
    log: logTo('warn'),
    status,
    answerPage: page.answer,
  });
  const { url } = await exporter.start(signals);
  // With --json standard output is JSON alone.
  (options.json ? printError : print)(
    introduceDemo(demo.fleet.hosts, { url, everyMs: sweep.everyMs, config: demo.config }),
  );
  await using opened = await openSweeper(demo, { ...options, exporter }, signals);
  sweeper = opened;
  await repeated.run({ signal: AbortSignal.any([signals.signal, unread.signal]) });
  return exitCode;
}

/** The one sweep of the demo, and how many targets it has. */
function sweepOf({ config }: LoadedConfig) {
  const [sweep] = config.sweeps;
  if (sweep === undefined) throw new Error('the demo has no sweep');
  return { sweep, targets: config.targets.length };
}

const MAX_DIFFERENCES = 20;

/** A line for each of the first differences between the outcomes and the fleet that was built. */
export function describeDifferences(differences: readonly string[]): string[] {
  const rest = differences.length - MAX_DIFFERENCES;
  return [
    ...differences.slice(0, MAX_DIFFERENCES).map((one) => `unexpected: ${one}`),
    ...(rest > 0 ? [`… and ${rest} more differences`] : []),
  ];
}

/** The sink whose series are held against what the hosts were built for; who watches the demo does not know of it. */
const DEMO_CHECK = 'demo check';

const withoutCheck = (summary: RunSummary): RunSummary => ({
  ...summary,
  targets: summary.targets.map((target) => ({
    ...target,
    deliveries: target.deliveries.filter(({ sink }) => sink !== DEMO_CHECK),
  })),
});

/** Sweeps the demo and holds each run against what the hosts were built for. */
async function openSweeper(
  { loaded, fleet }: Demo,
  { json, verbose, exporter }: DemoOptions & { exporter: Exporter | undefined },
  { signal }: { signal: AbortSignal },
) {
  const held = createHeldSeries(DEMO_CHECK);
  let onProgress: (progress: { target: string; done: number; hosts: number }) => void = () => undefined;
  const container = await openContainer(
    {
      loaded,
      env: {},
      clock: systemClock,
      log: quietOnceStopped(logTo(verbose ? 'debug' : 'error'), { signal }),
      push: false,
      sinks: [held, ...(exporter === undefined ? [] : [exporterSink(exporter)])],
      onProgress: (progress) => onProgress(progress),
    },
    { signal },
  );
  let isFirst = true;
  return {
    state: container.state,
    async sweep(options: { signal: AbortSignal }): Promise<{ summary: RunSummary; differences: string[] }> {
      const { sweep, targets } = sweepOf(loaded);
      const summary = await withProgress({ targets, json }, (show) => {
        onProgress = show;
        return container.runSweep({ sweep }, options);
      });
      const hosts = summary.targets.flatMap((target) => target.hosts);
      const differences = checkDemoRun(fleet.hosts, { hosts, families: held.families() }, { isFirst });
      isFirst = false;
      return { summary: withoutCheck(summary), differences };
    },
    [Symbol.asyncDispose]: () => container[Symbol.asyncDispose](),
  };
}
