import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

const MODULE = new URL('../../../lib/cli/young-generation.ts', import.meta.url).href;
/** Much that survives for a while: what makes V8 double the young generation. */
const WORK = `
  let kept = [];
  for (let n = 0; n < 1e6; n += 1) {
    kept.push({ n, list: [n] });
    if (kept.length > 1e5) kept = [];
  }
  const { getHeapSpaceStatistics } = await import('node:v8');
  console.log(getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').space_size);`;

/** In bytes, of a process of its own: a flag of V8 holds for all threads of a process. */
const youngAfter = (before: string): number =>
  Number(
    execFileSync(process.execPath, ['--input-type=module', '--eval', before + WORK], { encoding: 'utf8' }),
  );

describe('the young generation of a process that runs for long', () => {
  it('stays small, where V8 would make it many times larger', () => {
    const small = youngAfter(
      `const { keepYoungGenerationSmall } = await import('${MODULE}'); keepYoungGenerationSmall();`,
    );
    expect(small).toBeLessThan(20e6);
    expect(youngAfter('')).toBeGreaterThan(2 * small);
  });
});
