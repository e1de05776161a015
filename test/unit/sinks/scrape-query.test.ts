import { describe, expect, it } from 'vitest';
import { findTarget, readScrapeQuery } from '../../../lib/sinks/exporter/scrape-query.ts';

describe('readScrapeQuery', () => {
  it.each([
    ['/metrics', { of: 'all' }],
    ['/metrics?target=&section=default', { of: 'all' }],
    ['/metrics?target=vc1', { of: 'target', target: 'vc1' }],
    ['/metrics?target=&vsphere_host=vc1', { of: 'target', target: 'vc1' }],
    ['/metrics?section=esx&target=vc1', { of: 'target', target: 'vc1' }],
    ['/metrics?target=a?b?c', { of: 'target', target: 'a?b?c' }],
    [undefined, { of: 'all' }],
    ['', { of: 'all' }],
    [
      '/metrics?section=esx',
      { of: 'nothing', why: 'vsweep has no sections; ask by ?target=<name of the target> instead.\n' },
    ],
  ])('reads %s', (url, query) => {
    expect(readScrapeQuery(url)).toEqual(query);
  });
});

describe('findTarget', () => {
  it('finds a target whatever the case, and the exact one first', () => {
    expect(findTarget('VC1.example.org', ['vc2', 'vc1.example.org'])).toBe('vc1.example.org');
    expect(findTarget('VC1', ['vc1', 'VC1'])).toBe('VC1');
  });

  it('finds the only configured target by any name', () => {
    expect(findTarget('vcenter', ['vc1.example.org'])).toBe('vc1.example.org');
  });

  it('takes no target for another where several are configured', () => {
    expect(findTarget('vc3', ['vc1', 'vc2'])).toBe('vc3');
    expect(findTarget('vc3', [])).toBe('vc3');
  });
});
