import { NOT_AUTHENTICATED, VsphereFaultError } from '../vsphere/errors.ts';
import type { PropertyValue, RetrievedObject } from '../vsphere/property/retrieved-object.ts';

/**
 * A property that a method goes by; undefined when it is unset. Throws VsphereFaultError when the account may not read
 * it: that is not the same as nothing.
 */
export function readableValue(
  { moref, properties, missing }: RetrievedObject,
  path: string,
): PropertyValue | undefined {
  const fault = missing.get(path);
  if (fault === undefined) return properties.get(path);
  const text =
    fault === NOT_AUTHENTICATED
      ? 'the session has ended'
      : 'it cannot be read; give the account the role Read-only on the object';
  throw new VsphereFaultError(`${path} of ${moref.type}:${moref.value}`, { fault, text });
}
