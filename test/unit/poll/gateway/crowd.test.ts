import { expect, it } from 'vitest';
import { Crowd } from '../../../../lib/poll/gateway/crowd.ts';

const LIMITS = { all: 4, perAddress: 3, unreadBytes: 100, heldBytes: 100 };

interface Options {
  readonly isBusy?: boolean;
  readonly idleTicks?: number;
  readonly unreadBytes?: number;
  readonly heldBytes?: number;
}

/** A crowd, and who was ended in it, with the reason. */
function startCrowd() {
  const ended: string[] = [];
  const crowd = new Crowd<ReturnType<typeof join>>(LIMITS);
  function join(name: string, address: string, options: Options = {}) {
    const member = {
      address,
      isBusy: false,
      idleTicks: 30,
      unreadBytes: 0,
      heldBytes: 0,
      ...options,
      end(why: string) {
        crowd.delete(member);
        ended.push(`${name} ${why}`);
      },
    };
    crowd.add(member);
    return member;
  }
  return { crowd, ended, join };
}

it('one too many of an address gets the seat of the one of it that was silent longest', () => {
  const { crowd, ended, join } = startCrowd();
  join('other', '10.0.0.9');
  const first = join('first', '10.0.0.1');
  join('second', '10.0.0.1');
  join('third', '10.0.0.1');
  crowd.touch(first);
  expect(crowd.hasSeat('10.0.0.1')).toBe(false);
  expect(crowd.makeSeat('10.0.0.1')).toBe(true);
  expect(ended).toEqual(['second crowd']);
  expect(crowd.hasSeat('10.0.0.1')).toBe(true);
});

it('clients of one address that all asked lately do not displace each other', () => {
  const { crowd, ended, join } = startCrowd();
  for (const name of ['first', 'second', 'third']) join(name, '10.0.0.1', { idleTicks: 29 });
  expect(crowd.makeSeat('10.0.0.1')).toBe(false);
  expect(ended).toEqual([]);
});

it('another address gets a seat of the one that has the most, also of clients that asked lately', () => {
  const { crowd, ended, join } = startCrowd();
  join('alone', '10.0.0.9');
  for (const name of ['first', 'second', 'third']) join(name, '10.0.0.1', { idleTicks: 0 });
  expect(crowd.makeSeat('10.0.0.2')).toBe(true);
  expect(ended).toEqual(['first crowd']);
});

it('addresses with as many seats do not displace each other', () => {
  const { crowd, ended, join } = startCrowd();
  for (const address of ['10.0.0.1', '10.0.0.1', '10.0.0.2', '10.0.0.2'])
    join('one', address, { idleTicks: 0 });
  expect(crowd.makeSeat('10.0.0.1')).toBe(false);
  expect(crowd.makeSeat('10.0.0.2')).toBe(false);
  expect(ended).toEqual([]);
});

it('no connection with a request in hand is ended, and a busy address leaves a seat to others', () => {
  const { crowd, ended, join } = startCrowd();
  for (const name of ['first', 'second', 'third']) join(name, '10.0.0.1', { isBusy: true });
  expect(crowd.makeSeat('10.0.0.1')).toBe(false);
  expect(crowd.hasSeat('10.0.0.2')).toBe(true);
  expect(ended).toEqual([]);
});

it('when all together left too much unread, the one that left the most is ended', () => {
  const { crowd, ended, join } = startCrowd();
  join('some', '10.0.0.1', { unreadBytes: 40 });
  join('most', '10.0.0.1', { unreadBytes: 60 });
  crowd.checkBytes();
  expect(ended).toEqual([]);
  join('more', '10.0.0.2', { unreadBytes: 1 });
  crowd.checkBytes();
  expect(ended).toEqual(['most unread-replies']);
});

it('when all together keep too much here that is not answered, those with the most are ended', () => {
  const { crowd, ended, join } = startCrowd();
  join('some', '10.0.0.1', { heldBytes: 60 });
  join('most', '10.0.0.1', { heldBytes: 90 });
  join('more', '10.0.0.2', { heldBytes: 80 });
  crowd.checkBytes();
  expect(ended).toEqual(['most crowd', 'more crowd']);
});
