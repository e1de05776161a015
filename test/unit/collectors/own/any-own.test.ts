import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHECKED_COLLECTORS } from '../../../../lib/collectors/checked-collectors.ts';
import { ownCollector } from '../../../../lib/collectors/own/compile-own.ts';
import { inspectConfig } from '../../../../lib/config/check-config.ts';
import type { PropertyValue } from '../../../../lib/vsphere/property/retrieved-object.ts';
import { configWith } from './own-configs.ts';

/** One of each way to make a value. */
const METRICS = `
  own:
    own_number: { property: HostSystem summary.quickStats.uptime, scale: 1/3 }
    own_date: { property: HostSystem runtime.bootTime, unset: -1 }
    own_any: { property: 'HostSystem config.option["a"].value' }
    own_states: { property: HostSystem config.lockdownMode, states: [lockdownDisabled, lockdownNormal], labels: { x: name } }
    own_tested: { property: HostSystem name, test: { matches: "^(a|b)*$", equals: aa } }
    own_bound: { property: HostSystem hardware.memorySize, test: { above: 0, below: 5 } }
    own_count: { property: HostSystem configIssue }
    own_ratio: { property: HostSystem summary.quickStats.uptime, divide: summary.quickStats.overallCpuUsage }
    own_elements: { each: HostSystem config.network.pnic, value: linkSpeed.speedMb, labels: { nic: device }, max: 3 }
    own_info: { each: HostSystem config.network.pnic, value: 1, labels: { nic: device } }
`;

const value: fc.Arbitrary<PropertyValue> = fc.letrec<{ value: PropertyValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string({ unit: 'binary' }),
    fc.double(),
    fc.integer(),
    fc.boolean(),
    fc.constantFrom('aa', 'lockdownNormal', '9223372036854775807', '2026-01-02T03:04:05Z', 'connected'),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(
      fc.constantFrom('device', 'linkSpeed', 'speedMb', 'type', 'value', '__proto__'),
      tie('value'),
    ),
  ),
})).value;

describe('own metrics, whatever comes', () => {
  const [sweep] = configWith(METRICS).sweeps;
  const rows = ownCollector(sweep?.own)?.rows ?? [];

  it('yield finite values with all labels, or a reason, of any answer of a vCenter', () => {
    expect(rows).toHaveLength(10);
    fc.assert(
      fc.property(fc.array(value, { minLength: 10, maxLength: 10 }), fc.boolean(), (values, isMissing) => {
        const paths = rows.flatMap(({ source }) => source.needs.map(String));
        const properties = new Map(paths.map((path, index) => [path, values[index % 10] as PropertyValue]));
        const missing = new Map(isMissing ? [[paths[0] ?? '', 'NoPermission']] : []);
        for (const row of rows) {
          const { points, warnings } = row.source.evaluate({
            moref: { type: 'HostSystem', value: 'host-1' },
            properties,
            missing,
          });
          for (const point of points) {
            expect(point.labels).toHaveLength(row.labels.length);
            expect(Number.isFinite(point.value), `${row.name} ${point.value}`).toBe(true);
            for (const label of point.labels) expect(label.length).toBeLessThanOrEqual(256);
          }
          for (const warning of warnings) expect(warning.length).toBeLessThan(300);
        }
      }),
    );
  });

  it('are checked to the end, whatever stands in the file', () => {
    const words = fc.constantFrom(
      'HostSystem',
      'HostSystem name',
      'HostSystem config.network.pnic',
      'VirtualMachine a.b',
      '',
      ' ',
      '[',
      '__proto__',
      'x'.repeat(2_000),
    );
    const anything = fc.oneof(words, fc.anything({ maxDepth: 2 }), fc.dictionary(words, words));
    const keys = fc.constantFrom(
      'property',
      'each',
      'counter',
      'value',
      'labels',
      'states',
      'test',
      'scale',
      'divide',
      'instances',
      'every',
      'max',
      'nonsense',
      'esxcli',
      'ssh',
    );
    const own = fc.dictionary(
      fc.string(),
      fc.oneof(fc.anything({ maxDepth: 1 }), fc.dictionary(keys, anything)),
      { maxKeys: 4 },
    );
    fc.assert(
      fc.property(own, (metrics) => {
        const raw = {
          targets: [{ name: 'vc01', credentials: { env: 'VC' } }],
          sweeps: [{ name: 's', every: '1m', collectors: ['own'] }],
          metrics: { own: metrics },
        };
        const { config, issues } = inspectConfig(raw, CHECKED_COLLECTORS);
        // What passes has a row for each metric.
        if (config === undefined) expect(issues).not.toEqual([]);
        else
          for (const { own: swept } of config.sweeps)
            expect(ownCollector(swept)?.rows.map(({ name }) => name)).toEqual(
              Object.keys(swept?.metrics ?? {}),
            );
      }),
    );
  });
});
