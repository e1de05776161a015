import { describe, expect, it } from 'vitest';
import type { Family } from '../../../lib/metrics/family.ts';
import { createLineLog } from '../../../lib/platform/log.ts';
import type { GroupRecord } from '../../../lib/sinks/pushgateway/group-records.ts';
import {
  createPushgatewaySink,
  type PushgatewaySinkDeps,
} from '../../../lib/sinks/pushgateway/pushgateway-sink.ts';

const { signal } = new AbortController();
const GROUP = { job: 'vsweep_inventory', instance: 'vc01' };
const holding = { signal, holdsLease: async () => true };

const runOf = (count: number) => {
  const families: Family[] = [
    {
      definition: { name: 'esxi_x', help: 'x', labels: ['hostsystem'] },
      samples: Array.from({ length: count }, (_, n) => ({ metric: 'esxi_x', labels: [`esx${n}`], value: 1 })),
    },
  ];
  return { group: GROUP, families, validUntil: 0 };
};

/** A gateway and a state of which each call is noted, and fails where the test says how. */
function createWorld({
  recorded,
  listed = [],
  fail = {},
  ...deps
}: {
  recorded?: GroupRecord;
  /** Parts of the group. */
  listed?: readonly string[];
  fail?: Partial<Record<'list' | 'delete' | 'record' | 'change', () => Error>>;
} & Partial<PushgatewaySinkDeps> = {}) {
  const done: string[] = [];
  const lines: string[] = [];
  const note = (what: 'list' | 'delete' | 'record' | 'change' | 'put', more = '') => {
    const failure = what === 'put' ? undefined : fail[what];
    if (failure !== undefined) throw failure();
    done.push(`${what} ${more}`.trim());
  };
  const sink = createPushgatewaySink({
    maxSeries: 10,
    log: createLineLog({ level: 'warn', write: (line) => lines.push(line) }),
    gateway: {
      async list() {
        note('list');
        return listed.map((part) => ({ ...GROUP, part, lastPushSuccessful: true }));
      },
      put: async ({ part = '' }) => note('put', part),
      delete: async ({ part = '' }) => note('delete', part),
    },
    groups: {
      async record() {
        note('record');
        return recorded;
      },
      read: async () => recorded,
      change: async (_group, { split, parts }) => note('change', `${split} [${parts}]`),
    },
    ...deps,
  });
  return { sink, done, lines };
}

const WHOLE = { split: 1, parts: [''] };

describe('a run whose lease comes and goes', () => {
  it('deletes no old part where it could not push the new ones', async () => {
    const { sink, done } = createWorld({ recorded: WHOLE });
    const answers = [true, false];
    const holdsLease = async () => answers.shift() ?? true;
    expect(await sink.deliver(runOf(11), { signal, holdsLease })).toBe('lease-lost');
    expect(done).toEqual(['record', 'change 2 [,0,1]']);
  });

  it('writes no record over that of another run once its old parts are deleted', async () => {
    const { sink, done } = createWorld({ recorded: WHOLE });
    let asked = 0;
    // For the record, for each of two parts, and for the old part.
    const holdsLease = async () => {
      asked += 1;
      return asked <= 4;
    };
    expect(await sink.deliver(runOf(11), { signal, holdsLease })).toBe('delivered');
    expect(done).toEqual(['record', 'change 2 [,0,1]', 'put 0', 'put 1', 'delete']);
    expect(asked).toBe(5);
  });
});

describe('the series of one group', () => {
  it('are up to 100,000, and are divided from the next one on', async () => {
    for (const [count, parts] of [
      [100_000, ['put']],
      [100_001, ['put 0', 'put 1']],
    ] as const) {
      const { sink, done } = createWorld({ recorded: WHOLE, ...({ maxSeries: undefined } as object) });
      await sink.deliver(runOf(count), holding);
      expect(done.filter((one) => one.startsWith('put'))).toEqual(parts);
    }
  });
});

describe('a group that is forgotten', () => {
  it('is deleted as the gateway lists it where nothing is on record, and nothing is written', async () => {
    const { sink, done } = createWorld({ listed: ['', '3'] });
    expect(await sink.forget(GROUP, { signal })).toBe(true);
    expect(done).toEqual(['list', 'delete', 'delete 3']);
    const empty = createWorld();
    expect(await empty.sink.forget(GROUP, { signal })).toBe(false);
    expect(empty.done).toEqual(['list']);
  });

  it('was not there where the record names parts that the gateway does not list, which are deleted all the same', async () => {
    const { sink, done } = createWorld({ recorded: { split: 2, parts: ['0', '1'] } });
    expect(await sink.forget(GROUP, { signal })).toBe(false);
    expect(done).toEqual(['list', 'delete 0', 'delete 1', 'change 1 []']);
  });

  it('stays on record where a part cannot be deleted', async () => {
    const fail = { delete: () => new Error('no delete') };
    const { sink, done } = createWorld({ recorded: WHOLE, listed: [''], fail });
    await expect(sink.forget(GROUP, { signal })).rejects.toThrow('no delete');
    expect(done).toEqual(['list']);
  });
});

describe('a run that is over', () => {
  /** Ends with the run, in the call that fails. */
  const ending = (what: 'list' | 'record' | 'change') => {
    const run = new AbortController();
    const fail = {
      [what]: () => {
        run.abort(new Error('the run is over'));
        return new Error(`no ${what}`);
      },
    };
    return { fail, options: { signal: run.signal, holdsLease: async () => true } };
  };

  it.each(['list', 'record', 'change'] as const)(
    'ends with its reason when its %s fails, and logs nothing',
    async (what) => {
      const { fail, options } = ending(what);
      const { sink, lines } = createWorld({ fail });
      await expect(sink.deliver(runOf(11), options)).rejects.toThrow('the run is over');
      expect(lines).toEqual([]);
    },
  );

  it('ends with its reason when it forgets a group, too', async () => {
    const { fail, options } = ending('list');
    const { sink, done, lines } = createWorld({ recorded: WHOLE, fail });
    await expect(sink.forget(GROUP, options)).rejects.toThrow('the run is over');
    expect([done, lines]).toEqual([[], []]);
  });
});
