import type { Family } from '../../lib/metrics/family.ts';
import { systemClock } from '../../lib/platform/clock.ts';
import { createLineLog } from '../../lib/platform/log.ts';
import { createTextfileSink, type TextfileSinkDeps } from '../../lib/sinks/textfile/textfile-sink.ts';

export const GROUP = { job: 'vsweep_inventory', instance: 'vc01' };
export const FILE = 'vsweep_inventory@vc01.prom';
export const running = { signal: new AbortController().signal };
export const holding = { ...running, holdsLease: async () => true };

const hosts = (count: number, value = 1): Family[] => [
  {
    definition: { name: 'esxi_x', help: 'x', labels: ['hostsystem'] },
    samples: Array.from({ length: count }, (_, n) => ({
      metric: 'esxi_x',
      labels: [`esx${n}`],
      value,
      timeMs: n,
    })),
  },
];
export const seriesOf = (count: number, value = 1) => ({
  group: GROUP,
  families: hosts(count, value),
  validUntil: 0,
});

/** A sink, and the groups that are on record. */
export function createSink(folder: string, deps: Partial<TextfileSinkDeps> = {}) {
  const recorded = new Set<string>();
  const lines: string[] = [];
  let id = 0;
  const sink = createTextfileSink({
    folder,
    clock: systemClock,
    log: createLineLog({ level: 'warn', write: (line) => lines.push(line) }),
    randomId: () => String(++id),
    groups: {
      record: async ({ instance }) => recorded.add(instance),
    },
    ...deps,
  });
  return { sink, recorded, lines };
}
