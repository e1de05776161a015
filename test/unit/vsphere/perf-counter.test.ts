import { describe, expect, it } from 'vitest';
import { toHistoricalIntervals } from '../../../lib/vsphere/performance/historical-interval.ts';
import { fullNameOf, shortNameOf, toPerfCounters } from '../../../lib/vsphere/performance/perf-counter.ts';
import { toPerfProviderSummary } from '../../../lib/vsphere/performance/perf-provider.ts';

function counter(key: number, [group, name, unit, rollupType]: [string, string, string, string]) {
  const description = (word: string) => ({ key: word, label: `${word}!`, summary: `${word}?` });
  return {
    key: String(key),
    nameInfo: description(name),
    groupInfo: description(group),
    unitInfo: description(unit),
    rollupType,
    statsType: 'rate',
    level: '1',
  };
}

describe('toPerfCounters', () => {
  const counters = toPerfCounters([
    counter(2, ['cpu', 'usage', 'percent', 'average']),
    counter(6, ['disk', 'throughput.usage', 'kiloBytesPerSecond', 'average']),
    counter(7, ['mem', 'usage', 'percent', 'average']),
    counter(8, ['mem', 'usage', 'kiloBytes', 'average']),
  ]);

  it("finds a counter by vPoller's name of four parts and by the name of three", () => {
    expect(counters.byName('cpu.usage.percent.average')?.key).toBe(2);
    expect(counters.byName('cpu.usage.average')?.key).toBe(2);
    expect(counters.byName('cpu.usage')).toBeUndefined();
    expect(counters.byName('toString')).toBeUndefined();
  });

  it("takes no name apart, because a counter's own name may hold dots", () => {
    expect(counters.byName('disk.throughput.usage.kiloBytesPerSecond.average')?.key).toBe(6);
    expect(counters.byName('disk.throughput.usage.average')?.key).toBe(6);
  });

  it('gives a short name to the later one of two, and the full one to each', () => {
    expect(counters.byName('mem.usage.average')?.key).toBe(8);
    expect(counters.byName('mem.usage.percent.average')?.key).toBe(7);
  });

  it('finds a counter by its key, with its words', () => {
    const found = counters.byKey(6);
    expect(found && [fullNameOf(found), shortNameOf(found)]).toEqual([
      'disk.throughput.usage.kiloBytesPerSecond.average',
      'disk.throughput.usage.average',
    ]);
    expect(found?.group).toEqual({ key: 'disk', label: 'disk!', summary: 'disk?' });
    expect([found?.level, found?.perDeviceLevel]).toEqual([1, undefined]);
  });

  it('has empty words where an old server says none', () => {
    const bare = (key: string) => ({ key });
    const [found] = toPerfCounters([
      { key: '1', groupInfo: bare('a'), nameInfo: bare('b'), unitInfo: bare('c'), rollupType: 'd' },
    ]).all;
    expect(found).toEqual({
      key: 1,
      group: { key: 'a', label: '', summary: '' },
      name: { key: 'b', label: '', summary: '' },
      unit: { key: 'c', label: '', summary: '' },
      rollupType: 'd',
      statsType: '',
      level: undefined,
      perDeviceLevel: undefined,
    });
  });

  it('leaves out what nobody could ask for', () => {
    const whole = counter(1, ['a', 'b', 'c', 'd']);
    const needed = ['key', 'groupInfo', 'nameInfo', 'unitInfo', 'rollupType'] as const;
    for (const field of needed)
      expect(toPerfCounters([{ ...whole, [field]: '' }]).all).toHaveLength(field === 'rollupType' ? 1 : 0);
    for (const field of needed) {
      const { [field]: _left, ...rest } = whole;
      expect(toPerfCounters([rest]).all).toEqual([]);
    }
    expect(toPerfCounters(['text']).all).toEqual([]);
    expect(toPerfCounters(undefined).all).toEqual([]);
  });
});

describe('toHistoricalIntervals', () => {
  it('reads intervals, also those that an administrator changed', () => {
    const interval = {
      key: '1',
      samplingPeriod: '60',
      name: 'Past day',
      length: '86400',
      level: '4',
      enabled: 'true',
    };
    expect(toHistoricalIntervals([interval, { key: '2' }, { samplingPeriod: '60' }])).toEqual([
      { key: 1, samplingPeriodSeconds: 60, name: 'Past day', lengthSeconds: 86_400, level: 4, enabled: true },
    ]);
    expect(toHistoricalIntervals({ key: '2', samplingPeriod: '300' })).toEqual([
      { key: 2, samplingPeriodSeconds: 300, name: '', lengthSeconds: 0, level: undefined, enabled: false },
    ]);
  });
});

describe('toPerfProviderSummary', () => {
  it('knows no refresh rate where there are no real-time statistics', () => {
    const summary = { currentSupported: 'false', summarySupported: 'true', refreshRate: '-1' };
    expect(toPerfProviderSummary(summary)).toEqual({
      currentSupported: false,
      summarySupported: true,
      refreshRateSeconds: undefined,
    });
  });

  it.each([
    ['20', 20],
    ['1', 1],
    ['0', undefined],
    [undefined, undefined],
  ])('reads the refresh rate %s as %s', (written, refreshRateSeconds) => {
    const summary = { currentSupported: 'true', summarySupported: 'false' };
    expect(toPerfProviderSummary({ ...summary, ...(written && { refreshRate: written }) })).toEqual({
      currentSupported: true,
      summarySupported: false,
      refreshRateSeconds,
    });
  });

  it.each([{ currentSupported: 'true' }, { summarySupported: 'true' }, undefined])(
    'is an error when the answer does not say it: %j',
    (answer) => {
      expect(() => toPerfProviderSummary(answer)).toThrow(
        expect.objectContaining({
          code: 'not-soap',
          message: 'QueryPerfProviderSummary was answered without what the entity supports',
        }),
      );
    },
  );
});
