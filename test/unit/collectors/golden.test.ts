import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { OTEL } from '../../../lib/catalogue/otel/otel.ts';
import { COLLECTORS } from '../../../lib/collectors/registry.ts';
import { parseExposition } from '../../support/exposition.ts';
import { GOLDEN_OBJECTS, GOLDEN_REFERENCES } from './golden-objects.ts';
import { printCollected, printViews } from './print-collected.ts';

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

  it('are what the preset otel makes of what all collectors found, byte for byte, with every metric', async () => {
    const rows = COLLECTORS.flatMap((one) => one.rows);
    const text = await printViews(OTEL, rows, GOLDEN_OBJECTS);
    expect(text).toBe(readFileSync(new URL('../../fixtures/presets/otel.prom', import.meta.url), 'utf8'));
    expect(new Set(parseExposition(text).map(({ name }) => name))).toEqual(
      new Set(OTEL.map(({ name }) => name)),
    );
  });
});
