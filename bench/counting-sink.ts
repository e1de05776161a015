import type { Sink } from '../lib/sinks/sink.ts';

/** A sink that takes everything and keeps none of it: `series()` is how many it was given. */
export function createCountingSink(): Sink & { series(): number } {
  let series = 0;
  return {
    name: 'bench',
    async deliver({ families }) {
      series += families.reduce((sum, { samples }) => sum + samples.length, 0);
      return 'delivered';
    },
    forget: async () => false,
    series: () => series,
  };
}
