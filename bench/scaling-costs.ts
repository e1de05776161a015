/**
 * Works out what a deployment takes from what `npm run bench:scale` measured and from list prices. Run it for the
 * table of docs/scaling.md, which a test holds to this file.
 */
import {
  batchesIn,
  inlineBelowHostsOf,
  MAX_BATCH_HOSTS,
  SWEEP_MEMORY_MB,
} from '../lib/config/own-collecting.ts';

/** Dollars in us-east-1, without any free tier; docs/scaling.md says where and when they were looked up. */
export const PRICES = {
  /** Lambda on arm64, the first 7.5 billion GB-seconds of a month. */
  gbSecond: 0.0000133334,
  invocation: 0.2 / 1_000_000,
  /** EventBridge Scheduler. */
  schedule: 1 / 1_000_000,
  /** A call of Secrets Manager. */
  secretRead: 0.05 / 10_000,
  /** Fargate on arm64, a core and a gigabyte an hour. */
  taskCore: 0.03238,
  taskGigabyte: 0.00356,
} as const;

/** Processor time in seconds, as docs/scaling.md has it: of a worker with the share of a core that 512 MB give. */
interface Measured {
  readonly workerCpuPerHost: number;
  /** Of the sweep function: a run, and what each host adds. */
  readonly sweepCpuPerRun: number;
  readonly sweepCpuPerHost: number;
}

const MEASURED: Measured = { workerCpuPerHost: 0.0056, sweepCpuPerRun: 0.15, sweepCpuPerHost: 0.001 };

/** Seconds that real vCenters and hosts let us wait: assumed. */
const WAITS = { listing: 2, batch: 3 } as const;
/** Lambda gives so much memory for one core, and less in proportion. */
const CORE_MB = 1_769;
export const RUNS_A_MONTH = 43_800;
export const HOURS_A_MONTH = 730;

/** A fleet that is swept once a minute. */
export interface Deployment {
  readonly hosts: number;
  readonly vcenters: number;
  readonly workerMb: number;
  readonly sweepMb: number;
  /** `aws.maxSessionsPerTarget` and `aws.maxConcurrentBatches`. */
  readonly sessions: number;
  readonly concurrent: number;
  /** A run a vCenter (`split: target`) or one over all. */
  readonly split: boolean;
  /** `aws.inlineBelowHosts`. */
  readonly inlineBelow: number;
}

interface Calculated {
  readonly batches: number;
  /** Workers at once, over all runs. */
  readonly atOnce: number;
  readonly sessionsPerVcenter: number;
  readonly batchSeconds: number;
  readonly runSeconds: number;
  readonly gbSecondsAMonth: number;
  /** Of Lambda. */
  readonly computeDollars: number;
  /** Scheduler and calls of Secrets Manager. */
  readonly callDollars: number;
}

/** A run reads the secret of the hosts, and for each vCenter its own and the push's; a worker reads once a process. */
export const secretReadsOf = ({ vcenters, split }: Pick<Deployment, 'vcenters' | 'split'>): number =>
  (split ? vcenters : 1) + 2 * vcenters;

/** One thread does the work, so more than a core brings nothing. */
const coresOf = (memoryMb: number) => Math.min(1, memoryMb / CORE_MB);
const gigabytes = (memoryMb: number) => memoryMb / 1_024;

export function calculate(fleet: Deployment, measured = MEASURED): Calculated {
  const { hosts, vcenters, workerMb, sweepMb, sessions, concurrent, split } = fleet;
  const runs = split ? vcenters : 1;
  const batchesPerVcenter = Math.ceil(hosts / vcenters / MAX_BATCH_HOSTS);
  const batches = batchesPerVcenter * vcenters;
  // A run that collects some of its targets itself and others not is calculated as if it collected none.
  if (hosts / runs < fleet.inlineBelow && batches / runs <= batchesIn(sweepMb))
    return calculateInline(fleet, runs, measured);
  const sessionsPerVcenter = Math.min(batchesPerVcenter, sessions);
  const atOnceInRun = Math.min(concurrent, (sessionsPerVcenter * vcenters) / runs);
  const rounds = Math.ceil(batches / runs / atOnceInRun);
  const batchSeconds = ((hosts / batches) * measured.workerCpuPerHost) / coresOf(workerMb) + WAITS.batch;
  const sweepCpu = measured.sweepCpuPerRun + (hosts / runs) * measured.sweepCpuPerHost;
  const runSeconds = WAITS.listing + rounds * batchSeconds + sweepCpu / coresOf(sweepMb);
  const gbSeconds = batches * batchSeconds * gigabytes(workerMb) + runs * runSeconds * gigabytes(sweepMb);
  const gbSecondsAMonth = gbSeconds * RUNS_A_MONTH;
  const secretReads = secretReadsOf(fleet);
  return {
    batches,
    atOnce: atOnceInRun * runs,
    sessionsPerVcenter,
    batchSeconds,
    runSeconds,
    gbSecondsAMonth,
    computeDollars: gbSecondsAMonth * PRICES.gbSecond + (batches + runs) * RUNS_A_MONTH * PRICES.invocation,
    callDollars: RUNS_A_MONTH * (runs * PRICES.schedule + secretReads * PRICES.secretRead),
  };
}

/** The sweep function does all the work: the processor of both, and the waiting once, because batches are side by side. */
function calculateInline(
  { hosts, vcenters, sweepMb, sessions }: Deployment,
  runs: number,
  measured: Measured,
): Calculated {
  const batchesPerVcenter = Math.ceil(hosts / vcenters / MAX_BATCH_HOSTS);
  const cpuPerHost = measured.workerCpuPerHost + measured.sweepCpuPerHost;
  const cpu = measured.sweepCpuPerRun + (hosts / runs) * cpuPerHost;
  const runSeconds = WAITS.listing + WAITS.batch + cpu / coresOf(sweepMb);
  const gbSecondsAMonth = runs * runSeconds * gigabytes(sweepMb) * RUNS_A_MONTH;
  const secretReads = secretReadsOf({ vcenters, split: runs > 1 });
  return {
    batches: batchesPerVcenter * vcenters,
    atOnce: 0,
    sessionsPerVcenter: Math.min(batchesPerVcenter, sessions),
    batchSeconds: runSeconds - WAITS.listing,
    runSeconds,
    gbSecondsAMonth,
    computeDollars: gbSecondsAMonth * PRICES.gbSecond + runs * RUNS_A_MONTH * PRICES.invocation,
    callDollars: RUNS_A_MONTH * (runs * PRICES.schedule + secretReads * PRICES.secretRead),
  };
}

/** A Fargate task, of the sizes that there are on arm64. */
interface Task {
  readonly cores: number;
  readonly gigabytes: number;
}

const TASKS: readonly Task[] = [
  { cores: 0.25, gigabytes: 1 },
  { cores: 0.5, gigabytes: 1 },
  { cores: 1, gigabytes: 2 },
];
/** More of its core, and logins would wait for each other. */
const MAX_LOAD = 0.6;

/** The smallest task in which `vsweep run` has time enough, by the same measurements; undefined for none. */
export function calculateTask(hosts: number, measured = MEASURED): (Task & { dollars: number }) | undefined {
  const cpu = measured.sweepCpuPerRun + hosts * (measured.workerCpuPerHost + measured.sweepCpuPerHost);
  const task = TASKS.find(({ cores }) => cpu / cores <= 60 * MAX_LOAD);
  return (
    task && {
      ...task,
      dollars: (task.cores * PRICES.taskCore + task.gigabytes * PRICES.taskGigabyte) * HOURS_A_MONTH,
    }
  );
}

/** What `cdk deploy` makes without a word in `aws`. */
export const DEFAULT = {
  workerMb: 512,
  sweepMb: SWEEP_MEMORY_MB,
  sessions: 8,
  concurrent: 50,
  split: false,
  inlineBelow: inlineBelowHostsOf(SWEEP_MEMORY_MB),
};

const FLEETS: readonly (readonly [what: string, fleet: Deployment, limit: string])[] = [
  [
    '100, by the sweep function',
    { hosts: 100, vcenters: 1, ...DEFAULT },
    'the waiting of the sweep function',
  ],
  ['999, by the sweep function', { hosts: 999, vcenters: 1, ...DEFAULT }, 'its CPU'],
  ['1,000', { hosts: 1_000, vcenters: 1, ...DEFAULT }, 'the waiting of the workers'],
  [
    '1,000, workers of 1,769 MB',
    { hosts: 1_000, vcenters: 1, ...DEFAULT, workerMb: 1_769 },
    'the same, at more than three times the price per second',
  ],
  ['10,000 at 10 vCenters', { hosts: 10_000, vcenters: 10, ...DEFAULT }, 'the CPU of the sweep function'],
  [
    '10,000 at one vCenter, `maxSessionsPerTarget: 40`',
    { hosts: 10_000, vcenters: 1, ...DEFAULT, sessions: 40 },
    'the same; with 8 sessions the last batches would start too late',
  ],
  [
    '100,000 at 100 vCenters, `split: target`',
    { hosts: 100_000, vcenters: 100, ...DEFAULT, split: true },
    'the quota of concurrent executions: 100 runs need 500',
  ],
];

const HEADINGS = [
  'hosts, every minute',
  'batches',
  'workers at once',
  'sessions per vCenter',
  'seconds per batch',
  'seconds per run',
  'GB-s per month',
  'Lambda, $ per month',
  'calls, $ per month',
  'what limits',
];

export function printTable(): string {
  const rows = FLEETS.map(([what, fleet, limit]) => {
    const c = calculate(fleet);
    const whole = (number: number) => Math.round(number).toLocaleString('en-US');
    return [
      what,
      whole(c.batches),
      whole(c.atOnce),
      whole(c.sessionsPerVcenter),
      c.batchSeconds.toFixed(1),
      c.runSeconds.toFixed(0),
      `${(c.gbSecondsAMonth / 1_000_000).toFixed(2)} million`,
      c.computeDollars < 100 ? c.computeDollars.toFixed(1) : whole(c.computeDollars),
      c.callDollars.toFixed(1),
      limit,
    ];
  });
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(HEADINGS), `|${'---|'.repeat(HEADINGS.length)}`, ...rows.map(line)].join('\n');
}

const TASK_FLEETS = [500, 1_000, 2_500, 5_000];

/** Lambda beside one task, for fleets whose vCenters have a thousand hosts. */
export function printTasks(): string {
  const rows = TASK_FLEETS.map((hosts) => {
    const { computeDollars } = calculate({ ...DEFAULT, hosts, vcenters: Math.ceil(hosts / 1_000) });
    const task = calculateTask(hosts);
    const size = task === undefined ? 'none' : `${task.cores} cores, ${task.gigabytes} GB`;
    return [hosts.toLocaleString('en-US'), computeDollars.toFixed(1), size, task?.dollars.toFixed(1) ?? ''];
  });
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const headings = ['hosts, every minute', 'Lambda, $ per month', 'Fargate task', 'task, $ per month'];
  return [line(headings), '|---|---|---|---|', ...rows.map(line)].join('\n');
}

/** Processor time in seconds, as docs/scaling.md has it from `npm run bench:scale:inventory`. */
const MEASURED_INVENTORY = {
  workerPerThousand: 0.32,
  sweepPerRun: 0.15,
  sweepPerThousandSeries: 0.0047,
} as const;
/** Seconds that a real vCenter lets us wait: assumed. */
const INVENTORY_WAITS = { listing: 5, batch: 5 } as const;
/** Of a batch that reads; a kind has its own batches. */
const READ_SLICE = 1_000;

/** An inventory of one vCenter that is read every minute, with all that vmware_exporter collects. */
export interface Inventory {
  readonly hosts: number;
  readonly machines: number;
  readonly series: number;
}

/** By workers of 512 MB, with the default limits. */
export function calculateInventory({ hosts, machines, series }: Inventory): {
  readonly batches: number;
  readonly batchSeconds: number;
  readonly runSeconds: number;
  readonly dollars: number;
} {
  // One more for the datastores.
  const batches = Math.ceil(hosts / READ_SLICE) + Math.ceil(machines / READ_SLICE) + 1;
  const { workerPerThousand, sweepPerRun, sweepPerThousandSeries } = MEASURED_INVENTORY;
  const batchSeconds = workerPerThousand / coresOf(DEFAULT.workerMb) + INVENTORY_WAITS.batch;
  const rounds = Math.ceil(batches / DEFAULT.sessions);
  const sweepCpu = sweepPerRun + (series / 1_000) * sweepPerThousandSeries;
  const runSeconds = INVENTORY_WAITS.listing + rounds * batchSeconds + sweepCpu / coresOf(DEFAULT.sweepMb);
  const gbSeconds =
    batches * batchSeconds * gigabytes(DEFAULT.workerMb) + runSeconds * gigabytes(DEFAULT.sweepMb);
  const dollars = RUNS_A_MONTH * (gbSeconds * PRICES.gbSecond + (batches + 1) * PRICES.invocation);
  return { batches, batchSeconds, runSeconds, dollars };
}

const INVENTORIES: readonly Inventory[] = [
  { hosts: 1_000, machines: 4_000, series: 329_000 },
  { hosts: 1_000, machines: 10_000, series: 611_000 },
];

export function printInventories(): string {
  const rows = INVENTORIES.map((inventory) => {
    const { batches, batchSeconds, runSeconds, dollars } = calculateInventory(inventory);
    const whole = (number: number) => number.toLocaleString('en-US');
    return [
      `${whole(inventory.hosts)} hosts, ${whole(inventory.machines)} virtual machines`,
      whole(inventory.series),
      whole(batches),
      batchSeconds.toFixed(1),
      runSeconds.toFixed(0),
      dollars.toFixed(1),
    ];
  });
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const headings = [
    'inventory, every minute',
    'series',
    'batches',
    'seconds per batch',
    'seconds per run',
    'Lambda, $ per month',
  ];
  return [line(headings), `|${'---|'.repeat(headings.length)}`, ...rows.map(line)].join('\n');
}

if (import.meta.main) console.log(`${printTable()}\n\n${printTasks()}\n\n${printInventories()}`);
