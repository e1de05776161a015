import type { ReaderFacts } from '../catalogue/row.ts';

/** What a series of each reader costs a run beyond what the run does anyway; docs/adr has the measurements. */
const COSTS: Readonly<Record<string, string>> = {
  properties: 'no call of its own: its properties come with all others of the object, 100 objects a call',
  counters: 'one call per 256 objects for all counters of a sweep, in real time',
  'historical-counters':
    "calls to vCenter's database, as many objects each as config.vpxd.stats.maxQueryMetrics allows",
  calls: 'one call per object, which vCenter forwards to the host: eight at a time, 20 s per batch',
  vsan: 'up to four calls per cluster to the vSAN service: four clusters at a time, 20 s per batch',
  probe: "one command in the host's only ssh session of the run, beside the others",
  vcenter: 'one call per run',
  appliance: 'a few calls to the REST API per run',
  events: 'one call per run and 1,000 events',
  tags: 'one call to the REST API per tag in use, four at a time',
  'custom-attributes': 'one call per run; the values come with the objects',
  aggregate: 'no call of its own: made from what is read of the objects in it',
  view: 'no call of its own: made from other metrics, where results are put together',
};

/** Of a reader that says no more of itself, by where it runs. */
const BY_PLACE: { readonly [Runs in ReaderFacts['runs']]: string } = {
  read: 'calls of the batches that read its objects',
  ask: "commands in the host's only ssh session of the run",
  sweep: 'a few calls per run',
  merge: 'no call of its own: made where results are put together',
};

export const costOf = ({ name, runs }: ReaderFacts): string => COSTS[name] ?? BY_PLACE[runs];
