import { afterAll, beforeAll } from 'vitest';
import type { ContractPeer } from './contract-peer.ts';
import { describeInventory } from './inventory-behaviours.ts';
import { describeMachines } from './machine-behaviours.ts';
import { describePerformance } from './performance-behaviours.ts';
import { describeRetrieval } from './retrieval-behaviours.ts';
import { describeSession } from './session-behaviours.ts';

/**
 * What the client promises, stated once and run over every peer: what one passes the others must. Call it inside the
 * `describe` of a peer. A new part of the client adds its own `describe…` here.
 */
export function describeVsphereContract(startPeer: () => Promise<ContractPeer>): void {
  let peer: ContractPeer | undefined;
  beforeAll(async () => {
    peer = await startPeer();
  });
  afterAll(() => peer?.[Symbol.asyncDispose]());

  const peerOf = () => {
    if (peer === undefined) throw new Error('the peer has not started');
    return peer;
  };
  const parts = [
    describeSession,
    describeRetrieval,
    describeInventory,
    describeMachines,
    describePerformance,
  ];
  for (const describePart of parts) describePart(peerOf);
}
