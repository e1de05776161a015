import * as z from 'zod';
import { nearestName } from '../platform/nearest-name.ts';
import { withoutTwins } from './schema-parts.ts';

/**
 * What hurts later, of hosts, storage, vSphere HA and logins. Each is in the list of the events of vCenter 8.0 U1 that
 * lamw/vcenter-event-mapping publishes (vsphere-8.0u1.md).
 */
export const DEFAULT_EVENT_TYPES = [
  'esx.problem.visorfs.ramdisk.full',
  'esx.problem.visorfs.inodetable.full',
  'esx.problem.vmsyslogd.remote.failure',
  'esx.audit.account.locked',
  'esx.problem.storage.connectivity.lost',
  'esx.problem.storage.redundancy.lost',
  'esx.problem.storage.apd.start',
  'esx.problem.net.vmnic.linkstate.down',
  'esx.problem.clock.correction.adjtime.lostsync',
  'esx.problem.vmfs.heartbeat.timedout',
  'esx.problem.vob.vsan.lsom.diskerror',
  'com.vmware.vc.HA.DasHostFailedEvent',
  'VmFailoverFailed',
  'BadUsernameSessionEvent',
] as const;

/** A class of the vSphere API, also as pyVmomi and vCenter write it, or the id of an EventEx or ExtendedEvent. */
const TYPE = /^(?:vim\.event\.)?[A-Za-z]\w{0,127}$|^[A-Za-z][\w-]{0,63}(?:\.[\w-]{1,64}){1,15}$/;
const TYPE_FORM = 'write a type of events, such as VmFailoverFailed or esx.problem.storage.apd.start';

const withoutPrefix = (type: string): string => type.replace(/^vim\.event\.(?=\w+$)/, '');

const listOfTypes = z
  .array(z.string(TYPE_FORM).regex(TYPE, TYPE_FORM), 'write a list of types of events')
  .min(1, 'name at least one type')
  .max(100, 'name at most 100 types');

export const eventTypes = withoutTwins(listOfTypes, withoutPrefix)
  .default([...DEFAULT_EVENT_TYPES])
  .transform((types) => types.map(withoutPrefix));

/** Of an EventEx or ExtendedEvent the type is a field. */
const WITH_A_FIELD = ['EventEx', 'ExtendedEvent'];

/**
 * What to say of a type that no event has; undefined for one that some may have. Ids with dots belong to whoever makes the
 * events, and no list has them all.
 */
export function sayNoEventType(written: string, knownClasses: () => readonly string[]): string | undefined {
  const type = withoutPrefix(written);
  if (type.includes('.') || DEFAULT_EVENT_TYPES.some((one) => one === type)) return undefined;
  if (WITH_A_FIELD.includes(type))
    return `"${type}" holds many types of events; name them by their ids, such as esx.problem.storage.apd.start`;
  const known = knownClasses();
  if (known.includes(type)) return undefined;
  const nearest = nearestName(type, known);
  const what =
    nearest === undefined
      ? 'name a class of the vSphere API that extends Event'
      : `did you mean "${nearest}"?`;
  return `there is no type of events "${type}"; ${what}`;
}
