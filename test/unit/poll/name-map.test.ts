import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createNameMap, createNameMaps, type Inventory } from '../../../lib/poll/name-map.ts';
import { decodeName } from '../../../lib/vsphere/inventory/names.ts';
import type { MoRef } from '../../../lib/vsphere/property/retrieved-object.ts';

const signal = new AbortController().signal;
const LISTING_MS = 10;

/** What a vCenter has: ids in the order of the container view, and names as vSphere writes them. */
class Model implements Inventory<string> {
  readonly clock = { now: () => this.time, monotonic: () => this.time, sleep: () => Promise.resolve() };
  readonly names: [id: string, name: string][] = [];
  time = 0;
  calls = { list: 0, read: 0 };

  async list() {
    this.calls.list += 1;
    this.time += LISTING_MS;
    return this.names.map(([value, name]) => ({ moref: moref(value), name: decodeName(name) }));
  }

  async read({ value }: MoRef) {
    this.calls.read += 1;
    const entry = this.names.find(([id]) => id === value);
    return entry && { name: decodeName(entry[1]), found: value };
  }

  called(name: string): string[] {
    return this.names.filter(([, one]) => decodeName(one) === decodeName(name)).map(([id]) => id);
  }
}

const moref = (value: string): MoRef => ({ type: 'VirtualMachine', value });

/** Few enough that they meet, with all that vSphere escapes, and beyond ASCII. */
const NAMES = [
  'web',
  'a/b',
  'a%2fb',
  'a%2Fb',
  'a%252fb',
  'a\\b',
  'a%5cb',
  '100%',
  '100%25',
  'größe',
  '仮想',
  '😀',
  '__proto__',
];
const aName = fc.constantFrom(...NAMES);
const aPlace = fc.nat({ max: 5 });

const aChange = fc.oneof(
  fc.record({ kind: fc.constant('create' as const), name: aName, place: aPlace }),
  fc.record({ kind: fc.constant('rename' as const), name: aName, place: aPlace }),
  fc.record({ kind: fc.constant('move' as const), place: aPlace, to: aPlace }),
  fc.record({ kind: fc.constant('delete' as const), place: aPlace }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1, 50, 1_000) }),
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('find' as const), name: aName }) },
);
type Change = typeof aChange extends fc.Arbitrary<infer T> ? T : never;

describe('a name map', () => {
  it('finds what has the name now, whatever was renamed, moved, doubled and deleted before', async () => {
    let found = 0;
    const run = async (changes: readonly Change[]) => {
      const model = new Model();
      const map = createNameMap(model);
      let ids = 0;
      let listedAt = Number.NEGATIVE_INFINITY;
      let isAsListed = false;
      for (const change of changes) {
        if (change.kind === 'find') {
          const { list } = model.calls;
          const answer = await map.find(decodeName(change.name), model, { signal });
          const right = model.called(change.name);
          if (model.calls.list > list) {
            listedAt = model.time;
            isAsListed = true;
          }
          // Never one of another name; nothing only when there is none, or when a listing of a moment ago had none.
          if (answer !== undefined) expect(right).toContain(answer);
          else if (model.time - listedAt >= 10 * LISTING_MS || isAsListed) expect(right).toEqual([]);
          if (isAsListed) expect(answer).toBe(right[0]);
          expect(model.calls.list - list).toBeLessThanOrEqual(1);
          if (answer !== undefined) found += 1;
        } else if (change.kind === 'wait') model.time += change.ms;
        else {
          isAsListed = false;
          ids += 1;
          apply(model, change, `vm-${ids}`);
        }
      }
    };
    await fc.assert(fc.asyncProperty(fc.array(aChange, { minLength: 20, maxLength: 80, size: 'max' }), run), {
      numRuns: 500,
    });
    expect(found).toBeGreaterThan(500);
  });

  it('asks for the object alone while its name holds', async () => {
    const model = new Model();
    model.names.push(['vm-1', 'web'], ['vm-2', 'db']);
    const map = createNameMap(model);
    for (const name of ['web', 'db', 'web']) await map.find(name, model, { signal });
    expect(model.calls).toEqual({ list: 1, read: 3 });
  });

  it('lists once for all who ask at the same time, and seldom for a name that nobody has', async () => {
    const model = new Model();
    model.names.push(['vm-1', 'web']);
    const map = createNameMap(model);
    const asked = Array.from({ length: 50 }, (_, i) => map.find(i % 2 ? 'web' : 'no', model, { signal }));
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['vm-1', undefined]));
    expect(model.calls.list).toBe(1);
    for (let ms = 0; ms < 1_000; ms += 1) {
      model.time += 1;
      await map.find('no', model, { signal });
    }
    expect(model.calls.list).toBeLessThanOrEqual(1 + 1_000 / (9 * LISTING_MS));
    expect(model.calls.list).toBeGreaterThan(5);
  });

  it('goes on with a listing for those who wait when one gives up, and ends it with the last', async () => {
    const listing = Promise.withResolvers<{ moref: MoRef; name: string }[]>();
    const signals: AbortSignal[] = [];
    const inventory: Inventory<string> = {
      list(options) {
        signals.push(options.signal);
        return listing.promise;
      },
      read: async ({ value }) => ({ name: 'web', found: value }),
    };
    const map = createNameMap(new Model());
    const [first, second] = [new AbortController(), new AbortController()];
    const impatient = map.find('web', inventory, first);
    const patient = map.find('web', inventory, second);
    first.abort(new Error('enough'));
    await expect(impatient).rejects.toThrow('enough');
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    second.abort(new Error('enough too'));
    await expect(patient).rejects.toThrow('enough too');
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    listing.resolve([{ moref: moref('vm-1'), name: 'web' }]);
    expect(await map.find('web', inventory, { signal })).toBe('vm-1');
  });
});

function apply({ names }: Model, change: Exclude<Change, { kind: 'wait' | 'find' }>, id: string): void {
  if (change.kind === 'create') {
    names.splice(change.place, 0, [id, change.name]);
    return;
  }
  const [entry] = names.splice(change.place, 1);
  if (entry === undefined || change.kind === 'delete') return;
  if (change.kind === 'rename') names.splice(change.place, 0, [entry[0], change.name]);
  else names.splice(change.to, 0, entry);
}

describe('createNameMaps', () => {
  it('has one map for each type and property, and gives it again', () => {
    const maps = createNameMaps({ clock: new Model().clock });
    const hosts = maps('HostSystem', 'name');
    expect(maps('HostSystem', 'name')).toBe(hosts);
    expect(maps('VirtualMachine', 'name')).not.toBe(hosts);
    expect(maps('HostSystem', 'info.url')).not.toBe(hosts);
  });
});
