import { describe, expect, it, vi } from 'vitest';
import type { Family } from '../../../lib/metrics/family.ts';
import { createLineLog } from '../../../lib/platform/log.ts';
import type { GroupRecord } from '../../../lib/sinks/pushgateway/group-records.ts';
import { createPushgatewaySink } from '../../../lib/sinks/pushgateway/pushgateway-sink.ts';
import { parseExposition } from '../../support/exposition.ts';

const GROUP = { job: 'vsweep_services', instance: 'vc01' };
const running = { signal: new AbortController().signal };
const holding = { ...running, holdsLease: async () => true };

const hosts = (count: number): Family[] => [
  {
    definition: { name: 'esxi_x', help: 'x', labels: ['hostsystem'] },
    samples: Array.from({ length: count }, (_, n) => ({ metric: 'esxi_x', labels: [`esx${n}`], value: n })),
  },
];

/** A gateway and the records of its groups, as they are between runs. */
function startGateway() {
  const groups = new Map<string, string[]>();
  const done: string[] = [];
  const lines: string[] = [];
  let record: GroupRecord | undefined;
  let broken: 'put' | 'delete' | 'records' | 'change' | 'list' | undefined;
  const breakAt = (what: typeof broken) => {
    if (broken === what) throw new Error(`no ${what}`);
  };
  const sink = createPushgatewaySink({
    maxSeries: 10,
    log: createLineLog({ level: 'warn', write: (line) => lines.push(line) }),
    gateway: {
      list: async () => {
        breakAt('list');
        done.push('list');
        // Of two instances, so that it matters whose parts are taken.
        return ['vc02', 'vc01'].flatMap((instance) =>
          [...groups.keys(), ...(instance === 'vc02' ? ['0', '1', '2', '3', '8'] : [])].map((part) => ({
            job: GROUP.job,
            instance,
            ...(part === '' ? {} : { part }),
            lastPushSuccessful: true,
          })),
        );
      },
      put: async ({ part = '' }, text) => {
        if (part !== '0') breakAt('put');
        done.push(`put ${part}`);
        const series = parseExposition(Buffer.concat(Array.from(text)).toString());
        groups.set(
          part,
          series.map(({ labels }) => labels['hostsystem'] ?? ''),
        );
      },
      delete: async ({ part = '' }) => {
        breakAt('delete');
        done.push(`delete ${part}`);
        groups.delete(part);
      },
    },
    groups: {
      record: async () => {
        breakAt('records');
        done.push('record');
        return record;
      },
      read: async () => record,
      change: async (_group, changed) => {
        breakAt('records');
        breakAt('change');
        done.push(`change ${changed.split} [${changed.parts}]`);
        record = changed;
      },
    },
  });
  return {
    sink,
    groups,
    done,
    lines,
    record: () => record,
    loseRecords: () => {
      record = undefined;
    },
    break: (what: typeof broken) => {
      broken = what;
    },
    push: (count: number) => sink.deliver({ group: GROUP, families: hosts(count), validUntil: 0 }, holding),
  };
}

describe('the sink of a Pushgateway', () => {
  it('records the group, then puts it whole under its own key', async () => {
    const { push, done, groups } = startGateway();
    expect(await push(10)).toBe('delivered');
    expect(done).toEqual(['record', 'list', 'change 1 []', 'put ']);
    expect(groups.get('')).toHaveLength(10);
    done.length = 0;
    await push(9);
    expect(done).toEqual(['record', 'put ']);
  });

  it('divides what is too large among parts that are on record before the first push, then deletes the whole', async () => {
    const { push, done, groups, record } = startGateway();
    await push(10);
    done.length = 0;
    await push(11);
    expect(done).toEqual(['record', 'change 2 [,0,1]', 'put 0', 'put 1', 'delete ', 'change 2 [0,1]']);
    expect([...groups.keys()]).toEqual(['0', '1']);
    expect([...groups.values()].flat().sort()).toEqual(
      Array.from(hosts(11)[0]?.samples ?? [], ({ labels }) => labels[0]).sort(),
    );
    expect(record()).toEqual({ split: 2, parts: ['0', '1'] });
  });

  it('moves no sample while the number of series wavers about the size', async () => {
    const { push, done, groups } = startGateway();
    await push(11);
    const before = new Map([...groups].flatMap(([part, names]) => names.map((name) => [name, part])));
    done.length = 0;
    for (const count of [9, 12, 6, 11]) {
      await push(count);
      for (const [part, names] of groups)
        for (const name of names) expect(before.get(name) ?? part).toBe(part);
    }
    expect(new Set(done)).toEqual(new Set(['record', 'put 0', 'put 1']));
  });

  it('puts it under one key again when little is left, and deletes the parts', async () => {
    const { push, groups, record } = startGateway();
    await push(40);
    expect([...groups.keys()]).toEqual(['0', '1', '2', '3']);
    await push(4);
    expect([...groups.keys()]).toEqual(['']);
    expect(record()).toEqual({ split: 1, parts: [''] });
  });

  it('deletes with the next run what a run that was killed between two parts left behind', async () => {
    const { push, groups, break: breakAt, record } = startGateway();
    await push(10);
    breakAt('put');
    await expect(push(11)).rejects.toThrow(
      '1 of 2 parts were not taken (vsweep_part 1). The others were taken. The first: no put',
    );
    expect([...groups.keys()]).toEqual(['', '0']);
    breakAt(undefined);
    await push(11);
    expect([...groups.keys()]).toEqual(['0', '1']);
    expect(record()).toEqual({ split: 2, parts: ['0', '1'] });
  });

  it('has delivered when only an old part cannot be deleted, says so, and deletes it with the next run', async () => {
    const { push, groups, break: breakAt, lines } = startGateway();
    await push(10);
    breakAt('delete');
    expect(await push(11)).toBe('delivered');
    expect(lines.join()).toContain('parts of an older split of a group could not be deleted');
    expect([...groups.keys()]).toEqual(['', '0', '1']);
    breakAt(undefined);
    await push(11);
    expect([...groups.keys()]).toEqual(['0', '1']);
  });

  it('pushes without the state table with the split that is at the gateway, and says that the group is not on record', async () => {
    const { push, groups, break: breakAt, lines, done } = startGateway();
    breakAt('records');
    expect(await push(11)).toBe('delivered');
    expect([...groups.keys()]).toEqual(['']);
    expect(lines.join()).toContain('a pushed group could not be recorded');
    breakAt(undefined);
    await push(11);
    expect([...groups.keys()]).toEqual(['0', '1']);
    breakAt('records');
    done.length = 0;
    for (const count of [12, 4, 30]) await push(count);
    expect([...groups.keys()]).toEqual(['0', '1']);
    expect(new Set(done)).toEqual(new Set(['list', 'put 0', 'put 1']));
  });

  it('takes over the parts that an earlier run pushed when their record is lost', async () => {
    const { push, groups, record, loseRecords } = startGateway();
    await push(40);
    expect(groups.size).toBe(4);
    loseRecords();
    await push(4);
    expect([...groups.keys()]).toEqual(['']);
    expect(record()).toEqual({ split: 1, parts: [''] });
  });

  it('pushes a new group when the gateway lists nothing, and asks again with the next run', async () => {
    const { push, groups, break: breakAt, lines, record } = startGateway();
    groups.set('0', []);
    groups.set('1', []);
    breakAt('list');
    expect(await push(4)).toBe('delivered');
    expect(lines.join()).toContain('the parts of a group at the gateway could not be listed');
    expect([...groups.keys()]).toEqual(['0', '1', '']);
    breakAt(undefined);
    await push(4);
    expect([...groups.keys()]).toEqual(['']);
    expect(record()).toEqual({ split: 1, parts: [''] });
  });

  it('keeps the split for a run that cannot record another one', async () => {
    const { push, groups, break: breakAt, lines, record } = startGateway();
    await push(10);
    breakAt('change');
    expect(await push(11)).toBe('delivered');
    expect([...groups].map(([part, names]) => [part, names.length])).toEqual([['', 11]]);
    expect(lines.join()).toContain('the parts of a pushed group could not be recorded');
    breakAt(undefined);
    await push(11);
    expect([...groups.keys()]).toEqual(['0', '1']);
    expect(record()).toEqual({ split: 2, parts: ['0', '1'] });
  });

  it('pushes every part, whichever is refused, and names those in one error', async () => {
    const { push, groups, break: breakAt } = startGateway();
    await push(30);
    for (const part of groups.keys()) groups.set(part, []);
    breakAt('put');
    await expect(push(31)).rejects.toThrow(
      /^3 of 4 parts were not taken \(vsweep_part 1, 2, 3\)\. The others were taken\./,
    );
    expect(groups.get('0')?.length).toBeGreaterThan(0);
    expect([...groups.keys()]).toEqual(['0', '1', '2', '3']);
  });

  it('pushes no further part when time is up', async () => {
    const { sink, done, break: breakAt, push } = startGateway();
    await push(30);
    breakAt('put');
    done.length = 0;
    const late = new AbortController();
    const holdsLease = async () => {
      if (done.includes('put 0')) late.abort(new Error('time is up'));
      return true;
    };
    const series = { group: GROUP, families: hosts(31), validUntil: 0 };
    await expect(sink.deliver(series, { signal: late.signal, holdsLease })).rejects.toThrow('time is up');
    expect(done).toEqual(['record', 'put 0']);
  });

  it('deletes no part that the run that took the lease may have pushed', async () => {
    const { sink, groups, push, record } = startGateway();
    await push(10);
    const holdsLease = async () => !groups.has('1');
    const series = { group: GROUP, families: hosts(11), validUntil: 0 };
    expect(await sink.deliver(series, { ...running, holdsLease })).toBe('delivered');
    expect([...groups.keys()]).toEqual(['', '0', '1']);
    expect(record()).toEqual({ split: 2, parts: ['', '0', '1'] });
  });

  it('writes nothing when another run took the lease, and stops between two parts when it takes it then', async () => {
    const { sink, groups } = startGateway();
    const series = { group: GROUP, families: hosts(11), validUntil: 0 };
    expect(await sink.deliver(series, { ...running, holdsLease: async () => false })).toBe('lease-lost');
    expect(groups.size).toBe(0);
    let asked = 0;
    const holdsLease = async () => {
      asked += 1;
      // Before the record of its parts, and before the first of them.
      return asked <= 2;
    };
    expect(await sink.deliver(series, { ...running, holdsLease })).toBe('lease-lost');
    expect([...groups.keys()]).toEqual(['0']);
  });

  /** A gateway that answers when the test lets it. */
  function startSlowGateway() {
    const begun: string[] = [];
    const answers: (() => void)[] = [];
    const sink = createPushgatewaySink({
      maxSeries: 10,
      log: createLineLog({ level: 'warn', write: () => undefined }),
      gateway: {
        list: async () => [],
        put: async ({ part = '' }) => {
          begun.push(part);
          const { promise, resolve } = Promise.withResolvers<void>();
          answers.push(resolve);
          await promise;
        },
        delete: async () => undefined,
      },
      groups: {
        record: async () => undefined,
        read: async () => undefined,
        change: async () => undefined,
      },
    });
    return { sink, begun, answers };
  }

  it('puts two parts at once, and a further one when one of them is there', async () => {
    const { sink, begun, answers } = startSlowGateway();
    const delivered = sink.deliver({ group: GROUP, families: hosts(40), validUntil: 0 }, holding);
    await vi.waitFor(() => expect(begun).toEqual(['0', '1']));
    answers[1]?.();
    await vi.waitFor(() => expect(begun).toEqual(['0', '1', '2']));
    answers[0]?.();
    await vi.waitFor(() => expect(begun).toHaveLength(4));
    for (const answer of answers) answer();
    expect(await delivered).toBe('delivered');
  });

  it('begins no further part once another run took the lease, whatever a check that was under way says', async () => {
    const { sink, begun, answers } = startSlowGateway();
    const checks: ((holds: boolean) => void)[] = [];
    const holdsLease = () => {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      checks.push(resolve);
      return promise;
    };
    const series = { group: GROUP, families: hosts(40), validUntil: 0 };
    const delivered = sink.deliver(series, { ...running, holdsLease });
    // Before the record of the parts.
    await vi.waitFor(() => expect(checks).toHaveLength(1));
    checks[0]?.(true);
    await vi.waitFor(() => expect(checks).toHaveLength(3));
    checks[1]?.(false);
    checks[2]?.(true);
    expect(await delivered).toBe('lease-lost');
    expect([begun, answers]).toEqual([[], []]);
  });

  it('sends no attempt of a part once another run took the lease, and breaks off what is under way', async () => {
    let holds = true;
    const sent: string[] = [];
    const { promise: isEncoded, resolve: encoded } = Promise.withResolvers<void>();
    const sink = createPushgatewaySink({
      maxSeries: 10,
      log: createLineLog({ level: 'warn', write: () => undefined }),
      gateway: {
        list: async () => [],
        put: async ({ part = '' }, _text, { signal, beforeAttempt }) => {
          if (part === '0') {
            await beforeAttempt?.();
            sent.push(part);
            encoded();
            // Its answer never comes.
            const { promise, reject } = Promise.withResolvers<void>();
            signal.addEventListener('abort', () => reject(signal.reason));
            return await promise;
          }
          // It is compressed meanwhile.
          await isEncoded;
          holds = false;
          await beforeAttempt?.();
          sent.push(part);
        },
        delete: async () => undefined,
      },
      groups: { record: async () => undefined, read: async () => undefined, change: async () => undefined },
    });
    const series = { group: GROUP, families: hosts(20), validUntil: 0 };
    expect(await sink.deliver(series, { ...running, holdsLease: async () => holds })).toBe('lease-lost');
    expect(sent).toEqual(['0']);
  });

  it('sends of each series the newest sample without its time, because the gateway takes none', async () => {
    const { sink, groups } = startGateway();
    const [family] = hosts(1);
    const samples = [20, 40, 60].map((value) => ({
      metric: 'esxi_x',
      labels: ['a'],
      value,
      timeMs: 1_000 * value,
    }));
    const timed = { definition: family?.definition ?? { name: '', help: '', labels: [] }, samples };
    await sink.deliver({ group: GROUP, families: [timed], validUntil: 0 }, holding);
    expect(groups.get('')).toEqual(['a']);
  });

  it('forgets every part that may be there, and says last on record that none is left', async () => {
    const { sink, push, groups, done, record } = startGateway();
    await push(11);
    done.length = 0;
    groups.set('7', []);
    expect(await sink.forget(GROUP, running)).toBe(true);
    expect(done).toEqual(['list', 'delete 0', 'delete 1', 'delete 7', 'change 1 []']);
    expect(groups.size).toBe(0);
    expect(await sink.forget(GROUP, running)).toBe(false);
    expect(done.slice(5)).toEqual(['list', 'change 1 []']);
    expect(record()).toEqual({ split: 1, parts: [] });
  });

  it('forgets what is on record when the gateway lists nothing, and fails when nothing is', async () => {
    const { sink, push, groups, break: breakAt, lines, loseRecords } = startGateway();
    await push(11);
    breakAt('list');
    expect(await sink.forget(GROUP, running)).toBe(true);
    expect(groups.size).toBe(0);
    expect(lines.join()).toContain('only recorded parts of a group are deleted');
    loseRecords();
    await expect(sink.forget(GROUP, running)).rejects.toThrow('no list');
  });
});
