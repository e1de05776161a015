import { describe, expect, it } from 'vitest';
import { tags } from '../../../lib/readers/tags.ts';
import { VsphereReplyError } from '../../../lib/vsphere/errors.ts';
import type { RestSession } from '../../../lib/vsphere/rest/rest-session.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { NO_EVENTS } from '../../support/no-events.ts';

type Answer = (call: { resource: string; action?: string; id?: string; body?: unknown }) => unknown;

/** A session whose answers are made by `answer`, and checked as those of vCenter are. */
function restSession(answer: Answer) {
  const calls: string[] = [];
  const running = { now: 0, most: 0 };
  const rest: RestSession = {
    async call(call, schema) {
      const { resource, id = '' } = call as { resource: string; id?: string };
      calls.push(`${resource} ${id}`.trim());
      running.now += 1;
      running.most = Math.max(running.most, running.now);
      // One turn of the event loop, in which the others of the same time begin.
      await new Promise(setImmediate);
      running.now -= 1;
      return schema.parse(answer(call as Parameters<Answer>[0]));
    },
    close: async () => undefined,
    failedLogouts: () => 0,
  };
  return { rest, calls, running };
}

const idsOf = (count: number) => Array.from({ length: count }, (_, index) => `tag-${index}`);
const machines = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ type: 'VirtualMachine', moref: `vm-${index}` }));

/** Every tag on every machine. */
const everywhere = (tagCount: number, machineCount: number): Answer => {
  const objects = machines(machineCount).map(({ type, moref }) => ({ type, id: moref }));
  return ({ resource, action, id, body }) => {
    if (action !== undefined)
      return (body as { tag_ids: string[] }).tag_ids.map((tag) => ({ tag_id: tag, object_ids: objects }));
    if (resource === 'cis/tagging/category') return { name: 'Owner' };
    return id === undefined ? idsOf(tagCount) : { name: `name of ${id}`, category_id: 'c' };
  };
};

async function readAll(rest: RestSession | undefined, machineCount: number, found: unknown[] = []) {
  const reading = tags.read([{ kind: 'vm', needs: [], items: machines(machineCount) }], {
    session: { rest: async () => rest, connection: {} as never, events: NO_EVENTS },
    clock: createManualClock(),
    signal: new AbortController().signal,
  });
  for await (const one of reading) found.push(one);
  return found;
}

describe('the reader of tags', () => {
  it('ends at the tag that is more than a result may hold, and reads no name', async () => {
    const { rest, calls } = restSession(everywhere(5_000, 300));
    await expect(readAll(rest, 300)).rejects.toMatchObject({
      code: 'too-large',
      message:
        'vCenter listed more than 1,000,000 tags on objects. ' +
        'Leave the collector tags out, or give the account fewer objects to read',
    });
    expect(calls.filter((call) => /association/.test(call)).length).toBeLessThan(150);
    expect(calls.filter((call) => /tagging\/tag tag-/.test(call))).toEqual([]);
  });

  it('yields the objects whose tags were named before a call fails', async () => {
    // Each machine has a tag of its own; the name of the 250th does not come.
    const { rest } = restSession(({ resource, action, id, body }) => {
      if (action !== undefined)
        return (body as { tag_ids: string[] }).tag_ids.map((tag) => ({
          tag_id: tag,
          object_ids: [{ type: 'VirtualMachine', id: tag.replace('tag', 'vm') }],
        }));
      if (resource === 'cis/tagging/category') return { name: 'Owner' };
      if (id === 'tag-250') throw new Error('it is stalled');
      return id === undefined ? idsOf(300) : { name: `name of ${id}`, category_id: 'c' };
    });
    const found: unknown[] = [];
    await expect(readAll(rest, 300, found)).rejects.toThrow('it is stalled');
    expect(found).toHaveLength(200);
    expect(found[199]).toEqual(['vm', 'vm-199', [{ category: 'Owner', tag: 'name of tag-199' }]]);
  });

  it('counts a tag of an object once, however often an answer has either, and nothing that was not asked for', async () => {
    const vm = (id: unknown) => ({ type: 'VirtualMachine', id });
    const { rest } = restSession(({ resource, action, id }) => {
      if (action !== undefined)
        return [
          { tag_id: 'tag-0', object_ids: [vm('vm-0'), vm('vm-1'), vm('vm-0'), null, vm(7), vm(undefined)] },
          { tag_id: 'tag-1', object_ids: [vm('vm-0'), { type: 'HostSystem', id: 'vm-1' }, { id: 'vm-1' }] },
          { tag_id: 'tag-0', object_ids: [vm('vm-0'), vm('vm-2')] },
          { tag_id: 'tag-77', object_ids: [vm('vm-1')] },
        ];
      if (resource === 'cis/tagging/category') return { name: 'Owner' };
      return id === undefined ? idsOf(2) : { name: `name of ${id}`, category_id: 'c' };
    });
    const tag = (number: number) => ({ category: 'Owner', tag: `name of tag-${number}` });
    expect(await readAll(rest, 3)).toEqual([
      ['vm', 'vm-0', [tag(0), tag(1)]],
      ['vm', 'vm-1', [tag(0)]],
      ['vm', 'vm-2', [tag(0)]],
    ]);
  });

  it('asks for each name once, whatever objects have it', async () => {
    const { rest, calls } = restSession(everywhere(30, 250));
    expect(await readAll(rest, 250)).toHaveLength(250);
    const named = calls.filter((call) => /tagging\/tag tag-|category/.test(call));
    expect(named.toSorted()).toEqual(
      [...idsOf(30).map((tag) => `cis/tagging/tag ${tag}`), 'cis/tagging/category c'].toSorted(),
    );
  });

  it('lists the objects of two calls at once at most, because each answer may be large', async () => {
    const { rest, running } = restSession(({ action, ...call }) => {
      const answer = everywhere(300, 1)({ ...call, ...(action === undefined ? {} : { action }) });
      // Of no object, so that no name is asked for.
      return action === undefined ? answer : [];
    });
    await readAll(rest, 1);
    expect(running.most).toBe(2);
  });

  /** A vCenter whose tags are of these categories, each on the machine of its number, or all on the first. */
  const named =
    (tagNames: readonly (readonly [category: string, tag: string])[], machineOf = (_: number) => 0): Answer =>
    ({ resource, action, id, body }) => {
      if (action !== undefined)
        return (body as { tag_ids: string[] }).tag_ids.map((tag) => ({
          tag_id: tag,
          object_ids: [{ type: 'VirtualMachine', id: `vm-${machineOf(Number(tag.slice(4)))}` }],
        }));
      if (resource === 'cis/tagging/category') return { name: String(id) };
      if (id === undefined) return idsOf(tagNames.length);
      const [category, name] = tagNames[Number(id.slice(4))] ?? [];
      return { name, category_id: category };
    };

  it('has the tags of an object by category and name, whatever order they come in', async () => {
    const sorted = [
      ['Owner', 'Ann'],
      ['Owner', 'Bob'],
      ['Owner', 'ann'],
      ['Room', 'Ann'],
    ] as const;
    const orders = [
      [0, 1, 2, 3],
      [3, 2, 1, 0],
      [2, 0, 3, 1],
      [1, 3, 0, 2],
    ];
    for (const order of orders) {
      const { rest } = restSession(named(order.map((index) => sorted[index] as (typeof sorted)[number])));
      expect(await readAll(rest, 1)).toEqual([
        ['vm', 'vm-0', sorted.map(([category, tag]) => ({ category, tag }))],
      ]);
    }
  });

  it('lists the objects of 25 tags a call, and asks for each category once', async () => {
    const asked: unknown[] = [];
    const tagNames = Array.from({ length: 130 }, (_, index) => ['Owner', `name ${index}`] as const);
    const answer = named(tagNames, (tag) => tag);
    const { rest, calls } = restSession((call) => {
      if (call.action !== undefined)
        asked.push([call.resource, call.action, (call.body as { tag_ids: unknown[] }).tag_ids.length]);
      return answer(call);
    });
    expect(await readAll(rest, 130)).toHaveLength(130);
    const listing = ['cis/tagging/tag-association', 'list-attached-objects-on-tags'];
    expect(asked).toEqual([25, 25, 25, 25, 25, 5].map((count) => [...listing, count]));
    expect(calls.filter((call) => call.includes('category'))).toEqual(['cis/tagging/category Owner']);
    expect(calls[0]).toBe('cis/tagging/tag');
  });

  const status = (code: number) => new VsphereReplyError(`HTTP ${code}`, { code: 'status', status: code });
  const tagNames = [
    ['Owner', 'Ann'],
    ['Room', 'B 3'],
  ] as const;
  /** Fails at one identifier. */
  const without =
    (missing: string, error: Error): Answer =>
    (call) => {
      if (call.id === missing) throw error;
      return named(tagNames)(call);
    };

  it.each([
    ['a tag', 'tag-0', ['cis/tagging/tag tag-0', 'cis/tagging/tag tag-1', 'cis/tagging/category Room']],
    [
      'a category',
      'Owner',
      [
        'cis/tagging/tag tag-0',
        'cis/tagging/tag tag-1',
        'cis/tagging/category Owner',
        'cis/tagging/category Room',
      ],
    ],
  ])('leaves out %s that is gone meanwhile', async (_, gone, asked) => {
    const { rest, calls } = restSession(without(gone, status(404)));
    expect(await readAll(rest, 1)).toEqual([['vm', 'vm-0', [{ category: 'Room', tag: 'B 3' }]]]);
    expect(calls.slice(2)).toEqual(asked);
  });

  it.each(['tag-0', 'Owner'])('fails where the name of %s cannot be read', async (id) => {
    for (const error of [status(500), Object.assign(new Error('of another kind'), { status: 404 })]) {
      const { rest } = restSession(without(id, error));
      await expect(readAll(rest, 1)).rejects.toBe(error);
    }
  });

  it('takes 5,000 tags of a target, and no more', async () => {
    const { rest } = restSession(({ action }) => (action === undefined ? idsOf(5_000) : []));
    expect(await readAll(rest, 0)).toEqual([]);
    const { rest: more } = restSession(({ action }) => (action === undefined ? idsOf(5_001) : []));
    await expect(readAll(more, 0)).rejects.toThrow(/5000/);
  });

  it('has none of an object on a target without such an API', async () => {
    expect(await readAll(undefined, 1)).toEqual([['vm', 'vm-0', []]]);
  });
});
