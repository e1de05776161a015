import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { DemoVcenter } from '../../../lib/demo/vcenter/demo-vcenter.ts';
import { createOffsetClock, type OffsetClock } from '../../support/offset-clock.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { start } from '../cli/vsweep-process.ts';
import { demoHosts, startTarget } from '../vsphere/demo-target.ts';
import { writeSweepFolder } from './sweep-folder.ts';

const CLOCK_AHEAD = fileURLToPath(new URL('../../support/clock-ahead.ts', import.meta.url));
export const MINUTE = 60_000;
export const STEP = 20_000;
export const CPU = 'vmware_host_cpu_usage_average';
const SWEEP = { name: 'performance', every: '3m', collectors: ['host-performance'], samples: 'all' };

/** One sample of a series, as a destination has it. Times are milliseconds since the epoch. */
export interface Sample {
  readonly series: string;
  readonly value: number;
  readonly time: number;
}

/** Of each series: whether it has a sample of every 20 s between its first and its last one, each once. */
function timesBySeries(samples: readonly Sample[]): Map<string, number[]> {
  return new Map(
    Array.from(
      Map.groupBy(samples, ({ series }) => series),
      ([series, own]) => [series, own.map(({ time }) => time)],
    ),
  );
}

export function expectEachOnce(
  samples: readonly Sample[],
  { series, spanMs }: { series: number; spanMs: number },
) {
  const found = timesBySeries(samples);
  expect(found.size).toBe(series);
  for (const times of found.values()) {
    const first = times[0] as number;
    expect(times).toEqual(times.map((_, index) => first + index * STEP));
    // The first run has one sample of each series; what comes late by some seconds comes with the next run.
    expect(times.length).toBeGreaterThanOrEqual(spanMs / STEP);
  }
}

export interface Peers {
  readonly clock: OffsetClock;
  readonly vcenter: DemoVcenter;
  readonly folder: string;
}

export async function withPeers(
  { hosts, more }: { hosts: number; more: object },
  test: (peers: Peers) => Promise<void>,
): Promise<void> {
  const clock = createOffsetClock();
  // Two hours ago, so that what the test lets pass is over when it has passed.
  clock.advance(-120 * MINUTE);
  await using vcenter = await startTarget({ hosts: demoHosts(hosts), clock });
  await using folder = await createTemporaryFolder('fill');
  await writeSweepFolder(folder.path, vcenter, SWEEP, more);
  await test({ clock, vcenter, folder: folder.path });
}

export const begin = ({ clock, folder }: Peers) =>
  start(
    {
      folder,
      env: {
        NODE_OPTIONS: `--import ${CLOCK_AHEAD}`,
        AHEAD_MS: String(Math.round(clock.now() - Date.now())),
      },
    },
    'sweep',
    SWEEP.name,
    '--json',
  );

export async function run(peers: Peers) {
  const { output, errors, exitCode } = await begin(peers).ended;
  const summary = JSON.parse(output === '' ? '{}' : output);
  const [target] = summary.targets ?? [];
  return {
    exitCode,
    errors,
    deliveries: target?.deliveries,
    problems: target?.problems,
    /** Of hosts, by what became of them on the path vcenter. */
    reasons: target?.paths.vcenter.reasons,
  };
}
