import { describe, expect, it } from 'vitest';
import type { Dispatcher } from '../../../lib/sweep/dispatch/dispatch.ts';
import { watched } from '../../../lib/sweep/dispatch/watched.ts';
import type { FinishedBatch } from '../../../lib/sweep/finished-batch.ts';
import { batchHost, batchResult } from './builders.ts';

describe('a dispatcher that is watched', () => {
  it('keeps what is sent, and tells how many hosts are back or lost as batches end', async () => {
    const ends = [Promise.withResolvers<FinishedBatch>(), Promise.withResolvers<FinishedBatch>()] as const;
    const dispatcher: Dispatcher = { send: () => ends.map(({ promise }) => promise) };
    const sent: Promise<FinishedBatch>[] = [];
    const told: number[] = [];
    const sending = watched(dispatcher, sent, (done) => told.push(done)).send([]);
    expect(sent).toEqual(sending);
    const two = [batchHost(1), batchHost(2)];
    const reason = new Error('lost');
    ends[1].resolve({ batch: 1, hosts: two, started: true, result: { status: 'rejected', reason } });
    await sending[1];
    expect(told).toEqual([2]);
    const value = batchResult({});
    ends[0].resolve({
      batch: 0,
      hosts: [batchHost(3)],
      started: true,
      result: { status: 'fulfilled', value },
    });
    await Promise.all(sending);
    expect(told).toEqual([2, 3]);
  });
});
