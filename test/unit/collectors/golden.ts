import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';
import type { Collector, HostSubject } from '../../../lib/collectors/collector.ts';
import { encodeExposition } from '../../../lib/metrics/encode-exposition.ts';
import { groupIntoFamilies } from '../../../lib/metrics/group-into-families.ts';
import { parseExposition } from '../../support/exposition.ts';

/** Compares what the collector makes of the subjects with `test/fixtures/collectors/<name>.prom`, byte for byte. */
export async function expectGolden(collector: Collector, subjects: readonly HostSubject[]): Promise<void> {
  const samples = subjects.flatMap((subject) => collector.collect(subject).samples);
  const text = await encodeExposition(groupIntoFamilies(collector.metrics, samples));
  const file = new URL(`../../fixtures/collectors/${collector.name}.prom`, import.meta.url);
  expect(text).toBe(await readFile(file, 'utf8'));
  expect(new Set(parseExposition(text).map(({ name }) => name))).toEqual(
    new Set(collector.metrics.map(({ name }) => name)),
  );
}
