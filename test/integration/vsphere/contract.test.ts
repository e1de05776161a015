import { describe } from 'vitest';
import { NO_ESTATE } from '../../../lib/demo/vcenter/estate.ts';
import {
  CONTRACT_ALARM,
  CONTRACT_HOSTS,
  CONTRACT_MAX_QUERY_METRICS,
  type ContractPeer,
} from '../../support/vsphere-contract/contract-peer.ts';
import { describeVsphereContract } from '../../support/vsphere-contract/describe-vsphere-contract.ts';
import { demoHost, endpointOf, PROOF, startTarget } from './demo-target.ts';

async function startPeer(): Promise<ContractPeer> {
  const hosts = CONTRACT_HOSTS.map((name, i) => demoHost(i + 1, { name, cluster: `cluster${i % 2}` }));
  const time = '2026-01-01T10:00:00Z';
  const vcenter = await startTarget({
    hosts,
    sessionAdmins: [PROOF.username],
    estate: {
      ...NO_ESTATE,
      alarms: [{ alarm: 'alarm-1', name: CONTRACT_ALARM, entity: 'host-1', status: 'red', time }],
      events: [{ key: 1, createdTime: time, userName: '', message: `Alarm '${CONTRACT_ALARM}' is red` }],
    },
    statistics: { maxQueryMetrics: String(CONTRACT_MAX_QUERY_METRICS) },
  });
  return {
    endpoint: endpointOf(vcenter),
    proof: PROOF,
    datacenter: 'dc',
    raiseAlarm: async () => undefined,
    openSessions: async () => vcenter.sessions(),
    [Symbol.asyncDispose]: () => vcenter[Symbol.asyncDispose](),
  };
}

describe('the client on the demo vCenter', () => describeVsphereContract(startPeer));
