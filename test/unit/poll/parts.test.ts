import { describe, expect, it } from 'vitest';
import { askNoHost, inNoSweepOf } from '../../../lib/poll/ask-host.ts';
import { pickFields } from '../../../lib/poll/data-object.ts';
import { PollError } from '../../../lib/poll/errors.ts';
import { fitReplies } from '../../../lib/poll/fit-replies.ts';
import { holdsGuestCredentials } from '../../../lib/poll/guest-credentials.ts';
import type { PollSession } from '../../../lib/poll/method.ts';
import { parseMessage } from '../../../lib/poll/parse-message.ts';
import { toPollResult } from '../../../lib/poll/poll-result.ts';
import { polledMetrics } from '../../../lib/poll/polled-metrics.ts';
import { toReadOnly } from '../../../lib/poll/read-only-session.ts';
import { readableValue } from '../../../lib/poll/readable-value.ts';
import { POLL_METHODS } from '../../../lib/poll/registry.ts';
import { type PollReply, toFailure, toResultList } from '../../../lib/poll/reply.ts';
import { requireRunning } from '../../../lib/poll/running-object.ts';
import { VsphereConnectionError, VsphereFaultError, VspherePathError } from '../../../lib/vsphere/errors.ts';
import type { PropertyValue, RetrievedObject } from '../../../lib/vsphere/property/retrieved-object.ts';

const { signal } = new AbortController();
const objectOf = (
  properties: Readonly<Record<string, PropertyValue>>,
  missing: Readonly<Record<string, string>> = {},
): RetrievedObject => ({
  moref: { type: 'VirtualMachine', value: 'vm-1' },
  properties: new Map(Object.entries(properties)),
  missing: new Map(Object.entries(missing)),
});

describe('a session of polls', () => {
  it('makes these calls, of which none can change anything, and no others of the API', async () => {
    const made: string[] = [];
    const session = toReadOnly({
      transport: async ({ operation }: { operation: string }) => void made.push(operation),
      tidyUp: async () => undefined,
    } as never);
    const known = [
      'CreateContainerView',
      'DestroyView',
      'RetrievePropertiesEx',
      'ContinueRetrievePropertiesEx',
      'CancelRetrievePropertiesEx',
      'CurrentTime',
      'QueryPerfProviderSummary',
      'QueryAvailablePerfMetric',
      'QueryPerf',
      'QueryOptions',
      'QueryHostStatus',
      'ListProcessesInGuest',
      'QueryDateTime',
      'HasPrivilegeOnEntities',
    ];
    for (const operation of [...known, '', 'queryperf', 'Logout', 'Destroy_Task', 'PowerOffVM_Task']) {
      const call = { operation } as never;
      const calling = session.transport(call, { signal } as never);
      if (known.includes(operation)) await calling;
      else await expect(calling).rejects.toThrow(`a poll never calls ${operation}; see read-only-session.ts`);
    }
    expect(made.toSorted()).toEqual(known.toSorted());
  });
});

describe('what a property says', () => {
  it('is its value, nothing where it is unset, and a fault where the account may not read it', () => {
    const object = objectOf({ a: 1 }, { b: 'NoPermission', c: 'NotAuthenticated' });
    expect([readableValue(object, 'a'), readableValue(object, 'x')]).toEqual([1, undefined]);
    expect(() => readableValue(object, 'b')).toThrow(
      'it cannot be read; give the account the role Read-only on the object',
    );
    expect(() => readableValue(object, 'c')).toThrow('the session has ended');
    expect(() => readableValue(object, 'b')).toThrow('b of VirtualMachine:vm-1');
  });

  it('is answered for the paths that are asked for, in the order in which it came', () => {
    const object = objectOf({ b: 'x', a: ['y'], c: 1 });
    expect(Object.entries(toPollResult(object, ['a', 'b', 'x']))).toEqual([
      ['b', 'x'],
      ['a', ['y']],
    ]);
  });

  it('of a data object is null or an empty list where it is unset, and "(null)" where there is none', () => {
    const fields = ['diskPath', 'capacity', 'mappings', 'x'];
    expect(pickFields({ diskPath: '/' }, { type: 'GuestDiskInfo', fields })).toEqual({
      diskPath: '/',
      capacity: null,
      mappings: [],
      x: '(null)',
    });
    expect(pickFields(undefined, { type: 'NoType', fields: ['a'] })).toEqual({ a: '(null)' });
  });

  it.each([
    ['poweredOn', 'connected', undefined],
    ['poweredOff', 'connected', 'VM is not powered on, cannot get values'],
    ['poweredOn', 'disconnected', 'VM is not connected, cannot get values'],
    ['suspended', 'inaccessible', 'VM is not powered on, cannot get values'],
  ])('of an object that has to run: %s and %s', (power, connection, told) => {
    const object = objectOf({ 'runtime.powerState': power, 'runtime.connectionState': connection });
    const require = () => requireRunning(object, { called: 'VM', purpose: 'values' });
    if (told === undefined) expect(require).not.toThrow();
    else expect(require).toThrow(expect.objectContaining({ message: told, code: 'unavailable' }));
  });
});

describe('a reply', () => {
  it('of a failure has our own words, those of the API behind what failed, and a traceback of any other', () => {
    expect(toFailure(new PollError('no', { code: 'request' }), 'vm.get')).toEqual({ success: 1, msg: 'no' });
    const collecting = [
      new VspherePathError('no path', { code: 'path' } as never),
      new VsphereFaultError('asking', { fault: 'NoPermission', text: 'denied' }),
      new VsphereConnectionError('no way', { code: 'timeout' } as never),
    ];
    for (const error of collecting)
      expect(toFailure(error, 'vm.get')).toEqual({
        success: 1,
        msg: `Cannot collect properties: ${error.message}`,
      });
    expect(toFailure(new RangeError('oops'), 'vm.get')).toEqual({
      success: 1,
      msg: 'Task vm.get failed',
      traceback: 'oops',
    });
  });

  it('that is one object is a list of one', () => {
    expect(toResultList([{ a: 1 }])).toEqual([{ a: 1 }]);
    expect(toResultList({ a: 1 })).toEqual([{ a: 1 }]);
  });

  it('has room to the last byte; what comes after what does not fit may fit again', () => {
    const reply = (msg: string): PollReply => ({ success: 1, msg });
    const bytesOf = ({ msg }: PollReply) => msg.length;
    const replies = ['aaaa', 'bbbbb', 'cccccc', 'c', 'd'].map(reply);
    expect(fitReplies(replies, { maxBytes: 10, bytesOf }).map(({ msg }) => msg)).toEqual([
      'aaaa',
      'bbbbb',
      'Cannot send result: it has 6 bytes, more than Lambda delivers in one answer; ask for fewer properties, or for fewer requests at once',
      'c',
      'Cannot send result: it has 1 bytes, more than Lambda delivers in one answer; ask for fewer properties, or for fewer requests at once',
    ]);
  });
});

describe('a message', () => {
  it('is the JSON of its bytes, and nothing where they are none', () => {
    expect(parseMessage(Buffer.from('{"a": "é"}'))).toEqual({ a: 'é' });
    expect(parseMessage(Buffer.from('null'))).toBeNull();
    for (const bytes of [Buffer.from('{'), Buffer.from(''), Buffer.of(0x22, 0xff, 0x22)])
      expect(parseMessage(bytes)).toBeUndefined();
  });

  it.each([
    [{ username: 'a' }, true],
    [{ password: 'a' }, true],
    [{ password: 7 }, true],
    [{ username: null, password: '(null)' }, false],
    [{ username: '', password: undefined }, false],
    [{}, false],
    [null, false],
    ['username', false],
    [[], false],
  ])('%j has the account of a guest: %s', (message, holds) => {
    expect(holdsGuestCredentials(message)).toBe(holds);
  });
});

describe('a metric', () => {
  it('that is read from hosts is not asked by the function, which says by what it is', async () => {
    const rows = [{ name: 'a' }, { name: 'b' }] as never;
    await expect(askNoHost({ moref: 'host-1', rows, target: {} as never }, { signal })).rejects.toMatchObject(
      {
        code: 'unavailable',
        message:
          'a, b: read from hosts by ssh, which the poll function does not do: it has neither their credential nor a network to them. ' +
          'Ask by "vsweep poll" or "vsweep gateway" without --lambda, on a machine that may, or query what its sweep delivers',
      },
    );
    expect(inNoSweepOf('vc01')).toBe(
      'read from hosts by ssh, and no sweep collects it on vc01; name its collector ("vsweep metrics list" has it) in a sweep of this target',
    );
  });

  it('can be polled where it is read of one object, each by its name and once known', () => {
    const metrics = polledMetrics({ sweeps: [] });
    expect(metrics()).toBe(metrics());
    for (const [name, row] of metrics()) expect([row.name, row.isHidden === true]).toEqual([name, false]);
    const readers = new Set(Array.from(metrics().values(), ({ source }) => source.reader.name));
    expect([...readers].toSorted()).toEqual(['counters', 'historical-counters', 'probe', 'properties']);
  });

  it('that there is not is told with the nearest one, or where all are', async () => {
    const method = POLL_METHODS.find(({ name }) => name === 'metric.get');
    const row = { name: 'vmware_vm_num_cpu' };
    const session = { metrics: () => new Map([[row.name, row]]) } as unknown as PollSession;
    const ask = (properties: string[]) => method?.run(session, { name: 'web01', properties }, { signal });
    const refused = (message: string) => ({ name: 'PollError', code: 'request', message });
    await expect(ask([])).rejects.toMatchObject(
      refused('metric.get needs the names of metrics as its properties'),
    );
    await expect(ask(['vmware_vm_num_cpus'])).rejects.toMatchObject(
      refused('there is no metric vmware_vm_num_cpus that can be polled; did you mean vmware_vm_num_cpu?'),
    );
    await expect(ask(['x'])).rejects.toMatchObject(
      refused('there is no metric x that can be polled; vsweep metrics list has all'),
    );
  });
});
