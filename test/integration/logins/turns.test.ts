/** Two sweeps that ask the same hosts by ssh, the rarer one in batches of one host: whose turn it is, and what it costs. */
import fc from 'fast-check';
import pLimit from 'p-limit';
import { describe, expect, it } from 'vitest';
import { createRunStore } from '../../../lib/state/stores/runs.ts';
import { printOutcome } from '../../../lib/sweep/outcome.ts';
import type { RunSummary } from '../../../lib/sweep/result/summary.ts';
import { ALL_HOSTS, ALL_TARGETS, hostsOf } from '../../support/world/estate.ts';
import { createWorld, NO_FAULTS, type SshFault, type Start } from '../../support/world/world.ts';

const MINUTE = 60_000;
const MAX_REFUSALS = 2;
const o = { signal: new AbortController().signal };

/** Hosts that all accepted the credential. */
async function start(seed: number) {
  const underWay = new Map<string, number>();
  const seen = { most: 0, turns: 0 };
  const world = createWorld({
    kind: 'local',
    seed,
    limits: ALL_HOSTS.map(() => 3),
    directoryLimit: 3,
    checks: true,
    broken: {
      // One batch at a time, so that a run has many of them.
      sweep: ({ runs }) => ({
        batches: pLimit(1),
        runs: {
          ...runs,
          acquireLease: async (...given) => {
            const taken = await runs.acquireLease(...given);
            if (given[0] === '#ssh' && taken === 'acquired') seen.turns += 1;
            return taken;
          },
        },
      }),
      worker: ({ runCommand }) => ({
        runCommand: async (command, hooks, options) => {
          const { host } = command.target;
          underWay.set(host, (underWay.get(host) ?? 0) + 1);
          seen.most = Math.max(seen.most, underWay.get(host) ?? 0);
          try {
            return await runCommand(command, hooks, options);
          } finally {
            underWay.set(host, (underWay.get(host) ?? 0) - 1);
          }
        },
      }),
    },
  });
  for (let runs = 0; runs < 3; runs += 1) {
    await world.run([{ what: 'services', afterMs: 0 }]);
    world.pass(MINUTE);
  }
  const store = createRunStore({ table: world.table, now: world.now });
  for (const target of ALL_TARGETS) {
    const at = world.now();
    const last = { scheduledAt: at, startedAt: at, endedAt: at, exitCode: 0, maxBatchHosts: 1 };
    await store.writeLast('checks', target, last, o);
  }
  seen.turns = 0;
  return { world, seen };
}

const outcomesOf = (summary: RunSummary | undefined) =>
  (summary?.targets ?? []).flatMap(({ hosts }) =>
    hosts.map(({ outcomes }) => (outcomes.ssh === undefined ? 'none' : printOutcome(outcomes.ssh))),
  );
const morefsOf = (summary: RunSummary | undefined) =>
  (summary?.targets ?? []).flatMap(({ target, hosts }) => hosts.map(({ name }) => `${target}/${name}`));
const allHang = (): Record<string, SshFault> => Object.fromEntries(ALL_HOSTS.map((host) => [host, 'hang']));

describe('a rarer sweep whose hosts take longer than a frequent one can wait', () => {
  it('gives way to it between its batches, and asks the rest in its next turn', {
    timeout: 300_000,
  }, async () => {
    let shared = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 500, max: 12_000 }), async (seed, afterMs) => {
        const { world, seen } = await start(seed);
        // Three seconds each, one after the other.
        world.setFaults({ ...NO_FAULTS, ssh: allHang() });
        const [checks, services] = await world.run([
          { what: 'checks', afterMs: 0 },
          { what: 'services', afterMs },
        ]);
        for (const summary of [checks, services]) {
          expect(outcomesOf(summary)).toEqual(ALL_HOSTS.map(() => 'failed(timeout)'));
          expect(new Set(morefsOf(summary)).size).toBe(ALL_HOSTS.length);
        }
        expect(seen.most).toBe(1);
        // Of each target one turn each, and the further ones of the run that gave way.
        if (seen.turns > 2 * ALL_TARGETS.length) shared += 1;
        expect(world.faulty).toEqual([]);
        world.end();
      }),
      { numRuns: 15, seed: 11 },
    );
    expect(shared).toBeGreaterThan(10);
  });

  it('goes on by itself when the run it gave way to was killed while it waited', {
    timeout: 300_000,
  }, async () => {
    let killed = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 10, max: 90 }), async (seed, diesAt) => {
        const { world, seen } = await start(seed);
        world.setFaults({ ...NO_FAULTS, ssh: allHang() });
        const [checks, services] = await world.run([
          { what: 'checks', afterMs: 0 },
          { what: 'services', afterMs: 2_000, diesAt },
        ]);
        if (services === undefined) killed += 1;
        // Hosts that the dead run may have been connected to are left alone until its lease is over.
        for (const outcome of outcomesOf(checks))
          expect(['failed(timeout)', 'skipped(other-process)']).toContain(outcome);
        expect(outcomesOf(checks)).toContain('failed(timeout)');
        expect(seen.most).toBe(1);
        expect(world.faulty).toEqual([]);
        world.end();
      }),
      { numRuns: 20, seed: 3 },
    );
    expect(killed).toBeGreaterThan(10);
  });
});

const cases = fc.record({
  seed: fc.nat(),
  offsets: fc.array(fc.nat(40_000), { minLength: 1, maxLength: 2 }),
  pause: fc.option(fc.record({ fromMs: fc.nat(15_000), ms: fc.constantFrom(20_000, 70_000) }), {
    nil: undefined,
  }),
  pausesChecks: fc.boolean(),
  hanging: fc.subarray(ALL_HOSTS),
  /** Hosts whose password was changed. */
  changed: fc.subarray(ALL_HOSTS, { maxLength: 4 }),
});

describe('two sweeps of the same hosts, whoever is paused', () => {
  it('never log in to a host at once, and each sees every refusal of the other', {
    timeout: 300_000,
  }, async () => {
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(cases, async ({ seed, offsets, pause, pausesChecks, hanging, changed }) => {
        const { world, seen } = await start(seed);
        for (const host of changed) world.farSide.setHostPassword(host, 'p1');
        const from = world.logins.length;
        world.setFaults({
          ...NO_FAULTS,
          ssh: Object.fromEntries(hanging.map((host) => [host, 'hang'] as const)),
        });
        const checks: Start = { what: 'checks', afterMs: 0, pause: pausesChecks ? pause : undefined };
        // One process with a run every minute, as `vsweep run` has.
        const services = offsets.map(
          (afterMs, index): Start => ({
            what: 'services',
            afterMs: afterMs + index * MINUTE,
            pause: pausesChecks ? undefined : pause,
          }),
        );
        const summaries = await world.run([checks, ...services]);
        // A run that was paused for longer than its time has listed nobody; all others have each host once.
        for (const { hosts, target } of summaries.flatMap((summary) => summary?.targets ?? [])) {
          expect([0, hostsOf(target).length]).toContain(hosts.length);
          expect(new Set(hosts.map(({ name }) => name)).size).toBe(hosts.length);
        }
        expect(seen.most).toBeLessThanOrEqual(1);
        for (const host of ALL_HOSTS) {
          const refusals = world.logins.slice(from).filter((one) => one.host === host && !one.accepted);
          expect(refusals.length, host).toBeLessThanOrEqual(MAX_REFUSALS);
          refused += refusals.length;
        }
        expect(world.farSide.locked).toEqual([]);
        expect(world.faulty).toEqual([]);
        world.end();
      }),
      { numRuns: 40, seed: 7 },
    );
    expect(refused).toBeGreaterThan(20);
  });

  it('ask no host together when one lost its turn in a pause and comes back while the other asks', {
    timeout: 300_000,
  }, async () => {
    let lost = 0;
    const pauses = fc.record({
      seed: fc.nat(),
      fromMs: fc.integer({ min: 1_000, max: 8_000 }),
      ms: fc.integer({ min: 61_000, max: 72_000 }),
      waits: fc.integer({ min: 2_000, max: 12_000 }),
    });
    await fc.assert(
      fc.asyncProperty(pauses, async ({ seed, fromMs, ms, waits }) => {
        const { world, seen } = await start(seed);
        world.setFaults({ ...NO_FAULTS, ssh: allHang() });
        const [, services] = await world.run([
          { what: 'checks', afterMs: 0, pause: { fromMs, ms } },
          // Its turn comes while the other one stands still.
          { what: 'services', afterMs: fromMs + MINUTE - waits },
        ]);
        expect(seen.most).toBe(1);
        if (outcomesOf(services).includes('failed(timeout)')) lost += 1;
        expect(world.faulty).toEqual([]);
        world.end();
      }),
      { numRuns: 20, seed: 9 },
    );
    expect(lost).toBeGreaterThan(10);
  });
});
