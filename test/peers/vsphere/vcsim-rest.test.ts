import { expect, it } from 'vitest';
import type { KindName } from '../../../lib/inventory/kind.ts';
import { findKind } from '../../../lib/inventory/kinds.ts';
import { listInventory } from '../../../lib/inventory/list-inventory.ts';
import { customAttributes } from '../../../lib/readers/custom-attributes.ts';
import { tags } from '../../../lib/readers/tags.ts';
import type { TargetReader } from '../../../lib/readers/target-reader.ts';
import { logInToRestApi } from '../../../lib/vsphere/rest/rest-session.ts';
import { login } from '../../../lib/vsphere/session/session.ts';
import { NO_EVENTS } from '../../support/no-events.ts';
import { describeWithPeers } from '../../support/peers/peer-requirements.ts';
import { startVcsim, type Vcsim } from '../../support/peers/vcsim.ts';
import { CONTRACT_DEPS, contractSignal } from '../../support/vsphere-contract/contract-peer.ts';

const ESTATE = { hostsPerCluster: 2, machinesPerCluster: 2, estate: true };
const endpointOf = (vcsim: Vcsim) => ({ name: 'vcsim', url: vcsim.url, tls: { sha256: [vcsim.sha256] } });
const beforePassword = async () => undefined;

/** What a reader finds of the machines and hosts of a vcsim, by their names; those of which it finds something. */
async function readBy<Value>(vcsim: Vcsim, reader: TargetReader<string, readonly Value[]>) {
  const signal = contractSignal();
  const proof = { username: vcsim.user, password: vcsim.password };
  await using connection = await login(endpointOf(vcsim), proof, CONTRACT_DEPS, { signal });
  const query = { managementAddress: false, kinds: ['vm'] } as const;
  const { hosts, others } = await listInventory(connection, query, { signal });
  const lists = new Map<KindName, readonly { moref: string; name: string }[]>([
    ['host', hosts],
    ['vm', others.get('vm')?.items ?? []],
  ]);
  const wanted = Array.from(lists, ([kind, items]) => {
    const [type = ''] = findKind(kind).types;
    return { kind, needs: [], items: items.map(({ moref }) => ({ type, moref })) };
  });
  const options = { signal, beforePassword };
  const rest = await logInToRestApi(endpointOf(vcsim), proof, connection.about, CONTRACT_DEPS, options);
  try {
    const session = { connection, rest: async () => rest, events: NO_EVENTS };
    const found: (readonly [KindName, readonly Value[]])[] = [];
    for await (const [kind, , value] of reader.read(wanted, { session, clock: CONTRACT_DEPS.clock, signal }))
      if (value.length > 0) found.push([kind, value]);
    return found;
  } finally {
    await rest.close({ ms: 5_000 });
    expect(rest.failedLogouts()).toBe(0);
  }
}

// govmomi's simulator answers in the form of 6.5 (vapi/simulator), which its own client was written for.
describeWithPeers(['vcsim'], 'the REST API of vcsim', () => {
  it('has the tags of machines and hosts, as its own client attached them', async () => {
    await using vcsim = await startVcsim(ESTATE);
    const found = await readBy(vcsim, tags);
    expect(found).toEqual([
      ['host', [{ category: 'Tier', tag: 'gold' }]],
      [
        'vm',
        [
          { category: 'Owner', tag: `Ann "A" O'Hara, ops/1` },
          { category: 'Tier', tag: 'gold' },
        ],
      ],
    ]);
  });

  it('has the custom attributes, by SOAP', async () => {
    await using vcsim = await startVcsim(ESTATE);
    const found = await readBy(vcsim, customAttributes);
    expect(found).toEqual([['vm', [{ attribute: 'CostCentre', value: '4711' }]]]);
  });

  it('refuses a wrong password, and a session that has ended', async () => {
    await using vcsim = await startVcsim(ESTATE);
    const signal = contractSignal();
    const about = { version: '6.5', fields: new Map<string, string>() };
    const logIn = (password: string) =>
      logInToRestApi(endpointOf(vcsim), { username: vcsim.user, password }, about, CONTRACT_DEPS, {
        signal,
        beforePassword,
      });
    await expect(logIn('wrong')).rejects.toMatchObject({ code: 'login-refused' });
    const session = await logIn(vcsim.password);
    await session.close({ ms: 5_000 });
    await expect(
      readBy(vcsim, {
        facts: tags.facts,
        read: (wanted, { session: ofTarget, ...options }) =>
          tags.read(wanted, { session: { ...ofTarget, rest: async () => session }, ...options }),
      }),
    ).rejects.toMatchObject({ status: 401 });
  });
});
