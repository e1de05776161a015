import { describe, expect, it } from 'vitest';
import { findKind } from '../../../lib/inventory/kinds.ts';
import { toListing } from '../../../lib/inventory/list-inventory.ts';
import { keyOf } from '../../../lib/inventory/object-tree.ts';
import type { RetrievedObject } from '../../../lib/vsphere/property/retrieved-object.ts';

const listOne = (type: string, kind: 'vm' | 'datastore', properties: Record<string, string>) => {
  const moref = { type, value: 'x-1' };
  const object: RetrievedObject = {
    moref,
    properties: new Map(Object.entries(properties)),
    missing: new Map(),
  };
  return toListing(findKind(kind), new Map([[keyOf(moref), object]])).items[0];
};
const datastoreOf = (vmPathName: string) =>
  listOne('VirtualMachine', 'vm', { name: 'web01', 'summary.config.vmPathName': vmPathName })?.facts
    .datastore;

describe('the datastore of a virtual machine', () => {
  it('has the name that the datastore itself has, however vSphere encodes it', () => {
    for (const encoded of ['fast01', 'slow%2f01', 'a%5cb', '100%25', '%252f']) {
      const name = listOne('Datastore', 'datastore', { name: encoded })?.name;
      expect(datastoreOf(`[${encoded}] web01/web01.vmx`)).toBe(name);
    }
    expect(datastoreOf('[slow%2f01] web01/web01.vmx')).toBe('slow/01');
  });

  it('is that of the brackets alone, and none without them', () => {
    expect(datastoreOf('[fast01] web%2f01/[x].vmx')).toBe('fast01');
    expect(datastoreOf('web01/web01.vmx')).toBe('');
  });
});
