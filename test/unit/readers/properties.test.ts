import { describe, expect, it } from 'vitest';
import { properties } from '../../../lib/readers/properties.ts';
import type { ReaderSession } from '../../../lib/readers/reader.ts';
import { VsphereFaultError } from '../../../lib/vsphere/errors.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const NAME_OF = { host: 'HostSystem', vm: 'VirtualMachine' } as const;
const item = (type: keyof typeof NAME_OF, number: number) => ({
  type: NAME_OF[type],
  moref: `${type}-${number}`,
  properties: new Map(),
});
const invalid = (name: string) =>
  new VsphereFaultError('x', {
    fault: 'InvalidProperty',
    text: 'no such property',
    fields: new Map(name === '' ? [] : [['name', name]]),
  });

/** A server that knows none of these paths; of what it answers each property is its own path. */
async function read(
  paths: readonly string[],
  {
    items = [item('host', 1)],
    unknown = [],
    named = (path) => path,
    late,
  }: {
    items?: readonly ReturnType<typeof item>[];
    unknown?: readonly string[];
    named?: (path: string) => string;
    late?: Error;
  } = {},
) {
  const asked: string[] = [];
  const found: unknown[] = [];
  const session: Pick<ReaderSession, 'retrieve'> = {
    async *retrieve({ type, morefs, paths: some }) {
      asked.push(`${type} ${morefs.join()} ${some.join()}`);
      const wrong = some.find((path) => unknown.includes(path));
      if (wrong !== undefined) throw invalid(named(wrong));
      for (const value of morefs) {
        const missing = new Map([['other', 'NoPermission']]);
        yield { moref: { type, value }, properties: new Map(some.map((path) => [path, path])), missing };
        if (late !== undefined) throw late;
      }
    },
  };
  const options = {
    session: session as ReaderSession,
    clock: createManualClock(),
    signal: new AbortController().signal,
  };
  const reading = (async () => {
    for await (const [moref, { properties: there, missing }] of properties.read(paths, items, options))
      found.push([moref, [...there.keys()].join(), Object.fromEntries(missing)]);
  })();
  const error = await reading.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { asked, found, error };
}

describe('the reader of properties', () => {
  it('asks for each path once, in one retrieval a type', async () => {
    const items = [item('host', 1), item('vm', 2), item('host', 3)];
    const { asked, found } = await read(['name', 'a.b', 'name', 'a'], { items });
    expect(asked).toEqual(['HostSystem host-1,host-3 name,a', 'VirtualMachine vm-2 name,a']);
    expect(found).toEqual(
      ['host-1', 'host-3', 'vm-2'].map((moref) => [moref, 'name,a', { other: 'NoPermission' }]),
    );
  });

  it('asks again without what the server does not know, which is missing of each object', async () => {
    const { asked, found, error } = await read(['name', 'old', 'new', 'newer'], {
      unknown: ['new', 'newer'],
    });
    expect(asked).toEqual([
      'HostSystem host-1 name,old,new,newer',
      'HostSystem host-1 name,old,newer',
      'HostSystem host-1 name,old',
    ]);
    expect(found).toEqual([
      ['host-1', 'name,old', { other: 'NoPermission', new: 'InvalidProperty', newer: 'InvalidProperty' }],
    ]);
    expect(error).toBeUndefined();
  });

  it('leaves out all that is below a path that the server refuses, and nothing that only begins alike', async () => {
    const paths = ['name', 'a.b', 'a["x"].c', 'ab', 'ab.c'];
    const { asked, found } = await read(paths, { unknown: ['a.b', 'a["x"].c'], named: () => 'a' });
    expect(asked.at(-1)).toBe('HostSystem host-1 name,ab');
    expect(asked).toHaveLength(2);
    expect(found).toEqual([
      [
        'host-1',
        'name,ab',
        { other: 'NoPermission', 'a.b': 'InvalidProperty', 'a["x"].c': 'InvalidProperty' },
      ],
    ]);
  });

  it.each([
    ['names nothing', () => ''],
    ['refuses the name, which every object has', () => 'name'],
    ['refuses what nobody asked for', () => 'else'],
  ])('ends at a server that %s', async (_, named) => {
    const { asked, found, error } = await read(['name', 'new'], { unknown: ['new'], named });
    expect([asked.length, found]).toEqual([1, []]);
    expect(error).toMatchObject({ fault: 'InvalidProperty' });
  });

  it('ends at another error, and at a refusal after the first object', async () => {
    for (const late of [new Error('cut off'), invalid('name2')]) {
      const { asked, found, error } = await read(['name', 'name2'], { late });
      expect([asked.length, found.length, error]).toEqual([1, 1, late]);
    }
  });
});
