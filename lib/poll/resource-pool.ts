import { discoverMethod } from './discover-method.ts';
import { getMethod } from './get-method.ts';
import type { PollMethod } from './method.ts';
import { listMethod } from './relation-methods.ts';
import type { Subject } from './subject.ts';

const resourcePool: Subject = { prefix: 'resource.pool', type: 'ResourcePool', namedBy: 'name' };

/** The methods of ResourcePool. */
export const resourcePoolMethods: readonly PollMethod[] = [
  discoverMethod(resourcePool),
  getMethod(resourcePool, { requiredKeys: ['name', 'properties'] }),
  listMethod(resourcePool, {
    name: 'resource.pool.vm.get',
    summary: 'the virtual machines of one ResourcePool, with the requested properties',
    path: 'vm',
    paths: ['name'],
    propertiesOf: 'VirtualMachine',
    extra: ({ name }) => ({ 'resourcePool.name': name ?? null }),
  }),
];
