import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkLimits } from '../../../lib/config/check-limits.ts';
import { batchesIn, inlineBelowHostsOf } from '../../../lib/config/own-collecting.ts';
import { sections } from '../../../lib/config/schema.ts';

const NOTHING = { targets: [], sweeps: [], esxi: undefined, netbox: undefined, push: undefined };
const issuesOf = (aws: object) => checkLimits({ ...NOTHING, aws: sections.aws.parse(aws) });
const withMemory = (memoryMb: number) => ({ functions: { sweep: { memoryMb } } });

describe('batchesIn', () => {
  it.each([
    [256, 1],
    [512, 2],
    [768, 4],
    [1_769, 11],
  ])('lets %d MB collect %d batches at once', (memoryMb, batches) =>
    expect(batchesIn(memoryMb)).toBe(batches),
  );
});

describe('aws.inlineBelowHosts', () => {
  it.each([
    [256, 250],
    [512, 500],
    [768, 1_000],
    [1_024, 1_389],
    [1_769, 2_400],
    [10_240, 2_400],
  ])('is by default what a sweep function of %d MB has room and time for: %d', (memoryMb, hosts) =>
    expect(inlineBelowHostsOf(memoryMb)).toBe(hosts),
  );

  it.each([
    [{ functions: {} }, 1_000, 768],
    [withMemory(256), 250, 256],
    [withMemory(639), 500, 639],
    [withMemory(640), 750, 640],
  ])('is refused above what the memory allows: %j takes %d', (aws, most, memoryMb) => {
    expect(issuesOf({ ...aws, inlineBelowHosts: most })).toEqual([]);
    const [issue] = issuesOf({ ...aws, inlineBelowHosts: most + 1 });
    expect(issue?.path).toBe('aws.inlineBelowHosts');
    expect(issue?.message).toContain(`a sweep function of ${memoryMb} MB`);
    expect(issue?.message).toContain(`write ${most} or less`);
  });

  it('has a remedy that is enough, whatever is written', () =>
    fc.assert(
      fc.property(fc.nat(5_000), fc.integer({ min: 256, max: 10_240 }), (inlineBelowHosts, memoryMb) => {
        const [issue] = issuesOf({ ...withMemory(memoryMb), inlineBelowHosts });
        const needed = Number(/memoryMb: (\d+)/.exec(issue?.message ?? '')?.[1] ?? memoryMb);
        expect(issuesOf({ ...withMemory(needed), inlineBelowHosts })).toEqual([]);
      }),
    ));

  it('left out is never too many', () =>
    fc.assert(
      fc.property(fc.integer({ min: 256, max: 10_240 }), (memoryMb) => {
        const inlineBelowHosts = inlineBelowHostsOf(memoryMb);
        expect(issuesOf({ ...withMemory(memoryMb), inlineBelowHosts })).toEqual([]);
      }),
    ));
});
