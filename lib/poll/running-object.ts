import type { RetrievedObject } from '../vsphere/property/retrieved-object.ts';
import { PollError } from './errors.ts';

export const RUNNING_PATHS = ['runtime.powerState', 'runtime.connectionState'];

/** Throws PollError, in vPoller's words, for what is not powered on or not connected. */
export function requireRunning(
  { properties }: RetrievedObject,
  { called, purpose }: { called: 'Host' | 'VM'; purpose: string },
): void {
  const fail = (state: string) => {
    throw new PollError(`${called} is not ${state}, cannot get ${purpose}`, { code: 'unavailable' });
  };
  if (properties.get('runtime.powerState') !== 'poweredOn') fail('powered on');
  if (properties.get('runtime.connectionState') !== 'connected') fail('connected');
}
