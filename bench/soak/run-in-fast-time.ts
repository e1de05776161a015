import { join } from 'node:path';
import { openContainer } from '../../lib/cli/container.ts';
import { loadConfig } from '../../lib/cli/load-config.ts';
import { logRun } from '../../lib/cli/run.ts';
import { abortOnSignals, logTo } from '../../lib/cli/terminal.ts';
import { DEFAULT_LISTEN } from '../../lib/config/schema.ts';
import { keepYoungGenerationSmall } from '../../lib/platform/young-generation.ts';
import { createExporter } from '../../lib/sinks/exporter/exporter.ts';
import { exporterSink } from '../../lib/sinks/exporter/exporter-sink.ts';
import { createRepeatedSweep, type RepeatedSweep } from '../../lib/sweep/run/repeat-sweep.ts';
import { createJumpingClock } from './jumping-clock.ts';

/** `vsweep run` on the folder of its argument, with a clock that jumps to the next runs whenever all have ended. */
const loaded = await loadConfig(join(process.argv[2] ?? '.', 'vsweep.yaml'), {});
const { sweeps, exporter: { listen = DEFAULT_LISTEN } = {} } = loaded.config;
const { clock, betweenRuns } = createJumpingClock({ sleepers: sweeps.length });
const log = logTo('info');
keepYoungGenerationSmall();
using signals = abortOnSignals();
const repeated: RepeatedSweep[] = [];
await using exporter = createExporter({
  listen,
  clock,
  log,
  status: () => ({ version: 'soak', sweeps: repeated.map((sweep) => sweep.status()) }),
});
await exporter.start(signals);
await using container = await openContainer(
  { loaded, env: {}, clock, log, push: true, sinks: [exporterSink(exporter)] },
  signals,
);
for (const sweep of sweeps) {
  const runOnce = async (options: { signal: AbortSignal }) => {
    const summary = await container.runSweep({ sweep }, options);
    logRun(summary, log);
    return summary;
  };
  repeated.push(createRepeatedSweep(sweep, { clock: betweenRuns, log, runOnce }));
}
await Promise.all(repeated.map((sweep) => sweep.run(signals)));
