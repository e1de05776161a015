import { describe, expect, it } from 'vitest';
import {
  readMaxQueryMetrics,
  toMaxQueryMetrics,
} from '../../../lib/vsphere/performance/max-query-metrics.ts';
import { cannedSession } from './canned-session.ts';
import { soapAnswer } from './soap-messages.ts';

describe('toMaxQueryMetrics', () => {
  it.each([
    ['64', 64],
    [' 512 ', 512],
    ['1', 1],
    ['9999', 9_999],
    ['10000', 10_000],
    ['10001', 10_000],
    ['-1', 10_000],
    ['-999999999', 10_000],
    ['1000000', 10_000],
  ])('takes the setting %j for %i', (setting, limit) => {
    expect(toMaxQueryMetrics(setting, '8.0.3')).toBe(limit);
  });

  it.each([undefined, '', '0', 'many', '2.5', 'x64', '64x', '1234567890', '- 1', '--1'])(
    'goes by the default of the version for %j',
    (setting) => {
      expect(toMaxQueryMetrics(setting, '8.0.3')).toBe(256);
      expect(toMaxQueryMetrics(setting, '6.5.0')).toBe(256);
      expect(toMaxQueryMetrics(setting, '6.0.0')).toBe(64);
      expect(toMaxQueryMetrics(setting, '5.5')).toBe(64);
      expect(toMaxQueryMetrics(setting, '7.0.0')).toBe(256);
      expect(toMaxQueryMetrics(setting, '')).toBe(64);
    },
  );
});

describe('readMaxQueryMetrics', () => {
  const setting = { type: 'OptionManager', value: 'VpxSettings' };
  const about = { version: '8.0.3' } as never;
  const option = (key: string, value: string) =>
    `<returnval><key>${key}</key><value xsi:type="xsd:string">${value}</value></returnval>`;
  const read = (answer: string, content: object = { setting, about }) => {
    const asked: string[] = [];
    const session = cannedSession(({ body }) => {
      asked.push(body);
      return [Buffer.from(soapAnswer(answer))];
    }, content);
    const limit = readMaxQueryMetrics(session, { signal: new AbortController().signal });
    return { limit, asked };
  };
  const answered = (...options: string[]) =>
    `<QueryOptionsResponse xmlns="urn:vim25">${options.join('')}</QueryOptionsResponse>`;
  const fault = (type: string) =>
    `<soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>no</faultstring><detail><${type}Fault xmlns="urn:vim25" xsi:type="${type}"/></detail></soapenv:Fault>`;

  it('is what vCenter says under exactly that name', async () => {
    const own = option('config.vpxd.stats.maxQueryMetrics', '512');
    const { limit, asked } = read(answered(option('config.vpxd.stats.maxQueryMetricsOfOthers', '7'), own));
    expect(await limit).toBe(512);
    expect(asked).toEqual([
      '<QueryOptions xmlns="urn:vim25"><_this type="OptionManager">VpxSettings</_this>' +
        '<name>config.vpxd.stats.maxQueryMetrics</name></QueryOptions>',
    ]);
    expect(await read(answered()).limit).toBe(256);
  });

  it.each(['InvalidName', 'NoPermission'])('is the default where vCenter answers %s', async (type) => {
    expect(await read(fault(type)).limit).toBe(256);
  });

  it('is not asked where there is nobody to ask', async () => {
    const { limit, asked } = read(answered(), { about });
    expect(await limit).toBe(256);
    expect(asked).toEqual([]);
  });

  it('is not made up where vCenter has another fault', async () => {
    await expect(read(fault('NotAuthenticated')).limit).rejects.toThrow('NotAuthenticated');
  });
});
