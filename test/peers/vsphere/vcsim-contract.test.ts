import { describeWithPeers } from '../../support/peers/peer-requirements.ts';
import { startVcsim } from '../../support/peers/vcsim.ts';
import { CONTRACT_HOSTS, type ContractPeer } from '../../support/vsphere-contract/contract-peer.ts';
import { describeVsphereContract } from '../../support/vsphere-contract/describe-vsphere-contract.ts';

async function startPeer(): Promise<ContractPeer> {
  const vcsim = await startVcsim({ clusters: 2, hostsPerCluster: 3, names: CONTRACT_HOSTS });
  return {
    endpoint: { name: 'vcsim', url: vcsim.url, tls: { sha256: [vcsim.sha256] } },
    proof: { username: vcsim.user, password: vcsim.password },
    openSessions: () => vcsim.openSessions(),
    [Symbol.asyncDispose]: () => vcsim[Symbol.asyncDispose](),
  };
}

describeWithPeers(['vcsim'], 'the client on vcsim', () => describeVsphereContract(startPeer));
