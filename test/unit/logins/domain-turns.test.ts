import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKnownTurns } from '../../../lib/logins/trial/domain-turns.ts';
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
    const giveBack = await turns.take(running);
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
    giveBack();
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
    const giveBack = [await turns.take(running), await turns.take(running)];
    // One of them could not be written.
    for (const end of ['refused', 'unrecorded', 'refused'] as const) turns.tell(end);
    expect(turns.stop()).toMatchObject({ skip: 'allowance' });
    let isNext = false;
    const next = turns.take(running).then((back) => {
      isNext = true;
      return back;
    });
    giveBack[0]?.();
    await nextTurn();
    expect(isNext).toBe(false);
    turns.tell('accepted');
    (await next)();
    expect(turns.stop()).toBeUndefined();
  });

  it('count neither a login whose answer this process lost, nor one that was not made', async () => {
    const turns = createKnownTurns(createManualClock());
    for (const end of ['presumed', undefined, 'left-open', 'presumed-unrecorded'] as const) turns.tell(end);
    expect(turns.stop()).toBeUndefined();
  });

  it('take the place of one that does not answer for three seconds', async () => {
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

  it('wait for their turn no longer than their signal says, and hold no place then', async () => {
    const turns = createKnownTurns(createManualClock());
    const [first] = [await turns.take(running), await turns.take(running)];
    const waiting = new AbortController();
    const given = turns.take({ signal: waiting.signal });
    waiting.abort(new Error('the time is over'));
    await expect(given).rejects.toThrow('the time is over');
    first?.();
    await expect(turns.take(running)).resolves.toBeTypeOf('function');
  });
});
