import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

const MODULE = new URL('../../../lib/platform/young-generation.ts', import.meta.url).href;
/** Much that survives for a while, as what a run found does: what makes V8 let the young generation grow. */
const WORK = `
  let kept = [];
  for (let n = 0; n < 1e6; n += 1) {
    kept.push({ n, list: [n] });
    if (kept.length > 1e5) kept = [];
  }
  const { getHeapSpaceStatistics } = await import('node:v8');
  console.log(getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').space_size);`;

/** In bytes, of a process of its own: a flag of V8 holds for all threads of a process. */
const sizeAfter = (before: string): number =>
  Number(
    execFileSync(process.execPath, ['--input-type=module', '--eval', before + WORK], { encoding: 'utf8' }),
  );

describe('the young generation of a process that runs for long', () => {
  it('stays small, where V8 would make it many times as large', () => {
    const small = sizeAfter(`const { keepYoungGenerationSmall: keep } = await import('${MODULE}'); keep();`);
    expect(small).toBeGreaterThan(0);
    expect(sizeAfter('')).toBeGreaterThan(3 * small);
  });
});
