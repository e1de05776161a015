import { expect, it } from 'vitest';
import { costOf } from '../../../lib/cli/reader-costs.ts';

it.each([
  ['properties', 'no call of its own: its properties come with all others of the object, 100 objects a call'],
  ['counters', 'one call per 256 objects for all counters of a sweep, in real time'],
  [
    'historical-counters',
    "calls to vCenter's database, as many objects each as config.vpxd.stats.maxQueryMetrics allows",
  ],
  ['calls', 'one call per object, which vCenter forwards to the host: eight at a time, 20 s per batch'],
  ['probe', "one command in the host's only ssh session of the run, beside the others"],
  ['vcenter', 'one call per run'],
  ['appliance', 'a few calls to the REST API per run'],
  ['events', 'one call per run and 1,000 events'],
  ['tags', 'one call to the REST API per tag in use, four at a time'],
  ['custom-attributes', 'one call per run; the values come with the objects'],
  ['aggregate', 'no call of its own: made from what is read of the objects in it'],
  ['view', 'no call of its own: made from other metrics, where results are put together'],
])('the reader %s costs a run: %s', (name, cost) => {
  for (const runs of ['read', 'ask', 'sweep', 'merge'] as const) expect(costOf({ name, runs })).toBe(cost);
});

it.each([
  ['read', 'calls of the batches that read its objects'],
  ['ask', "commands in the host's only ssh session of the run"],
  ['sweep', 'a few calls per run'],
  ['merge', 'no call of its own: made where results are put together'],
] as const)('another reader costs what its place does, %s: %s', (runs, cost) => {
  expect(costOf({ name: 'another', runs })).toBe(cost);
});
