import { describe, expect, it } from 'vitest';
import { isInvalidProperty, isNotAuthenticated, VsphereFaultError } from '../../../lib/vsphere/errors.ts';
import { retrieveByView } from '../../../lib/vsphere/property/retrieve-by-view.ts';
import { retrieveFrom } from '../../../lib/vsphere/property/retrieve-from.ts';
import { refuseIfDenied, retrieveReferred } from '../../../lib/vsphere/property/retrieve-referred.ts';
import { createSessionLimit } from '../../../lib/vsphere/session/session-limit.ts';
import { answeringSession, object, property } from './answering-session.ts';

const { signal } = new AbortController();
const HOST = { type: 'HostSystem', value: 'host-1' };

describe('retrieveByView', () => {
  it('asks for the members of a view of these types, and ends the view', async () => {
    const { session, calls, tidied } = answeringSession(
      ({ operation }) =>
        operation === 'CreateContainerView'
          ? '<returnval type="ContainerView">view-1</returnval>'
          : object('HostSystem:host-1', property('name', 'esx01')),
      { viewManager: { type: 'ViewManager', value: 'v' } },
    );
    const specs = [
      { type: 'HostSystem', paths: ['name'] },
      { type: 'Datastore', paths: [] },
    ];
    const came: string[] = [];
    for await (const { moref } of retrieveByView(session, specs, { signal })) came.push(moref.value);
    expect(came).toEqual(['host-1']);
    expect(calls[0]?.body).toBe(
      '<CreateContainerView xmlns="urn:vim25"><_this type="ViewManager">v</_this><container type="rootFolder">rootFolder</container>' +
        '<type>HostSystem</type><type>Datastore</type><recursive>true</recursive></CreateContainerView>',
    );
    expect(calls[1]?.body).toContain(
      '<propSet><type>HostSystem</type><all>false</all><pathSet>name</pathSet></propSet>' +
        '<propSet><type>Datastore</type><all>false</all></propSet>' +
        '<objectSet><obj type="ContainerView">view-1</obj><skip>true</skip>' +
        '<selectSet xsi:type="TraversalSpec"><type>ContainerView</type><path>view</path></selectSet></objectSet>',
    );
    const ended = [...tidied, ...calls.slice(2)].map(({ body }) => body);
    expect(ended).toEqual([
      '<DestroyView xmlns="urn:vim25"><_this type="ContainerView">view-1</_this></DestroyView>',
    ]);
  });
});

describe('retrieveReferred', () => {
  it('asks once for each type, and gives the objects in the order of their references', async () => {
    const { session, calls } = answeringSession(({ body }) =>
      [...body.matchAll(/<obj type="(\w+)">([\w-]+)</g)]
        .filter(([, , value]) => value !== 'gone')
        .toReversed()
        .map(([, type, value]) => object(`${type}:${value}`))
        .join(''),
    );
    const vm = { type: 'VirtualMachine', value: 'vm-1' };
    const morefs = [
      HOST,
      vm,
      { type: 'HostSystem', value: 'host-2' },
      HOST,
      { type: 'HostSystem', value: 'gone' },
    ];
    const found = await retrieveReferred(session, { morefs, paths: ['name'] }, { signal });
    expect(found.map(({ moref }) => moref.value)).toEqual(['host-1', 'vm-1', 'host-2', 'host-1']);
    expect(calls.map(({ body }) => body.match(/<obj /g)?.length)).toEqual([3, 1]);
  });

  const denied = (fault: string) => ({
    moref: HOST,
    properties: new Map(),
    missing: new Map([['name', fault]]),
  });
  it('is refused where the account may read the property of no object, and there are some', () => {
    expect(() => refuseIfDenied([], 'name')).not.toThrow();
    expect(() => refuseIfDenied([denied('NoPermission'), denied('NotFound')], 'name')).not.toThrow();
    expect(() => refuseIfDenied([denied('NoPermission')], 'other')).not.toThrow();
    expect(() => refuseIfDenied([denied('NoPermission'), denied('NoPermission')], 'name')).toThrow(
      expect.objectContaining({
        fault: 'NoPermission',
        message: 'name returned the fault NoPermission: it cannot be read',
        fields: new Map([['privilegeId', 'System.Read']]),
      }),
    );
  });
});

it('a retrieval with one start that leads elsewhere may bring objects that were not named', async () => {
  const { session } = answeringSession(() => object('VirtualMachine:vm-1'));
  const selectSet = [{ type: 'HostSystem', path: 'vm' }];
  const came: string[] = [];
  const starts = [{ obj: HOST }, { obj: { ...HOST, value: 'host-2' }, selectSet }];
  const specs = [{ type: 'VirtualMachine', paths: ['name'] }];
  for await (const { moref } of retrieveFrom(session, { specs, starts }, { signal })) came.push(moref.value);
  expect(came).toEqual(['vm-1']);
});

it('a fault is known by its name', () => {
  const fault = (name: string) => new VsphereFaultError('x', { fault: name, text: '' });
  expect(isInvalidProperty(fault('InvalidProperty'))).toBe(true);
  expect(isInvalidProperty(fault('InvalidArgument'))).toBe(false);
  expect(isInvalidProperty(new Error('InvalidProperty'))).toBe(false);
  expect(isNotAuthenticated(fault('NotAuthenticated'))).toBe(true);
  expect(isNotAuthenticated(fault('NoPermission'))).toBe(false);
  expect(isNotAuthenticated(undefined)).toBe(false);
  expect(fault('X')).toMatchObject({ message: 'x returned the fault X', faultText: '', fields: new Map() });
});

it('a place that is given back leaves the others taken', async () => {
  const limit = createSessionLimit(2);
  const first = await limit.take('vc01', { signal });
  await limit.take('vc01', { signal });
  first[Symbol.dispose]();
  await limit.take('vc01', { signal });
  const third = limit.take('vc01', { signal });
  expect(await Promise.race([third, new Promise((resolve) => setImmediate(() => resolve('waits')))])).toBe(
    'waits',
  );
});
