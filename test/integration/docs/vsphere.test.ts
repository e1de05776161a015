import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDemoEstate } from '../../../lib/demo/demo-estate.ts';
import { createDemoFleet } from '../../../lib/demo/fleet.ts';
import type { DemoVcenter } from '../../../lib/demo/vcenter/demo-vcenter.ts';
import type { VsphereSession } from '../../../lib/vsphere/session/session.ts';
import { blocksOf } from '../../unit/docs/pages.ts';
import { loginTo, startTarget, testSignal } from '../vsphere/demo-target.ts';

const PAGE = 'docs/vsphere-reading.md';
/** `<expression>; // → <its value as JSON>` */
const CLAIM = /^(.+); \/\/ → (.+)$/gm;

type Claim = readonly [seen: unknown, said: string];

/** The block as a module whose `run` gives what its claims are worth. */
async function claimsOf(
  { text, number, folder }: { text: string; number: number; folder: string },
  session: VsphereSession,
): Promise<readonly Claim[]> {
  const lib = pathToFileURL(join(import.meta.dirname, '../../../lib/')).href;
  const lines = text.replaceAll("from '../lib/", `from '${lib}`).split('\n');
  const imports = lines.filter((line) => line.startsWith('import '));
  const body = lines
    .filter((line) => !line.startsWith('import '))
    .join('\n')
    .replace(CLAIM, (_, seen: string, said: string) => `claims.push([${seen}, ${JSON.stringify(said)}]);`);
  const run = `export async function run({ session, signal }) {\nconst claims = [];\n${body}\nreturn claims;\n}`;
  const file = join(folder, `example-${number}.ts`);
  writeFileSync(file, `${imports.join('\n')}\n${run}\n`);
  const example = await import(pathToFileURL(file).href);
  return await example.run({ session, signal: testSignal() });
}

describe(PAGE, () => {
  const folder = mkdtempSync(join(tmpdir(), 'vsweep-session-examples-'));
  const blocks = blocksOf(PAGE).filter(({ language }) => language === 'typescript');
  let vcenter: DemoVcenter;
  let session: VsphereSession;
  beforeAll(async () => {
    const hosts = createDemoFleet().map((host) => host.vcenter);
    vcenter = await startTarget({ hosts, estate: createDemoEstate() });
    session = await loginTo(vcenter);
  });
  afterAll(async () => {
    await session?.[Symbol.asyncDispose]();
    await vcenter?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  it('has examples with a session', () => {
    expect(blocks.length).toBeGreaterThanOrEqual(5);
  });

  it.each(blocks.map(({ text }, number) => ({ text, number })))(
    'says what its example $number with a session gives',
    async ({ text, number }) => {
      const claims = await claimsOf({ text, number, folder }, session);
      expect(claims.length).toBe(text.match(/\/\/ →/g)?.length);
      for (const [seen, said] of claims) expect(JSON.stringify(seen)).toBe(said);
    },
  );
});
