import type { VcenterOrder } from './vcenter-order.ts';

/** What the client needs to repeat the requests of a sweep. */
export interface ReplayOrder extends Omit<VcenterOrder, 'hosts'> {
  /** Holds the recording, which is too long for an argument. */
  readonly file: string;
}
