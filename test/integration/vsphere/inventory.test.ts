import { describe, expect, it } from 'vitest';
import { createDemoEstate } from '../../../lib/demo/demo-estate.ts';
import { listInventory } from '../../../lib/inventory/list-inventory.ts';
import { createLineLog } from '../../../lib/platform/log.ts';
import { VsphereFaultError, VsphereReplyError } from '../../../lib/vsphere/errors.ts';
import { login } from '../../../lib/vsphere/session/session.ts';
import type { Transport } from '../../../lib/vsphere/soap/transport.ts';
import {
  DEPS,
  demoHost,
  demoHosts,
  endpointOf,
  eventually,
  loginTo,
  PROOF,
  rejectionOf,
  startTarget,
  testSignal,
} from './demo-target.ts';

const signal = testSignal();

describe('listInventory, of hosts', () => {
  it('lists every host beyond the first page by one view, and destroys it', async () => {
    const hosts = demoHosts(250);
    await using vcenter = await startTarget({ hosts, pageSize: 100 });
    await using session = await loginTo(vcenter);
    const listing = await listInventory(session, { managementAddress: false }, { signal });
    expect(listing.unreadable).toEqual([]);
    expect(listing.hosts.map(({ moref }) => moref)).toEqual(hosts.map(({ moref }) => moref));
    expect(vcenter.stats.calls).toMatchObject({
      CreateContainerView: 1,
      RetrievePropertiesEx: 1,
      ContinueRetrievePropertiesEx: 2,
      DestroyView: 1,
    });
  });

  it('gives each host with its names decoded and its states as vCenter has them', async () => {
    const lost = { connectionState: 'notResponding', powerState: 'unknown', configUnset: true } as const;
    const hosts = [
      demoHost(1, { name: 'esx1/a%b\\c', cluster: 'c/1', datacenter: 'd%1', lockdownMode: 'lockdownNormal' }),
      demoHost(2, { ...lost, cluster: '', inMaintenanceMode: true }),
    ];
    await using vcenter = await startTarget({ hosts });
    await using session = await loginTo(vcenter);
    const { hosts: listed } = await listInventory(session, { managementAddress: false }, { signal });
    expect(listed).toEqual([
      {
        moref: 'host-1',
        name: 'esx1/a%b\\c',
        connectionState: 'connected',
        powerState: 'poweredOn',
        inMaintenanceMode: false,
        lockdownMode: 'lockdownNormal',
        facts: { cluster: 'c/1', datacenter: 'd%1' },
        managementAddress: undefined,
      },
      {
        moref: 'host-2',
        name: 'esx2.example.org',
        connectionState: 'notResponding',
        powerState: 'unknown',
        inMaintenanceMode: true,
        lockdownMode: undefined,
        facts: { cluster: '', datacenter: 'dc' },
        managementAddress: undefined,
      },
    ]);
  });

  it('keeps hosts of the same cluster name in two datacenters apart', async () => {
    const hosts = [
      demoHost(1, { cluster: 'c', datacenter: 'a' }),
      demoHost(2, { cluster: 'c', datacenter: 'b' }),
    ];
    await using vcenter = await startTarget({ hosts });
    await using session = await loginTo(vcenter);
    const { hosts: listed } = await listInventory(session, { managementAddress: false }, { signal });
    expect(listed.map(({ facts }) => facts.datacenter)).toEqual(['a', 'b']);
  });

  it('asks for the management address only when wanted', async () => {
    await using vcenter = await startTarget({ hosts: [demoHost(1, { managementAddress: '10.0.0.7' })] });
    await using session = await loginTo(vcenter);
    const addressOf = async (managementAddress: boolean) =>
      (await listInventory(session, { managementAddress }, { signal })).hosts[0]?.managementAddress;
    expect(await addressOf(true)).toBe('10.0.0.7');
    expect(await addressOf(false)).toBeUndefined();
  });

  it('says where the ssh service runs, when wanted, by one boolean a host', async () => {
    const ssh = (running: boolean) => ({ services: [{ key: 'TSM-SSH', running }] });
    const hosts = [
      demoHost(1, ssh(true)),
      demoHost(2, ssh(false)),
      demoHost(3, { services: [] }),
      demoHost(4, { ...ssh(false), unreadable: ['config'] }),
      demoHost(5, { ...ssh(false), configUnset: true }),
    ];
    await using vcenter = await startTarget({ hosts });
    await using session = await loginTo(vcenter);
    const asked: string[] = [];
    const noting: Transport = (call, options) => {
      asked.push(call.body);
      return session.transport(call, options);
    };
    /** What a server does that takes no path with a key. */
    const refusing: Transport = (call, options) =>
      call.body.includes('TSM-SSH')
        ? Promise.reject(new VsphereFaultError(call.operation, { fault: 'InvalidProperty', text: '' }))
        : noting(call, options);
    const runningBy = async (transport: Transport) => {
      const query = { managementAddress: false, sshService: true };
      const { hosts: listed } = await listInventory({ ...session, transport }, query, { signal });
      return listed.map(({ sshRunning }) => sshRunning);
    };
    const told = [true, false, undefined, undefined, undefined];
    expect(await runningBy(noting)).toEqual(told);
    expect(asked.join()).not.toContain('>config.service<');
    expect(await runningBy(refusing)).toEqual(told);
    expect(asked.join()).toContain('>config.service<');
    const { hosts: unwanted } = await listInventory(session, { managementAddress: false }, { signal });
    expect(unwanted.every((host) => !('sshRunning' in host))).toBe(true);
  });

  it('does not ask again after another fault', async () => {
    await using vcenter = await startTarget();
    await using session = await loginTo(vcenter);
    vcenter.misbehave({ kind: 'soap-fault', fault: 'SystemError', operation: 'RetrievePropertiesEx' });
    const listed = listInventory(session, { managementAddress: false, sshService: true }, { signal });
    expect(await rejectionOf(listed)).toMatchObject({ fault: 'SystemError' });
    expect(vcenter.stats.calls['RetrievePropertiesEx']).toBe(1);
  });

  it.each<[string, Error]>([
    ['a fault', new VsphereFaultError('it', { fault: 'SystemError', text: 'a broken machine' })],
    ['an answer that is no XML', new VsphereReplyError('half an answer', { code: 'malformed' })],
  ])(
    'lists hosts and every other kind although %s is the answer where machines are listed',
    async (_, fault) => {
      const estate = createDemoEstate();
      await using vcenter = await startTarget({ hosts: demoHosts(3), estate });
      await using session = await loginTo(vcenter);
      const refusing: Transport = (call, options) =>
        call.operation === 'RetrievePropertiesEx' && call.body.includes('<type>VirtualMachine</type>')
          ? Promise.reject(fault)
          : session.transport(call, options);
      const query = {
        managementAddress: false,
        kinds: ['vm', 'datastore', 'vcenter'],
        target: 'vc',
      } as const;
      const listing = await listInventory({ ...session, transport: refusing }, query, { signal });
      expect(listing.hosts).toHaveLength(3);
      expect([...listing.others].map(([kind, { items }]) => [kind, items.length])).toEqual([
        ['datastore', estate.datastores.length],
        ['vcenter', 1],
      ]);
      expect([...(listing.unlisted ?? [])]).toEqual([['vm', fault.message]]);
    },
  );

  it('lists no kind apart where the session has ended, or the hosts themselves are the fault', async () => {
    await using vcenter = await startTarget();
    await using session = await loginTo(vcenter);
    const query = { managementAddress: false, kinds: ['vm'] } as const;
    vcenter.misbehave({ kind: 'soap-fault', fault: 'NotAuthenticated', operation: 'RetrievePropertiesEx' });
    expect(await rejectionOf(listInventory(session, query, { signal }))).toMatchObject({
      fault: 'NotAuthenticated',
    });
    expect(vcenter.stats.calls['RetrievePropertiesEx']).toBe(1);
    vcenter.misbehave({ kind: 'soap-fault', fault: 'SystemError', operation: 'RetrievePropertiesEx' });
    expect(await rejectionOf(listInventory(session, query, { signal }))).toMatchObject({
      fault: 'SystemError',
    });
    expect(vcenter.stats.calls['RetrievePropertiesEx']).toBe(3);
  });

  it('counts hosts whose name may not be read, and calls unreadable what may not be read', async () => {
    const hosts = [demoHost(1, { unreadable: ['name'] }), demoHost(2, { unreadable: ['runtime', 'config'] })];
    await using vcenter = await startTarget({ hosts });
    await using session = await loginTo(vcenter);
    const listing = await listInventory(session, { managementAddress: false }, { signal });
    expect(listing.unreadable).toEqual(['host-1']);
    expect(listing.hosts).toEqual([
      expect.objectContaining({
        moref: 'host-2',
        connectionState: 'unreadable',
        powerState: 'unreadable',
        inMaintenanceMode: undefined,
        lockdownMode: undefined,
      }),
    ]);
  });

  it('lists nothing on a vCenter without hosts', async () => {
    await using vcenter = await startTarget({ hosts: [] });
    await using session = await loginTo(vcenter);
    expect(await listInventory(session, { managementAddress: false }, { signal })).toEqual({
      hosts: [],
      unreadable: [],
      others: new Map(),
    });
  });

  it('destroys the view when the retrieval fails, and a failing destruction hides nothing', async () => {
    const lines: string[] = [];
    const log = createLineLog({ write: (line) => lines.push(line), level: 'warn' });
    await using vcenter = await startTarget();
    await using session = await login(endpointOf(vcenter), PROOF, { ...DEPS, log }, { signal });
    vcenter.misbehave({ kind: 'soap-fault', fault: 'RuntimeFault', operation: 'RetrievePropertiesEx' });
    const list = () => listInventory(session, { managementAddress: false }, { signal });
    expect(await rejectionOf(list())).toMatchObject({ fault: 'RuntimeFault' });
    expect(vcenter.stats.calls.DestroyView).toBe(1);
    vcenter.misbehave({ kind: 'soap-fault', fault: 'HostCommunication', operation: 'DestroyView' });
    expect((await list()).hosts).toHaveLength(3);
    expect(lines).toEqual([expect.stringContaining('DestroyView failed target="vc01"')]);
  });

  it('ends with the signal on a vCenter that hangs, and destroys the view', async () => {
    await using vcenter = await startTarget();
    await using session = await loginTo(vcenter);
    vcenter.misbehave({ kind: 'hang', operation: 'RetrievePropertiesEx' });
    const work = new AbortController();
    const listed = rejectionOf(listInventory(session, { managementAddress: false }, { signal: work.signal }));
    await eventually(() => vcenter.stats.calls.RetrievePropertiesEx === 1);
    work.abort(new Error('enough'));
    expect((await listed).message).toBe('enough');
    expect(vcenter.stats.calls.DestroyView).toBe(1);
  });
});
