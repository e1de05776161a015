import { discoverMethod } from './discover-method.ts';
import { getMethod } from './get-method.ts';
import type { PollMethod } from './method.ts';
import { nestedListMethod } from './relation-methods.ts';
import type { Subject } from './subject.ts';

const network: Subject = { prefix: 'net', type: 'Network', namedBy: 'name' };

/** The methods of Network, which are those of a distributed port group too. */
export const networkMethods: readonly PollMethod[] = [
  discoverMethod(network),
  getMethod(network, { requiredKeys: ['name'] }),
  nestedListMethod(network, { name: 'net.host.get', path: 'host', summary: 'the hosts on one Network' }),
  nestedListMethod(network, {
    name: 'net.vm.get',
    path: 'vm',
    summary: 'the virtual machines on one Network',
  }),
];
