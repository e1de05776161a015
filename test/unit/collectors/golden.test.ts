import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { COLLECTORS } from '../../../lib/collectors/registry.ts';
import { parseExposition } from '../../support/exposition.ts';
import { GOLDEN_OBJECTS, GOLDEN_REFERENCES } from './golden-objects.ts';
import { printCollected } from './print-collected.ts';

const folder = new URL('../../fixtures/collectors/', import.meta.url);

describe('golden files', () => {
  it('are there for every collector, and for no other', () => {
    expect(readdirSync(folder).toSorted()).toEqual(COLLECTORS.map(({ name }) => `${name}.prom`).toSorted());
  });

  it.each(COLLECTORS)(
    'are what $name makes of the objects, byte for byte, with every metric',
    async (collector) => {
      const text = await printCollected(collector.rows, GOLDEN_OBJECTS, GOLDEN_REFERENCES);
      expect(text).toBe(readFileSync(new URL(`${collector.name}.prom`, folder), 'utf8'));
      expect(new Set(parseExposition(text).map(({ name }) => name))).toEqual(
        new Set(collector.metrics.map(({ name }) => name)),
      );
    },
  );
});
