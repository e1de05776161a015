import { describe, expect, it } from 'vitest';
import { DeadlineError } from '../../../lib/platform/errors.ts';
import { createLineLog, silentLog } from '../../../lib/platform/log.ts';
import type { Group, Sink } from '../../../lib/sinks/sink.ts';
import { deliver, forgetLeftoverGroups } from '../../../lib/sweep/result/deliver.ts';

const running = { signal: new AbortController().signal };
const GROUP = { job: 'vsweep_services', instance: 'vc01' };
const SERIES = { group: GROUP, families: [], validUntil: 0 };
const holding = { ...running, holdsLease: async () => true };
const fail = () => {
  throw new Error('it broke');
};
const never = () => Promise.withResolvers<never>().promise;

const sink = (name: string, of: Partial<Sink> = {}): Sink => ({
  name,
  deliver: async () => 'delivered',
  forget: async () => false,
  ...of,
});

describe('deliver', () => {
  it('gives the series to every sink, and says what each made of them', async () => {
    const sinks = [sink('one'), sink('two', { deliver: async () => 'lease-lost' })];
    expect(await deliver(SERIES, { sinks }, holding)).toEqual({
      deliveries: [
        { sink: 'one', outcome: 'delivered' },
        { sink: 'two', outcome: 'lease-lost' },
      ],
      problems: ['two: not delivered, because another run took the lease; the result of that run stands'],
    });
  });

  it('costs no sink anything when another one throws, rejects, or never ends', async () => {
    const late = new AbortController();
    const taken: string[] = [];
    const sinks = [
      sink('throws', { deliver: fail }),
      sink('rejects', { deliver: () => Promise.reject(new Error('refused')) }),
      sink('hangs', { deliver: never }),
      sink('works', {
        deliver: async () => {
          taken.push('works');
          // The others are over or hang by now; the run ends.
          setImmediate(() => late.abort(new DeadlineError('the push took too long')));
          return 'delivered';
        },
      }),
    ];
    const { deliveries, problems } = await deliver(SERIES, { sinks }, { ...holding, signal: late.signal });
    expect(taken).toEqual(['works']);
    expect(deliveries.map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'failed', 'delivered']);
    expect(problems).toEqual([
      'throws: it broke',
      'rejects: refused',
      'hangs: not delivered before the end of the run. Check its load and the network on the way to it',
    ]);
  });

  it('delivers nothing for a run without a sink', async () => {
    expect(await deliver(SERIES, { sinks: [] }, holding)).toEqual({ deliveries: [], problems: [] });
  });
});

describe('forgetLeftoverGroups', () => {
  const recorded = ['vc01', 'gone-1', 'gone-2', 'gone-3'].map((instance) => ({ ...GROUP, instance }));

  function startForgetting() {
    const done: string[] = [];
    const noting = (name: string): Sink =>
      sink(name, {
        forget: async ({ instance }) => {
          if (instance === 'gone-1' && name === 'one') fail();
          done.push(`${name} ${instance}`);
          return name === 'one';
        },
      });
    return { done, sinks: [noting('one'), noting('two')], log: silentLog };
  }

  /** Records of groups, and which of them were removed. */
  function startRecords(all: readonly Group[] = recorded, parts?: readonly string[]) {
    const removed: string[] = [];
    const groups = {
      readAll: async () => all,
      read: async () => parts && { split: 1, parts },
      remove: async ({ instance }: Group) => void removed.push(instance),
    };
    return { groups, removed };
  }

  it('lets each sink forget what the configuration no longer names, whichever of it fails', async () => {
    const { done, ...deps } = startForgetting();
    const lines: string[] = [];
    const log = createLineLog({ level: 'info', write: (line) => lines.push(line) });
    await forgetLeftoverGroups([GROUP], { ...deps, log, ...startRecords() }, running);
    expect(done.toSorted()).toEqual(['one gone-2', 'one gone-3', 'two gone-1', 'two gone-2', 'two gone-3']);
    expect(lines.join()).toContain('it broke');
    // Only the sink that had something says so.
    const told = lines.filter((line) => line.includes('deleted a group'));
    expect(told.map((line) => /gone-\d/.exec(line)?.[0])).toEqual(['gone-2', 'gone-3']);
    expect(told.join()).not.toContain('two');
  });

  it('holds up no sink by another one that does not answer', async () => {
    const { done, sinks, log } = startForgetting();
    const { groups } = startRecords();
    const ending = new AbortController();
    const hangs = sink('hangs', {
      forget: (_group, { signal }) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    });
    const last = sink('last', {
      forget: async ({ instance }) => {
        done.push(`last ${instance}`);
        if (instance === 'gone-3') ending.abort(new Error('over'));
        return true;
      },
    });
    const deps = { sinks: [hangs, ...sinks, last], log, groups };
    await forgetLeftoverGroups([GROUP], deps, { signal: ending.signal });
    expect(done.filter((text) => text.startsWith('last'))).toEqual([
      'last gone-1',
      'last gone-2',
      'last gone-3',
    ]);
  });

  it('takes a group of another job with the same instance for another one', async () => {
    const { done, ...deps } = startForgetting();
    const { groups } = startRecords([GROUP, { ...GROUP, job: 'renamed' }]);
    await forgetLeftoverGroups([GROUP], { ...deps, groups }, running);
    expect(done).toEqual([`one ${GROUP.instance}`, `two ${GROUP.instance}`]);
  });

  it('begins with no group when time is up, and does not mind groups that cannot be read', async () => {
    const { done, ...deps } = startForgetting();
    const { groups } = startRecords();
    await forgetLeftoverGroups([GROUP], { ...deps, groups }, { signal: AbortSignal.abort() });
    await forgetLeftoverGroups(
      [GROUP],
      { ...deps, groups: { ...groups, readAll: async () => fail() } },
      running,
    );
    expect(done).toEqual([]);
  });

  it('keeps the record of a group until every sink has forgotten it, whichever failed first', async () => {
    const { done: _, ...deps } = startForgetting();
    const { groups, removed } = startRecords();
    await forgetLeftoverGroups([GROUP], { ...deps, groups }, running);
    await forgetLeftoverGroups([GROUP], { ...deps, sinks: deps.sinks.toReversed(), groups }, running);
    expect(removed).toEqual(['gone-2', 'gone-3', 'gone-2', 'gone-3']);
  });

  it('keeps the record of parts at a Pushgateway that the configuration does not name at present', async () => {
    const { done: _, ...deps } = startForgetting();
    for (const [parts, gone] of [
      [[''], []],
      [[], ['gone-2', 'gone-3']],
    ] as const) {
      const { groups, removed } = startRecords(recorded, parts);
      await forgetLeftoverGroups([GROUP], { ...deps, groups }, running);
      expect(removed).toEqual(gone);
    }
  });

  it('goes on where a record cannot be removed, and says so of each', async () => {
    const { done, ...deps } = startForgetting();
    const groups = { ...startRecords().groups, remove: async () => fail() };
    const warned: string[] = [];
    const log = { ...silentLog, warn: (what: string) => void warned.push(what) };
    await forgetLeftoverGroups([GROUP], { ...deps, groups, log }, running);
    expect(done).toContain('two gone-3');
    const stays = 'the record of a group that was deleted stays until the next run';
    expect(warned.filter((what) => what === stays)).toHaveLength(2);
  });
});
