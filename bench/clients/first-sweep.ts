import { join } from 'node:path';
import { openContainer } from '../../lib/cli/container.ts';
import { loadConfig } from '../../lib/cli/load-config.ts';
import { systemClock } from '../../lib/platform/clock.ts';
import { createLineLog } from '../../lib/platform/log.ts';
import { createCountingSink } from '../counting-sink.ts';
import { type Measured, measure } from '../measured.ts';

/** One run of a whole minute over hosts that nobody knows yet, in a new process; prints how they came out by ssh. */
export interface FirstSweep extends Measured {
  readonly reasons: Readonly<Record<string, number>>;
}

const { folder } = JSON.parse(process.argv[2] ?? '{}') as { folder: string };
const { signal } = new AbortController();
const reasons: Record<string, number> = {};

async function sweepOnce(): Promise<void> {
  const loaded = await loadConfig(join(folder, 'vsweep.yaml'), {});
  const log = createLineLog({ write: (line) => console.error(line), level: 'error' });
  const options = {
    loaded,
    env: {},
    clock: systemClock,
    log,
    push: false,
    sinks: [createCountingSink()],
  };
  await using container = await openContainer(options, { signal });
  const [sweep] = loaded.config.sweeps;
  if (sweep === undefined) throw new Error('the configuration has no sweep');
  const { targets } = await container.runSweep({ sweep, scheduledAt: systemClock.now() }, { signal });
  for (const { paths, problems } of targets) {
    Object.assign(reasons, paths.ssh?.reasons);
    for (const problem of problems) console.error(problem);
  }
}

const measured = await measure(sweepOnce);
const told: FirstSweep = { ...measured, reasons };
console.log(JSON.stringify(told));
