import { describe, expect, it } from 'vitest';
import { DEFAULT } from '../../bench/scaling-costs.ts';
import { sizeOf } from '../../cdk/function-sizes.ts';
import { aws } from '../../lib/config/aws.ts';

describe('the sizes of the functions', () => {
  it('are those that docs/scaling.md calculates with, where the configuration is silent', () => {
    const sweeps = [{ everyMs: 60_000 }];
    const memoryOf = (name: Parameters<typeof sizeOf>[0]) =>
      sizeOf(name, { sweeps, aws: undefined }).memoryMb;
    const { maxSessionsPerTarget: sessions, maxConcurrentBatches: concurrent } = aws.parse({});
    const { workerMb, sweepMb } = DEFAULT;
    expect([memoryOf('collect-batch'), memoryOf('sweep')]).toEqual([workerMb, sweepMb]);
    expect([sessions, concurrent]).toEqual([DEFAULT.sessions, DEFAULT.concurrent]);
  });
});
