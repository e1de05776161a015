import type { VcenterOrder } from './vcenter-order.ts';

/** What a client that asks a vCenter what a sweep asked is told. */
export interface ReplayOrder extends Omit<VcenterOrder, 'hosts'> {
  /** Holds the recording, which is too long for an argument. */
  readonly file: string;
}
