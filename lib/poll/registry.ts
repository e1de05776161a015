import { about } from './about.ts';
import { clusterMethods } from './cluster.ts';
import { datacenterMethods } from './datacenter.ts';
import { datastoreMethods } from './datastore.ts';
import { latestEvent } from './event-manager.ts';
import { hostMethods } from './host.ts';
import type { PollMethod } from './method.ts';
import { metricGet } from './metric-method.ts';
import { networkMethods } from './network.ts';
import { performanceMethods } from './performance-manager.ts';
import { resourcePoolMethods } from './resource-pool.ts';
import { sessionGet } from './session-manager.ts';
import { virtualMachineMethods } from './virtual-machine.ts';

/** Every method that a poll can ask for. */
export const POLL_METHODS: readonly PollMethod[] = [
  about,
  latestEvent,
  sessionGet,
  ...performanceMethods,
  ...datacenterMethods,
  ...clusterMethods,
  ...resourcePoolMethods,
  ...hostMethods,
  ...virtualMachineMethods,
  ...datastoreMethods,
  ...networkMethods,
  metricGet,
];

/** What older releases of vPoller called a method: the name that it has now. */
export const OLD_METHOD_NAMES: ReadonlyMap<string, string> = new Map([
  ['datacenter.poll', 'datacenter.get'],
  ['cluster.poll', 'cluster.get'],
  ['host.poll', 'host.get'],
  ['vm.poll', 'vm.get'],
  ['datastore.poll', 'datastore.get'],
  ['vm.net.discover', 'vm.guest.net.get'],
]);
