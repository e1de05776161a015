import { expect, it } from 'vitest';
import { newestSamples } from '../../../lib/metrics/newest-samples.ts';

const definition = { name: 'esxi_x', help: 'x', labels: ['host'] };
const sample = (host: string, value: number, timeMs?: number) => ({
  metric: 'esxi_x',
  labels: [host],
  value,
  ...(timeMs === undefined ? {} : { timeMs }),
});

it('keeps of each series the newest sample without its time; one of this run is newer than any', () => {
  const samples = [
    sample('a', 1, 10),
    sample('b', 2, 30),
    sample('a', 3, 20),
    sample('b', 4, 10),
    sample('c', 5),
    sample('c', 6, 9),
  ];
  expect(newestSamples([{ definition, samples }])).toEqual([
    { definition, samples: [sample('a', 3), sample('b', 2), sample('c', 5)] },
  ]);
});

it('hands on a family without times as it is', () => {
  const family = { definition, samples: [sample('a', 1)] };
  expect(newestSamples([family])[0]).toBe(family);
});
