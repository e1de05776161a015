import { describe, expect, it } from 'vitest';
import { latestLeaseEnd, type RunStore } from '../../../lib/state/stores/runs.ts';
import { lookForWaiting, openWaitingRuns } from '../../../lib/sweep/run/waiting-runs.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const options = { signal: new AbortController().signal };
type Runs = Pick<RunStore, 'acquireLease' | 'releaseLease' | 'readLease'>;

/** A table of leases, which can be away. */
function startRuns() {
  const clock = createManualClock();
  const leases = new Map<string, { holder: string; endsAt: number }>();
  const calls: string[] = [];
  let isAway = false;
  const call = (name: string) => {
    calls.push(name);
    if (isAway) throw new Error('the table is away');
  };
  const runs = {
    async acquireLease(
      sweep: string,
      target: string,
      lease: { holder: string; endsAt: number; latestEnd: number },
    ) {
      call(`acquire ${sweep} ${target}`);
      expect(lease.latestEnd).toBe(latestLeaseEnd(15_000, clock.now()));
      leases.set(`${sweep} ${target}`, lease);
      return lease;
    },
    async releaseLease(sweep: string, target: string, holder: string) {
      call(`release ${sweep} ${target} ${holder}`);
      leases.delete(`${sweep} ${target}`);
    },
    async readLease(sweep: string, target: string) {
      call(`read ${sweep} ${target}`);
      return leases.get(`${sweep} ${target}`);
    },
  } as unknown as Runs;
  const open = (sweep: string) =>
    openWaitingRuns({ sweep, target: 'vc01', runId: `run of ${sweep}` }, { runs, clock });
  return { clock, leases, calls, open, goAway: () => (isAway = true) };
}

describe('a run that waits for its turn', () => {
  it('is there for others until it withdraws, or for 15 s', async () => {
    const { open, clock, leases, calls } = startRuns();
    const [waiting, other] = [open('services'), open('inventory')];
    const isThere = () => other.areThere(['checks', 'services'], options);
    expect(await isThere()).toBe(false);
    await waiting.announce(options);
    expect(await isThere()).toBe(true);
    expect(await other.areThere(['checks'], options)).toBe(false);
    expect(await other.areThere([], options)).toBe(false);
    expect([...leases]).toMatchObject([['#waits:services vc01', { holder: 'run of services' }]]);
    clock.advance(14_999);
    expect(await isThere()).toBe(true);
    clock.advance(1);
    expect(await isThere()).toBe(false);
    await waiting.announce(options);
    await waiting.withdraw(options);
    expect(await isThere()).toBe(false);
    expect(calls).toContain('release #waits:services vc01 run of services');
  });

  it('withdraws once, and nothing where it never waited', async () => {
    const { open, calls } = startRuns();
    const waiting = open('services');
    await waiting.withdraw(options);
    expect(calls).toEqual([]);
    await waiting.announce(options);
    await waiting.withdraw(options);
    await waiting.withdraw(options);
    expect(calls.filter((one) => one.startsWith('release'))).toHaveLength(1);
  });

  it('is not believed where its end is further away than a wait can be', async () => {
    const { open, clock, leases } = startRuns();
    const latest = latestLeaseEnd(15_000, clock.now());
    leases.set('#waits:services vc01', { holder: 'x', endsAt: latest });
    expect(await open('inventory').areThere(['services'], options)).toBe(true);
    leases.set('#waits:services vc01', { holder: 'x', endsAt: latest + 1 });
    expect(await open('inventory').areThere(['services'], options)).toBe(false);
  });

  it('costs nobody anything where the table is away', async () => {
    const { open, goAway } = startRuns();
    goAway();
    const waiting = open('services');
    await waiting.announce(options);
    await waiting.withdraw(options);
    expect(await waiting.areThere(['services'], options)).toBe(false);
  });
});

describe('a turn that others may want', () => {
  it('is kept for a second and at the first question, then looked at once a second, and stays wanted', async () => {
    const clock = createManualClock();
    let isThere = false;
    let looks = 0;
    const isWanted = lookForWaiting(async () => {
      looks += 1;
      return isThere;
    }, clock);
    const lookAfter = async (ms: number) => {
      clock.advance(ms);
      return [await isWanted(options), looks];
    };
    isThere = true;
    // However long it prepared, it gets on.
    expect(await lookAfter(5_000)).toEqual([false, 0]);
    isThere = false;
    expect(await lookAfter(0)).toEqual([false, 1]);
    expect(await lookAfter(999)).toEqual([false, 1]);
    expect(await lookAfter(1)).toEqual([false, 2]);
    isThere = true;
    expect(await lookAfter(1_000)).toEqual([true, 3]);
    isThere = false;
    expect(await lookAfter(9_000)).toEqual([true, 3]);
  });

  it('is not looked at before a second is over', async () => {
    const clock = createManualClock();
    let looks = 0;
    const isWanted = lookForWaiting(async () => {
      looks += 1;
      return true;
    }, clock);
    await isWanted(options);
    clock.advance(999);
    expect([await isWanted(options), looks]).toEqual([false, 0]);
    clock.advance(1);
    expect([await isWanted(options), looks]).toEqual([true, 1]);
  });
});
