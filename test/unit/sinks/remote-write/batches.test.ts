import fc from 'fast-check';
import { compress, uncompress } from 'snappyjs';
import { describe, expect, it } from 'vitest';
import type { Family } from '../../../../lib/metrics/family.ts';
import { writeBatches } from '../../../../lib/sinks/remote-write/batches.ts';
import { decodeWriteRequest } from './decode.ts';

const LIMITS = { maxBytes: 1_000_000, maxSamples: 1_000 };
const RUN = { timeMs: 1_000_000, group: { job: 'j', instance: 'i' }, external: {} };

/** The messages are copied: their memory is used again. */
const batchesOf = (families: readonly Family[], options: object = {}) =>
  Array.from(writeBatches(families, { ...RUN, ...LIMITS, ...options }), ({ message, ...batch }) => ({
    ...batch,
    bytes: message.length,
    timeseries: decodeWriteRequest(Buffer.from(message)).timeseries,
  }));

const seriesOf = (families: readonly Family[], options: object = {}) =>
  batchesOf(families, options).flatMap(({ timeseries }) =>
    timeseries.map(({ labels, samples }) => ({
      ...Object.fromEntries(labels.map(({ name, value }) => [name, value])),
      points: samples.map(({ value, timestamp }) => [timestamp, value]),
    })),
  );

const family = (
  labels: readonly string[],
  samples: readonly [labels: string[], value: number, timeMs?: number][],
): Family => ({
  definition: { name: 'esxi_x', help: 'x', labels },
  samples: samples.map(([values, value, timeMs]) => ({
    metric: 'esxi_x',
    labels: values,
    value,
    ...(timeMs === undefined ? {} : { timeMs }),
  })),
});

describe('batches of remote write', () => {
  it('give every series the labels of its group, those of the configuration, and its name, sorted by name', () => {
    const [batch] = batchesOf([family(['vm_name', 'Zone'], [[['a', 'b'], 1]])], {
      external: { cluster: 'lab' },
    });
    expect(batch?.timeseries[0]?.labels).toEqual([
      { name: 'Zone', value: 'b' },
      { name: '__name__', value: 'esxi_x' },
      { name: 'cluster', value: 'lab' },
      { name: 'instance', value: 'i' },
      { name: 'job', value: 'j' },
      { name: 'vm_name', value: 'a' },
    ]);
    expect(batch?.first).toBe('esxi_x{Zone="b",cluster="lab",instance="i",job="j",vm_name="a"}');
  });

  it('leave a label of a family to it where the configuration names it too, and not where the group does', () => {
    expect(
      seriesOf(
        [
          family(
            ['site', 'job'],
            [
              [['own', 'own'], 1],
              [['', ''], 2],
            ],
          ),
        ],
        { external: { site: 'lab' } },
      ),
    ).toEqual([
      { __name__: 'esxi_x', instance: 'i', job: 'j', site: 'own', points: [[1_000_000, 1]] },
      { __name__: 'esxi_x', instance: 'i', job: 'j', points: [[1_000_000, 2]] },
    ]);
  });

  it('have all samples of a series in one place, in the order of their times, and one of each time', () => {
    const timed = family(
      ['host'],
      [
        [['a'], 3, 30],
        [['b'], 1, 10],
        [['a'], 1, 10],
        [['a'], 4],
        [['a'], 2, 20],
        [['b'], 9, 10],
      ],
    );
    expect(seriesOf([timed])).toEqual([
      {
        __name__: 'esxi_x',
        host: 'a',
        instance: 'i',
        job: 'j',
        points: [
          [10, 1],
          [20, 2],
          [30, 3],
          [1_000_000, 4],
        ],
      },
      { __name__: 'esxi_x', host: 'b', instance: 'i', job: 'j', points: [[10, 1]] },
    ]);
  });

  it('are within their limits, lose nothing, and keep the order of each series', () => {
    const sample = fc.tuple(
      fc.tuple(fc.constantFrom('a', 'b', 'ü'.repeat(100)), fc.string({ maxLength: 3 })),
      fc.double({ noNaN: true }),
      fc.option(fc.nat(1_000), { nil: undefined }),
    );
    fc.assert(
      fc.property(
        fc.uniqueArray(sample, {
          selector: ([labels, , timeMs]) => JSON.stringify([labels, timeMs]),
          maxLength: 60,
        }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 2_000 }),
        (samples, maxSamples, maxBytes) => {
          const families = [family(['x', 'y'], samples as [string[], number, number?][])];
          const batches = batchesOf(families, { maxSamples, maxBytes });
          for (const batch of batches) {
            expect(batch.timeseries.length).toBe(batch.series);
            expect(batch.samples).toBe(batch.timeseries.flatMap((one) => one.samples).length);
            expect(batch.samples).toBeLessThanOrEqual(maxSamples);
            if (batch.series > 1) expect(batch.bytes).toBeLessThanOrEqual(maxBytes);
          }
          const bySeries = new Map<string, [number, number][]>();
          for (const { labels, samples: points } of batches.flatMap(({ timeseries }) => timeseries)) {
            const key = JSON.stringify(labels);
            const known = bySeries.get(key) ?? [];
            bySeries.set(key, [
              ...known,
              ...points.map(({ value, timestamp }): [number, number] => [timestamp, value]),
            ]);
          }
          for (const points of bySeries.values()) {
            const times = points.map(([time]) => time);
            expect(times).toEqual(times.toSorted((left, right) => left - right));
          }
          expect([...bySeries.values()].flat().toSorted(byBoth)).toEqual(
            samples
              .map(([, value, timeMs]): [number, number] => [timeMs ?? RUN.timeMs, value])
              .toSorted(byBoth),
          );
        },
      ),
    );
  });

  it('say each of itself whether a series has several samples, and what it begins with', () => {
    const several = family(
      ['host'],
      [
        [['a'], 1, 10],
        [['a'], 2, 20],
      ],
    );
    const ofOne = family(['host'], [[['b'], 1]]);
    const told = (...families: Family[]) =>
      batchesOf(families, { maxSamples: 2 }).map(({ hasSeveral, series, samples, first }) => [
        hasSeveral,
        series,
        samples,
        /host="(.)"/.exec(first)?.[1],
      ]);
    expect(told(several, ofOne)).toEqual([
      [true, 1, 2, 'a'],
      [false, 1, 1, 'b'],
    ]);
    expect(told(ofOne, several)).toEqual([
      [false, 1, 1, 'b'],
      [true, 1, 2, 'a'],
    ]);
  });

  it('are as full as their limits allow', () => {
    const four = family(
      ['host'],
      ['a', 'b', 'c', 'd'].map((host): [string[], number] => [[host], 1]),
    );
    const sizes = (options: object) => batchesOf([four], options).map(({ series }) => series);
    const whole = batchesOf([four])[0]?.bytes ?? 0;
    expect(sizes({ maxBytes: whole })).toEqual([4]);
    expect(sizes({ maxBytes: whole - 1 })).toEqual([3, 1]);
    expect(sizes({ maxSamples: 4 })).toEqual([4]);
    expect(sizes({ maxSamples: 3 })).toEqual([3, 1]);
    expect(sizes({ maxBytes: 1 })).toEqual([1, 1, 1, 1]);
  });

  it('name an object in the same way for each of its metrics, whatever labels come before the name of the metric', () => {
    // As an inventory has them: one array for each object.
    const objects = [
      ['a', 'B'],
      ['c', ''],
    ];
    const metrics = ['esxi_x', 'esxi_y', 'esxi_z'];
    const labels = (names: string[]) =>
      metrics.map(
        (name): Family => ({
          definition: { name, help: '', labels: names },
          samples: objects.map((own) => ({ metric: name, labels: own, value: 1 })),
        }),
      );
    for (const names of [
      ['host', 'zone'],
      ['host', 'Zone'],
    ])
      expect(
        batchesOf(labels(names)).flatMap(({ timeseries }) =>
          timeseries.map((one) => one.labels.map(({ name, value }) => `${name}=${value}`).join()),
        ),
      ).toEqual(
        metrics.flatMap((name) =>
          names.includes('zone')
            ? [`__name__=${name},host=a,instance=i,job=j,zone=B`, `__name__=${name},host=c,instance=i,job=j`]
            : [`Zone=B,__name__=${name},host=a,instance=i,job=j`, `__name__=${name},host=c,instance=i,job=j`],
        ),
      );
  });

  it('refuse a sample with another number of labels than its family', () => {
    for (const labels of [['a'], ['a', 'b', 'c']])
      expect(() => batchesOf([family(['x', 'y'], [[labels, 1]])])).toThrow(/labels/);
  });

  it('have a series with more samples than one may have in several, its first one named in each', () => {
    const long = family(
      ['host'],
      [5, 4, 3, 2, 1].map((time): [string[], number, number] => [['a'], time, time]),
    );
    expect(
      batchesOf([long], { maxSamples: 2 }).map(({ samples, series, hasSeveral, timeseries }) => [
        samples,
        series,
        hasSeveral,
        timeseries.flatMap((one) => one.samples.map(({ value }) => value)),
      ]),
    ).toEqual([
      [2, 1, true, [1, 2]],
      [2, 1, true, [3, 4]],
      [1, 1, false, [5]],
    ]);
  });

  it('take the word of a family that says whether it has times', () => {
    const two = family(
      ['host'],
      [
        [['a'], 1],
        [['a'], 2],
      ],
    );
    expect(batchesOf([{ ...two, isTimed: false }]).map(({ series, samples }) => [series, samples])).toEqual([
      [2, 2],
    ]);
    expect(batchesOf([{ ...two, isTimed: true }]).map(({ series, samples }) => [series, samples])).toEqual([
      [1, 1],
    ]);
  });

  it('have no batch for no samples', () => {
    expect(batchesOf([])).toEqual([]);
    expect(batchesOf([family([], [])])).toEqual([]);
  });

  it('refuse what is no name of a metric or label', () => {
    expect(() => batchesOf([family(['a-b'], [[['x'], 1]])])).toThrow('"a-b" is no name of a label');
  });

  it('come out of snappy as they went in', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70_000, size: 'max' }), (bytes) => {
        expect(Buffer.from(uncompress(compress(bytes))).equals(bytes)).toBe(true);
      }),
      { numRuns: 20 },
    );
  });
});

const byBoth = (left: [number, number], right: [number, number]) => left[0] - right[0] || left[1] - right[1];
