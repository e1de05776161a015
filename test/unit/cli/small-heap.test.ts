import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

const MODULE = new URL('../../../lib/cli/small-heap.ts', import.meta.url).href;
/** Much that survives for a while, as what a run found does: what makes V8 let both generations grow. */
const WORK = `
  let kept = [];
  for (let n = 0; n < 1e6; n += 1) {
    kept.push({ n, list: [n] });
    if (kept.length > 1e5) kept = [];
  }
  const { getHeapSpaceStatistics, getHeapStatistics } = await import('node:v8');
  const young = getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').space_size;
  console.log(JSON.stringify({ young, all: getHeapStatistics().total_heap_size }));`;

/** In bytes, of a process of its own: a flag of V8 holds for all threads of a process. */
const heapAfter = (before: string): { young: number; all: number } =>
  JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '--eval', before + WORK], { encoding: 'utf8' }),
  );

describe('the heap of a process that runs for long', () => {
  it('stays small, where V8 would make it twice as large and its young generation many times', () => {
    const small = heapAfter(`const { keepHeapSmall } = await import('${MODULE}'); keepHeapSmall();`);
    const usual = heapAfter('');
    expect(usual.young).toBeGreaterThan(3 * small.young);
    expect(usual.all).toBeGreaterThan(2 * small.all);
  });
});
