import { describe, expect, it } from 'vitest';
import { type InventoryQuery, listInventory } from '../../../lib/inventory/list-inventory.ts';
import { VsphereConnectionError, VsphereFaultError, VsphereReplyError } from '../../../lib/vsphere/errors.ts';
import type { RetrievalSession } from '../../../lib/vsphere/property/retrieval.ts';
import { cannedSession } from '../vsphere/canned-session.ts';
import { retrievalAnswer, soapAnswer } from '../vsphere/soap-messages.ts';

const SSH_RUNNING = 'config.service.service["TSM-SSH"].running';
const property = (name: string, value: string, type = 'xsd:string') =>
  `<propSet><name>${name}</name><val xsi:type="${type}">${value}</val></propSet>`;
const named = (moref: string, ...more: string[]) => {
  const [type, value] = moref.split(':');
  return `<objects><obj type="${type}">${value}</obj>${property('name', `n-${value}`)}${more.join('')}</objects>`;
};
/** By type, as a view of all that is below the root folder has them. */
const ESTATE: Readonly<Record<string, string>> = {
  HostSystem: `${named('HostSystem:host-1')}<objects><obj type="HostSystem">host-2</obj></objects>`,
  VirtualMachine: named('VirtualMachine:vm-1'),
  Datastore: named('Datastore:ds-1'),
  Alarm: `<objects><obj type="Alarm">alarm-1</obj>${property('info.name', 'Disk%2fFull')}${property('info.systemName', 'alarm.Disk')}</objects>`,
};

interface Asked {
  readonly type: string;
  readonly paths: readonly string[];
}

/** A vCenter that refuses retrievals, each by its property specs, and how it was asked. */
function vcenter(refuse: (asked: readonly Asked[]) => Error | undefined = () => undefined) {
  const retrievals: (readonly Asked[])[] = [];
  const session = cannedSession(
    ({ operation, body }) => {
      if (operation === 'CreateContainerView')
        return [answer(operation, '<returnval type="ContainerView">view-1</returnval>')];
      if (operation === 'GetAlarm') return [answer(operation, '<returnval type="Alarm">alarm-1</returnval>')];
      const asked = specsIn(body);
      if (!isAsked(asked, 'Alarm')) retrievals.push(asked);
      const refusal = refuse(asked);
      if (refusal !== undefined) throw refusal;
      return [Buffer.from(retrievalAnswer(asked.map(({ type }) => ESTATE[type] ?? '').join('')))];
    },
    {
      rootFolder: { type: 'Folder', value: 'group-d1' },
      viewManager: { type: 'ViewManager', value: 'v' },
      alarmManager: { type: 'AlarmManager', value: 'a' },
    },
  );
  const list = (
    query: Partial<InventoryQuery> = {},
    options: { signal?: AbortSignal; besideSignal?: AbortSignal } = {},
  ) =>
    listInventory(
      session,
      { target: 'vc01', managementAddress: false, ...query },
      { signal: new AbortController().signal, ...options },
    );
  const askedOf = (type: string) =>
    retrievals.flatMap((asked) => asked.filter((one) => one.type === type).map(({ paths }) => paths));
  return { list, retrievals, askedOf, session };
}

const answer = (operation: string, content: string) =>
  Buffer.from(soapAnswer(`<${operation}Response xmlns="urn:vim25">${content}</${operation}Response>`));

const specsIn = (body: string): Asked[] =>
  Array.from(body.matchAll(/<propSet><type>(\w+)<\/type>.*?<\/propSet>/g), ([spec, type = '']) => ({
    type,
    paths: Array.from(spec.matchAll(/<pathSet>(.*?)<\/pathSet>/g), ([, path = '']) =>
      path.replaceAll('&quot;', '"'),
    ),
  }));

const fault = (name: string) => new VsphereFaultError('Test on vc', { fault: name, text: '' });
const isAsked = (asked: readonly Asked[], type: string) => asked.some((one) => one.type === type);
const morefs = (items: readonly { readonly moref: string }[] = []) => items.map(({ moref }) => moref);

describe('listInventory', () => {
  it('lists hosts and all kinds of a view by one retrieval, each type asked for once', async () => {
    const { list, retrievals } = vcenter();
    const found = await list({ kinds: ['vm', 'datastore', 'host', 'vm'] });
    expect(found.hosts.map(({ moref, name }) => [moref, name])).toEqual([['host-1', 'n-host-1']]);
    expect(found.unreadable).toEqual(['host-2']);
    expect([...found.others].map(([kind, listing]) => [kind, morefs(listing.items)])).toEqual([
      ['vm', ['vm-1']],
      ['datastore', ['ds-1']],
    ]);
    expect('unlisted' in found).toBe(false);
    expect(retrievals.map((asked) => asked.map(({ type }) => type))).toEqual([
      [
        'HostSystem',
        'ComputeResource',
        'Folder',
        'Datacenter',
        'VirtualMachine',
        'ResourcePool',
        'Datastore',
      ],
    ]);
    expect(retrievals[0]?.find(({ type }) => type === 'Folder')?.paths).toEqual(['parent', 'name']);
  });

  it('asks for what costs more only where it is wanted', async () => {
    const { list, askedOf } = vcenter();
    await list({ kinds: ['vm'] });
    await list({ kinds: ['vm'], managementAddress: true, machineIdentity: true, sshService: true });
    const [plain, whole] = askedOf('HostSystem');
    expect(whole).toEqual([...(plain ?? []), 'config.virtualNicManagerInfo.netConfig', SSH_RUNNING]);
    const [machines, identified] = askedOf('VirtualMachine');
    expect(identified).toEqual([...(machines ?? []), 'summary.config.instanceUuid']);
  });

  it('lists what is in no view beside it: the target itself, and alarms', async () => {
    const { list } = vcenter();
    const found = await list({ kinds: ['vcenter', 'alarm'] });
    expect(Object.fromEntries(found.others)).toEqual({
      vcenter: { items: [{ type: 'Folder', moref: 'group-d1', name: 'vc01', facts: {} }], unreadable: [] },
      alarm: {
        items: [{ moref: 'alarm-1', name: 'Disk/Full', facts: { systemName: 'alarm.Disk' } }],
        unreadable: [],
      },
    });
  });

  it('loses what is in no view alone where that fails', async () => {
    const { list } = vcenter((asked) => (isAsked(asked, 'Alarm') ? fault('NoPermission') : undefined));
    const found = await list({ kinds: ['vm', 'alarm'] });
    expect(morefs(found.hosts)).toEqual(['host-1']);
    expect([...found.others.keys()]).toEqual(['vm']);
    expect(found.unlisted).toEqual(new Map([['alarm', 'Test on vc returned the fault NoPermission']]));
  });

  it('gives what is in no view its own time', async () => {
    const { list } = vcenter();
    const besideSignal = AbortSignal.abort(new Error('too late'));
    const found = await list({ kinds: ['alarm'] }, { besideSignal });
    expect(morefs(found.hosts)).toEqual(['host-1']);
    expect(found.unlisted).toEqual(new Map([['alarm', 'too late']]));
  });
});

it('ends with the reason of its own signal, also where only what is in no view is still asked for', async () => {
  const over = new Error('the run is over');
  const aborted = AbortSignal.abort(over);
  await expect(vcenter().list({ kinds: ['alarm'] }, { signal: aborted })).rejects.toBe(over);
  const run = new AbortController();
  const viewed = Promise.withResolvers<void>();
  const { session } = vcenter();
  const slow: RetrievalSession = {
    ...session,
    // By then all of the view has come.
    tidyUp: async () => viewed.resolve(),
    async transport(call, options) {
      if (call.operation !== 'GetAlarm') return await session.transport(call, options);
      await viewed.promise;
      await new Promise((resolve) => setImmediate(resolve));
      run.abort(over);
      throw new Error('cut off');
    },
  };
  const query = { kinds: ['alarm'], managementAddress: false } as const;
  await expect(listInventory(slow, query, { signal: run.signal })).rejects.toBe(over);
});

describe('a kind that cannot be listed', () => {
  it.each([
    ['a fault', fault('NoPermission')],
    ['an answer that is no XML', new VsphereReplyError('no XML', { code: 'malformed' })],
    ['an answer that is too large', new VsphereReplyError('too large', { code: 'too-large' })],
  ])('costs itself alone: %s', async (_, error) => {
    const { list, retrievals } = vcenter((asked) => (isAsked(asked, 'Datastore') ? error : undefined));
    const found = await list({ kinds: ['vm', 'datastore'], machineIdentity: true });
    expect(found.hosts).toHaveLength(1);
    expect(found.unreadable).toEqual(['host-2']);
    expect([...found.others].map(([kind, listing]) => [kind, morefs(listing.items)])).toEqual([
      ['vm', ['vm-1']],
    ]);
    expect(found.unlisted).toEqual(new Map([['datastore', error.message]]));
    // Together, then hosts, machines and datastores by themselves.
    expect(retrievals).toHaveLength(4);
    expect(isAsked(retrievals[1] ?? [], 'VirtualMachine')).toBe(false);
    expect(isAsked(retrievals[2] ?? [], 'VirtualMachine')).toBe(true);
    expect(retrievals[2]?.find(({ type }) => type === 'VirtualMachine')?.paths).toContain(
      'summary.config.instanceUuid',
    );
  });

  it.each([
    ['a session that ended', fault('NotAuthenticated')],
    ['an answer that was cut off', new VsphereReplyError('cut off', { code: 'truncated' })],
    ['a lost connection', new VsphereConnectionError('lost', { code: 'cut-off' })],
  ])('is not asked for again after %s', async (_, error) => {
    const { list, retrievals } = vcenter(() => error);
    await expect(list({ kinds: ['vm'] })).rejects.toBe(error);
    expect(retrievals).toHaveLength(1);
    const later = vcenter((asked) =>
      isAsked(asked, 'VirtualMachine') ? (isAsked(asked, 'Datastore') ? fault('X') : error) : undefined,
    );
    await expect(later.list({ kinds: ['vm', 'datastore'] })).rejects.toBe(error);
    expect(later.retrievals).toHaveLength(3);
  });

  it('is an error where it is the hosts', async () => {
    const error = fault('NoPermission');
    const { list, retrievals } = vcenter(() => error);
    await expect(list()).rejects.toBe(error);
    expect(retrievals).toHaveLength(1);
  });
});

describe('whether ssh runs', () => {
  const sshPaths = (paths: readonly string[]) => paths.filter((path) => path.startsWith('config.service'));

  it('is asked of all services where the server takes no path with a key', async () => {
    const { list, askedOf } = vcenter((asked) =>
      asked.some(({ paths }) => paths.includes(SSH_RUNNING)) ? fault('InvalidProperty') : undefined,
    );
    const found = await list({ sshService: true, managementAddress: true });
    expect(found.hosts).toHaveLength(1);
    const asked = askedOf('HostSystem');
    expect(asked.map(sshPaths)).toEqual([[SSH_RUNNING], ['config.service']]);
    expect(asked[1]).toContain('config.virtualNicManagerInfo.netConfig');
  });

  it('is not asked once more after another fault', async () => {
    const error = fault('NoPermission');
    const { list, retrievals } = vcenter(() => error);
    await expect(list({ sshService: true })).rejects.toBe(error);
    expect(retrievals).toHaveLength(1);
  });
});
