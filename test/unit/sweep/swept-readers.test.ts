import { describe, expect, it } from 'vitest';
import { CUSTOM_ATTRIBUTES } from '../../../lib/catalogue/sources/custom-attributes.ts';
import type { Clock } from '../../../lib/platform/clock.ts';
import { untilAborted } from '../../../lib/platform/until-aborted.ts';
import type { TargetReader, TargetSession } from '../../../lib/readers/target-reader.ts';
import { createKeptResults } from '../../../lib/sweep/dispatch/kept-results.ts';
import type { TargetOrder } from '../../../lib/sweep/dispatch/target-order.ts';
import type { ListedTarget } from '../../../lib/sweep/listing/list-target.ts';
import { printOutcome } from '../../../lib/sweep/outcome.ts';
import { readBySweep } from '../../../lib/sweep/run/read-by-sweep.ts';
import { createEagerClock } from '../../support/eager-clock.ts';
import { NO_EVENTS } from '../../support/no-events.ts';

type Read = TargetReader<never>['read'];
const VALUE = [{ attribute: 'a', value: 'b' }];
const MACHINES = [1, 2].map((one) => ({
  type: 'VirtualMachine',
  moref: `vm-${one}`,
  name: `vm${one}`,
  facts: {},
}));

interface World {
  source?: 'fresh' | 'last';
  collectors?: readonly string[];
  workerMs?: number;
  rest?: object;
}

/** What comes of one reader in the sweep itself, on a clock that waits for nothing. */
async function sweepBy(read: Read, { source = 'fresh', collectors, workerMs = 40_000, rest }: World = {}) {
  const clock: Clock = createEagerClock(1_000_000);
  const start = clock.monotonic();
  const reader: TargetReader<never> = { facts: CUSTOM_ATTRIBUTES, read };
  const results = await readBySweep(
    {
      sweep: { name: 'inventory', collectors: collectors ?? ['custom-attributes'] },
      target: { name: 'vc01' },
      times: { workerEnd: workerMs, leaseEnd: 50_000, graceMs: 0 },
      timeline: { msUntil: (end: number) => Math.max(0, end - (clock.monotonic() - start)) },
    } as unknown as TargetOrder,
    {
      listed: {
        source,
        session: { connection: { is: 'the connection' }, ...(rest === undefined ? {} : { rest }) },
        list: { hosts: [] },
        others: new Map([['vm', { items: MACHINES, unreadable: [] }]]),
      } as unknown as ListedTarget,
      kept: createKeptResults(),
    },
    {
      clock,
      config: { events: { types: ['apd'] } },
      events: NO_EVENTS.tally,
      targetReaders: [reader],
    } as unknown as Parameters<typeof readBySweep>[2],
    { signal: new AbortController().signal },
  );
  return {
    tookMs: clock.monotonic() - start,
    results: results.map(({ kind, morefs, problems, result, reader: { name } }) => {
      if (result.status === 'rejected') throw result.reason;
      const { outcomes, families, collectors: of, warnings, measurements } = result.value;
      return {
        kind,
        morefs,
        problems,
        reader: name,
        outcomes: outcomes.map(([moref, outcome]) => `${moref} ${printOutcome(outcome)}`),
        points: families.map(({ metric, items }) => `${metric} ${items}`),
        success: of.map(({ name: one, success }) => `${one} ${success}`),
        warnings,
        failedLogouts: measurements.failedLogouts,
      };
    }),
  };
}
const ofMachines = ({ results }: Awaited<ReturnType<typeof sweepBy>>) =>
  results.find(({ kind }) => kind === 'vm');
const WELL = {
  kind: 'vm',
  morefs: ['vm-1', 'vm-2'],
  problems: [],
  reader: CUSTOM_ATTRIBUTES.name,
  outcomes: ['vm-1 ok', 'vm-2 ok'],
  points: ['vmware_vm_custom_attribute 0,1'],
  success: ['custom-attributes true'],
  warnings: [],
  failedLogouts: 0,
};
const yieldsAll: Read = async function* () {
  for (const { moref } of MACHINES) yield ['vm', moref, VALUE] as const;
};

describe('what the sweep reads itself', () => {
  it('has the points and the outcome of each item that came, and nothing of what was not asked for or came twice', async () => {
    const found = await sweepBy(async function* () {
      yield ['vm', 'vm-1', VALUE];
      yield ['vm', 'vm-1', VALUE];
      yield ['vm', 'vm-9', VALUE];
      yield ['host', 'vm-2', VALUE];
      yield ['vm', 'vm-2', VALUE];
    });
    const { points, ...rest } = ofMachines(found) ?? {};
    expect(rest).toEqual({ ...WELL, points: undefined });
    expect(points).toEqual([expect.stringMatching(/^\w+ 0,1$/)]);
    expect(found.tookMs).toBe(0);
  });

  it('is unreadable where an item did not come, and failed with its reason where the reader did', async () => {
    expect(
      ofMachines(
        await sweepBy(async function* () {
          yield ['vm', 'vm-2', VALUE];
        }),
      ),
    ).toMatchObject({
      outcomes: ['vm-1 failed(unreadable)', 'vm-2 ok'],
      problems: [],
      success: ['custom-attributes true'],
    });
    expect(
      ofMachines(
        // biome-ignore lint/correctness/useYield: it fails before.
        await sweepBy(async function* () {
          throw new Error('it is down');
        }),
      ),
    ).toMatchObject({
      outcomes: ['vm-1 failed(target)', 'vm-2 failed(target)'],
      problems: [`could not be read: ${CUSTOM_ATTRIBUTES.name}: it is down`],
      points: [],
      success: ['custom-attributes false'],
      warnings: [],
    });
  });

  it('is nothing without a fresh list, and where no collector has such rows', async () => {
    const never: Read = () => {
      throw new Error('it was read');
    };
    expect((await sweepBy(never, { source: 'last' })).results).toEqual([]);
    expect((await sweepBy(never, { collectors: ['overall-status'] })).results).toEqual([]);
  });

  it.each([
    [40_000, 35_000],
    [10_000, 8_000],
  ])(
    'ends, of %d ms that workers have, after %d ms, which leaves the time for the logout',
    async (workerMs, ends) => {
      const found = await sweepBy(
        async function* (_wanted, { signal }) {
          yield ['vm', 'vm-1', VALUE];
          await untilAborted(Promise.withResolvers<void>().promise, signal);
        },
        { workerMs },
      );
      expect(found.tookMs).toBe(ends);
      expect(ofMachines(found)).toMatchObject({
        outcomes: ['vm-1 ok', 'vm-2 failed(target)'],
        problems: [expect.stringContaining('reading in the sweep itself')],
      });
    },
  );

  it('ends in time also where the reader does not hear of it, and takes nothing that comes later', async () => {
    const found = await sweepBy(async function* () {
      await Promise.withResolvers<void>().promise;
      yield ['vm', 'vm-1', VALUE];
    });
    expect(found.tookMs).toBe(35_000);
    expect(ofMachines(found)?.outcomes).toEqual(['vm-1 failed(target)', 'vm-2 failed(target)']);
  });

  it('has the connection of the run, the types of events and their tally, and no REST API where the target has none', async () => {
    let given: TargetSession | undefined;
    let rest: unknown = 'not asked';
    await sweepBy(async function* (_wanted, { session, signal }) {
      given = session;
      rest = await session.rest({ signal });
      yield ['vm', 'vm-1', VALUE];
    });
    expect(given?.connection).toEqual({ is: 'the connection' });
    expect(given?.events).toEqual({ types: ['apd'], tally: NO_EVENTS.tally });
    expect(rest).toBeUndefined();
  });

  it('logs in to the REST API once a run, also where that failed, and is read without it', async () => {
    const errors: unknown[] = [];
    let logins = 0;
    const rest = {
      get account(): never {
        logins += 1;
        throw new Error('no account');
      },
    };
    const found = await sweepBy(
      async function* (wanted, { session, signal, clock }) {
        for (const _ of [1, 2]) await session.rest({ signal }).catch((error: unknown) => errors.push(error));
        yield* yieldsAll(wanted, { session, signal, clock });
      },
      { rest },
    );
    expect([logins, errors.length]).toEqual([1, 2]);
    expect(ofMachines(found)?.outcomes).toEqual(['vm-1 ok', 'vm-2 ok']);
  });
});
