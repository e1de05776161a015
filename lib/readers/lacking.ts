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

/** As vSphere writes the id of a privilege: words with points between. */
const ID = /^\w{1,80}(\.\w{1,80}){1,8}$/;

/** The privilege that the account lacks, by the error of a call: the one that vCenter names. */
export function lackedBy(error: unknown): string | undefined {
  if (error instanceof LackingError) return error.privilege;
  if (!(error instanceof VsphereFaultError) || error.fault !== NO_PERMISSION) return undefined;
  const id = error.fields.get('privilegeId') ?? '';
  return ID.test(id) ? id : 'System.View';
}
