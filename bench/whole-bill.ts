/**
 * The whole bill of a month, from figures that were measured on this machine and list prices in us-east-1, without any
 * free tier. Run it for the table of docs/scaling.md, which a test holds to this file.
 */
import { METRICS } from '../lib/config/cloudwatch.ts';
import {
  calculate,
  calculateTask,
  DEFAULT,
  type Deployment,
  HOURS_A_MONTH,
  RUNS_A_MONTH,
  secretReadsOf,
} from './scaling-costs.ts';

/** Dollars; docs/scaling.md says where and when they were looked up. */
export const BILL_PRICES = {
  /** DynamoDB on demand. */
  readUnit: 0.125 / 1_000_000,
  writtenUnit: 0.625 / 1_000_000,
  /** CloudWatch, a month. */
  metric: 0.3,
  alarm: 0.1,
  dashboard: 3,
  logGigabyte: 0.5,
  secret: 0.4,
  /** A decryption by Secrets Manager. */
  keyRequest: 0.03 / 10_000,
  /** An interface endpoint an hour and zone, and a gigabyte through it. */
  endpointHour: 0.01,
  endpointGigabyte: 0.01,
  /** Amazon Managed Service for Prometheus, a sample, up to so many in a month. */
  sampleTiers: [
    { upTo: 2_000_000_000, price: 0.9 / 10_000_000 },
    { upTo: 252_000_000_000, price: 0.35 / 10_000_000 },
    { upTo: Number.POSITIVE_INFINITY, price: 0.16 / 10_000_000 },
  ],
} as const;

/** Units of the state table; test/integration/state/read-units.test.ts measures them. */
export const MEASURED_UNITS = {
  read: { target: 8.5, batch: 2, host: 0.0105 },
  written: { target: 6, batch: 3, host: 0.002 },
} as const;
/** Of a real login to vCenter, and of a push, which that test does not make: counted in the code. */
const BESIDE = { read: 2, written: 3 } as const;

/** Bytes a batch, request and result, and samples a host with the collectors of that test and ESXi's usual services. */
const MEASURED = { batchBytes: 133_000, samplesPerHost: 17 } as const;
/** Assumed: the lines of a run, and those of Lambda about an invocation. */
const LOG_BYTES = { run: 2_000, invocation: 1_000 } as const;

/** Of a stack with one sweep that pushes: one alarm each that the stack makes, and a metric for each outcome of hosts. */
export const ALARMS = 15;
const OUTCOMES = 3;
const METRICS_OF_SWEEP = Object.keys(METRICS).length - 1 + OUTCOMES;
/** Secrets Manager's and Lambda's, in two zones. */
const ENDPOINTS = 2 * 2;

export interface Bill {
  readonly lambda: number;
  /** Scheduler, and calls of Secrets Manager with what its key takes for each. */
  readonly calls: number;
  readonly dynamodb: number;
  readonly cloudwatch: number;
  /** The secrets of the vCenters, of the hosts, of the push, and the stack's own. */
  readonly secrets: number;
  /** Beside the sum of all the others, where the functions are in a VPC. */
  readonly vpc: number;
}

/** The units of one run over all targets. */
export const unitsOf = (
  { hosts, vcenters, batches }: { hosts: number; vcenters: number; batches: number },
  { target, batch, host }: { target: number; batch: number; host: number },
): number => vcenters * target + batches * batch + hosts * host;

export function billOf(fleet: Deployment): Bill {
  const { hosts, vcenters, split } = fleet;
  const { batches, atOnce, computeDollars, callDollars } = calculate(fleet);
  const runs = split ? vcenters : 1;
  const invocations = runs + (atOnce === 0 ? 0 : batches);
  const of = { hosts, vcenters, batches };
  const { read, written } = MEASURED_UNITS;
  const logGigabytes =
    ((runs * LOG_BYTES.run + invocations * LOG_BYTES.invocation) * RUNS_A_MONTH) / 1_000_000_000;
  const batchGigabytes = ((invocations - runs) * MEASURED.batchBytes * RUNS_A_MONTH) / 1_000_000_000;
  return {
    lambda: computeDollars,
    calls: callDollars + secretReadsOf(fleet) * RUNS_A_MONTH * BILL_PRICES.keyRequest,
    dynamodb:
      RUNS_A_MONTH *
      ((unitsOf(of, read) + vcenters * BESIDE.read) * BILL_PRICES.readUnit +
        (unitsOf(of, written) + vcenters * BESIDE.written) * BILL_PRICES.writtenUnit),
    cloudwatch:
      METRICS_OF_SWEEP * BILL_PRICES.metric +
      ALARMS * BILL_PRICES.alarm +
      BILL_PRICES.dashboard +
      logGigabytes * BILL_PRICES.logGigabyte,
    secrets: (vcenters + 3) * BILL_PRICES.secret,
    vpc: ENDPOINTS * HOURS_A_MONTH * BILL_PRICES.endpointHour + batchGigabytes * BILL_PRICES.endpointGigabyte,
  };
}

/** All that is paid without a VPC. */
export const sumOf = ({ vpc: _apart, ...rest }: Bill): number =>
  Object.values(rest).reduce((sum, dollars) => sum + dollars, 0);

/** What Amazon Managed Service for Prometheus takes for the samples, once a minute. */
export function ingestionOf(hosts: number): number {
  let left = hosts * MEASURED.samplesPerHost * RUNS_A_MONTH;
  let below = 0;
  let dollars = 0;
  for (const { upTo, price } of BILL_PRICES.sampleTiers) {
    const here = Math.min(left, upTo - below);
    dollars += here * price;
    left -= here;
    below = upTo;
  }
  return dollars;
}

/** Tasks of `vsweep run` that have time for the hosts, each with as many; the smallest that do. */
export function tasksOf(hosts: number): { tasks: number; dollars: number } {
  for (let tasks = 1; ; tasks += 1) {
    const task = calculateTask(Math.ceil(hosts / tasks));
    if (task !== undefined) return { tasks, dollars: tasks * task.dollars };
  }
}

const FLEETS: readonly Deployment[] = [
  { ...DEFAULT, hosts: 100, vcenters: 1 },
  { ...DEFAULT, hosts: 1_000, vcenters: 1 },
  { ...DEFAULT, hosts: 10_000, vcenters: 10 },
  { ...DEFAULT, hosts: 100_000, vcenters: 100, split: true },
];

const HEADINGS = [
  'hosts, every minute',
  'Lambda',
  'Scheduler, calls for secrets',
  'DynamoDB',
  'CloudWatch',
  'secrets',
  'without a VPC',
  'endpoints',
  'in a VPC',
  'Fargate tasks of `vsweep run`',
  'Managed Prometheus',
];

const print = (dollars: number): string =>
  dollars < 100 ? dollars.toFixed(1) : Math.round(dollars).toLocaleString('en-US');

export function printBills(fleets: readonly Deployment[] = FLEETS): string {
  const rows = fleets.map((fleet) => {
    const bill = billOf(fleet);
    const { tasks, dollars } = tasksOf(fleet.hosts);
    const parts = [bill.lambda, bill.calls, bill.dynamodb, bill.cloudwatch, bill.secrets];
    const sums = [sumOf(bill), bill.vpc, sumOf(bill) + bill.vpc];
    return [
      fleet.hosts.toLocaleString('en-US'),
      ...[...parts, ...sums].map(print),
      `${tasks}: ${print(dollars)}`,
      print(ingestionOf(fleet.hosts)),
    ];
  });
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(HEADINGS), `|${'---|'.repeat(HEADINGS.length)}`, ...rows.map(line)].join('\n');
}

if (import.meta.main) console.log(printBills());
