import { describe, expect, it } from 'vitest';
import { introduceDemo } from '../../../lib/cli/demo.ts';

describe('introduceDemo', () => {
  it('names the page and its metrics so that they can be opened', () => {
    const text = introduceDemo([], {
      url: 'http://127.0.0.1:9666',
      everyMs: 15_000,
      config: '/tmp/demo/vsweep.yaml',
    });
    expect(text).toContain('Page: http://127.0.0.1:9666/, metrics: http://127.0.0.1:9666/metrics ');
  });

  it('names the configuration by which other commands ask the demo', () => {
    const text = introduceDemo([], {
      url: 'http://127.0.0.1:9666',
      everyMs: 15_000,
      config: '/tmp/demo/vsweep.yaml',
    });
    expect(text).toMatch(/vsweep metrics try \w+ --config \/tmp\/demo\/vsweep\.yaml$/m);
  });

  it('tells the story of those hosts alone that have one', () => {
    const hosts = [
      { name: 'esx01', story: '' },
      { name: 'esx02', story: 'hostd stopped' },
    ];
    const text = introduceDemo(hosts, {
      url: 'http://127.0.0.1:9666',
      everyMs: 15_000,
      config: '/tmp/demo/vsweep.yaml',
    });
    expect(text).toContain('2 simulated ESXi hosts');
    expect(text).toContain('esx02  hostd stopped');
    expect(text).not.toContain('esx01');
  });
});
