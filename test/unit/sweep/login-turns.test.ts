import { describe, expect, it } from 'vitest';
import { createLoginTurns } from '../../../lib/sweep/worker/login-turns.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const running = { signal: new AbortController().signal };
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

/** Takes a turn and notes when it comes. */
function takeAll(turns: ReturnType<typeof createLoginTurns>, names: readonly string[]) {
  const begun = new Map<string, () => void>();
  for (const name of names) void turns.take(running).then((giveBack) => begun.set(name, giveBack));
  return begun;
}

describe('login turns', () => {
  it('lets so many begin at once, and another one for each turn that is given back', async () => {
    const begun = takeAll(createLoginTurns({ clock: createManualClock(), atOnce: 2 }), ['a', 'b', 'c', 'd']);
    await nextTurn();
    expect([...begun.keys()]).toEqual(['a', 'b']);
    begun.get('a')?.();
    begun.get('a')?.();
    await nextTurn();
    expect([...begun.keys()]).toEqual(['a', 'b', 'c']);
  });

  it('lets 64 begin at once when nobody says how many', async () => {
    const names = Array.from({ length: 80 }, (_, index) => `host ${index}`);
    const begun = takeAll(createLoginTurns({ clock: createManualClock() }), names);
    await nextTurn();
    expect(begun.size).toBe(64);
  });

  it('takes the turn away from a host that is silent', async () => {
    const clock = createManualClock();
    const begun = takeAll(createLoginTurns({ clock, atOnce: 1 }), ['silent', 'next']);
    await nextTurn();
    clock.advance(249);
    await nextTurn();
    expect([...begun.keys()]).toEqual(['silent']);
    clock.advance(1);
    await nextTurn();
    expect([...begun.keys()]).toEqual(['silent', 'next']);
  });

  it('gives up a wait whose signal aborts, and its turn with it', async () => {
    const turns = createLoginTurns({ clock: createManualClock(), atOnce: 1 });
    const giveBack = await turns.take(running);
    const waiting = new AbortController();
    const given = turns.take({ signal: waiting.signal });
    waiting.abort(new Error('the time is over'));
    await expect(given).rejects.toThrow('the time is over');
    giveBack();
    await expect(turns.take(running)).resolves.toBeTypeOf('function');
  });
});
