import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { probesOf } from '../../../../lib/collectors/needs.ts';
import { COLLECTORS } from '../../../../lib/collectors/registry.ts';
import { PROBES } from '../../../../lib/esxi/probes/registry.ts';

const FOLDER = new URL('../../../../lib/esxi/probes/', import.meta.url);

describe('the registry of probes', () => {
  it('has a probe of each file, by the name of the file, and names none twice', () => {
    const files = readdirSync(FOLDER).filter((name) => name !== 'registry.ts');
    expect(PROBES.map(({ name }) => `${name}.ts`).toSorted()).toEqual(files.toSorted());
  });

  it('has every probe that a row needs', () => {
    const known = PROBES.map(({ name }) => name);
    expect(probesOf(COLLECTORS).filter((name) => !known.includes(name))).toEqual([]);
    expect(probesOf(COLLECTORS)).toContain('services');
  });

  it('leaves each probe time enough within the ordinary 15 s of a session', () => {
    for (const { seconds } of PROBES.filter(({ isSlow }) => isSlow !== true))
      expect(seconds).toBeLessThanOrEqual(13);
  });
});
