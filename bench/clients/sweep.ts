import { join, resolve } from 'node:path';
import { createCountingSink } from '../counting-sink.ts';
import { measure } from '../measured.ts';

interface SweepOrder {
  readonly folder: string;
  readonly times?: number;
  /** To the gateway of the configuration, of objects of vCenter alone. */
  readonly push?: boolean;
}

/**
 * The whole sweep of `vsweep sweep`, in a new process: state opened, vCenter listed and read, every host asked by ssh,
 * merged and given to a sink that counts; the state closed again. Fails unless every host is ok on both paths. Of the
 * built JavaScript, as users have it: of the sources, Node would strip the types in the thread of the state, too.
 */
const built = <Module>(path: string): Promise<Module> =>
  import(resolve(import.meta.dirname, '../../dist', path));
await built('platform/interpreted-schemas.js');
const { openContainer } = await built<typeof import('../../lib/cli/container.ts')>('cli/container.js');
const { loadConfig } = await built<typeof import('../../lib/cli/load-config.ts')>('cli/load-config.js');
const { systemClock } = await built<typeof import('../../lib/platform/clock.ts')>('platform/clock.js');
const { createLineLog } = await built<typeof import('../../lib/platform/log.ts')>('platform/log.js');

const { startWriterThread } =
  await built<typeof import('../../lib/state/sqlite/writer.ts')>('state/sqlite/writer.js');

const { folder, times = 1, push = false } = JSON.parse(process.argv[2] ?? '{}') as SweepOrder;
const { signal } = new AbortController();

/** Opens what a sweep needs, as `vsweep sweep` and the start of `vsweep run` do. */
async function open(resources: AsyncDisposableStack): Promise<() => Promise<void>> {
  const thread = resources.use(startWriterThread());
  const loaded = await loadConfig(join(folder, 'vsweep.yaml'));
  const log = createLineLog({ write: (line) => console.error(line), level: 'warn' });
  const sink = createCountingSink();
  const options = { loaded, env: {}, clock: systemClock, log, push, sinks: push ? [] : [sink], thread };
  const container = resources.use(await openContainer(options, { signal }));
  const [sweep] = loaded.config.sweeps;
  if (sweep === undefined) throw new Error('the configuration has no sweep');
  return async () => {
    const summary = await container.runSweep({ sweep, scheduledAt: systemClock.now() }, { signal });
    const paths = summary.targets.flatMap(({ paths: { vcenter, ssh } }) =>
      push ? [vcenter] : [vcenter, ssh],
    );
    if (!paths.every((path) => path !== undefined && path.hosts > 0 && path.ok === path.hosts)) {
      throw new Error(`not every host is ok: ${JSON.stringify(paths)}`);
    }
    if (!push && sink.series() === 0) throw new Error('nothing was delivered');
  };
}

async function sweepOnce(): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const sweep = await open(resources);
  await sweep();
}

/** The last of several, as a process of `vsweep run` and a warm function have them: opened before, and not closed after. */
async function lastOf(several: number) {
  await using resources = new AsyncDisposableStack();
  const sweep = await open(resources);
  for (let left = several; left > 1; left -= 1) await sweep();
  return await measure(sweep);
}

console.log(JSON.stringify(times === 1 ? await measure(sweepOnce) : await lastOf(times)));
