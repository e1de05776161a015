import type { Config } from '../config/schema.ts';
import { checkPropertyPath } from '../vsphere/vim25/property-path.ts';
import { loadVim25 } from '../vsphere/vim25/vim25.ts';
import { checkSecrets } from './check-secrets.ts';
import type { PollMethod, PollRequest } from './method.ts';

/**
 * Refuses a property path that the vSphere API does not have, with what was likely meant, or that may hold secrets,
 * before anybody logs in.
 * Throws VspherePathError. A field that a data object does not have is answered as `(null)` instead, as by vPoller.
 */
export function checkProperties(
  { propertiesOf }: PollMethod,
  { properties }: PollRequest,
  { polls }: Pick<Config, 'polls'>,
): void {
  if (propertiesOf === undefined || properties.length === 0) return;
  if (loadVim25().type(propertiesOf)?.kind !== 'managed object') return;
  for (const path of properties) {
    checkPropertyPath(propertiesOf, path);
    checkSecrets(propertiesOf, path, polls);
  }
}
