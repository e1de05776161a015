import type { RetrievedObject } from '../vsphere/property/retrieved-object.ts';
import { PollError } from './errors.ts';
import { readableValue } from './readable-value.ts';

export const RUNNING_PATHS = ['runtime.powerState', 'runtime.connectionState'];

/** Throws PollError, in vPoller's words, for what is not powered on or not connected. */
export function requireRunning(
  object: RetrievedObject,
  { called, purpose }: { called: 'Host' | 'VM'; purpose: string },
): void {
  const fail = (state: string) => {
    throw new PollError(`${called} is not ${state}, cannot get ${purpose}`, { code: 'unavailable' });
  };
  if (readableValue(object, 'runtime.powerState') !== 'poweredOn') fail('powered on');
  if (readableValue(object, 'runtime.connectionState') !== 'connected') fail('connected');
}
