import { discoverMethod } from './discover-method.ts';
import type { PollMethod } from './method.ts';

/** The methods of HostSystem. */
export const hostMethods: readonly PollMethod[] = [discoverMethod('host.discover', 'HostSystem')];
