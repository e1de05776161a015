import * as fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { faultsIn } from './own-configs.ts';

/** A metric a block, and below it its faults: their place and what is said. */
const GOLDEN = fs.readFileSync(new URL('../../../fixtures/own-metric-faults.txt', import.meta.url), 'utf8');
const BLOCKS = GOLDEN.trimEnd()
  .split(/\n(?=\{)/)
  .map((block) => block.split('\n    '));

describe('the faults of an own metric', () => {
  it.each(BLOCKS)('of %s are these, each with what to write instead', (metric, ...faults) => {
    const found = faultsIn(`own: { vmware_own: ${metric} }`, { esxi: { credentials: { env: 'ESXI' } } })
      .filter((fault) => fault.startsWith('own.'))
      .map((fault) => fault.replace(/^own\.vmware_own(?:: |\.)/, ''));
    expect(found).toEqual(faults);
  });
});
