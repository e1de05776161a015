import { expect, it } from 'vitest';
import { Turns } from '../../../../lib/poll/gateway/turns.ts';

/** Who asks for a place again and again, and the order in which places were taken. */
function startTurns(places: number) {
  const turns = new Turns(places);
  const taken: string[] = [];
  const asker = (name: string, wants: () => boolean) => {
    const ask = () => {
      if (wants() && turns.take(ask)) taken.push(name);
    };
    return ask;
  };
  return { turns, taken, asker };
}

it('a place that is given back goes to whoever asked first', () => {
  const { turns, taken, asker } = startTurns(1);
  for (const name of ['a', 'b', 'c']) asker(name, () => true)();
  turns.giveBack();
  turns.giveBack();
  expect(taken).toEqual(['a', 'b', 'c']);
});

it('one that has no use for its place by now keeps it from nobody', () => {
  const { turns, taken, asker } = startTurns(1);
  asker('first', () => true)();
  let hasRoom = true;
  const full = asker('full', () => hasRoom);
  full();
  asker('next', () => true)();
  hasRoom = false;
  turns.giveBack();
  expect(taken).toEqual(['first', 'next']);
});

it('one that is gone is not called', () => {
  const { turns, taken, asker } = startTurns(1);
  asker('first', () => true)();
  const gone = asker('gone', () => true);
  gone();
  turns.forget(gone);
  turns.giveBack();
  asker('next', () => true)();
  expect(taken).toEqual(['first', 'next']);
});
