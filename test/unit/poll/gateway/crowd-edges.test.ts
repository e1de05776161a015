import { describe, expect, it } from 'vitest';
import { Crowd, type CrowdLimits } from '../../../../lib/poll/gateway/crowd.ts';

/** A crowd of members by their names; those that are ended leave it. */
function startCrowd(limits: Partial<CrowdLimits>) {
  const ended: string[] = [];
  const crowd = new Crowd<ReturnType<typeof join>>({
    all: 8,
    perAddress: 3,
    unreadBytes: 100,
    heldBytes: 100,
    ...limits,
  });
  function join(name: string, address: string, { idleTicks = 0, unreadBytes = 0, heldBytes = 0 } = {}) {
    const member = {
      name,
      address,
      isBusy: false,
      idleTicks,
      unreadBytes,
      heldBytes,
      end(why: string) {
        crowd.delete(member);
        ended.push(`${name} ${why}`);
      },
    };
    crowd.add(member);
    return member;
  }
  return { crowd, ended, join, names: () => [...crowd].map(({ name }) => name) };
}

describe('seats', () => {
  it('are so many in all, and so many of an address, and free again when one leaves', () => {
    const { crowd, join, names } = startCrowd({ all: 4 });
    const first = join('a1', 'a');
    const second = join('a2', 'a');
    expect(crowd.hasSeat('a')).toBe(true);
    join('a3', 'a');
    expect([crowd.hasSeat('a'), crowd.hasSeat('b')]).toEqual([false, true]);
    crowd.delete(first);
    crowd.delete(first);
    expect(crowd.hasSeat('a')).toBe(true);
    join('a4', 'a');
    expect(crowd.hasSeat('a')).toBe(false);
    join('b1', 'b');
    crowd.delete(second);
    expect(crowd.hasSeat('c')).toBe(true);
    join('c1', 'c');
    expect([crowd.hasSeat('a'), crowd.hasSeat('c'), crowd.hasSeat('d')]).toEqual([false, false, false]);
    expect(names()).toEqual(['a3', 'a4', 'b1', 'c1']);
  });

  it('of one that is gone are not taken again by its last request', () => {
    const { crowd, join, names } = startCrowd({});
    const [first] = [join('a1', 'a'), join('a2', 'a')];
    crowd.touch(first);
    expect(names()).toEqual(['a2', 'a1']);
    crowd.delete(first);
    crowd.touch(first);
    expect(names()).toEqual(['a2']);
  });

  it('of an address that is full come from that address, also when another one is as full', () => {
    const { crowd, join, ended } = startCrowd({ perAddress: 2 });
    for (const address of ['b', 'b', 'a', 'a']) join(address, address, { idleTicks: 30 });
    expect(crowd.makeSeat('a')).toBe(true);
    expect(ended).toEqual(['a crowd']);
  });

  it('of an address with one more are not taken from clients that asked lately, with two more they are', () => {
    const one = startCrowd({ all: 3 });
    for (const address of ['a', 'a', 'b']) one.join(address, address);
    expect(one.crowd.makeSeat('b')).toBe(false);
    expect(one.ended).toEqual([]);
    const two = startCrowd({ all: 4 });
    for (const address of ['b', 'a', 'a', 'a']) two.join(address, address);
    expect(two.crowd.makeSeat('b')).toBe(true);
    expect(two.ended).toEqual(['a crowd']);
  });

  it('are there for a first one without a word', () => {
    const { crowd, ended } = startCrowd({});
    expect(crowd.makeSeat('a')).toBe(true);
    expect(ended).toEqual([]);
    expect(startCrowd({ all: 0 }).crowd.makeSeat('a')).toBe(false);
  });
});

describe('bytes of all together', () => {
  it.each([
    ['unreadBytes', 'unread-replies'],
    ['heldBytes', 'crowd'],
  ] as const)('%s are brought down to their limit, and no further', (kind, why) => {
    const { crowd, join, ended } = startCrowd({});
    join('least', 'a', { [kind]: 40 });
    join('most', 'a', { [kind]: 70 });
    join('middle', 'b', { [kind]: 60 });
    crowd.checkBytes();
    expect(ended).toEqual([`most ${why}`]);
    crowd.checkBytes();
    expect(ended).toHaveLength(1);
    join('one', 'b', { [kind]: 1 });
    crowd.checkBytes();
    expect(ended).toEqual([`most ${why}`, `middle ${why}`]);
  });
});
