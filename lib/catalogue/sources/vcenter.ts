import type { LicensedEdition } from '../../vsphere/license/licenses.ts';
import type { ReaderFacts } from '../row.ts';
import { type Parts, partsOf } from './parts.ts';

/** What a vCenter says of itself: read once a run, in the sweep's own session. */
export const VCENTER: ReaderFacts = { name: 'vcenter', runs: 'sweep' };

/** What can be asked of a vCenter, and what it then says. */
export interface VcenterAnswers {
  /** The fields of AboutInfo that are set. */
  readonly about: ReadonlyMap<string, string>;
  /** The end of its TLS certificate, in milliseconds since the epoch. */
  readonly certificate: number;
  /** Its time and that of this process in the middle of the round trip, in milliseconds since the epoch. */
  readonly clock: { readonly time: number; readonly at: number; readonly roundTripMs: number };
  readonly licenses: readonly LicensedEdition[];
  readonly sessions: readonly { readonly userClass: UserClass; readonly calls: number }[];
  /** Tasks with their age in milliseconds, by vCenter's clock. */
  readonly tasks: readonly { readonly state: string; readonly ageMs: number }[];
  /** The time of the next run is in milliseconds since the epoch. */
  readonly scheduledTasks: readonly {
    readonly name: string;
    readonly enabled: boolean;
    readonly state: string;
    readonly nextRunAt: number | undefined;
  }[];
}
export type VcenterNeed = keyof VcenterAnswers;

/** Whose a session is: of vsweep's account, of a service of vCenter itself, or of anybody else. */
export const USER_CLASSES = ['own', 'solution', 'other'] as const;
export type UserClass = (typeof USER_CLASSES)[number];

export type VcenterReading = Parts<VcenterAnswers>;

/** What one answer says. */
export const ofVcenter = partsOf<VcenterAnswers>(VCENTER);

/**
 * vCenter's own services log in as solution users, whose names end in the id of the machine:
 * `VSPHERE.LOCAL\vpxd-extension-12e0b667-892c-4694-8a5e-f13147e45dbd` (a sample of Ansible's
 * community.vmware.vmware_object_role_permission_info).
 */
const SOLUTION_USER = /-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:@|$)/i;

/** Never the name itself: a series per user would tell who works, and multiply. */
export const classOfUser = (userName: string, ownName: string): UserClass =>
  userName === ownName ? 'own' : SOLUTION_USER.test(userName) ? 'solution' : 'other';
