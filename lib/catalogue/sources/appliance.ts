import type { ReaderFacts } from '../row.ts';
import { type Parts, partsOf } from './parts.ts';

/** What the vCenter appliance says of itself by its REST API: read once a run, by the sweep itself. */
export const APPLIANCE: ReaderFacts = { name: 'appliance', runs: 'sweep' };

/** What can be asked of an appliance, and what it then says. Times are in milliseconds since the epoch. */
export interface ApplianceAnswers {
  /** The colour of each component that has answered, and why others have not. */
  readonly health: { readonly colours: ReadonlyMap<string, string>; readonly problems: readonly string[] };
  readonly backups: readonly {
    readonly status: string;
    readonly startedAt: number | undefined;
    readonly endedAt: number | undefined;
  }[];
  /** Whether each schedule is enabled. */
  readonly schedules: readonly boolean[];
  /** Without a time it never ends. */
  readonly rootPassword: { readonly endsAt: number | undefined };
  readonly services: readonly {
    readonly name: string;
    readonly startupType: string;
    readonly state: string;
    readonly health: string | undefined;
  }[];
  readonly signingCertificate: { readonly endsAt: number };
  readonly trustedRoots: {
    readonly roots: readonly { readonly chain: string; readonly subject: string; readonly endsAt: number }[];
    /** How many chains could not be read. */
    readonly unreadable: number;
  };
  readonly timeSync: string;
  /** How many are configured. */
  readonly ntpServers: number;
}
export type ApplianceNeed = keyof ApplianceAnswers;
export type ApplianceReading = Parts<ApplianceAnswers>;

/** What one answer says. */
export const ofAppliance = partsOf<ApplianceAnswers>(APPLIANCE);
