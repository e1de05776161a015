import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pollUntil } from '../../support/peers/poll-until.ts';
import { expectDocumented, seenIn } from './faults/expect-documented.ts';
import { type SmallFleet, startSmallFleet } from './small-fleet.ts';
import { type SweepingProcess, startSweepingProcess } from './stalled-process.ts';

/** 100 by hand: `STALL_ROUNDS=100 npx vitest run --project integration test/integration/sweep/stalls.test.ts`. */
const ROUNDS = Number(process.env.STALL_ROUNDS ?? 1);
/** What starves the tests beside these, or is met at one moment by another test here. */
const isByHand = ROUNDS > 1;
const HOSTS = 30;
/** About what a run takes, of which 0.4 s are the wait for the answers to passwords. */
const RUN_MS = 1_200;
/** At random, one in each of as many equal parts of a run as there are rounds. */
const momentOf = (round: number, rounds: number) => ((round + Math.random()) / rounds) * RUN_MS;
const WHOLE = { outcomes: { ok: HOSTS }, refusals: 0 };

describe.each([
  // Longer than each time-out of a login; the worker has time left.
  { every: '1m', stopMs: 8_000, rounds: ROUNDS },
  // Longer than the whole run may take: the worker's end is over as well.
  ...(isByHand ? [{ every: '20s', stopMs: 19_000, rounds: Math.ceil(ROUNDS / 5) }] : []),
])('a process that is paused for $stopMs ms in a run of $every', ({ every, stopMs, rounds }) => {
  const timeoutMs = rounds * (stopMs + 30_000);
  withProcess(every, (peers) => {
    it(
      'counts no refusal, suspends nothing, and its next run is whole',
      async () => {
        for (let round = 0; round < rounds; round += 1) {
          const { sweeper } = peers();
          const after = momentOf(round, rounds);
          const sweeping = sweeper.sweep();
          await delay(after);
          const paused = await pausedFor(stopMs, sweeper, sweeping);
          expect({ after, ...paused }).toMatchObject({ refusals: 0 });
          expect({ after, ...(await sweeper.sweep()) }).toMatchObject({ after, ...WHOLE });
        }
      },
      timeoutMs,
    );
  });
});

describe('a process that is paused while hosts judge its passwords', () => {
  withProcess('1m', (peers) => {
    it('has a whole run, once it goes on', async () => {
      const { fleet, sweeper } = peers();
      const logouts = () => fleet.vcenter.stats.calls['Logout'] ?? 0;
      const before = logouts();
      const sweeping = sweeper.sweep();
      // The worker has read its hosts by then, and their ssh servers take 0.4 s to answer.
      await pollUntil('the worker has logged out of the vCenter', () => logouts() > before || undefined, {
        timeoutMs: 60_000,
        everyMs: 5,
      });
      const { summary, refusals } = await pausedFor(8_000, sweeper, sweeping);
      expect(refusals).toBe(0);
      const fault = 'the process is paused for 8 s while hosts judge its passwords';
      expectDocumented(fault, seenIn(summary, { pushed: '' }));
    });
  });
});

describe('a process that is paused for longer than its run has time', () => {
  withProcess('20s', (peers) => {
    it('asks nobody when it goes on, and its next run is whole', async () => {
      const { fleet, sweeper } = peers();
      const listings = () => fleet.vcenter.stats.calls['RetrievePropertiesEx'] ?? 0;
      const before = listings();
      const sweeping = sweeper.sweep();
      await pollUntil('the hosts are listed', () => listings() > before || undefined, {
        timeoutMs: 60_000,
        everyMs: 5,
      });
      const { summary, refusals } = await pausedFor(19_000, sweeper, sweeping);
      expect(refusals).toBe(0);
      const fault = 'the process is paused while the hosts are listed, for longer than its run has time';
      expectDocumented(fault, seenIn(summary, { pushed: '' }));
      expect(await sweeper.sweep()).toMatchObject(WHOLE);
    });
  });
});

describe('a process that is short of processor time', () => {
  withProcess('1m', (peers) => {
    it(
      'counts no refusal after a long computation in one piece, and its next run is whole',
      async () => {
        for (let round = 0; round < ROUNDS; round += 1) {
          const { sweeper } = peers();
          const busyAfterMs = momentOf(round, ROUNDS);
          const busy = await sweeper.sweep({ busyAfterMs, busyMs: 8_000 });
          expect({ busyAfterMs, ...busy }).toMatchObject({ refusals: 0 });
          expect({ busyAfterMs, ...(await sweeper.sweep()) }).toMatchObject({ busyAfterMs, ...WHOLE });
        }
      },
      ROUNDS * 40_000,
    );

    const byHand = isByHand ? it : () => undefined;
    byHand(
      'counts no refusal beside ten busy processes, and its next run is whole',
      async () => {
        const { sweeper } = peers();
        const busy = Array.from({ length: 10 }, () => spawn(process.execPath, ['-e', 'for (;;);']));
        try {
          for (let round = 0; round < ROUNDS / 10; round += 1) {
            expect(await sweeper.sweep()).toMatchObject({ refusals: 0 });
          }
        } finally {
          for (const one of busy) one.kill('SIGKILL');
        }
        expect(await sweeper.sweep()).toMatchObject(WHOLE);
      },
      60_000 + ROUNDS * 10_000,
    );

    it('counts no refusal with a tenth of a processor, and its next run is whole', async () => {
      const { sweeper } = peers();
      const done = new AbortController();
      const sweeping = sweeper.sweep().finally(() => done.abort());
      while (!done.signal.aborted) {
        process.kill(sweeper.pid, 'SIGSTOP');
        await delay(450);
        process.kill(sweeper.pid, 'SIGCONT');
        await delay(50, undefined, { signal: done.signal }).catch(() => undefined);
      }
      expect(await sweeping).toMatchObject({ refusals: 0 });
      expect(await sweeper.sweep()).toMatchObject(WHOLE);
    });
  });
});

/** What comes of a run whose process is stopped now, and goes on so much later. */
async function pausedFor<T>(ms: number, { pid }: SweepingProcess, sweeping: Promise<T>): Promise<T> {
  process.kill(pid, 'SIGSTOP');
  await delay(ms);
  process.kill(pid, 'SIGCONT');
  return await sweeping;
}

const timeoutsOf = (seconds: number) =>
  `connectSeconds: ${seconds}, loginSeconds: ${seconds}, commandSeconds: ${seconds}`;

/** A fleet of this process whose hosts have all accepted the credential, and the process that sweeps it. */
function withProcess(
  every: string,
  define: (peers: () => { fleet: SmallFleet; sweeper: SweepingProcess }) => void,
): void {
  let fleet: SmallFleet;
  let sweeper: SweepingProcess;
  beforeAll(async () => {
    const hosts = Array.from({ length: HOSTS }, () => ({ loginDelayMs: 400, commandDelayMs: 100 }));
    fleet = await startSmallFleet({ hosts, every: '1m', timeouts: timeoutsOf(10) });
    await fleet.warmUp();
    await fleet.configure({ every, timeouts: timeoutsOf(6) });
    sweeper = await startSweepingProcess(fleet.folder);
  });
  afterAll(async () => {
    await sweeper?.[Symbol.asyncDispose]();
    await fleet?.[Symbol.asyncDispose]();
  });
  define(() => ({ fleet, sweeper }));
}
