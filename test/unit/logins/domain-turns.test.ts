import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKnownTurns, createTurnsOfRuns } from '../../../lib/logins/trial/domain-turns.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const running = { signal: new AbortController().signal };
/** Logins under way at most. */
const AT_ONCE = 16;
const IN_A_ROW = 3;

/**
 * Hosts that are logged in to at once, as a batch does, in a directory whose password may change under way. `pick`
 * says which of the logins that are under way is answered next.
 */
async function logIn(
  count: number,
  by: { readonly isBad: (host: number) => boolean; readonly changesAfter?: number },
  pick: (underWay: number) => number,
) {
  const turns = createKnownTurns(createManualClock());
  const underWay: { host: number; isRight: boolean; answer: () => void }[] = [];
  const ends: ('accepted' | 'refused' | 'left alone')[] = [];
  let sent = 0;
  let most = 0;
  /** Wrong passwords that the directory was sent, since it last accepted one. */
  let wrong = 0;
  const hosts = Array.from({ length: count }, async (_, host) => {
    const turn = await turns.take(running);
    await turn.beforePassword(running);
    if (turns.stop() === undefined) {
      const answered = Promise.withResolvers<void>();
      const isRight = sent < (by.changesAfter ?? Number.POSITIVE_INFINITY);
      sent += 1;
      underWay.push({ host, isRight, answer: answered.resolve });
      most = Math.max(most, underWay.length);
      await answered.promise;
      const end = isRight && !by.isBad(host) ? 'accepted' : 'refused';
      wrong = end === 'accepted' ? 0 : wrong + Number(!isRight);
      ends.push(end);
      turns.tell(end);
    } else ends.push('left alone');
    turn.end();
  });
  for (let isDone = false; !isDone; isDone = underWay.length === 0) {
    await nextTurn();
    underWay.splice(pick(underWay.length), 1)[0]?.answer();
    await nextTurn();
  }
  await Promise.all(hosts);
  const of = (which: (typeof ends)[number]) => ends.filter((end) => end === which).length;
  return { accepted: of('accepted'), refused: of('refused'), left: of('left alone'), most, wrong };
}

const order = fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })).map((draws) => {
  return (underWay: number) => Math.floor((draws.next().value ?? 0) * underWay);
});

describe('known hosts of the one account of a domain', () => {
  it('are all logged in to, more and more at once, where fewer than three of them refuse', async () => {
    const bad = fc.uniqueArray(fc.nat(59), { maxLength: IN_A_ROW - 1 });
    await fc.assert(
      fc.asyncProperty(bad, order, async (hosts, pick) => {
        const seen = await logIn(60, { isBad: (host) => hosts.includes(host) }, pick);
        expect(seen).toMatchObject({ accepted: 60 - hosts.length, refused: hosts.length, left: 0 });
        expect(seen.most).toBe(AT_ONCE);
      }),
      { numRuns: 30, seed: 1 },
    );
  });

  it('send a password that was changed before the first of them no more than four times', async () => {
    const seen = await logIn(250, { isBad: () => false, changesAfter: 0 }, () => 0);
    expect(seen).toMatchObject({ accepted: 0, refused: IN_A_ROW + 1, left: 250 - IN_A_ROW - 1 });
  });

  it('send a password that is changed under way no more often than logins are under way, and twice', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(90), order, async (changesAfter, pick) => {
        const { wrong, left } = await logIn(100, { isBad: () => false, changesAfter }, pick);
        expect(wrong).toBeLessThanOrEqual(AT_ONCE + IN_A_ROW - 1);
        expect(left).toBeGreaterThanOrEqual(Math.max(0, 100 - changesAfter - 2 * AT_ONCE));
      }),
      { numRuns: 60, seed: 2 },
    );
  });

  it('go on where one that was under way is accepted after three refusals', async () => {
    const turns = createKnownTurns(createManualClock());
    const under = [await turns.take(running), await turns.take(running)];
    for (const end of ['refused', 'refused', 'refused'] as const) turns.tell(end);
    expect(turns.stop()).toEqual({
      skip: 'allowance',
      why: expect.stringMatching(
        /^no login was tried: three hosts in a row refused .*, change the secret as well; /,
      ),
    });
    let isNext = false;
    const next = turns.take(running).then((turn) => {
      isNext = true;
      return turn;
    });
    under[0]?.end();
    await nextTurn();
    expect(isNext).toBe(false);
    turns.tell('accepted');
    (await next).end();
    expect(turns.stop()).toBeUndefined();
  });

  it('take the place of one that is connected and was sent nothing for three seconds', async () => {
    const clock = createManualClock();
    const turns = createKnownTurns(clock);
    await turns.take(running);
    await turns.take(running);
    let isNext = false;
    const next = turns.take(running).then(() => {
      isNext = true;
    });
    clock.advance(2_999);
    await nextTurn();
    expect(isNext).toBe(false);
    clock.advance(1);
    await next;
    expect(clock.sleepers()).toBe(1);
  });

  it('wait for those that were sent the password, however long they take to answer', async () => {
    const clock = createManualClock();
    const turns = createKnownTurns(clock);
    const under = [await turns.take(running), await turns.take(running)];
    for (const turn of under) await turn.beforePassword(running);
    let isNext = false;
    const next = turns.take(running).then(() => {
      isNext = true;
    });
    clock.advance(3_600_000);
    await nextTurn();
    expect(isNext).toBe(false);
    under[0]?.end();
    await next;
  });

  it('are sent the password late only when there is a place for them again, and hold none once they have ended', async () => {
    const clock = createManualClock();
    const turns = createKnownTurns(clock);
    const [late, gone] = [await turns.take(running), await turns.take(running)];
    clock.advance(3_000);
    await nextTurn();
    const others = [await turns.take(running), await turns.take(running)];
    let isSent = false;
    const sending = late?.beforePassword(running).then(() => {
      isSent = true;
    });
    const left = gone?.beforePassword(running);
    await nextTurn();
    expect(isSent).toBe(false);
    others[0]?.end();
    await sending;
    gone?.end();
    others[1]?.end();
    await left;
    late?.end();
    for (const turn of [turns.take(running), turns.take(running)]) await expect(turn).resolves.toBeDefined();
  });

  it('send a password that is changed under way no more than 18 times, however slowly hosts connect and refuse, and 50 times if they refuse faster than they accept', async () => {
    const ms = fc.integer({ min: 0, max: 15_000 });
    const acceptMs = fc.integer({ min: 0, max: 500 });
    const refuseMs = fc.oneof(ms, acceptMs);
    const quick = Array.from({ length: 250 }, () => ({ connects: 0, answers: 500 }));
    const hosts = fc.array(fc.record({ connects: fc.oneof(acceptMs, ms), answers: acceptMs }), {
      minLength: 60,
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(
        hosts,
        fc.integer({ min: 0, max: 20_000 }),
        refuseMs,
        async (all, changedAt, refuses) => {
          const clock = createManualClock();
          const startedAt = clock.monotonic();
          const turns = createKnownTurns(clock);
          let wrong = 0;
          let ended = 0;
          const logIns = all.map(async ({ connects, answers }) => {
            const turn = await turns.take(running);
            await clock.sleep(connects, running);
            await turn.beforePassword(running);
            if (turns.stop() === undefined) {
              const isRight = clock.monotonic() - startedAt < changedAt;
              wrong += Number(!isRight);
              await clock.sleep(isRight ? answers : refuses, running);
              turns.tell(isRight ? 'accepted' : 'refused');
            }
            turn.end();
            ended += 1;
          });
          while (ended < all.length) {
            clock.advance(100);
            await nextTurn();
          }
          await Promise.all(logIns);
          expect(wrong).toBeLessThanOrEqual(refuses > 600 ? AT_ONCE + 2 : 3 * AT_ONCE + 2);
        },
      ),
      {
        numRuns: 30,
        seed: 3,
        examples: [
          [quick, 3_000, 6_000],
          [quick, 3_000, 14_000],
        ],
      },
    );
  });

  it('are all collected before their login times out, however many of them exchange keys for longer than three seconds', async () => {
    const LOGIN_MS = 15_000;
    const ANSWER_MS = 5_000;
    const slowMs = fc.integer({ min: 3_001, max: 6_000 });
    const connects = fc.oneof(fc.constant(4_000), fc.constant(500), slowMs);
    const allSlow = Array.from({ length: 250 }, () => 3_100);
    const halfSlow = Array.from({ length: 250 }, (_, index) => (index % 2 === 0 ? 4_000 : 500));
    await fc.assert(
      fc.asyncProperty(fc.array(connects, { minLength: 100, maxLength: 100 }), async (hosts) => {
        const clock = createManualClock();
        const turns = createKnownTurns(clock);
        const ends: ('collected' | 'too late')[] = [];
        const logIns = hosts.map(async (ms) => {
          const turn = await turns.take(running);
          const begun = clock.monotonic();
          await clock.sleep(ms, running);
          await turn.beforePassword(running);
          const isInTime = clock.monotonic() - begun <= LOGIN_MS - ANSWER_MS;
          if (isInTime) {
            await clock.sleep(500, running);
            turns.tell('accepted');
          }
          ends.push(isInTime ? 'collected' : 'too late');
          turn.end();
        });
        while (ends.length < hosts.length) {
          clock.advance(100);
          await nextTurn();
        }
        await Promise.all(logIns);
        expect(ends.filter((end) => end === 'collected')).toHaveLength(hosts.length);
      }),
      { numRuns: 10, seed: 4, examples: [[allSlow], [halfSlow]] },
    );
  });

  it('keep no other from its place when they are gone while they wait for one again', async () => {
    const clock = createManualClock();
    const turns = createKnownTurns(clock);
    const gone = await turns.take(running);
    await turns.take(running);
    clock.advance(3_000);
    await nextTurn();
    const others = [await turns.take(running), await turns.take(running)];
    for (const other of others) await other.beforePassword(running);
    const closed = new AbortController();
    const sending = gone.beforePassword({ signal: closed.signal });
    const next = turns.take(running);
    closed.abort(new Error('the host closed the connection'));
    await expect(sending).rejects.toThrow('closed the connection');
    gone.end();
    others[0]?.end();
    await expect(next).resolves.toBeDefined();
  });

  it('wait for their turn no longer than their signal says, and hold no place then', async () => {
    const turns = createKnownTurns(createManualClock());
    const [first] = [await turns.take(running), await turns.take(running)];
    const waiting = new AbortController();
    const given = turns.take({ signal: waiting.signal });
    waiting.abort(new Error('the time is over'));
    await expect(given).rejects.toThrow('the time is over');
    first?.end();
    await expect(turns.take(running)).resolves.toBeDefined();
  });
});

describe('the batches of a run in one process', () => {
  const run = { runId: 'run', endsAt: 60_000 };

  it('send a password that was changed before the first of them no more than four times in all', async () => {
    const join = createTurnsOfRuns(createManualClock());
    let refused = 0;
    const batches = Array.from({ length: 8 }, async () => {
      const { turns, leave } = join(run);
      const hosts = Array.from({ length: 50 }, async () => {
        const turn = await turns.take(running);
        await turn.beforePassword(running);
        if (turns.stop() === undefined) {
          refused += 1;
          await nextTurn();
          turns.tell('refused');
        }
        turn.end();
      });
      await Promise.all(hosts);
      leave();
    });
    await Promise.all(batches);
    expect(refused).toBe(IN_A_ROW + 1);
  });

  it('have sixteen logins at once each that is under way', async () => {
    const join = createTurnsOfRuns(createManualClock());
    const first = join(run);
    const second = join(run);
    for (let accepted = 0; accepted < 100; accepted += 1) first.turns.tell('accepted');
    let underWay = 0;
    const takeMore = () => {
      for (let host = 0; host < 50; host += 1)
        void second.turns.take(running).then(() => {
          underWay += 1;
        });
      return nextTurn();
    };
    await takeMore();
    expect(underWay).toBe(2 * AT_ONCE);
    first.leave();
    await takeMore();
    expect(underWay).toBe(2 * AT_ONCE);
  });

  it('know nothing of another run, nor of one whose time is over', async () => {
    const clock = createManualClock();
    const join = createTurnsOfRuns(clock);
    const endsAt = clock.now() + 60_000;
    const stop = (runId: string) => join({ runId, endsAt }).turns.stop();
    const { turns } = join({ runId: 'one', endsAt });
    for (let refused = 0; refused < IN_A_ROW; refused += 1) turns.tell('refused');
    expect(stop('one')).toEqual({
      skip: 'allowance',
      why:
        'no login was tried: three hosts in a row refused the account that all hosts share, after others had accepted it ' +
        'in this run. If its password was changed, change the secret as well; the next run tries again',
    });
    expect(stop('another')).toBeUndefined();
    expect(stop('one')).toMatchObject({ skip: 'allowance' });
    clock.advance(60_000);
    join({ runId: 'third', endsAt: endsAt + 60_000 });
    expect(stop('one')).toMatchObject({ skip: 'allowance' });
    clock.advance(1);
    join({ runId: 'third', endsAt });
    expect(stop('one')).toBeUndefined();
  });
});
