import type { Privilege } from '../catalogue/row.ts';
import { NO_PERMISSION, VsphereFaultError } from '../vsphere/errors.ts';

/** The account lacks a privilege, which vCenter did not say by a fault. */
export class LackingError extends Error {
  readonly privilege: Privilege;

  constructor(privilege: Privilege) {
    super(`the account has no privilege ${privilege}`);
    this.privilege = privilege;
  }
}

const KNOWN: readonly Privilege[] = [
  'System.Read',
  'System.View',
  'Sessions.TerminateSession',
  'Global.Licenses',
];

/** The privilege that the account lacks, by the error of a call: the one that vCenter names, if a row can name it. */
export function lackedBy(error: unknown): Privilege | undefined {
  if (error instanceof LackingError) return error.privilege;
  if (!(error instanceof VsphereFaultError) || error.fault !== NO_PERMISSION) return undefined;
  return KNOWN.find((one) => one === error.fields.get('privilegeId')) ?? 'System.View';
}
