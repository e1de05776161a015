import { expect, it } from 'vitest';
import { Crowd } from '../../../../lib/poll/gateway/crowd.ts';

const LIMITS = { all: 4, perAddress: 3, unreadBytes: 100 };

interface Options {
  readonly isBusy?: boolean;
  readonly unreadBytes?: number;
}

/** A crowd, and who was ended in it, with the reason. */
function startCrowd() {
  const ended: string[] = [];
  const crowd = new Crowd<ReturnType<typeof join>>(LIMITS);
  function join(name: string, address: string, { isBusy = false, unreadBytes = 0 }: Options = {}) {
    const member = {
      address,
      isBusy,
      unreadBytes,
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

it('one too many of an address ends the one of it that was silent longest', () => {
  const { crowd, ended, join } = startCrowd();
  join('other', '10.0.0.9');
  const first = join('first', '10.0.0.1');
  join('second', '10.0.0.1');
  join('third', '10.0.0.1');
  crowd.touch(first);
  join('fourth', '10.0.0.1');
  expect(ended).toEqual(['second crowd']);
});

it('one too many in all ends one of the address that has the most, whoever comes', () => {
  const { ended, join } = startCrowd();
  join('alone', '10.0.0.9');
  join('first', '10.0.0.1');
  join('second', '10.0.0.1');
  join('third', '10.0.0.1');
  join('fourth', '10.0.0.2');
  expect(ended).toEqual(['first crowd']);
});

it('no connection with a request in hand is ended: then the newcomer is', () => {
  const { ended, join } = startCrowd();
  for (const name of ['first', 'second', 'third']) join(name, '10.0.0.1', { isBusy: true });
  join('fourth', '10.0.0.1', { isBusy: true });
  expect(ended).toEqual(['fourth crowd']);
});

it('when all together left too much unread, the one that left the most is ended', () => {
  const { crowd, ended, join } = startCrowd();
  join('some', '10.0.0.1', { unreadBytes: 40 });
  join('most', '10.0.0.1', { unreadBytes: 60 });
  crowd.checkUnread();
  expect(ended).toEqual([]);
  join('more', '10.0.0.2', { unreadBytes: 1 });
  crowd.checkUnread();
  expect(ended).toEqual(['most unread-replies']);
});
