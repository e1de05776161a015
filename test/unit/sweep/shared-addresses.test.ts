import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LoginEnd } from '../../../lib/logins/asked-batch.ts';
import type { BatchHost } from '../../../lib/sweep/batch.ts';
import { sendByAddress } from '../../../lib/sweep/dispatch/shared-addresses.ts';
import type { FinishedBatch } from '../../../lib/sweep/finished-batch.ts';
import { sliceBatches } from '../../../lib/sweep/plan/batch-size.ts';
import { batchHost, batchResult } from './builders.ts';

type End = LoginEnd | 'no-answer' | 'lost';

/** A far side that answers every login on an address in one way, and counts what is under way before it accepted. */
function createFarSide(ends: Readonly<Record<string, End>>) {
  const accepted = new Set<string>();
  const unaccepted = new Map<string, number>();
  let batch = 0;
  const send = async (hosts: readonly BatchHost[]): Promise<FinishedBatch> => {
    const number = batch++;
    const asked = hosts.filter(({ ssh }) => ssh === 'try');
    for (const { address } of asked) {
      if (!accepted.has(address)) unaccepted.set(address, (unaccepted.get(address) ?? 0) + 1);
    }
    await Promise.resolve();
    const isLost = asked.some(({ address }) => ends[address] === 'lost');
    if (isLost)
      return {
        batch: number,
        hosts,
        started: true,
        result: { status: 'rejected', reason: new Error('lost') },
      };
    const logins = asked.flatMap(({ moref, address }): [string, LoginEnd][] => {
      const end = ends[address] ?? 'accepted';
      if (end === 'accepted') accepted.add(address);
      return end === 'no-answer' || end === 'lost' ? [] : [[moref, end]];
    });
    return {
      batch: number,
      hosts,
      started: true,
      result: { status: 'fulfilled', value: batchResult({ logins }) },
    };
  };
  return { send, unaccepted };
}

type Send = ReturnType<typeof createFarSide>['send'];
const slicing = (send: Send, maxHosts: number) => (hosts: readonly BatchHost[]) =>
  sliceBatches(hosts, maxHosts).map(send);

const at = (number: number, address: string, changes: Partial<BatchHost> = {}) =>
  batchHost(number, { address, port: 22 + number, ...changes });
const told = (finished: readonly FinishedBatch[]) =>
  finished.map(({ hosts }) => hosts.map(({ moref, ssh }) => `${moref} ${ssh === 'try' ? 'try' : ssh.skip}`));

describe('sendByAddress', () => {
  it('sends hosts that share no address at once, in slices', async () => {
    const { send } = createFarSide({});
    const hosts = [1, 2, 3].map((number) => at(number, `10.0.0.${number}`));
    expect(told(await sendByAddress(hosts, slicing(send, 2)))).toEqual([
      ['host-1 try'],
      ['host-2 try', 'host-3 try'],
    ]);
  });

  it('lets the rest of an address follow when its first host was accepted, else leaves it alone', async () => {
    const { send } = createFarSide({ good: 'accepted', bad: 'refused', silent: 'no-answer' });
    const hosts = ['good', 'bad', 'silent', 'good', 'bad', 'silent', 'bad'].map((name, n) => at(n, name));
    expect(told(await sendByAddress(hosts, slicing(send, 9)))).toEqual([
      ['host-1 try', 'host-0 try', 'host-2 try'],
      ['host-4 allowance', 'host-6 allowance', 'host-3 try', 'host-5 allowance'],
    ]);
  });

  it('slices hosts in the order in which the state table has them, so that a worker reads its own alone', async () => {
    const { send } = createFarSide({});
    const hosts = ['10.0.0.9', '10.0.0.10', 'esx-b', 'esx-a', '10.0.0.1'].map((name, n) => at(n, name));
    expect(told(await sendByAddress(hosts, slicing(send, 2)))).toEqual([
      ['host-1 try'],
      ['host-4 try', 'host-0 try'],
      ['host-3 try', 'host-2 try'],
    ]);
  });

  it('counts no host that is not asked as the first of its address', async () => {
    const { send } = createFarSide({});
    const hosts = [at(1, 'a', { ssh: { skip: 'poweredoff' } }), at(2, 'a'), at(3, 'a')];
    expect(told(await sendByAddress(hosts, slicing(send, 9)))).toEqual([
      ['host-1 poweredoff'],
      ['host-2 try'],
      ['host-3 try'],
    ]);
  });

  it('has the rest of an address follow its first host, whatever hosts are called', async () => {
    const { send } = createFarSide({});
    const hosts = [at(1, 'a'), at(2, 'a'), { ...at(3, 'b'), moref: 'host-1' }, at(4, 'b')];
    const sent = (await sendByAddress(hosts, slicing(send, 1))).flatMap((one) => one.hosts);
    expect(sent.map(({ address, port }) => `${address}:${port}`).toSorted()).toEqual([
      'a:23',
      'a:24',
      'b:25',
      'b:26',
    ]);
    expect(sent.every(({ ssh }) => ssh === 'try')).toBe(true);
  });

  it('keeps the rest of an address whose first host was left alone on its way', async () => {
    const { send } = createFarSide({});
    const state = { skip: 'state' } as const;
    const unrecorded: Send = (hosts) => send(hosts.map((host) => ({ ...host, ssh: state })));
    expect(told(await sendByAddress([at(1, 'a'), at(2, 'a')], slicing(unrecorded, 9)))).toEqual([
      ['host-1 state'],
      ['host-2 state'],
    ]);
  });

  it('sends every host once, and has one login of an address under way before one was accepted', async () => {
    const end = fc.constantFrom<End[]>('accepted', 'refused', 'unrecorded', 'no-answer', 'lost');
    const host = fc.record({ address: fc.constantFrom('a', 'b', 'c'), skip: fc.boolean() });
    const ends = fc.record({ a: end, b: end, c: end });
    await fc.assert(
      fc.asyncProperty(fc.array(host), ends, fc.integer({ min: 1, max: 5 }), async (many, how, maxHosts) => {
        const farSide = createFarSide(how);
        const hosts = many.map(({ address, skip }, number) =>
          at(number, address, skip ? { ssh: { skip: 'lockdown' } } : {}),
        );
        const finished = await sendByAddress(hosts, slicing(farSide.send, maxHosts));
        const sent = finished.flatMap((one) => one.hosts.map(({ moref }) => moref));
        expect(sent.toSorted()).toEqual(hosts.map(({ moref }) => moref).toSorted());
        expect(Math.max(0, ...finished.map((one) => one.hosts.length))).toBeLessThanOrEqual(maxHosts);
        expect(Math.max(0, ...farSide.unaccepted.values())).toBeLessThanOrEqual(1);
      }),
    );
  });
});
