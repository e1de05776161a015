import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../lib/platform/log.ts';
import type { LastRun } from '../../../lib/state/stores/runs.ts';
import type { TargetOrder } from '../../../lib/sweep/dispatch/target-order.ts';
import { type Delivery, notSwept } from '../../../lib/sweep/result/summary.ts';
import { rememberRun } from '../../../lib/sweep/run/remember-run.ts';

const T0 = Date.UTC(2026, 0, 1);
const BEFORE: LastRun = {
  scheduledAt: T0 - 60_000,
  startedAt: T0 - 60_000,
  endedAt: T0 - 50_000,
  exitCode: 0,
  lastSuccessAt: T0 - 60_000,
  maxBatchHosts: 100,
  outcomes: { 'host-1': 'ok' },
};
const PINS = { since: T0, counted: 0 };

/** What is kept of a run that begins at T0 and of which nothing is known before but `last`. */
async function remembered(run: {
  dryRun: boolean;
  last?: LastRun;
  untoldPins?: typeof PINS;
  isFailed?: boolean;
  deliveries?: readonly Delivery[];
}) {
  const written: LastRun[] = [];
  const order = {
    sweep: { name: 'services' },
    target: { name: 'vc01' },
    times: { start: T0 },
  } as TargetOrder;
  const failed = notSwept('vc01', 'stopped', []);
  const swept = { ...failed, status: 'swept', listing: 'fresh', deliveries: run.deliveries ?? [] } as const;
  const summary = run.isFailed ? failed : swept;
  await rememberRun(
    order,
    { summary, last: run.last, tooLarge: false, untoldPins: run.untoldPins },
    {
      clock: { now: () => T0 + 5_000 },
      log: silentLog,
      runs: { writeLast: async (_sweep, _target, last) => void written.push(last) },
      dryRun: run.dryRun,
    },
    { signal: new AbortController().signal },
  );
  return written;
}

describe('a run', () => {
  it('is remembered as the last one', async () => {
    expect(await remembered({ dryRun: false, last: BEFORE })).toMatchObject([
      { scheduledAt: T0, startedAt: T0, endedAt: T0 + 5_000, objects: { host: 0 } },
    ]);
  });
});

describe('when the last success began', () => {
  it('is kept over runs that failed, and of each other run its own beginning', async () => {
    const of = async (run: { isFailed?: boolean }) =>
      (await remembered({ dryRun: false, last: BEFORE, ...run })).map(({ lastSuccessAt }) => lastSuccessAt);
    expect([await of({ isFailed: true }), await of({})]).toEqual([[T0 - 60_000], [T0]]);
  });
});

describe('what is kept of each sink', () => {
  const of = async (last: LastRun['sinks'], ...deliveries: Delivery[]) =>
    (await remembered({ dryRun: false, last: { ...BEFORE, ...(last && { sinks: last }) }, deliveries }))[0]
      ?.sinks;
  const AT = T0 - 60_000;

  it('is whether it took the series, and when it last did', async () => {
    expect(
      await of(
        { pushgateway: { ok: true, deliveredAt: AT }, textfile: { ok: false } },
        { sink: 'pushgateway', outcome: 'failed' },
        { sink: 'textfile', outcome: 'delivered' },
        { sink: 'victoriametrics', outcome: 'failed' },
      ),
    ).toEqual({
      pushgateway: { ok: false, deliveredAt: AT },
      textfile: { ok: true, deliveredAt: T0 + 5_000 },
      victoriametrics: { ok: false },
    });
  });

  it('has the samples with times of the last delivery, also as far as one that failed came', async () => {
    const filled = { sent: 18, dropped: { old: 1, ahead: 2, refused: 3 } };
    const before = { victoriametrics: { ok: true, deliveredAt: AT, filled } };
    const delivered: Delivery = { sink: 'victoriametrics', outcome: 'delivered' };
    expect(await of(undefined, { ...delivered, filled })).toEqual({
      victoriametrics: { ok: true, deliveredAt: T0 + 5_000, filled },
    });
    expect(await of(before, delivered)).toEqual({ victoriametrics: { ok: true, deliveredAt: T0 + 5_000 } });
    expect(await of(before, { ...delivered, outcome: 'failed' })).toEqual({
      victoriametrics: { ok: false, deliveredAt: AT },
    });
    expect(await of(before, { ...delivered, outcome: 'failed', filled: { ...filled, sent: 1 } })).toEqual({
      victoriametrics: { ok: false, deliveredAt: AT, filled: { ...filled, sent: 1 } },
    });
  });

  it('stays as it was when another run took the lease', async () => {
    const before = { pushgateway: { ok: false, deliveredAt: AT } };
    const lost = (sink: string): Delivery => ({ sink, outcome: 'lease-lost' });
    expect(await of(before, lost('pushgateway'), lost('textfile'))).toEqual(before);
  });

  it('is nothing of one that is no longer there, and none of a dry run', async () => {
    expect(await of({ gone: { ok: false } })).toEqual({});
    const deliveries: Delivery[] = [{ sink: 'stdout', outcome: 'delivered' }];
    const [dry] = await remembered({ dryRun: true, deliveries });
    expect(dry).not.toHaveProperty('sinks');
  });
});

describe('a dry run', () => {
  it('leaves the run before it the last one, but for the keys that it pinned and nobody was told of', async () => {
    expect(await remembered({ dryRun: true, last: BEFORE, untoldPins: PINS })).toEqual([
      { ...BEFORE, untoldPins: PINS },
    ]);
    const told = { ...BEFORE, untoldPins: { since: 1, counted: 2 } };
    expect(await remembered({ dryRun: true, last: told })).toEqual([BEFORE]);
  });

  it('before any other is remembered as no run at all, with the keys that it pinned', async () => {
    const [first, ...more] = await remembered({ dryRun: true, untoldPins: PINS });
    expect(first).toMatchObject({ isDry: true, startedAt: T0, untoldPins: PINS });
    expect(first).not.toHaveProperty('lastSuccessAt');
    expect(more).toEqual([]);
    expect(await remembered({ dryRun: true, ...(first && { last: first }) })).toMatchObject([
      { isDry: true, startedAt: T0 },
    ]);
    const [next] = await remembered({ dryRun: false, ...(first && { last: first }) });
    expect(next).not.toHaveProperty('isDry');
  });
});
