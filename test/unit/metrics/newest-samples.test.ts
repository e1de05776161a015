import { expect, it } from 'vitest';
import { distinctFamilies } from '../../../lib/metrics/distinct-families.ts';
import { type List, listOf } from '../../../lib/metrics/list.ts';
import { newestSamples } from '../../../lib/metrics/newest-samples.ts';

import type { SourcedSample } from '../../../lib/metrics/sourced-samples.ts';

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

it('finds the times of families whose series were told apart, and looks at no sample where those have none', () => {
  const ofHost = (made: ReturnType<typeof sample>) => ({ moref: 'host-1', sample: made });
  const familiesOf = (rows: List<SourcedSample>) =>
    distinctFamilies([definition], { byMetric: new Map([['esxi_x', rows]]) }).families;
  const timed = familiesOf([sample('a', 1, 10), sample('a', 2, 20), sample('b', 3)].map(ofHost));
  expect(newestSamples(timed).flatMap(({ samples }) => [...samples])).toEqual([
    sample('a', 2),
    sample('b', 3),
  ]);
  let made = 0;
  const untimed = familiesOf(
    listOf(2, (index) => {
      made += 1;
      return ofHost(sample(`host-${index}`, index));
    }),
  );
  const before = made;
  expect(newestSamples(untimed)[0]).toBe(untimed[0]);
  expect(made).toBe(before);
});
