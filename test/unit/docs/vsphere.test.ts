import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { loadVim25 } from '../../../lib/vsphere/vim25/vim25.ts';
import { blocksOf, readPage } from './pages.ts';

const PAGE = 'docs/vsphere-types.md';
const folder = mkdtempSync(join(tmpdir(), 'vsweep-examples-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** `<expression>; // → <its value as JSON>` or `<expression>; // throws <message>` */
const CLAIM = /^(.+); \/\/ (→|throws) (.+)$/gm;

interface Claim {
  readonly run: () => unknown;
  readonly verb: '→' | 'throws';
  readonly said: string;
}

/** The block as a module that exports what it claims. */
async function claimsOf(text: string, number: number): Promise<readonly Claim[]> {
  const lib = pathToFileURL(join(import.meta.dirname, '../../../lib/')).href;
  const code = text
    .replaceAll("from '../lib/", `from '${lib}`)
    .replace(
      CLAIM,
      (_, expression: string, verb: string, said: string) =>
        `claims.push({ run: () => (${expression}), verb: '${verb}', said: ${JSON.stringify(said)} });`,
    );
  const file = join(folder, `example-${number}.ts`);
  writeFileSync(file, `export const claims = [];\n${code}\n`);
  return (await import(pathToFileURL(file).href)).claims;
}

describe(PAGE, () => {
  const blocks = blocksOf(PAGE).filter(({ language }) => language === 'ts');

  it('has examples', () => {
    expect(blocks.length).toBeGreaterThanOrEqual(2);
  });

  it.each(blocks.map(({ text }, number) => ({ text, number })))(
    'says what its example $number gives',
    async ({ text, number }) => {
      const claims = await claimsOf(text, number);
      expect(claims.length).toBe(text.match(/\/\/ /g)?.length);
      for (const { run, verb, said } of claims) {
        if (verb === 'throws') expect(run).toThrow(said);
        else expect(JSON.stringify(run())).toBe(said);
      }
    },
  );

  it('has the right numbers of types', () => {
    const count = (kind: 'managed object' | 'data object' | 'enumeration') =>
      loadVim25().namesOf(kind).length.toLocaleString('en');
    const page = readPage(PAGE);
    expect(page).toContain(`${count('managed object')} managed object types`);
    expect(page).toContain(`${count('data object')} data object types`);
    expect(page).toContain(`${count('enumeration')} enumerations`);
  });
});
