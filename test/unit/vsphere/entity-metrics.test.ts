import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { type EntityMetrics, toEntityMetrics } from '../../../lib/vsphere/performance/entity-metrics.ts';
import { EntityMetricsBuilder } from '../../../lib/vsphere/performance/entity-metrics-builder.ts';
import { SoapReader } from '../../../lib/vsphere/soap/soap-reader.ts';
import type { XmlElement } from '../../../lib/vsphere/soap/unit-builder.ts';
import { csvOfElement } from './element-oracle.ts';
import { readAll, soapAnswer } from './soap-messages.ts';

const ENTITY = { type: 'HostSystem', value: 'host-1' };
const TIMES = '20,2026-01-01T00:00:20Z,20,2026-01-01T00:00:40Z';
const AT = Date.UTC(2026, 0, 1);

const element = (name: string, content: string | XmlElement[], referenceType?: string): XmlElement => ({
  name,
  type: undefined,
  referenceType,
  text: typeof content === 'string' ? content : '',
  children: typeof content === 'string' ? [] : content,
});
const answer = (sampleInfoCSV: string, ...values: XmlElement[]): XmlElement =>
  element('returnval', [
    element('entity', ENTITY.value, ENTITY.type),
    element('sampleInfoCSV', sampleInfoCSV),
    ...values,
  ]);
const series = (value: string, instance = ''): XmlElement =>
  element('value', [
    element('id', [element('counterId', '2'), element('instance', instance)]),
    element('value', value),
  ]);
const read = (of: XmlElement, maxSamples = 180) => toEntityMetrics(csvOfElement(of), { maxSamples });
const samplesOf = (sampleInfoCSV: string, value: string) =>
  read(answer(sampleInfoCSV, series(value))).series[0]?.samples;

describe('toEntityMetrics', () => {
  it('puts each value to its time, and has none where vSphere writes -1', () => {
    expect(samplesOf(TIMES, '1200,-1')).toEqual([
      { time: AT + 20_000, intervalSeconds: 20, value: 1_200 },
      { time: AT + 40_000, intervalSeconds: 20, value: undefined },
    ]);
  });

  it('orders the newest last, whichever way it came', () => {
    const backwards = '20,2026-01-01T00:00:40Z,20,2026-01-01T00:00:20Z';
    expect(samplesOf(backwards, '2,1')?.map(({ value }) => value)).toEqual([1, 2]);
  });

  it('keeps the instances apart', () => {
    const both = [series('1,2', ''), series('3,4', 'vmnic0')];
    const { series: found } = read(answer(TIMES, ...both));
    expect(found.map(({ instance, samples }) => [instance, samples.length])).toEqual([
      ['', 2],
      ['vmnic0', 2],
    ]);
  });

  it('takes an entity without series, and a series without values', () => {
    const empty = element('returnval', [element('entity', ENTITY.value, ENTITY.type)]);
    expect(read(empty)).toEqual({ entity: ENTITY, series: [], missing: undefined });
    expect(samplesOf(TIMES, '')).toEqual([]);
    expect(samplesOf('', '')).toEqual([]);
  });

  it.each([
    ['fewer values than times', TIMES, '1'],
    ['more values than times', TIMES, '1,2,3'],
    ['a value that is no number', TIMES, '1,x'],
    ['a value without an end', TIMES, '1,Infinity'],
    ['an empty value', TIMES, '1,'],
  ])('leaves out a series with %s, says so, and keeps the others', (_, times, values) => {
    const value = [series('1,2', 'a'), series(values, 'b'), series('3,4', 'c')];
    const found = read(answer(times, ...value));
    expect(found.series.map(({ instance }) => instance)).toEqual(['a', 'c']);
    expect(found.spoilt).toBe(1);
  });

  it.each([
    ['a time that is none', '20,yesterday,20,2026-01-01T00:00:40Z', '1,2'],
    ['an interval without a time', '20', '1'],
  ])('leaves out all series that have values with %s', (_, sampleInfoCSV, values) => {
    const found = read(answer(sampleInfoCSV, series(values), series('', 'a')));
    expect(found).toMatchObject({ series: [{ instance: 'a', samples: [] }], spoilt: 1 });
  });

  it('leaves out all series with more samples than were asked for, of which there may be 16 million', () => {
    const million = answer(
      `20,2026-01-01T00:00:20Z${',20,2026-01-01T00:00:40Z'.repeat(500_000)}`,
      series('1'),
    );
    expect(read(million, 2)).toMatchObject({ series: [], spoilt: 1 });
    expect(read(answer(TIMES, series('1,2')), 2)).toMatchObject({ series: [{ samples: [{}, {}] }] });
    expect(read(answer(TIMES, series('1,2')), 1)).toMatchObject({ series: [], spoilt: 1 });
  });

  it('makes no more words of a text of 16 million commas than there may be samples', () => {
    const commas = ','.repeat(16 * 2 ** 20 - 200);
    const split = vi.spyOn(String.prototype, 'split');
    try {
      expect(read(answer(commas, series('1')))).toMatchObject({ series: [], spoilt: 1 });
      expect(read(answer(TIMES, series(commas)))).toMatchObject({ series: [], spoilt: 1 });
      const words = split.mock.results.map(({ value }) => value.length);
      expect(Math.max(...words)).toBe(2 * 180 + 1);
    } finally {
      split.mockRestore();
    }
  });

  it('keeps 200,000 values of an entity, and leaves out the series beyond', () => {
    const times = Array.from({ length: 1_000 }, (_, n) => `20,${new Date(AT + n * 20_000).toISOString()}`);
    const values = times.map(() => '7').join(',');
    const many = Array.from({ length: 203 }, (_, n) => series(values, String(n)));
    const found = read(answer(times.join(','), ...many), 1_000);
    expect(found.series).toHaveLength(200);
    expect(found.spoilt).toBe(3);
  });

  it('leaves out a series that names no counter', () => {
    const nameless = element('value', [element('value', '1,2')]);
    const found = read(answer(TIMES, nameless, series('1,2')));
    expect(found).toMatchObject({ series: [{ counterId: 2 }], spoilt: 1 });
  });

  it('is an error without an entity', () => {
    expect(() => read(element('returnval', [element('sampleInfoCSV', TIMES)]))).toThrow(
      'the answer to QueryPerf cannot be read: an answer names no entity',
    );
  });
});

/** An answer with these returnvals, as the builder makes them, and as their elements give them. */
function readByBoth(content: string): [built: unknown, byElements: unknown] {
  const message = soapAnswer(`<QueryPerfResponse xmlns="urn:vim25">${content}</QueryPerfResponse>`);
  const outcomeOf = (make: () => unknown): unknown => {
    try {
      return make();
    } catch (error) {
      return String(error);
    }
  };
  const built = outcomeOf(() => {
    const builder = new EntityMetricsBuilder({ maxSamples: 2 });
    const reader = new SoapReader<EntityMetrics | XmlElement>(
      { origin: 'Test on vc', unitDepth: 3 },
      builder,
    );
    const units = [...reader.push(Buffer.from(message))];
    reader.end();
    return units;
  });
  const byElements = outcomeOf(() =>
    readAll([message], { unitDepth: 3 }).map((one) => toEntityMetrics(csvOfElement(one), { maxSamples: 2 })),
  );
  return [built, byElements];
}

describe('EntityMetricsBuilder', () => {
  const NAMES = ['entity', 'sampleInfoCSV', 'value', 'id', 'counterId', 'instance', 'other'];
  const text = fc.constantFrom('', '1', '2,3', '-1', 'x', '20,2026-01-01T00:00:20Z', '<![CDATA[7]]>');
  const { parts } = fc.letrec<{ parts: string; element: string }>((tie) => ({
    parts: fc.array(tie('element'), { maxLength: 4 }).map((all) => all.join('')),
    element: fc
      .tuple(
        fc.constantFrom(...NAMES),
        fc.constantFrom('', '', ' type="HostSystem"', ' xsi:type="PerfMetricIntSeries"'),
        fc.oneof({ weight: 2, arbitrary: text }, tie('parts')),
      )
      .map(([name, attributes, content]) => `<${name}${attributes}>${content}</${name}>`),
  }));
  const leafOf = (...names: string[]) =>
    fc.tuple(fc.constantFrom(...names), text).map(([name, content]) => `<${name}>${content}</${name}>`);
  const joinedOf = (part: fc.Arbitrary<string>, maxLength: number) =>
    fc.array(part, { maxLength }).map((all) => all.join(''));
  /** As vSphere writes them, and with parts that are there twice, or not at all. */
  const id = joinedOf(leafOf('counterId', 'counterId', 'instance', 'other'), 4).map(
    (content) => `<id>${content}</id>`,
  );
  const series = joinedOf(fc.oneof(id, id, leafOf('value'), parts), 4).map(
    (content) => `<value>${content}</value>`,
  );
  const returnval = fc
    .tuple(
      fc.constantFrom('', '<entity type="HostSystem">host-1</entity>'),
      text,
      joinedOf(fc.oneof(series, series, parts), 4),
    )
    .map(
      ([entity, info, rest]) =>
        `<returnval>${entity}<sampleInfoCSV>${info}</sampleInfoCSV>${rest}</returnval>`,
    );

  // In parts, because a mutation run leaves out what takes ten seconds.
  it.each([1, 2, 3])('makes what the elements of an answer give, whatever they are (%i)', () => {
    fc.assert(
      fc.property(fc.array(returnval, { maxLength: 3 }), (all) => {
        const [built, byElements] = readByBoth(all.join(''));
        // What came before an answer that cannot be read is handed out first.
        if (typeof byElements === 'string') expect(String(built)).toContain(byElements.replace(/^\w+: /, ''));
        else expect(built).toEqual(byElements);
      }),
      { numRuns: 250 },
    );
  });

  it('leaves a fault an element', () => {
    const reader = new SoapReader(
      { origin: 'Test on vc', unitDepth: 3 },
      new EntityMetricsBuilder({ maxSamples: 1 }),
    );
    const fault = soapAnswer('<soapenv:Fault><faultstring>no</faultstring></soapenv:Fault>');
    expect(reader.push(Buffer.from(fault))).toMatchObject([{ name: 'Fault', children: [{ text: 'no' }] }]);
  });
});
