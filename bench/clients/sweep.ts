import { join } from 'node:path';
import { openContainer } from '../../lib/cli/container.ts';
import { loadConfig } from '../../lib/cli/load-config.ts';
import { systemClock } from '../../lib/platform/clock.ts';
import { createLineLog } from '../../lib/platform/log.ts';
import { measure } from '../measured.ts';

/**
 * The whole sweep of `vsweep sweep`, in a new process: state opened, vCenter listed and read, every host asked by ssh,
 * merged and served to a sink that counts; the state closed again. Fails unless every host is ok on both paths.
 */
const { folder } = JSON.parse(process.argv[2] ?? '{}') as { folder: string };
const { signal } = new AbortController();

async function sweepOnce(): Promise<void> {
  const loaded = await loadConfig(join(folder, 'vsweep.yaml'));
  const log = createLineLog({ write: (line) => console.error(line), level: 'warn' });
  const exporter = { publish: () => undefined };
  const options = { loaded, env: {}, clock: systemClock, log, push: false, exporter };
  await using container = await openContainer(options, { signal });
  const [sweep] = loaded.config.sweeps;
  if (sweep === undefined) throw new Error('the configuration has no sweep');
  const summary = await container.runSweep({ sweep, scheduledAt: systemClock.now() }, { signal });
  const paths = summary.targets.flatMap(({ paths: { vcenter, ssh } }) => [vcenter, ssh]);
  if (!paths.every((path) => path !== undefined && path.hosts > 0 && path.ok === path.hosts)) {
    throw new Error(`not every host is ok: ${JSON.stringify(paths)}`);
  }
}

console.log(JSON.stringify(await measure(sweepOnce)));
