import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DemoVcenter } from '../../../lib/demo/vcenter/demo-vcenter.ts';
import { blocksOf } from '../../unit/docs/pages.ts';
import { DEPS, endpointOf, PROOF, startTarget, testSignal } from '../vsphere/demo-target.ts';

const PAGE = 'docs/vsphere.md';
const repository = resolve(import.meta.dirname, '../../..');

/** Each example with the result that stands below it. */
const blocks = blocksOf(PAGE);
const examples = blocks
  .flatMap((block, index) =>
    block.language === 'js' ? [{ code: block.text, result: blocks[index + 1] }] : [],
  )
  .map((one, index) => ({ ...one, number: index + 1 }));

describe(PAGE, () => {
  let vcenter: DemoVcenter;
  let folder: string;
  beforeAll(async () => {
    vcenter = await startTarget();
    const below = join(repository, 'node_modules/.cache');
    await mkdir(below, { recursive: true });
    folder = await mkdtemp(join(below, 'vsphere-docs-'));
  });
  afterAll(async () => {
    await vcenter?.[Symbol.asyncDispose]();
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  it('has examples, each with its result', () => {
    expect(examples.length).toBeGreaterThanOrEqual(4);
    for (const { result } of examples) expect(result?.language).toBe('json');
  });

  it.each(examples)('example $number gives the result below it, and leaves no session', async (one) => {
    const file = join(folder, `example-${one.number}.mjs`);
    const lib = pathToFileURL(join(repository, 'lib')).href;
    // What the package exports by that name; test/integration/tools/package.test.ts imports it from the package.
    const code = one.code.replaceAll("from 'vsweep/vsphere'", "from '../lib/vsphere/client.ts'");
    await writeFile(file, code.replaceAll("from '../lib/", `from '${lib}/`));
    const { example } = await import(file);
    const client = { url: vcenter.url, pin: vcenter.sha256, ...PROOF };
    const given = {
      ...client,
      endpoint: endpointOf(vcenter),
      proof: PROOF,
      deps: DEPS,
      signal: testSignal(),
    };
    expect(await example(given)).toEqual(JSON.parse(one.result?.text ?? ''));
    expect(vcenter.sessions()).toBe(0);
  });
});
