const MIN_REFUSALS = 3;
const SHARE = 0.02;

/** Rule 6: how many refusals a run may cause on hosts where the credential is not proven. */
export const allowanceOf = (hosts: number): number => Math.max(MIN_REFUSALS, Math.floor(hosts * SHARE));
