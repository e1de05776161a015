import { describe, expect, it } from 'vitest';
import {
  calculate,
  calculateInventory,
  calculateTask,
  DEFAULT,
  type Deployment,
  PRICES,
  printInventories,
  printTable,
  printTasks,
  RUNS_A_MONTH,
} from '../../../bench/scaling-costs.ts';
import { batchesIn, inlineBelowHostsOf, MAX_BATCH_HOSTS } from '../../../lib/config/own-collecting.ts';
import { readPage } from '../docs/pages.ts';

const cpu = { workerCpuPerHost: 0.004, sweepCpuPerRun: 0.5, sweepCpuPerHost: 0.001 };
const fleet: Deployment = {
  hosts: 1_000,
  vcenters: 1,
  workerMb: 1_769,
  sweepMb: 1_769,
  sessions: 8,
  concurrent: 50,
  split: false,
  inlineBelow: 0,
};

describe('what a deployment costs', () => {
  it('counts the processor of a batch and its waiting, and a run from listing to push', () => {
    const found = calculate(fleet, cpu);
    expect(found).toMatchObject({ batches: 4, atOnce: 4, sessionsPerVcenter: 4 });
    // 250 hosts of 4 ms, and 3 s; then 2 s of listing before it and 1.5 s of the sweep's own.
    expect(found.batchSeconds).toBeCloseTo(4);
    expect(found.runSeconds).toBeCloseTo(7.5);
    expect(found.gbSecondsAMonth).toBeCloseTo(((4 * 4 + 7.5) * 43_800 * 1_769) / 1_024);
    const requests = 5 * 43_800 * PRICES.invocation;
    expect(found.computeDollars).toBeCloseTo(found.gbSecondsAMonth * PRICES.gbSecond + requests);
  });

  it('gives less memory a smaller share of a core, and more than one core nothing', () => {
    const half = calculate({ ...fleet, workerMb: 1_769 / 2 }, cpu);
    expect(half.batchSeconds).toBeCloseTo(5);
    expect(calculate({ ...fleet, workerMb: 3_538 }, cpu).batchSeconds).toBeCloseTo(4);
  });

  it('lets batches wait for each other where sessions or workers are few', () => {
    const one = { ...fleet, hosts: 10_000 };
    expect(calculate(one, cpu)).toMatchObject({ batches: 40, atOnce: 8 });
    expect(calculate(one, cpu).runSeconds).toBeCloseTo(2 + 5 * 4 + 10.5);
    expect(calculate({ ...one, vcenters: 10, concurrent: 20 }, cpu).runSeconds).toBeCloseTo(2 + 2 * 4 + 10.5);
  });

  it('counts a run a vCenter where they are split', () => {
    const split = calculate({ ...fleet, hosts: 100_000, vcenters: 100, split: true }, cpu);
    expect(split).toMatchObject({ batches: 400, atOnce: 400, sessionsPerVcenter: 4 });
    expect(split.runSeconds).toBeCloseTo(7.5);
    expect(split.callDollars).toBeCloseTo(43_800 * (100 * PRICES.schedule + 300 * PRICES.secretRead));
  });

  it('counts one function, its waiting once and the processor of both, where it collects by itself', () => {
    const inline = calculate({ ...fleet, inlineBelow: 1_001 }, cpu);
    expect(inline).toMatchObject({ batches: 4, atOnce: 0 });
    // 2 s of listing, 3 s of waiting, 0.5 s of the run and 1,000 hosts of 5 ms.
    expect(inline.runSeconds).toBeCloseTo(10.5);
    expect(inline.gbSecondsAMonth).toBeCloseTo((10.5 * 43_800 * 1_769) / 1_024);
    const requests = 43_800 * PRICES.invocation;
    expect(inline.computeDollars).toBeCloseTo(inline.gbSecondsAMonth * PRICES.gbSecond + requests);
    // With less memory no more than one batch fits, so workers collect.
    expect(calculate({ ...fleet, inlineBelow: 1_001, sweepMb: 256 }, cpu).atOnce).toBe(4);
  });

  it('is about 40 % less for a thousand hosts when the sweep function collects by itself', () => {
    const of = (inlineBelow: number) =>
      calculate({ ...DEFAULT, hosts: 999, vcenters: 1, inlineBelow }).computeDollars;
    expect(1 - of(1_000) / of(0)).toBeCloseTo(0.4, 1);
  });

  it.each([256, 512, 768, 1_024, 1_280, 1_769, 10_240])(
    'leaves a run by a sweep function of %d MB half of the time that its hosts have, at the default limit',
    (sweepMb) => {
      const inlineBelow = inlineBelowHostsOf(sweepMb);
      const run = calculate({ ...DEFAULT, sweepMb, inlineBelow, hosts: inlineBelow - 1, vcenters: 1 });
      expect(run).toMatchObject({ atOnce: 0 });
      expect(run.runSeconds).toBeLessThan(42 / 2 + 0.5);
    },
  );

  it.each([256, 512, 768, 1_769, 2_816])(
    'is in time also at the highest limit that may be written for %d MB',
    (sweepMb) => {
      const hosts = batchesIn(sweepMb) * MAX_BATCH_HOSTS;
      const { runSeconds, atOnce } = calculate({
        ...DEFAULT,
        sweepMb,
        inlineBelow: hosts + 1,
        hosts,
        vcenters: 1,
      });
      expect(atOnce).toBe(0);
      expect(runSeconds).toBeLessThan(42);
    },
  );

  it('has what waiting for workers costs in ADR 0017', () => {
    const { batchSeconds } = calculate({ ...DEFAULT, hosts: 1_000, vcenters: 1 });
    const dollars = batchSeconds * (DEFAULT.sweepMb / 1_024) * RUNS_A_MONTH * PRICES.gbSecond;
    expect(readPage('docs/adr/0017-on-aws.md')).toContain(
      `for some ${batchSeconds.toFixed(1)} s of each run, about ${dollars.toFixed(1)} `,
    );
  });

  it('takes the smallest task that is busy for 60 % of a minute at most, and none where no core does', () => {
    expect(calculateTask(1_000, cpu)?.cores).toBe(0.25);
    expect(calculateTask(1_800, cpu)?.cores).toBe(0.5);
    expect(calculateTask(7_000, cpu)?.cores).toBe(1);
    expect(calculateTask(7_200, cpu)).toBeUndefined();
    expect(calculateTask(7_000, cpu)?.dollars).toBeCloseTo((PRICES.taskCore + 2 * PRICES.taskGigabyte) * 730);
  });

  it('counts the sessions that read an inventory in rounds of eight, and the series of the sweep function', () => {
    const of = (machines: number, series: number) => calculateInventory({ hosts: 1_000, machines, series });
    expect(of(4_000, 0)).toMatchObject({ batches: 6 });
    expect(of(10_000, 0)).toMatchObject({ batches: 12 });
    const { batchSeconds } = of(4_000, 0);
    expect(of(10_000, 0).runSeconds - of(4_000, 0).runSeconds).toBeCloseTo(batchSeconds);
    // A thousand series take 4.7 ms of a core, of which 768 MB have a share.
    const more = of(4_000, 1_000_000).runSeconds - of(4_000, 0).runSeconds;
    expect(more).toBeCloseTo((4.7 * 1_769) / 768);
  });

  it.each([printTable, printTasks, printInventories])(
    'stands in docs/scaling.md as it is printed',
    (print) => {
      expect(readPage('docs/scaling.md')).toContain(print());
    },
  );
});
