import type { VsanHealth } from '../../vsphere/vsan/vsan-health.ts';
import type { ReaderFacts } from '../row.ts';
import { type Parts, partsOf } from './parts.ts';

/** What the vSAN service of a vCenter says of a cluster. */
export const VSAN: ReaderFacts = { name: 'vsan', runs: 'read' };

export interface VsanAnswers {
  readonly health: VsanHealth;
  /** In bytes. */
  readonly space: { readonly total: number | undefined; readonly free: number | undefined };
  readonly resync: { readonly bytes: number | undefined; readonly objects: number | undefined };
}
export type VsanNeed = keyof VsanAnswers;
export type VsanReading = Parts<VsanAnswers>;

export const ofVsan = partsOf<VsanAnswers>(VSAN);
