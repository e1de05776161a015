import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Collector } from '../../../lib/collectors/collector.ts';
import { KNOWN_COLLECTORS } from '../../../lib/collectors/known-collectors.ts';
import { COLLECTORS, findCollector } from '../../../lib/collectors/registry.ts';
import { unionNeeds } from '../../../lib/collectors/union-needs.ts';
import { lintDefinitions } from '../../../tools/lint-definitions.ts';

const folder = new URL('../../../lib/collectors/', import.meta.url);

const isCollector = (value: unknown): value is Collector =>
  typeof value === 'object' && value !== null && 'collect' in value && 'needs' in value;

async function exportedCollectors(file: string): Promise<Collector[]> {
  const exports: Record<string, unknown> = await import(new URL(file, folder).href);
  return Object.values(exports).filter(isCollector);
}

describe('the registry of collectors', () => {
  it('holds every collector of the folder, each named as its file', async () => {
    const files = readdirSync(folder).filter((name) => name.endsWith('.ts') && name !== 'collectors.ts');
    const found = await Promise.all(
      files.map(async (file) => {
        const collectors = await exportedCollectors(file);
        for (const { name } of collectors) expect(name).toBe(basename(file, '.ts'));
        return collectors;
      }),
    );
    expect(new Set(COLLECTORS)).toEqual(new Set(found.flat()));
  });

  it('asks of vCenter and of the host what each collector reads, and nothing else', () => {
    expect(Object.fromEntries(COLLECTORS.map(({ name, needs }) => [name, needs]))).toMatchObject({
      'host-services': { properties: ['runtime.connectionState', 'config.service'], probes: [] },
      'overall-status': { properties: ['overallStatus'], probes: [] },
      'ssh-services': { properties: [], probes: ['services'] },
    });
  });

  it('tells the check of a configuration which collectors go by vCenter, and which by ssh', () => {
    const ours = new Set(['host-services', 'overall-status', 'ssh-services']);
    const of = (names: readonly string[]) => names.filter((name) => ours.has(name));
    const { names, overVcenter, overSsh } = KNOWN_COLLECTORS;
    expect(of(names)).toEqual(['host-services', 'overall-status', 'ssh-services']);
    expect(of(overVcenter)).toEqual(['host-services', 'overall-status']);
    expect(of(overSsh)).toEqual(['ssh-services']);
  });

  it('names no collector twice', () => {
    expect(new Set(COLLECTORS.map(({ name }) => name)).size).toBe(COLLECTORS.length);
  });

  it('defines well-formed metrics, each name once over all collectors', () => {
    expect(lintDefinitions(COLLECTORS.flatMap(({ metrics }) => metrics))).toEqual([]);
  });

  it('finds a collector by its name', () => {
    expect(COLLECTORS.map(({ name }) => findCollector(name))).toEqual(COLLECTORS);
    expect(findCollector('host-service')).toBeUndefined();
  });
});

describe('unionNeeds', () => {
  const needing = (properties: string[], probes: 'services'[]): Collector => ({
    name: 'x',
    subject: 'HostSystem',
    needs: { properties, probes },
    metrics: [],
    collect: () => ({ samples: [], warnings: [] }),
  });

  it('names every property and probe once', () => {
    expect(unionNeeds([needing(['b', 'a'], ['services']), needing(['a', 'c'], ['services'])])).toEqual({
      properties: ['a', 'b', 'c'],
      probes: ['services'],
    });
  });

  it('needs nothing for no collectors', () => {
    expect(unionNeeds([])).toEqual({ properties: [], probes: [] });
  });
});
