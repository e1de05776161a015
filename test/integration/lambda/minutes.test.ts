import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { createHandler } from '../../../functions/sweep/handler.ts';
import { BUNDLED_CONFIG_FILE, printBundledConfig } from '../../../lib/config/bundled-config.ts';
import { METRICS } from '../../../lib/config/cloudwatch.ts';
import { ENV } from '../../../lib/config/env.ts';
import { type Minute, type PlayedMinute, playMinutes, SWEEP_CONFIG } from './play-minutes.ts';

const MINUTES = 120;
const minute: fc.Arbitrary<Minute> = fc.record({
  // EventBridge Scheduler starts an event within its minute.
  lateMs: fc.oneof(fc.nat(59_999), fc.constantFrom(0, 59_999)),
  listingMs: fc.oneof(fc.nat(2_000), fc.nat(30_000)),
  collectingMs: fc.oneof(fc.nat(20_000), fc.nat(90_000)),
  diesAfterMs: fc.option(fc.nat(50_000), { nil: undefined, freq: 20 }),
});

const holdsAt = (one: PlayedMinute | undefined, at: number) =>
  one !== undefined && one.heldFrom <= at && one.heldUntil > at;
/** It left its target to the run before. */
const isLeft = (one: PlayedMinute | undefined) => one?.values.get(METRICS.leaseTargets) === 1;

describe('two hours of a sweep every minute, whose events start 0 to 59 s late', () => {
  let handlerOf: typeof createHandler;
  let folder: string;
  beforeAll(async () => {
    // The module makes its own handler when it is loaded, for which it needs what Lambda gives it.
    folder = mkdtempSync(join(tmpdir(), 'vsweep-minutes-'));
    writeFileSync(
      join(folder, BUNDLED_CONFIG_FILE),
      printBundledConfig(SWEEP_CONFIG, { certificates: new Map() }),
    );
    const environment = {
      [ENV.table]: 'a-table',
      [ENV.stack]: 'a-stack',
      [ENV.integritySecret]: 'a-secret',
      [ENV.collectBatch]: 'a-worker',
      [ENV.functionMemory]: '768',
      [ENV.taskRoot]: folder,
      AWS_REGION: 'eu-central-1',
    };
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    handlerOf = (await import('../../../functions/sweep/handler.ts')).createHandler;
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  });

  it('drop none, and count each that finds the run before it under way', { timeout: 240_000 }, () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(minute, { minLength: MINUTES, maxLength: MINUTES }),
        fc.nat(),
        async (minutes, seed) => {
          const played = await playMinutes(minutes, { createHandler: handlerOf, seed });
          const ended = played.filter(({ died }) => !died);
          for (const { values, broke } of ended) {
            expect(broke).toBe('');
            expect(values.get(METRICS.lateEvents)).toBeUndefined();
            expect(values.get(METRICS.duplicateTargets)).toBe(0);
            expect(values.get(METRICS.runs)).toBe(1);
          }
          for (const [index, one] of played.entries()) {
            const before = played[index - 1];
            // What is given back in the same millisecond may be seen either way.
            if (one.died || before?.heldUntil === one.startedAt) continue;
            expect(one.values.get(METRICS.leaseTargets)).toBe(holdsAt(before, one.startedAt) ? 1 : 0);
          }
          const swept = ended.filter(({ values }) => values.get(METRICS.leaseTargets) === 0);
          for (const { values, pushes } of swept) expect(pushes).toBe(values.get(METRICS.pushedTargets));
          // A lease ends before the event after the next can start.
          for (const [index, one] of played.entries()) {
            if (isLeft(one)) expect(isLeft(played[index + 1])).toBe(false);
          }
        },
      ),
      { numRuns: 15, endOnFailure: true },
    ),
  );

  it('are all swept when each run is over before the next event, and every second one when none is', async () => {
    const quick = { lateMs: 0, listingMs: 1_000, collectingMs: 10_000 };
    const statusesOf = async (minutes: readonly Minute[]) => {
      const played = await playMinutes(minutes, { createHandler: handlerOf, seed: 1 });
      for (const one of played) expect(one.pushes).toBe(isLeft(one) ? 0 : 1);
      return played.map(({ values }) => values.get(METRICS.leaseTargets));
    };
    expect(await statusesOf(Array(MINUTES).fill(quick))).toEqual(Array(MINUTES).fill(0));
    // Begins at the end of its minute and takes longer than the next one waits.
    const pair = [{ ...quick, lateMs: 50_000, collectingMs: 25_000 }, quick];
    expect(
      await statusesOf(
        Array(MINUTES / 2)
          .fill(pair)
          .flat(),
      ),
    ).toEqual(
      Array(MINUTES / 2)
        .fill([0, 1])
        .flat(),
    );
  });
});
