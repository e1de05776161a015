import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Family } from '../../../lib/metrics/family.ts';
import { toGzip } from '../../../lib/sinks/exporter/deflated.ts';
import { createPublishedGroups } from '../../../lib/sinks/exporter/published-groups.ts';
import { parseExposition } from '../../support/exposition.ts';

const family = (name: string, rows: Readonly<Record<string, number>>): Family => ({
  definition: { name, help: 'help', labels: ['hostsystem'] },
  samples: Object.entries(rows).map(([hostsystem, value]) => ({ metric: name, labels: [hostsystem], value })),
});

async function served(
  groups: ReturnType<typeof createPublishedGroups>,
  now: number,
  of?: string,
): Promise<string[] | undefined> {
  const deflated = await (of === undefined ? groups.deflated(now) : groups.deflatedOf(of, now));
  if (deflated === undefined) return undefined;
  const series = parseExposition(gunzipSync(Buffer.concat(toGzip(deflated, Buffer.alloc(0)))).toString());
  return series.map(({ name, labels, value }) => `${name} ${labels.hostsystem} ${value}`);
}

describe('createPublishedGroups', () => {
  it('serves the families of several groups, each name once', async () => {
    const groups = createPublishedGroups();
    groups.publish('b', {
      families: [family('esxi_x', { h3: 3 }), family('esxi_y', { h3: 3 })],
      validUntil: 10,
    });
    groups.publish('a', { families: [family('esxi_x', { h1: 1 })], validUntil: 10 });
    expect(await served(groups, 0)).toEqual(['esxi_x h1 1', 'esxi_x h3 3', 'esxi_y h3 3']);
  });

  it('serves of equal series the one of the group that sorts first, whoever published first', async () => {
    const groups = createPublishedGroups();
    groups.publish('b', { families: [family('esxi_x', { h1: 2 })], validUntil: 10 });
    groups.publish('a', { families: [family('esxi_x', { h1: 1 })], validUntil: 10 });
    expect(await served(groups, 0)).toEqual(['esxi_x h1 1']);
  });

  it('replaces what a group published before', async () => {
    const groups = createPublishedGroups();
    groups.publish('a', { families: [family('esxi_x', { h1: 1, h2: 1 })], validUntil: 10 });
    expect(await served(groups, 0)).toHaveLength(2);
    groups.publish('a', { families: [family('esxi_x', { h2: 0 })], validUntil: 10 });
    expect(await served(groups, 0)).toEqual(['esxi_x h2 0']);
  });

  it('leaves out each group from its own end on, also between two publications', async () => {
    const groups = createPublishedGroups();
    groups.publish('a', { families: [family('esxi_x', { h1: 1 })], validUntil: 10 });
    groups.publish('b', { families: [family('esxi_x', { h2: 1 })], validUntil: 20 });
    expect(await served(groups, 9)).toEqual(['esxi_x h1 1', 'esxi_x h2 1']);
    expect(await served(groups, 10)).toEqual(['esxi_x h2 1']);
    expect(await served(groups, 20)).toEqual([]);
  });

  it('serves one target by itself, from all its sweeps, and no other whose name ends alike', async () => {
    const groups = createPublishedGroups();
    groups.publish('inventory/vc1', { families: [family('esxi_x', { h1: 1 })], validUntil: 10 });
    groups.publish('services/vc1', { families: [family('esxi_y', { h1: 2 })], validUntil: 20 });
    groups.publish('inventory/not-vc1', { families: [family('esxi_x', { h1: 3 })], validUntil: 10 });
    expect(await served(groups, 0, 'vc1')).toEqual(['esxi_x h1 1', 'esxi_y h1 2']);
    expect(groups.deflatedOf('vc1', 1)).toBe(groups.deflatedOf('vc1', 2));
    expect(await served(groups, 10, 'vc1')).toEqual(['esxi_y h1 2']);
    groups.publish('services/vc1', { families: [family('esxi_y', { h1: 5 })], validUntil: 20 });
    expect(await served(groups, 10, 'vc1')).toEqual(['esxi_y h1 5']);
  });

  it('has nothing for a target without a run, or whose runs are too old', async () => {
    const groups = createPublishedGroups();
    groups.publish('inventory/vc1', { families: [family('esxi_x', { h1: 1 })], validUntil: 10 });
    for (const [target, now] of [
      ['vc2', 0],
      ['', 0],
      ['vc1', 10],
    ] as const)
      expect(await served(groups, now, target)).toBeUndefined();
  });

  it('encodes once between two changes, into one buffer for all', async () => {
    const groups = createPublishedGroups();
    groups.publish('a', { families: [family('esxi_x', { h1: 1 })], validUntil: 10 });
    expect(await groups.deflated(1)).toBe(await groups.deflated(2));
  });

  it('refuses a metric that another group defines differently, and keeps serving', async () => {
    const groups = createPublishedGroups();
    groups.publish('a', { families: [family('esxi_x', { h1: 1 })], validUntil: 10 });
    const other = { definition: { name: 'esxi_x', help: 'help', labels: ['host'] }, samples: [] };
    expect(() => groups.publish('b', { families: [other], validUntil: 10 })).toThrow(
      expect.objectContaining({ code: 'conflicting-definition' }),
    );
    expect(await served(groups, 0)).toEqual(['esxi_x h1 1']);
  });

  it('believes nothing of a publication that it refuses, also what is defined before the fault', async () => {
    const groups = createPublishedGroups();
    groups.publish('a', { families: [family('esxi_x', { h1: 1 })], validUntil: 10 });
    const meaning = (name: string, label: string) => ({
      definition: { name, help: 'help', labels: [label] },
      samples: [],
    });
    const refused = { families: [meaning('esxi_y', 'host'), meaning('esxi_x', 'host')], validUntil: 10 };
    expect(() => groups.publish('b', refused)).toThrow('esxi_x');
    groups.publish('b', { families: [family('esxi_y', { h2: 2 })], validUntil: 10 });
    expect(await served(groups, 0)).toEqual(['esxi_x h1 1', 'esxi_y h2 2']);
  });

  it('remembers what a metric means when its group is over', async () => {
    const groups = createPublishedGroups();
    groups.publish('a', { families: [family('esxi_x', { h1: 1 })], validUntil: 10 });
    await groups.deflated(10);
    const other = { definition: { name: 'esxi_x', help: 'other', labels: ['hostsystem'] }, samples: [] };
    expect(() => groups.publish('b', { families: [other], validUntil: 20 })).toThrow('esxi_x');
  });
});
