import { describe, expect, it } from 'vitest';
import type { AttachedTag } from '../../../lib/catalogue/sources/tags.ts';
import type { DemoVcenter } from '../../../lib/demo/vcenter/demo-vcenter.ts';
import { NO_ESTATE } from '../../../lib/demo/vcenter/estate.ts';
import type { DemoTag } from '../../../lib/demo/vcenter/rest-service.ts';
import { tags } from '../../../lib/readers/tags.ts';
import type { WantedOfKind } from '../../../lib/readers/target-reader.ts';
import { logInToRestApi } from '../../../lib/vsphere/rest/rest-session.ts';
import { NO_EVENTS } from '../../support/no-events.ts';
import {
  DEPS,
  endpointOf,
  loginTo,
  PROOF,
  rejectionOf,
  startTarget,
  testSignal,
} from '../vsphere/demo-target.ts';

const signal = testSignal();
const vm = (number: number) => ({ type: 'VirtualMachine', moref: `vm-${number}` });
const tag = (name: string, category: string, objects: readonly string[]): DemoTag => ({
  id: `urn:vmomi:InventoryServiceTag:${name}:GLOBAL`,
  name,
  category,
  objects: objects.map((one) => {
    const [type = '', id = ''] = one.split(':');
    return { type, id };
  }),
});
const machines = (count: number): WantedOfKind<string> => ({
  kind: 'vm',
  needs: ['tags'],
  items: Array.from({ length: count }, (_, index) => vm(index + 1)),
});
const HOST: WantedOfKind<string> = {
  kind: 'host',
  needs: ['tags'],
  items: [{ type: 'HostSystem', moref: 'vm-1' }],
};

async function readFrom(vcenter: DemoVcenter, wanted: readonly WantedOfKind<string>[], version = '8.0.3.0') {
  await using connection = await loginTo(vcenter);
  const about = { version, fields: new Map([['apiVersion', version]]) };
  const options = { signal, beforePassword: async () => undefined };
  const session = await logInToRestApi(endpointOf(vcenter), PROOF, about, DEPS, options);
  const found = new Map<string, readonly AttachedTag[]>();
  try {
    const ofTarget = { connection, rest: async () => session, events: NO_EVENTS };
    for await (const [kind, moref, value] of tags.read(wanted, {
      session: ofTarget,
      clock: DEPS.clock,
      signal,
    }))
      found.set(`${kind} ${moref}`, value);
  } finally {
    await session.close({ ms: 5_000 });
  }
  return found;
}
const printed = (found: readonly AttachedTag[] | undefined) =>
  found?.map((one) => `${one.category}=${one.tag}`);

describe('the reader of tags', () => {
  it.each(['6.5', '7.0.1.0', '8.0.3.0'])(
    'has the tags of every object by their names, on vSphere %s',
    async (version) => {
      const estate = {
        ...NO_ESTATE,
        tags: [
          tag('gold', 'Tier', ['VirtualMachine:vm-1', 'VirtualMachine:vm-2', 'Datastore:datastore-1']),
          tag('silver', 'Tier', ['VirtualMachine:vm-1']),
          tag('Ann "A" O\'Hara, ops/1', 'Owner', ['VirtualMachine:vm-1', 'HostSystem:vm-1']),
          tag('nobody', 'Owner', []),
        ],
      };
      await using vcenter = await startTarget({ estate });
      const found = await readFrom(vcenter, [machines(3), HOST], version);
      expect(Array.from(found, ([key, value]) => [key, printed(value)])).toEqual([
        ['vm vm-1', ['Owner=Ann "A" O\'Hara, ops/1', 'Tier=gold', 'Tier=silver']],
        ['vm vm-2', ['Tier=gold']],
        ['vm vm-3', []],
        // The same reference of another type is another object.
        ['host vm-1', ['Owner=Ann "A" O\'Hara, ops/1']],
      ]);
      expect(vcenter.rest().sessions).toBe(0);
    },
  );

  it('lists the objects of many tags in few calls, and asks for the names of those alone that are used', async () => {
    const used = Array.from({ length: 60 }, (_, index) =>
      tag(`t${index}`, `c${index % 3}`, ['VirtualMachine:vm-1']),
    );
    const unused = Array.from({ length: 40 }, (_, index) => tag(`u${index}`, 'none', ['Folder:group-1']));
    await using vcenter = await startTarget({ estate: { ...NO_ESTATE, tags: [...used, ...unused] } });
    const found = await readFrom(vcenter, [machines(1)]);
    expect(found.get('vm vm-1')).toHaveLength(60);
    expect(vcenter.stats.calls).toMatchObject({
      'rest tagging/tag': 1,
      'rest tagging/tag-association': 4,
      'rest tagging/tag by id': 60,
      'rest tagging/category by id': 3,
    });
  });

  it('reads the same after a tag was renamed, but for its name', async () => {
    const before = [tag('gold', 'Tier', ['VirtualMachine:vm-1']), tag('x', 'Owner', ['VirtualMachine:vm-1'])];
    await using vcenter = await startTarget({ estate: { ...NO_ESTATE, tags: before } });
    expect(printed((await readFrom(vcenter, [machines(1)])).get('vm vm-1'))).toEqual([
      'Owner=x',
      'Tier=gold',
    ]);
    vcenter.setTags(before.map((one) => (one.name === 'gold' ? { ...one, name: 'platinum' } : one)));
    expect(printed((await readFrom(vcenter, [machines(1)])).get('vm vm-1'))).toEqual([
      'Owner=x',
      'Tier=platinum',
    ]);
  });

  it('leaves out a tag that is gone when its name is asked for', async () => {
    const estate = { ...NO_ESTATE, tags: [tag('gold', 'Tier', ['VirtualMachine:vm-1'])] };
    await using vcenter = await startTarget({ estate });
    vcenter.misbehave({ kind: 'status', status: 404, operation: 'rest tagging/tag by id' });
    expect((await readFrom(vcenter, [machines(1)])).get('vm vm-1')).toEqual([]);
  });

  it.each([
    [
      'ends in the middle',
      { kind: 'expire-sessions', operation: 'rest tagging/tag-association' },
      /HTTP 401.*session has ended/,
    ],
    ['may not list tags', { kind: 'status', status: 403, operation: 'rest tagging/tag' }, /HTTP 403/],
    [
      'sends more tags than a target has',
      {
        kind: 'status',
        status: 200,
        body: JSON.stringify(Array(5_001).fill('urn')),
        operation: 'rest tagging/tag',
      },
      /another shape \(too_big/,
    ],
  ] as const)('fails as a whole where the session %s', async (_, fault, message) => {
    const estate = { ...NO_ESTATE, tags: [tag('gold', 'Tier', ['VirtualMachine:vm-1'])] };
    await using vcenter = await startTarget({ estate });
    vcenter.misbehave(fault);
    expect((await rejectionOf(readFrom(vcenter, [machines(1)]))).message).toMatch(message);
    vcenter.misbehave(undefined);
    expect(vcenter.rest().sessions).toBe(0);
  });

  it('finds no tags on a host without vCenter, which has no such API', async () => {
    await using vcenter = await startTarget();
    await using connection = await loginTo(vcenter);
    const session = { connection, rest: async () => undefined, events: NO_EVENTS };
    const found: unknown[] = [];
    for await (const one of tags.read([machines(2)], { session, clock: DEPS.clock, signal })) found.push(one);
    expect(found).toEqual([
      ['vm', 'vm-1', []],
      ['vm', 'vm-2', []],
    ]);
  });
});
