import { describe } from 'vitest';
import { createDemoEstate } from '../../../lib/demo/demo-estate.ts';
import type { DemoEstate, DemoSnapshot } from '../../../lib/demo/vcenter/estate.ts';
import {
  CONTRACT_ALARM,
  CONTRACT_HOSTS,
  CONTRACT_MACHINES,
  CONTRACT_MAX_QUERY_METRICS,
  CONTRACT_SNAPSHOTS,
  type ContractPeer,
} from '../../support/vsphere-contract/contract-peer.ts';
import { describeVsphereContract } from '../../support/vsphere-contract/describe-vsphere-contract.ts';
import { demoHost, endpointOf, PROOF, startTarget } from './demo-target.ts';

const TIME = '2026-01-01T10:00:00Z';

/** The first of the demo's virtual machines, with the contract's names, on the contract's hosts. */
function toEstate(): DemoEstate {
  const { virtualMachines, datastores, networks } = createDemoEstate();
  const machines = virtualMachines.slice(0, CONTRACT_MACHINES.length).map((machine, index) => ({
    ...machine,
    name: CONTRACT_MACHINES[index] ?? '',
    host: `host-${index + 1}`,
    datastores: ['datastore-11'],
    networks: ['network-21'],
    snapshots: index === 0 ? toChain(CONTRACT_SNAPSHOTS) : [],
  }));
  return {
    virtualMachines: machines,
    datastores: datastores.slice(0, 1).map((store) => ({ ...store, datacenter: 'dc' })),
    networks: networks.slice(0, 1).map((network) => ({ ...network, datacenter: 'dc' })),
    datastoreClusters: [],
    distributedSwitches: [],
    alarms: [{ alarm: 'alarm-1', name: CONTRACT_ALARM, entity: 'host-1', status: 'red', time: TIME }],
    events: [{ key: 1, createdTime: TIME, userName: '', message: `Alarm '${CONTRACT_ALARM}' is red` }],
  };
}

/** Snapshots each on top of the last one. */
function toChain([name, ...more]: readonly string[], id = 1): readonly DemoSnapshot[] {
  if (name === undefined) return [];
  const children = toChain(more, id + 1);
  return [
    { moref: `snapshot-${id}`, id, name, description: '', createTime: TIME, quiesced: false, children },
  ];
}

async function startPeer(): Promise<ContractPeer> {
  const hosts = CONTRACT_HOSTS.map((name, i) => demoHost(i + 1, { name, cluster: `cluster${i % 2}` }));
  const vcenter = await startTarget({
    hosts,
    sessionAdmins: [PROOF.username],
    estate: toEstate(),
    statistics: { maxQueryMetrics: String(CONTRACT_MAX_QUERY_METRICS) },
  });
  return {
    endpoint: endpointOf(vcenter),
    proof: PROOF,
    datacenter: 'dc',
    guestAccount: { username: 'monitor', password: 'demo-guest' },
    takeSnapshots: async () => undefined,
    raiseAlarm: async () => undefined,
    openSessions: async () => vcenter.sessions(),
    [Symbol.asyncDispose]: () => vcenter[Symbol.asyncDispose](),
  };
}

describe('the client on the demo vCenter', () => describeVsphereContract(startPeer));
