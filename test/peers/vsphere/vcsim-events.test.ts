import { expect, it } from 'vitest';
import { listInventory } from '../../../lib/inventory/list-inventory.ts';
import { events } from '../../../lib/readers/events.ts';
import type { TargetSession } from '../../../lib/readers/target-reader.ts';
import type { EventTally } from '../../../lib/vsphere/event/event-tally.ts';
import { login } from '../../../lib/vsphere/session/session.ts';
import { callForValues } from '../../../lib/vsphere/soap/soap-reply.ts';
import { methodCall } from '../../../lib/vsphere/soap/soap-request.ts';
import { describeWithPeers } from '../../support/peers/peer-requirements.ts';
import { pollUntil } from '../../support/peers/poll-until.ts';
import { startVcsim } from '../../support/peers/vcsim.ts';
import { CONTRACT_DEPS, contractSignal } from '../../support/vsphere-contract/contract-peer.ts';

const TYPES = ['VmPoweredOffEvent', 'VmPoweredOnEvent'];

/** govmomi's event manager, whose collectors are not ours. */
describeWithPeers(['vcsim'], 'events of vcsim', () => {
  it('are counted once each over more runs than a session may have collectors', async () => {
    await using vcsim = await startVcsim({ hostsPerCluster: 1, machinesPerCluster: 1 });
    const signal = contractSignal();
    const endpoint = { name: 'vcsim', url: vcsim.url, tls: { sha256: [vcsim.sha256] } };
    const proof = { username: vcsim.user, password: vcsim.password };
    await using session = await login(endpoint, proof, CONTRACT_DEPS, { signal });
    const query = { managementAddress: false, kinds: ['vm'] } as const;
    const [machine] = (await listInventory(session, query, { signal })).others.get('vm')?.items ?? [];
    if (machine === undefined) throw new Error('vcsim has no machine');

    let kept: EventTally | undefined;
    const target: TargetSession = {
      connection: session,
      rest: async () => undefined,
      events: {
        types: TYPES,
        tally: {
          read: async () => kept,
          keep: async (next) => {
            kept = next;
            return next;
          },
        },
      },
    };
    const wanted = [{ kind: 'vcenter', needs: ['totals'], items: [{ type: 'Folder', moref: 'x' }] }] as const;
    const run = async () => {
      const { clock } = CONTRACT_DEPS;
      for await (const [, , { totals, warnings }] of events.read(wanted, {
        session: target,
        clock,
        signal,
      })) {
        expect(warnings).toEqual([]);
        return TYPES.map((type) => totals[type]);
      }
      throw new Error('the reader yielded nothing');
    };
    const power = (operation: string) =>
      callForValues(
        session.transport,
        methodCall(operation, { type: 'VirtualMachine', value: machine.moref }),
        { signal },
      );

    expect(await run()).toEqual([0, 0]);
    await power('PowerOffVM_Task');
    await pollUntil('the machine is off', async () => ((await run())[0] === 1 ? true : undefined), {
      timeoutMs: 60_000,
    });
    await power('PowerOnVM_Task');
    await pollUntil('the machine is on', async () => ((await run())[1] === 1 ? true : undefined), {
      timeoutMs: 60_000,
    });
    for (let runs = 0; runs < 40; runs += 1) expect(await run()).toEqual([1, 1]);
  }, 200_000);
});
