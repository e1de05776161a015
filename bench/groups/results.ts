import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openContainer } from '../../lib/cli/container.ts';
import { loadConfig } from '../../lib/cli/load-config.ts';
import { startDemoVcenter } from '../../lib/demo/vcenter/demo-vcenter.ts';
import { systemClock } from '../../lib/platform/clock.ts';
import { silentLog } from '../../lib/platform/log.ts';
import { createTemporaryFolder } from '../../test/support/peers/temporary-folder.ts';
import type { Measured } from '../measured.ts';
import { nodeClient, runClient } from '../processes.ts';
import type { Row } from '../row.ts';
import { healthyHost, PASSWORD } from '../simulated-fleet.ts';

/** What the results of workers take of memory and bytes, and the sessions by which they are read. */
export async function measureResults(): Promise<Row[]> {
  return [await heapOfDelivery(), await bytesOfResult(), await sessionsOfReading()];
}

const ROUNDS = 3;
/** Of the heap, its young generation included, which is three times a semi-space. */
const LIMITS_MB = [50, 60, 70, 80, 90, 100, 110, 120, 130, 140, 150, 175, 200, 250, 300];
const SEMI_SPACE_MB = 8;

/** The smallest limit of the heap under which it can be done; a process that needs more is ended by Node. */
async function heapOfDelivery(): Promise<Row> {
  const what = '252,000 series of 4 workers decoded, merged and encoded: the heap';
  const target = { atMost: 150, of: 'unit' } as const;
  const [node, ...args] = nodeClient('deliver-machines.ts', {});
  for (const limitMb of LIMITS_MB) {
    const limits = [
      `--max-semi-space-size=${SEMI_SPACE_MB}`,
      `--max-old-space-size=${limitMb - 3 * SEMI_SPACE_MB}`,
    ];
    const isDone = await runClient([node, ...limits, ...args]).then(
      () => true,
      () => false,
    );
    if (isDone) return { what, unit: 'MB', ours: [limitMb], target };
  }
  return {
    what,
    unit: 'MB',
    ours: [],
    missing: `more than ${LIMITS_MB.at(-1)} MB, or the work fails`,
    target,
  };
}

async function bytesOfResult(): Promise<Row> {
  const runs: number[] = [];
  while (runs.length < ROUNDS) {
    const { bytes } = await runClient<Measured & { bytes: number }>(nodeClient('result-bytes.ts', {}));
    runs.push(bytes / 1_000_000);
  }
  const what = 'the result of 1,000 objects with 80 numbers each';
  return { what, unit: 'MB', ours: runs, target: { atMost: 0.4, of: 'unit' } };
}

const HOSTS = 1_000;
const USER = 'vsweep@vsphere.local';

async function sessionsOfReading(): Promise<Row> {
  await using vcenter = await startDemoVcenter({
    users: { [USER]: PASSWORD },
    hosts: Array.from({ length: HOSTS }, (_, index) => healthyHost(index)),
  });
  await using folder = await createTemporaryFolder('bench');
  await writeFile(
    join(folder.path, 'vsweep.yaml'),
    `targets:
  - { name: vc, url: "${vcenter.url}", credentials: { file: vc.yaml }, tls: { sha256: ["${vcenter.sha256}"] } }
sweeps: [{ name: status, every: 1m, collectors: [overall-status] }]
state: { path: state }
`,
  );
  await writeFile(join(folder.path, 'vc.yaml'), `username: ${USER}\npassword: ${PASSWORD}\n`, {
    mode: 0o600,
  });
  const loaded = await loadConfig(join(folder.path, 'vsweep.yaml'));
  const { signal } = new AbortController();
  const options = { loaded, env: {}, clock: systemClock, log: silentLog, push: false };
  await using container = await openContainer(options, { signal });
  const [sweep] = loaded.config.sweeps;
  if (sweep === undefined) throw new Error('the configuration has no sweep');
  const { targets } = await container.runSweep({ sweep, scheduledAt: systemClock.now() }, { signal });
  const [read] = targets.map(({ paths }) => paths.vcenter);
  if (read?.ok !== HOSTS) throw new Error(`not every host was read: ${JSON.stringify(read)}`);
  const what = 'a run of 1,000 hosts: the sessions by which it reads';
  return { what, unit: 'sessions', ours: [vcenter.stats.clones], target: { atMost: 1, of: 'unit' } };
}
