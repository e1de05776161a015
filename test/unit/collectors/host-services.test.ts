import { describe, expect, it } from 'vitest';
import { HOST_SERVICES } from '../../../lib/catalogue/host.ts';
import type { PropertyValue } from '../../../lib/vsphere/property/retrieved-object.ts';
import { collect as collectRows, itemOf, retrieved } from './subjects.ts';

const NTPD = { key: 'ntpd', running: 'true' };
const collect = (properties: Record<string, PropertyValue>, missing: Record<string, string> = {}) =>
  collectRows(HOST_SERVICES, { item: itemOf('esx01'), object: retrieved(properties, missing) });
const connected = (service: PropertyValue | undefined) =>
  collect({
    'runtime.connectionState': 'connected',
    'config.service': service === undefined ? {} : { service },
  });
const valuesOf = ({ samples }: ReturnType<typeof collect>) =>
  samples.map(({ labels, value }) => [labels.at(-1), value]);

describe('host-services', () => {
  it('gives a sample a service, by its key', () => {
    expect(connected([NTPD, { key: 'TSM-SSH', running: 'false' }])).toEqual({
      samples: ['ntpd', 'TSM-SSH'].map((service) => ({
        metric: 'esxi_host_service_running',
        labels: ['vc-a-0.cc.qa-de-1.example.org', 'qa-de-1a', 'esx01', service],
        value: service === 'ntpd' ? 1 : 0,
      })),
      warnings: [],
    });
  });

  it('takes a single service, and a host without any', () => {
    expect(valuesOf(connected(NTPD))).toEqual([['ntpd', 1]]);
    expect(connected(undefined)).toEqual({ samples: [], warnings: [] });
  });

  it.each(['notResponding', 'disconnected'])(
    "does not believe vCenter's old copy of a host that is %s, and does not warn of it",
    (state) => {
      const copy = { 'config.service': { service: NTPD } };
      for (const config of [copy, {}]) {
        expect(collect({ 'runtime.connectionState': state, ...config })).toEqual({
          samples: [],
          warnings: [],
        });
      }
    },
  );

  it.each([
    ['config.service', { 'runtime.connectionState': 'connected' }],
    ['runtime.connectionState', { 'config.service': { service: NTPD } }],
  ])('warns of %s that was denied or did not come, and gives no sample', (path, properties) => {
    const fault = (text: string) => ({ samples: [], warnings: [`${path} could not be read: ${text}`] });
    expect(collect(properties, { [path]: 'NoPermission' })).toEqual({
      samples: [],
      warnings: ['lacks System.Read'],
    });
    expect(collect(properties, { [path]: 'SystemError' })).toEqual(fault('SystemError'));
    expect(collect(properties)).toEqual(fault('vCenter sent no value'));
  });

  it.each([[{ key: 'ntpd' }], [{ running: 'true' }], [{ key: 'ntpd', running: '' }], ['odd'], [['odd']]])(
    'warns once of services that it does not understand, and gives the others: %j',
    (odd) => {
      const { samples, warnings } = connected([odd, NTPD, odd]);
      expect(samples).toHaveLength(1);
      expect(warnings).toEqual(['config.service has a service without a key or without a state']);
    },
  );
});
