import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createOwnBatches, createOwnHosts } from '../../../lib/sweep/dispatch/own-batches.ts';

const never = new AbortController().signal;
const payload = new Uint8Array();

/** Collects when it is told to. */
function startOwn(atOnce: number) {
  const begun: PromiseWithResolvers<Uint8Array>[] = [];
  const collect = () => {
    const work = Promise.withResolvers<Uint8Array>();
    begun.push(work);
    return work.promise;
  };
  return { own: createOwnBatches(collect, { atOnce, belowHosts: 1_000 }), begun };
}
const nothing = () => undefined;
const turns = () => new Promise((resolve) => setImmediate(resolve));

describe('createOwnBatches', () => {
  it('begins no more batches than fit at once, and says of each when it begins', async () => {
    const { own, begun } = startOwn(2);
    const started: number[] = [];
    const all = [1, 2, 3].map((number) =>
      own.collect(payload, { signal: never, onStart: () => void started.push(number) }),
    );
    expect(own.hasRoom()).toBe(false);
    await turns();
    expect(started).toEqual([1, 2]);
    begun[0]?.resolve(payload);
    await turns();
    expect(started).toEqual([1, 2, 3]);
    for (const { resolve } of begun) resolve(payload);
    await Promise.all(all);
    expect(own.hasRoom()).toBe(true);
  });

  it('never begins one that was given up while it waited for room', async () => {
    const { own, begun } = startOwn(1);
    const run = new AbortController();
    const started: number[] = [];
    void own.collect(payload, { signal: never, onStart: nothing });
    const late = own.collect(payload, { signal: run.signal, onStart: () => void started.push(2) });
    run.abort(new Error('out of time'));
    await turns();
    begun[0]?.resolve(payload);
    await expect(late).rejects.toThrow('out of time');
    expect(started).toEqual([]);
  });

  it('is settled when all that began has ended, well or not, or when the signal says so', async () => {
    const { own, begun } = startOwn(2);
    const lost = own.collect(payload, { signal: never, onStart: nothing }).catch(nothing);
    void own.collect(payload, { signal: never, onStart: nothing });
    await turns();
    let isSettled = false;
    const settled = own.settled({ signal: never }).then(() => {
      isSettled = true;
    });
    begun[0]?.reject(new Error('it broke'));
    await lost;
    await turns();
    expect(isSettled).toBe(false);
    await own.settled({ signal: AbortSignal.abort() });
    begun[1]?.resolve(payload);
    await settled;
    await own.settled({ signal: never });
  });
});

describe('createOwnHosts', () => {
  it('takes targets while the hosts of the run are fewer than the limit, and never more', () =>
    fc.assert(
      fc.property(fc.nat(2_000), fc.array(fc.nat(1_500)), (belowHosts, targets) => {
        const own = createOwnHosts({ belowHosts, atOnce: 9 });
        let sum = 0;
        for (const hosts of targets) {
          const isTaken = own.take({ hosts, batches: 0 });
          expect(isTaken).toBe(sum + hosts < belowHosts);
          if (isTaken) sum += hosts;
        }
      }),
    ));

  it('takes targets while their batches run side by side, and never one that would wait', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.array(fc.nat(6)), (atOnce, targets) => {
        const own = createOwnHosts({ belowHosts: 1_000, atOnce });
        let sum = 0;
        for (const batches of targets) {
          const isTaken = own.take({ hosts: batches, batches });
          expect(isTaken).toBe(sum + batches <= atOnce);
          if (isTaken) sum += batches;
        }
      }),
    ));

  it('takes nobody at 0, not even a target without hosts', () =>
    expect(createOwnHosts({ belowHosts: 0, atOnce: 9 }).take({ hosts: 0, batches: 0 })).toBe(false));
});
