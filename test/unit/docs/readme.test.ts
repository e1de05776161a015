import { describe, expect, it } from 'vitest';
import { FUNCTIONS } from '../../../cdk/bundle.ts';
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

  it('has every collector and its metrics', () => {
    const rows = tableRows(sectionOf('README.md', 'Collectors'));
    expect(rows.map(([name]) => codeOf(name))).toEqual(COLLECTORS.map(({ name }) => name));
    COLLECTORS.forEach(({ metrics }, index) => {
      for (const { name } of metrics) expect(rows[index]?.join(' ')).toContain(`\`${name}\``);
    });
  });
});
