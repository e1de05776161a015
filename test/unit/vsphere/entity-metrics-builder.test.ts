import { describe, expect, it } from 'vitest';
import { type EntityMetrics, toEntityMetrics } from '../../../lib/vsphere/performance/entity-metrics.ts';
import { EntityMetricsBuilder } from '../../../lib/vsphere/performance/entity-metrics-builder.ts';
import { SoapReader } from '../../../lib/vsphere/soap/soap-reader.ts';
import type { XmlElement } from '../../../lib/vsphere/soap/unit-builder.ts';
import { csvOfElement } from './element-oracle.ts';
import { readAll, soapAnswer } from './soap-messages.ts';

const OPTIONS = { maxSamples: 2 };
const messageOf = (...returnvals: readonly string[]) =>
  soapAnswer(
    `<QueryPerfResponse xmlns="urn:vim25">${returnvals.map((one) => `<returnval>${one}</returnval>`).join('')}</QueryPerfResponse>`,
  );

function build(...returnvals: readonly string[]): (EntityMetrics | XmlElement)[] {
  const reader = new SoapReader<EntityMetrics | XmlElement>(
    { origin: 'Test on vc', unitDepth: 3 },
    new EntityMetricsBuilder(OPTIONS),
  );
  const units = [...reader.push(Buffer.from(messageOf(...returnvals)))];
  reader.end();
  return units;
}

/** Entity, instances with their values, and how many series were spoilt. */
const shown = (metrics: readonly (EntityMetrics | XmlElement)[]) =>
  (metrics as EntityMetrics[]).map(({ entity, series, spoilt = 0 }) => [
    entity.value,
    ...series.map(({ counterId, instance, samples }) =>
      [counterId, instance, ...samples.map(({ value }) => value)].join(' '),
    ),
    spoilt,
  ]);

const ENTITY = '<entity type="HostSystem">host-1</entity>';
const INFO = '<sampleInfoCSV>20,2026-01-01T00:00:20Z</sampleInfoCSV>';
const ID = '<id><counterId>2</counterId><instance>a</instance></id>';
const SERIES = `<value>${ID}<value>7</value></value>`;
const TYPED = 'xsi:type="xsd:string"';

describe('EntityMetricsBuilder', () => {
  it.each<[string, string, readonly (string | number)[]]>([
    ['a series', ENTITY + INFO + SERIES, ['host-1', '2 a 7', 0]],
    ['two series', ENTITY + INFO + SERIES + SERIES.replace('>a<', '>b<'), ['host-1', '2 a 7', '2 b 7', 0]],
    ['a series before its times', ENTITY + SERIES + INFO, ['host-1', '2 a 7', 0]],
    [
      'parts that say their types',
      `<entity type="HostSystem" ${TYPED}>host-1</entity><sampleInfoCSV ${TYPED}>20,2026-01-01T00:00:20Z</sampleInfoCSV>` +
        `<value ${TYPED}><id ${TYPED}><counterId ${TYPED}>2</counterId><instance ${TYPED}>a</instance></id><value ${TYPED}>7</value></value>`,
      ['host-1', '2 a 7', 0],
    ],
    ['an entity without a type', `<entity>host-1</entity>${INFO}${SERIES}`, ['host-1', '2 a 7', 0]],
    [
      'of parts that are there twice the first one',
      ENTITY +
        ENTITY.replace('host-1', 'host-2') +
        INFO +
        INFO.replace('20,', '40,') +
        `<value>${ID}${ID.replace('>2<', '>3<')}<value>7</value><value>8</value></value>` +
        `<value><id><counterId>4</counterId><counterId>5</counterId><instance>b</instance><instance>c</instance></id><value ${TYPED}>9</value><value ${TYPED}>8</value></value>`,
      ['host-1', '2 a 7', '4 b 9', 0],
    ],
    [
      'of an empty id and a whole one the first',
      `${ENTITY}${INFO}<value><id/>${ID}<value>7</value></value>`,
      ['host-1', 1],
    ],
    [
      'of an id that is a text and a whole one the first',
      `${ENTITY}${INFO}<value><id>x</id>${ID}<value>7</value></value>`,
      ['host-1', 1],
    ],
    ['a series of nothing as spoilt', `${ENTITY}${INFO}<value/>${SERIES}`, ['host-1', '2 a 7', 1]],
    [
      'a series that is a text as spoilt',
      `${ENTITY}${INFO}<value>7</value>${SERIES}`,
      ['host-1', '2 a 7', 1],
    ],
    [
      'nothing of the same names inside of other parts',
      `<other>${ENTITY.replace('host-1', 'host-3')}${INFO.replace('20,', '40,')}${SERIES}</other>${ENTITY}${INFO}` +
        `<value><other>${ID.replace('>2<', '>3<')}<value>8</value></other><entity>x</entity><sampleInfoCSV>x</sampleInfoCSV>${ID}<value>7</value></value>`,
      ['host-1', '2 a 7', 0],
    ],
    [
      'nothing of the same names inside of an id',
      `${ENTITY}${INFO}<value><id><id><counterId>5</counterId></id><value>8</value><entity>x</entity><other><counterId>6</counterId></other><counterId>2</counterId><instance>a</instance></id><value>7</value></value>`,
      ['host-1', '2 a 7', 0],
    ],
    [
      'nothing of a counter or an instance beside an id',
      `${ENTITY}${INFO}<value><counterId>5</counterId><instance>b</instance>${ID}<value>7</value></value><counterId>6</counterId>`,
      ['host-1', '2 a 7', 0],
    ],
    ['no series of an entity alone', ENTITY, ['host-1', 0]],
  ])('takes %s', (_what, content, expected) => {
    const built = build(content);
    expect(shown(built)).toEqual([expected]);
    // As its whole element gives it.
    const [element] = readAll([messageOf(content)], { unitDepth: 3 });
    expect(built).toEqual(element && [toEntityMetrics(csvOfElement(element), OPTIONS)]);
  });

  it('carries nothing from one entity to the next', () => {
    const second = ENTITY.replace('host-1', 'host-2');
    expect(shown(build(ENTITY + INFO + SERIES, second, second + SERIES))).toEqual([
      ['host-1', '2 a 7', 0],
      ['host-2', 0],
      ['host-2', 1],
    ]);
    expect(() => build(ENTITY, SERIES)).toThrow('an answer names no entity');
  });
});
