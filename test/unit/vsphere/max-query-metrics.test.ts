import { describe, expect, it } from 'vitest';
import { toMaxQueryMetrics } from '../../../lib/vsphere/performance/max-query-metrics.ts';

describe('toMaxQueryMetrics', () => {
  it.each([
    ['64', 64],
    [' 512 ', 512],
    ['-1', 10_000],
    ['1000000', 10_000],
  ])('takes the setting %j for %i', (setting, limit) => {
    expect(toMaxQueryMetrics(setting, '8.0.3')).toBe(limit);
  });

  it.each([undefined, '', '0', 'many', '2.5'])('goes by the default of the version for %j', (setting) => {
    expect(toMaxQueryMetrics(setting, '8.0.3')).toBe(256);
    expect(toMaxQueryMetrics(setting, '6.5.0')).toBe(256);
    expect(toMaxQueryMetrics(setting, '6.0.0')).toBe(64);
    expect(toMaxQueryMetrics(setting, '5.5')).toBe(64);
  });
});
