import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FUNCTIONS } from '../../../cdk/bundle.ts';
import { runsBy } from '../../../lib/collectors/needs.ts';
import { COLLECTORS } from '../../../lib/collectors/registry.ts';
import { codeOf, readPage, sectionOf, tableRows } from './pages.ts';

describe('README.md', () => {
  it('opens with the two commands of a newcomer', () => {
    const [, block] = /^```\w*\n([\s\S]*?)^```$/m.exec(readPage('README.md')) ?? [];
    expect(block).toMatch(/^npm ci && npm start\b.*\nnpm ci && npm test\b/);
  });

  it('says of every Lambda function that there is one', () => {
    for (const name of FUNCTIONS) {
      expect(sectionOf('README.md', 'On AWS')).toContain(`[${name}](functions/${name}/README.md)`);
    }
  });

  it('shows each credential file that its first configuration names', () => {
    const page = readPage('README.md');
    const named = Array.from(page.matchAll(/\{ file: (credentials\/\S+\.yaml) \}/g), ([, file]) => file);
    expect(named).not.toEqual([]);
    for (const file of named) expect(page).toContain(`# ${file}, mode 0600\n`);
  });

  it('links to every page of docs/', () => {
    const pages = globSync('docs/*.md', { cwd: resolve(import.meta.dirname, '../../..') });
    for (const page of pages) expect(readPage('README.md')).toContain(`](${page})`);
  });

  it('has every collector with where it reads from, and how its metrics begin', () => {
    const rows = tableRows(sectionOf('README.md', 'Collectors'));
    expect(rows.map(([name, from]) => [codeOf(name), from])).toEqual(
      COLLECTORS.map((one) => [one.name, runsBy([one], 'ask') ? 'each host, by ssh' : 'vCenter']),
    );
    COLLECTORS.forEach(({ metrics }, index) => {
      const names = Array.from(rows[index]?.[2]?.matchAll(/`(\w+)\*?`/g) ?? [], ([, begin = '']) => begin);
      for (const { name } of metrics)
        expect(
          names.some((begin) => name.startsWith(begin)),
          name,
        ).toBe(true);
    });
  });
});
