import { describe, expect, it } from 'vitest';
import { calculate, type Deployment, PRICES, printTable } from '../../../bench/scaling-costs.ts';
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
    expect(split.callDollars).toBeCloseTo(43_800 * (100 * PRICES.schedule + 700 * PRICES.secretRead));
  });

  it('stands in docs/scaling.md as it is printed', () => {
    expect(readPage('docs/scaling.md')).toContain(printTable());
  });
});
