import type { VcenterOrder } from './vcenter-order.ts';

/** What a client that reads every object of one type is told. */
export interface RetrievalOrder extends Omit<VcenterOrder, 'hosts'> {
  readonly type: string;
  readonly paths: readonly string[];
  /** How many there are. */
  readonly objects: number;
}
