import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { editorSchema, ownPaths } from '../../../../lib/collectors/own/own-schema.ts';
import { faultsIn } from './own-configs.ts';

const published = z.fromJSONSchema(JSON.parse(JSON.stringify(editorSchema())));
const config = (metric: object) => ({
  targets: [{ name: 'vc01', credentials: { env: 'VC' } }],
  sweeps: [{ name: 's', every: '1m', collectors: ['own'] }],
  metrics: { own: { vmware_own: metric } },
});

describe('the JSON Schema for editors', () => {
  it('offers paths of which each is one, and none that may hold a secret', () => {
    const { properties, arrays } = ownPaths();
    expect(properties).toContain('VirtualMachine runtime.consolidationNeeded');
    expect(arrays).toContain('HostSystem config.network.pnic');
    expect(properties.length + arrays.length).toBeGreaterThan(1_000);
    const metrics = [
      ...properties.map((path, index) => [`vmware_p${index}`, { property: path, test: { equals: 1 } }]),
      ...arrays.map((path, index) => [`vmware_a${index}`, { each: path, value: 1 }]),
    ];
    expect(faultsIn(JSON.stringify({ own: Object.fromEntries(metrics) }))).toEqual([]);
  });

  it.each([
    { property: 'VirtualMachine runtime.consolidationNeeded' },
    { property: 'HostSystem config.option["Net.TcpipHeapMax"].value', test: { below: 5 } },
    { each: 'HostSystem config.network.pnic', value: 'linkSpeed.speedMb', labels: { nic: 'device' } },
    { counter: 'VirtualMachine a.newer.percent.average', instances: { label: 'disk' } },
    { esxcli: 'system visorfs ramdisk list', each: true, value: 'Used' },
  ])('accepts %j', (metric) => {
    expect(published.safeParse(config(metric))).toMatchObject({ success: true });
  });

  it.each([
    { property: 7 },
    { proprty: 'VirtualMachine name' },
    { each: false },
    { property: 'VirtualMachine name', interval: '1m' },
  ])('refuses %j', (metric) => {
    expect(published.safeParse(config(metric)).success).toBe(false);
  });

  it('refuses a name that no metric can have', () => {
    const wrong = { ...config({}), metrics: { own: { '1st': { property: 'VirtualMachine name' } } } };
    expect(published.safeParse(wrong).success).toBe(false);
  });
});
