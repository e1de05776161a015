import { describe, expect, it } from 'vitest';
import { withSshOnly } from '../../../lib/inventory/host.ts';
import {
  HOST_SERVICES_PATHS,
  readHostServices,
  runningOf,
  SSH_SERVICE,
} from '../../../lib/inventory/host-services.ts';
import type { PropertyValue } from '../../../lib/vsphere/property/retrieved-object.ts';

const [STATE, SERVICES] = HOST_SERVICES_PATHS;
const read = (properties: Record<string, PropertyValue>, missing: Record<string, string> = {}) =>
  readHostServices({
    properties: new Map(Object.entries(properties)),
    missing: new Map(Object.entries(missing)),
  });
const connected = (service: PropertyValue) =>
  read({ 'runtime.connectionState': 'connected', 'config.service': service });

describe('the services of a host that vCenter knows', () => {
  it('are read from two properties', () => {
    expect([STATE, SERVICES]).toEqual(['runtime.connectionState', 'config.service']);
  });

  it.each<[string, PropertyValue, readonly object[]]>([
    [
      'each with whether it runs',
      {
        service: [
          { key: 'TSM-SSH', running: true },
          { key: 'ntpd', running: false },
        ],
      },
      [
        { key: 'TSM-SSH', running: true },
        { key: 'ntpd', running: false },
      ],
    ],
    [
      'also of an answer whose types are not known, with text and a single service',
      { service: { key: 'TSM-SSH', running: 'true' } },
      [{ key: 'TSM-SSH', running: true }],
    ],
    [
      'stopped by the text false',
      { service: { key: 'x', running: 'false' } },
      [{ key: 'x', running: false }],
    ],
    ['unknown without one of both words', { service: [{ key: 'x' }] }, [{ key: 'x', running: undefined }]],
    ['without a key that is a text', { service: [{ key: 5 }, 'x', []] }, Array(3).fill({ key: '' })],
    ['none', { service: [] }, []],
    ['none in an answer of another form', 'text', []],
  ])('are %s', (_, info, services) => {
    expect(connected(info)).toEqual({ kind: 'read', services });
  });

  it.each(['disconnected', 'notResponding', 'strange'])('are stale of a host that is %s', (state) => {
    expect(read({ [STATE]: state, [SERVICES]: { service: [] } })).toEqual({ kind: 'stale' });
  });

  it('are unreadable by the first property that did not come, with the fault that came for it', () => {
    const unreadable = (path: string, fault: string) => ({ kind: 'unreadable', path, fault });
    expect(read({}, { [STATE]: 'NoPermission', [SERVICES]: 'Other' })).toEqual(
      unreadable(STATE, 'NoPermission'),
    );
    expect(read({ [STATE]: 'connected' }, { [SERVICES]: 'NoPermission' })).toEqual(
      unreadable(SERVICES, 'NoPermission'),
    );
    expect(read({ [STATE]: 'connected' })).toEqual(unreadable(SERVICES, 'vCenter sent no value'));
  });
});

describe('whether the ssh service runs', () => {
  const services: PropertyValue = {
    service: [
      { key: 'ntpd', running: false },
      { key: 'TSM-SSH', running: true },
    ],
  };
  const object = (properties: Record<string, PropertyValue>) => ({
    moref: { type: 'HostSystem', value: 'host-1' },
    properties: new Map(Object.entries(properties)),
    missing: new Map([['name', 'NoPermission']]),
  });
  const RUNNING = 'config.service.service["TSM-SSH"].running';

  it('is said by the service of its key', () => {
    expect(runningOf(services, SSH_SERVICE)).toBe(true);
    expect(runningOf(services, 'ntpd')).toBe(false);
    expect(runningOf(services, 'vpxa')).toBeUndefined();
  });

  it('is all that is kept of the services of a host', () => {
    expect(withSshOnly(object({ name: 'esx01', 'config.service': services }))).toEqual(
      object({ name: 'esx01', [RUNNING]: true }),
    );
    const without = { service: [{ key: 'ntpd', running: true }] };
    expect(withSshOnly(object({ name: 'esx01', 'config.service': without }))).toEqual(
      object({ name: 'esx01' }),
    );
  });

  it('changes nothing of an object whose services were not read', () => {
    const one = object({ name: 'esx01' });
    expect(withSshOnly(one)).toBe(one);
  });
});
