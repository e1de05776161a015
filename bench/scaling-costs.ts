/**
 * Works out what a deployment takes from what `npm run bench:scale` measured and from list prices. Run it for the
 * table of docs/scaling.md, which a test holds to this file.
 */

/** Dollars in us-east-1, without any free tier; docs/scaling.md says where and when they were looked up. */
export const PRICES = {
  /** Lambda on arm64, the first 7.5 billion GB-seconds of a month. */
  gbSecond: 0.0000133334,
  invocation: 0.2 / 1_000_000,
  /** EventBridge Scheduler. */
  schedule: 1 / 1_000_000,
  /** A call of Secrets Manager. */
  secretRead: 0.05 / 10_000,
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
const MAX_BATCH_HOSTS = 250;
/** Lambda gives so much memory for one core, and less in proportion. */
const CORE_MB = 1_769;
const RUNS_A_MONTH = 43_800;

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

/** One thread does the work, so more than a core brings nothing. */
const coresOf = (memoryMb: number) => Math.min(1, memoryMb / CORE_MB);
const gigabytes = (memoryMb: number) => memoryMb / 1_024;

export function calculate(fleet: Deployment, measured = MEASURED): Calculated {
  const { hosts, vcenters, workerMb, sweepMb, sessions, concurrent, split } = fleet;
  const runs = split ? vcenters : 1;
  const batchesPerVcenter = Math.ceil(hosts / vcenters / MAX_BATCH_HOSTS);
  const batches = batchesPerVcenter * vcenters;
  const sessionsPerVcenter = Math.min(batchesPerVcenter, sessions);
  const atOnceInRun = Math.min(concurrent, (sessionsPerVcenter * vcenters) / runs);
  const rounds = Math.ceil(batches / runs / atOnceInRun);
  const batchSeconds = ((hosts / batches) * measured.workerCpuPerHost) / coresOf(workerMb) + WAITS.batch;
  const sweepCpu = measured.sweepCpuPerRun + (hosts / runs) * measured.sweepCpuPerHost;
  const runSeconds = WAITS.listing + rounds * batchSeconds + sweepCpu / coresOf(sweepMb);
  const gbSeconds = batches * batchSeconds * gigabytes(workerMb) + runs * runSeconds * gigabytes(sweepMb);
  const gbSecondsAMonth = gbSeconds * RUNS_A_MONTH;
  // A worker reads the secret of the hosts; a run reads it too, and for each vCenter its own and the push's.
  const secretReads = batches + runs + 2 * vcenters;
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

/** What `cdk deploy` makes without a word in `aws`. */
export const DEFAULT = { workerMb: 512, sweepMb: 768, sessions: 8, concurrent: 50, split: false };

const FLEETS: readonly (readonly [what: string, fleet: Deployment, limit: string])[] = [
  ['1,000', { hosts: 1_000, vcenters: 1, ...DEFAULT }, 'the waiting of the workers'],
  [
    '1,000, workers of 1,769 MB',
    { hosts: 1_000, vcenters: 1, ...DEFAULT, workerMb: 1_769 },
    'the same, at more than three times the price a second',
  ],
  ['10,000 at 10 vCenters', { hosts: 10_000, vcenters: 10, ...DEFAULT }, 'the CPU of the sweep function'],
  [
    '10,000 at one vCenter, `maxSessionsPerTarget: 40`',
    { hosts: 10_000, vcenters: 1, ...DEFAULT, sessions: 40 },
    'the same; with 8 sessions the last batches would begin too late',
  ],
  [
    '100,000 at 100 vCenters, `split: target`',
    { hosts: 100_000, vcenters: 100, ...DEFAULT, split: true },
    'the quota of concurrent executions: with 100 runs, 500 are wanted',
  ],
];

const HEADINGS = [
  'hosts, every minute',
  'batches',
  'workers at once',
  'sessions a vCenter',
  'seconds a batch',
  'seconds a run',
  'GB-s a month',
  'Lambda, $ a month',
  'calls, $ a month',
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

if (import.meta.main) console.log(printTable());
