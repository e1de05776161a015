import { describe, expect, it } from 'vitest';
import { writeMetadata } from '../../../../lib/sinks/remote-write/metadata.ts';

describe('what metrics mean', () => {
  const family = (name: string) => ({ definition: { name, help: 'h', labels: [] }, samples: [] }) as never;

  it('is written for all, in requests that end after the one that fills them', () => {
    const of = (maxBytes: number, ...names: string[]) =>
      // The next one is written where this one stands.
      Array.from(writeMetadata(names.map(family), maxBytes), ({ message, ...more }) => {
        expect(more).toEqual({ series: 0, samples: 0, hasSeveral: false, first: '' });
        return (
          Buffer.from(message)
            .toString('latin1')
            .match(/metric_\w/g) ?? []
        );
      });
    expect(of(1_000)).toEqual([]);
    expect(of(1_000, 'metric_a', 'metric_b')).toEqual([['metric_a', 'metric_b']]);
    const one = [...writeMetadata([family('metric_a')], 1_000)][0]?.message.length ?? 0;
    expect(of(one, 'metric_a', 'metric_b', 'metric_c')).toEqual([['metric_a', 'metric_b'], ['metric_c']]);
    expect(of(one - 1, 'metric_a', 'metric_b')).toEqual([['metric_a'], ['metric_b']]);
  });
});
