import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Family, Sample } from '../../../../lib/metrics/family.ts';
import { attributeWriter } from '../../../../lib/sinks/otlp/attribute-writer.ts';
import { type ExportOptions, exportBatches } from '../../../../lib/sinks/otlp/export-batches.ts';
import {
  encodeResource,
  metricOverhead,
  pointLength,
  requestOverhead,
} from '../../../../lib/sinks/otlp/export-request.ts';
import { decodeExport, samplesOf } from '../../../support/otlp/otlp-messages.ts';

const OPTIONS: ExportOptions = {
  group: { job: 'vsweep_inventory', instance: 'vc01' },
  timeMs: 1_767_225_600_123,
  maxBytes: 100_000,
  maxPoints: 1_000,
};
/** The message of a batch is read before the next one takes its memory. */
const decoded = (families: readonly Family[], options: Partial<ExportOptions> = {}) =>
  Array.from(exportBatches(families, { ...OPTIONS, ...options }), ({ message, points }) => ({
    bytes: message.length,
    points,
    request: decodeExport(message),
  }));
const family = (
  samples: readonly Omit<Sample, 'metric'>[],
  definition: Partial<Family['definition']> = {},
): Family => ({
  definition: { name: 'esxi_x', help: 'x of a host', labels: ['hostsystem'], ...definition },
  samples: samples.map((sample) => ({ metric: 'esxi_x', ...sample })),
});

describe('a request of OTLP', () => {
  it('has names as they are, no unit, and the labels as attributes of the points', () => {
    const [one, ...more] = decoded([family([{ labels: ['esx1'], value: 2.5 }])]);
    expect(more).toEqual([]);
    expect(one?.request).toEqual({
      resource_metrics: [
        {
          resource: {
            attributes: [
              { key: 'service.name', value: { string_value: 'vsweep_inventory' } },
              { key: 'service.instance.id', value: { string_value: 'vc01' } },
            ],
          },
          scope_metrics: [
            {
              scope: { name: 'vsweep', version: '' },
              metrics: [
                {
                  name: 'esxi_x',
                  description: 'x of a host',
                  unit: '',
                  gauge: {
                    data_points: [
                      {
                        start_time_unix_nano: '0',
                        time_unix_nano: '1767225600123000000',
                        as_double: 2.5,
                        attributes: [
                          { key: 'job', value: { string_value: 'vsweep_inventory' } },
                          { key: 'instance', value: { string_value: 'vc01' } },
                          { key: 'hostsystem', value: { string_value: 'esx1' } },
                        ],
                      },
                    ],
                  },
                  sum: null,
                },
              ],
            },
          ],
        },
      ],
    });
  });

  it('has a counter as a cumulative monotonic sum, and everything else as a gauge', () => {
    const samples = [{ labels: ['esx1'], value: 7 }];
    const [one] = decoded([family(samples, { name: 'esxi_x_total', type: 'counter' }), family(samples)]);
    const metrics = one?.request.resource_metrics[0]?.scope_metrics[0]?.metrics ?? [];
    expect(metrics.map(({ name, sum, gauge }) => [name, sum ?? null, gauge === null])).toEqual([
      [
        'esxi_x_total',
        expect.objectContaining({ aggregation_temporality: 'CUMULATIVE', is_monotonic: true }),
        true,
      ],
      ['esxi_x', null, false],
    ]);
  });

  it('has the times of samples that have one, in their order within a series, and that of the delivery for all others', () => {
    const times = [1_767_225_640_000, 1_767_225_600_000, undefined, 1_767_225_620_000];
    const [one] = decoded([
      family(
        times.map((timeMs, value) => ({
          labels: ['esx1'],
          value,
          ...(timeMs === undefined ? {} : { timeMs }),
        })),
      ),
    ]);
    expect(
      samplesOf(one?.request ?? { resource_metrics: [] }).map(({ time, value }) => [time, value]),
    ).toEqual([
      ['1767225600000000000', 1],
      ['1767225600123000000', 2],
      ['1767225620000000000', 3],
      ['1767225640000000000', 0],
    ]);
  });

  it('leaves out labels without a value, and has the value of the group where a family has its label itself', () => {
    const [one] = decoded([
      family([{ labels: ['', 'own', 'esx2'], value: 1 }], { labels: ['empty', 'job', 'hostsystem'] }),
    ]);
    expect(samplesOf(one?.request ?? { resource_metrics: [] }).map(({ labels }) => labels)).toEqual([
      { job: 'vsweep_inventory', instance: 'vc01', hostsystem: 'esx2' },
    ]);
  });

  it('is none at all of a run without samples', () => {
    expect(decoded([])).toEqual([]);
    expect(decoded([family([])])).toEqual([]);
  });

  it('is refused for what is no name, before anything is sent of that family', () => {
    expect(() => decoded([family([], { labels: ['a-b'] })])).toThrow(/"a-b" is no name of a label/);
  });
});

describe('the requests of a run', () => {
  const label = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.constantFrom('', 'esx1', 'ä\u{1F600}'),
  );
  const families = fc.array(fc.array(fc.tuple(label, label, fc.double({ noNaN: true })), { maxLength: 12 }), {
    maxLength: 4,
  });

  it('have every sample once, with all of its labels, and are no larger than the limits', () => {
    fc.assert(
      fc.property(
        families,
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 300, max: 900 }),
        (made, maxPoints, maxBytes) => {
          const given = made.map((rows, index) =>
            family(
              rows.map(([one, other, value]) => ({ labels: [one, other], value })),
              { name: `esxi_${index}`, labels: ['one', 'other'], help: 'h'.repeat(index * 50) },
            ),
          );
          const batches = decoded(given, { maxPoints, maxBytes });
          const sent = batches.flatMap(({ request }) => samplesOf(request));
          const wanted = given.flatMap(({ definition, samples }) =>
            Array.from(samples, ({ labels: [one = '', other = ''], value }) => ({
              metric: definition.name,
              labels: {
                job: 'vsweep_inventory',
                instance: 'vc01',
                ...(one === '' ? {} : { one: one.toWellFormed() }),
                ...(other === '' ? {} : { other: other.toWellFormed() }),
              },
              value,
              time: '1767225600123000000',
            })),
          );
          expect(sent).toEqual(wanted);
          expect(batches.map(({ points }) => points)).toEqual(
            batches.map(({ request }) => samplesOf(request).length),
          );
          for (const { bytes, points } of batches) {
            expect(points).toBeLessThanOrEqual(maxPoints);
            if (points > 1) expect(bytes).toBeLessThanOrEqual(maxBytes);
          }
        },
      ),
    );
  });

  it('are one by one where nothing fits, none of them empty', () => {
    const samples = ['a', 'b', 'c'].map((host, value) => ({ labels: [host], value }));
    const more = { name: 'esxi_y' };
    for (const limits of [{ maxBytes: 1 }, { maxPoints: 1 }]) {
      const batches = decoded([family(samples), family(samples.slice(0, 1), more)], limits);
      expect(
        batches.map(({ points, request }) => [points, ...samplesOf(request).map(({ metric }) => metric)]),
      ).toEqual([
        [1, 'esxi_x'],
        [1, 'esxi_x'],
        [1, 'esxi_x'],
        [1, 'esxi_y'],
      ]);
    }
  });

  it('are as full as their limits allow', () => {
    const samples = Array.from({ length: 4 }, (_, index) => ({ labels: [`esx${index}`], value: 0 }));
    const sizes = (options: Partial<ExportOptions>) =>
      decoded([family(samples)], options).map(({ points }) => points);
    expect(sizes({ maxPoints: 4 })).toEqual([4]);
    expect(sizes({ maxPoints: 3 })).toEqual([3, 1]);
    const attributes = attributeWriter(family([]).definition, OPTIONS.group)(['esx0']);
    const whole =
      requestOverhead(
        encodeResource({ 'service.name': 'vsweep_inventory', 'service.instance.id': 'vc01' }, 'vsweep'),
      ) +
      metricOverhead(family([]).definition) +
      4 * pointLength(attributes);
    expect(sizes({ maxBytes: whole })).toEqual([4]);
    expect(sizes({ maxBytes: whole - 1 })).toEqual([3, 1]);
  });

  it('go on with a series in the next one, in the order of its times', () => {
    const samples = Array.from({ length: 25 }, (_, index) => ({
      labels: ['esx1'],
      value: index,
      timeMs: 1_767_225_600_000 + (24 - index) * 20_000,
    }));
    const batches = decoded([family(samples)], { maxPoints: 10 });
    expect(batches.map(({ points }) => points)).toEqual([10, 10, 5]);
    const values = batches.flatMap(({ request }) => samplesOf(request)).map(({ value }) => value);
    expect(values).toEqual(samples.map(({ value }) => value).reverse());
  });
});
