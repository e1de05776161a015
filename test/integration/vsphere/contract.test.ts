import { describe } from 'vitest';
import { CONTRACT_HOSTS, type ContractPeer } from '../../support/vsphere-contract/contract-peer.ts';
import { describeVsphereContract } from '../../support/vsphere-contract/describe-vsphere-contract.ts';
import { demoHost, endpointOf, PROOF, startTarget } from './demo-target.ts';

async function startPeer(): Promise<ContractPeer> {
  const hosts = CONTRACT_HOSTS.map((name, i) => demoHost(i + 1, { name, cluster: `cluster${i % 2}` }));
  const vcenter = await startTarget({ hosts, sessionAdmins: [PROOF.username] });
  return {
    endpoint: endpointOf(vcenter),
    proof: PROOF,
    openSessions: async () => vcenter.sessions(),
    [Symbol.asyncDispose]: () => vcenter[Symbol.asyncDispose](),
  };
}

describe('the client on the demo vCenter', () => describeVsphereContract(startPeer));
