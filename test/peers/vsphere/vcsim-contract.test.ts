import { expect, it } from 'vitest';
import { KINDS } from '../../../lib/inventory/kinds.ts';
import { listInventory } from '../../../lib/inventory/list-inventory.ts';
import { retrieveProperty } from '../../../lib/vsphere/property/retrieve-property.ts';
import type { MoRef } from '../../../lib/vsphere/property/retrieved-object.ts';
import { login, type PasswordProof, type VsphereEndpoint } from '../../../lib/vsphere/session/session.ts';
import { toMoRef } from '../../../lib/vsphere/soap/moref.ts';
import { callForRequiredValue } from '../../../lib/vsphere/soap/soap-reply.ts';
import { methodCall, textElement } from '../../../lib/vsphere/soap/soap-request.ts';
import { describeWithPeers } from '../../support/peers/peer-requirements.ts';
import { startVcsim } from '../../support/peers/vcsim.ts';
import {
  CONTRACT_DEPS,
  CONTRACT_HOSTS,
  CONTRACT_MAX_QUERY_METRICS,
  type ContractPeer,
  contractSignal,
} from '../../support/vsphere-contract/contract-peer.ts';
import { describeVsphereContract } from '../../support/vsphere-contract/describe-vsphere-contract.ts';

/** By vSphere's own call, each awaited: vcsim makes a snapshot at once, but in a task. */
async function takeSnapshots(
  endpoint: VsphereEndpoint,
  proof: PasswordProof,
  taken: { machine: MoRef; names: readonly string[] },
) {
  const signal = contractSignal();
  await using session = await login(endpoint, proof, CONTRACT_DEPS, { signal });
  for (const name of taken.names) {
    const parameters = `${textElement('name', name.replaceAll('%', '%25').replaceAll('/', '%2f'))}<memory>false</memory><quiesce>false</quiesce>`;
    const create = methodCall('CreateSnapshot_Task', taken.machine, parameters);
    const task = toMoRef(await callForRequiredValue(session.transport, create, { signal }));
    const state = () => retrieveProperty(session, task, 'info.state', { signal });
    await expect.poll(state, { timeout: 10_000 }).toBe('success');
  }
}

async function startPeer(): Promise<ContractPeer> {
  const vcsim = await startVcsim({
    clusters: 2,
    hostsPerCluster: 3,
    machinesPerCluster: 2,
    names: CONTRACT_HOSTS,
    maxQueryMetrics: CONTRACT_MAX_QUERY_METRICS,
  });
  const endpoint = { name: 'vcsim', url: vcsim.url, tls: { sha256: [vcsim.sha256] } };
  const proof = { username: vcsim.user, password: vcsim.password };
  return {
    endpoint,
    proof,
    guestAccount: { username: 'monitor', password: 'vcsim-guest' },
    takeSnapshots: (machine, names) => takeSnapshots(endpoint, proof, { machine, names }),
    datacenter: 'DC0',
    raiseAlarm: () => vcsim.change(CONTRACT_HOSTS[0] ?? '', 'alarm'),
    openSessions: () => vcsim.openSessions(),
    [Symbol.asyncDispose]: () => vcsim[Symbol.asyncDispose](),
  };
}

describeWithPeers(['vcsim'], 'the client on vcsim', () => describeVsphereContract(startPeer));

describeWithPeers(['vcsim'], 'the listing of hosts on vcsim', () => {
  it('says of each host whether its ssh service runs, by one path with a key', async () => {
    await using vcsim = await startVcsim({ hostsPerCluster: 3 });
    const [, second = '', third = ''] = vcsim.hosts;
    await vcsim.change(second, 'service/TSM-SSH/stopped');
    await vcsim.change(third, 'service/ntpd/stopped');
    const endpoint = { name: 'vcsim', url: vcsim.url, tls: { sha256: [vcsim.sha256] } };
    const proof = { username: vcsim.user, password: vcsim.password };
    const signal = contractSignal();
    await using session = await login(endpoint, proof, CONTRACT_DEPS, { signal });
    const before = await vcsim.requests();
    const { hosts } = await listInventory(
      session,
      { managementAddress: false, sshService: true },
      { signal },
    );
    expect(await vcsim.requests()).toBe(before + 3); // the view, its members, its end: no second retrieval
    const running = new Map(hosts.map(({ name, sshRunning }) => [name, sshRunning]));
    expect(vcsim.hosts.map((name) => running.get(name))).toEqual([true, false, true]);
  });

  it('lists every kind by the same view, and what each item stands in', async () => {
    await using vcsim = await startVcsim({ hostsPerCluster: 3 });
    const endpoint = { name: 'vcsim', url: vcsim.url, tls: { sha256: [vcsim.sha256] } };
    const proof = { username: vcsim.user, password: vcsim.password };
    const signal = contractSignal();
    await using session = await login(endpoint, proof, CONTRACT_DEPS, { signal });
    const kinds = KINDS.map(({ name }) => name);
    const query = { kinds, target: 'vcsim', managementAddress: false, sshService: true };
    const { others } = await listInventory(session, query, { signal });
    const firsts = Array.from(others, ([kind, { items }]) => [kind, items[0]?.facts]);
    expect(Object.fromEntries(firsts)).toMatchInlineSnapshot(`
      {
        "alarm": {
          "systemName": "",
        },
        "cluster": {
          "datacenter": "DC0",
          "folder": "",
        },
        "datastore": {
          "datacenter": "DC0",
          "datastoreCluster": "",
          "folder": "",
          "key": "",
        },
        "datastore-cluster": undefined,
        "distributed-switch": undefined,
        "portgroup": undefined,
        "resource-pool": {
          "cluster": "DC0_C0",
          "datacenter": "DC0",
          "host": "",
          "poolPath": "/DC0/host/DC0_C0/Resources",
          "resourcePool": "",
          "virtualApp": "",
        },
        "vcenter": {},
        "vm": undefined,
      }
    `);
  });
});
