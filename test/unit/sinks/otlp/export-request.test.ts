import { describe, expect, it } from 'vitest';
import { createMessageBytes, type MessageBytes } from '../../../../lib/sinks/http/message-bytes.ts';
import { attributeWriter } from '../../../../lib/sinks/otlp/attribute-writer.ts';
import {
  encodeAttribute,
  encodeResource,
  encodeTime,
  metricOverhead,
  pointLength,
  putMetric,
  putPoint,
  putRequest,
  requestOverhead,
} from '../../../../lib/sinks/otlp/export-request.ts';
import { decodeExport, samplesOf } from '../../../support/otlp/otlp-messages.ts';

/** As small as it gets, so that it has to grow. */
const small = () => createMessageBytes(1);
const attribute = (key: string, value: string): MessageBytes => {
  const into = small();
  encodeAttribute(into, key, value);
  return into;
};
const point = (attributes: readonly MessageBytes[], value: number, timeMs = 1) => {
  const into = small();
  putPoint(into, attributes, { value, time: encodeTime(timeMs) });
  return into;
};
const LENGTHS = [0, 1, 60, 127, 128, 300, 20_000];

describe('the messages of OTLP', () => {
  it.each(LENGTHS)(
    'grow with names and texts of %i characters, and have the length that was foretold',
    (length) => {
      const text = 'ü'.repeat(length);
      const attributes = [attribute('k', text), attribute(`k${text}`, 'v')];
      const points = point(attributes, 1);
      expect(points.length).toBe(pointLength(attributes));
      for (const type of ['counter', undefined] as const) {
        const head = { name: `m${text}`, help: text, type };
        const metrics = small();
        putMetric(metrics, head, points);
        expect(metrics.length).toBeLessThanOrEqual(metricOverhead(head) + points.length);
        expect(metrics.length).toBeGreaterThan(metricOverhead(head) + points.length - 30);
        const resource = encodeResource({ 'service.name': text, x: 'y' }, `vsweep${text}`);
        const request = small();
        putRequest(request, resource, metrics);
        expect(request.length).toBeLessThanOrEqual(requestOverhead(resource) + metrics.length);
        expect(request.length).toBeGreaterThan(requestOverhead(resource) + metrics.length - 30);
        const read = decodeExport(request.bytes.subarray(0, request.length));
        expect(samplesOf(read)).toEqual([
          { metric: `m${text}`, labels: { k: text, [`k${text}`]: 'v' }, value: 1, time: '1000000' },
        ]);
        const [of] = read.resource_metrics;
        expect(of?.resource.attributes.map(({ key, value }) => [key, value.string_value])).toEqual([
          ['service.name', text],
          ['x', 'y'],
        ]);
        expect(of?.scope_metrics[0]?.scope.name).toBe(`vsweep${text}`);
        expect(of?.scope_metrics[0]?.metrics[0]?.description).toBe(text);
      }
    },
  );

  it('stand behind what was written before, but for a request and an attribute, which take its place', () => {
    const into = small();
    const both = [attribute('k', 'a'), attribute('k', 'b')];
    for (const [index, one] of both.entries())
      putPoint(into, [one], { value: index, time: encodeTime(index) });
    const metrics = small();
    putMetric(metrics, { name: 'm', help: '' }, into);
    putMetric(metrics, { name: 'n_total', help: '', type: 'counter' }, into);
    const request = small();
    const head = encodeResource({}, 'vsweep');
    for (let time = 0; time < 2; time += 1) putRequest(request, head, metrics);
    expect(
      samplesOf(decodeExport(request.bytes.subarray(0, request.length))).map(
        ({ metric, labels, value, time }) => [metric, labels['k'], value, time].join(' '),
      ),
    ).toEqual(['m a 0 0', 'm b 1 1000000', 'n_total a 0 0', 'n_total b 1 1000000']);
    const again = attribute('key', 'value');
    encodeAttribute(again, 'k', 'a');
    expect(again.bytes.subarray(0, again.length)).toEqual(both[0]?.bytes.subarray(0, both[0].length));
  });
});

describe('the attributes of samples', () => {
  const definition = { name: 'm', help: '', labels: ['host', 'job', 'port'] };
  const read = (attributes: readonly MessageBytes[]) => {
    const points = point(attributes, 0);
    const metrics = small();
    putMetric(metrics, { name: 'm', help: '' }, points);
    const request = small();
    putRequest(request, encodeResource({}, ''), metrics);
    return samplesOf(decodeExport(request.bytes.subarray(0, request.length)))[0]?.labels;
  };

  it('are those of each sample, whatever the one before had', () => {
    const write = attributeWriter(definition, { job: 'j', instance: 'i' });
    const group = { job: 'j', instance: 'i' };
    expect(
      [
        ['a', 'x', ''],
        ['a', 'y', '1'],
        ['b', 'x', '1'],
        ['', 'x', '1'],
        ['b', 'x', '2'],
      ].map((labels) => read(write(labels))),
    ).toEqual([
      { ...group, host: 'a' },
      { ...group, host: 'a', port: '1' },
      { ...group, host: 'b', port: '1' },
      { ...group, port: '1' },
      { ...group, host: 'b', port: '2' },
    ]);
  });

  it('have no label of the group that is empty', () => {
    expect(read(attributeWriter(definition, { job: 'j', instance: '' })(['a', 'x', '']))).toEqual({
      job: 'j',
      host: 'a',
    });
  });

  it('are none of a sample with another number of labels', () => {
    const write = attributeWriter(definition, { job: 'j', instance: 'i' });
    expect(() => write(['a', 'x'])).toThrow(/labels/);
  });
});
