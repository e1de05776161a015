import { describe, expect, it } from 'vitest';
import { calculate, calculateTask, DEFAULT } from '../../../bench/scaling-costs.ts';
import {
  ALARMS,
  BILL_PRICES,
  billOf,
  ingestionOf,
  MEASURED_UNITS,
  printBills,
  sumOf,
  tasksOf,
  unitsOf,
} from '../../../bench/whole-bill.ts';
import { readPage } from '../docs/pages.ts';

const RUNS = 43_800;
const fleet = { ...DEFAULT, hosts: 1_000, vcenters: 1 };

describe('the whole bill of a deployment', () => {
  it('stands in docs/scaling.md as it is printed, with the alarms that the stack makes', () => {
    const page = readPage('docs/scaling.md');
    expect(page).toContain(printBills());
    expect(page).toContain(`${ALARMS} alarms`);
  });

  it.each([
    ['From about 230 hosts without a VPC', 230, false],
    ['715 in one', 715, true],
  ])('says from where on ingesting the samples is more than all of vsweep: %s', (words, hosts, inVpc) => {
    const isMore = (count: number) => {
      const bill = billOf({ ...fleet, hosts: count });
      return ingestionOf(count) > sumOf(bill) + (inVpc ? bill.vpc : 0);
    };
    expect(isMore(hosts - 10)).toBe(false);
    expect(isMore(hosts + 10)).toBe(true);
    expect(readPage('docs/scaling.md')).toContain(words);
  });

  it('has units of the state table by targets, batches and hosts', () => {
    const units = { target: 8, batch: 2, host: 0.01 };
    expect(unitsOf({ hosts: 1_000, vcenters: 1, batches: 4 }, units)).toBeCloseTo(8 + 8 + 10);
    const { dynamodb } = billOf(fleet);
    const { read, written } = MEASURED_UNITS;
    const reads = read.target + 4 * read.batch + 1_000 * read.host + 2;
    const writes = written.target + 4 * written.batch + 1_000 * written.host + 3;
    expect(dynamodb).toBeCloseTo((RUNS * (reads * 0.125 + writes * 0.625)) / 1_000_000);
  });

  it('grows with the fleet, and not with its square', () => {
    const whole = billOf({ ...DEFAULT, hosts: 10_000, vcenters: 10, split: true });
    const ten = billOf({ ...DEFAULT, hosts: 100_000, vcenters: 100, split: true });
    expect(ten.dynamodb / whole.dynamodb).toBeCloseTo(10);
    expect(ten.lambda / whole.lambda).toBeCloseTo(10);
  });

  it('counts a call of Secrets Manager with its decryption, and each secret by itself', () => {
    const { calls, secrets } = billOf({ ...fleet, vcenters: 1 });
    expect(calls).toBeCloseTo(calculate(fleet).callDollars + 3 * RUNS * BILL_PRICES.keyRequest);
    expect(secrets).toBeCloseTo(4 * 0.4);
  });

  it('is the sum of its parts without a VPC, where endpoints come besides', () => {
    const bill = billOf(fleet);
    const { lambda, calls, dynamodb, cloudwatch, secrets } = bill;
    expect(sumOf(bill)).toBeCloseTo(lambda + calls + dynamodb + cloudwatch + secrets);
    expect(bill.vpc).toBeGreaterThan(4 * 730 * 0.01);
    // No batch goes through Lambda's endpoint where the sweep function collects by itself.
    expect(billOf({ ...fleet, hosts: 100 }).vpc).toBeCloseTo(4 * 730 * 0.01);
  });

  it('takes the samples of a month by the tiers of their price', () => {
    const samples = (hosts: number) => hosts * 17 * RUNS;
    expect(ingestionOf(1_000)).toBeCloseTo((samples(1_000) * 0.9) / 10_000_000);
    const beyond = samples(10_000) - 2_000_000_000;
    expect(ingestionOf(10_000)).toBeCloseTo(180 + (beyond * 0.35) / 10_000_000);
    const last = samples(500_000) - 252_000_000_000;
    expect(ingestionOf(500_000)).toBeCloseTo(180 + 8_750 + (last * 0.16) / 10_000_000);
  });

  it('takes as few tasks as have time for all hosts', () => {
    expect(tasksOf(1_000)).toEqual({ tasks: 1, dollars: calculateTask(1_000)?.dollars });
    const { tasks, dollars } = tasksOf(10_000);
    expect(calculateTask(Math.ceil(10_000 / (tasks - 1)))).toBeUndefined();
    expect(dollars).toBeCloseTo(tasks * (calculateTask(Math.ceil(10_000 / tasks))?.dollars ?? 0));
  });
});
