import { describeWithPeers } from '../../support/peers/peer-requirements.ts';
import { startVcsim } from '../../support/peers/vcsim.ts';
import {
  CONTRACT_HOSTS,
  CONTRACT_MAX_QUERY_METRICS,
  type ContractPeer,
} from '../../support/vsphere-contract/contract-peer.ts';
import { describeVsphereContract } from '../../support/vsphere-contract/describe-vsphere-contract.ts';

async function startPeer(): Promise<ContractPeer> {
  const vcsim = await startVcsim({
    clusters: 2,
    hostsPerCluster: 3,
    names: CONTRACT_HOSTS,
    maxQueryMetrics: CONTRACT_MAX_QUERY_METRICS,
  });
  return {
    endpoint: { name: 'vcsim', url: vcsim.url, tls: { sha256: [vcsim.sha256] } },
    proof: { username: vcsim.user, password: vcsim.password },
    datacenter: 'DC0',
    raiseAlarm: () => vcsim.change(CONTRACT_HOSTS[0] ?? '', 'alarm'),
    openSessions: () => vcsim.openSessions(),
    [Symbol.asyncDispose]: () => vcsim[Symbol.asyncDispose](),
  };
}

describeWithPeers(['vcsim'], 'the client on vcsim', () => describeVsphereContract(startPeer));
