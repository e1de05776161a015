import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { CHECKED_COLLECTORS } from '../../../lib/collectors/checked-collectors.ts';
import { parseConfig } from '../../../lib/config/parse-config.ts';
import { createCredentialReader } from '../../../lib/credentials/credential-reader.ts';
import { type Block, blocksOf, PAGES, readPage } from './pages.ts';

/** What a YAML block is an example of, by its first line; each kind is loaded by what would read it. */
const KINDS: readonly { readonly first: RegExp; readonly load: (block: Block) => unknown }[] = [
  {
    first: /^# vsweep\.yaml$/,
    load: ({ text, page }) => parseConfig(filledIn(text), { file: page, collectors: CHECKED_COLLECTORS }),
  },
  { first: /^# credentials\/\S+\.yaml, mode 0600$/, load: readCredential },
  { first: /^# prometheus\.yml$/, load: checkScrapeJobs },
];

/** As a reader fills it in: the pin of the pages is refused, because it is nobody's. */
const filledIn = (yaml: string) => yaml.replaceAll(/AB:CD:EF(?::[0-9A-F]{2}){29}/g, 'A7'.repeat(32));

const blocks = PAGES.flatMap(blocksOf).filter(({ language }) => language === 'yaml');

describe('YAML in the docs', () => {
  it('is there, of each kind', () => {
    for (const { first } of KINDS) {
      expect(blocks.filter(({ text }) => first.test(firstLine(text)))).not.toEqual([]);
    }
  });

  it.each(blocks.map((block) => ({ ...block, first: firstLine(block.text) })))(
    'loads: $page, $first',
    async (block) => {
      const kind = KINDS.find(({ first }) => first.test(block.first));
      if (kind === undefined) throw new Error('the first line does not name a file that is known here');
      await kind.load(block);
    },
  );

  it('is written in blocks that are marked as YAML', () => {
    const unmarked = PAGES.flatMap(blocksOf).filter(
      ({ language, text }) =>
        language !== 'yaml' && /^(?:targets|scrape_configs|username|groups):/m.test(text),
    );
    expect(unmarked).toEqual([]);
  });
});

describe('examples/', () => {
  const files = globSync('examples/*.yaml', { cwd: resolve(import.meta.dirname, '../../..') });

  it.each(files)('loads, and is told of in its README: %s', (file) => {
    expect(() => parseConfig(readPage(file), { file, collectors: CHECKED_COLLECTORS })).not.toThrow();
    expect(readPage('examples/README.md')).toContain(`](${file.replace('examples/', '')})`);
  });

  it.each(files)('believes no first host key without an end, and in AWS none: %s', (file) => {
    const { esxi, aws } = parseConfig(readPage(file), { file, collectors: CHECKED_COLLECTORS });
    if (esxi === undefined) return;
    const { unknown, until } = esxi.hostKeys;
    const isBounded = unknown === 'refuse' || (aws === undefined && until !== undefined);
    expect({ unknown, until, isBounded }).toMatchObject({ isBounded: true });
  });

  it('has one for a machine without AWS', () => {
    expect(files.filter((file) => !readPage(file).includes('secret:'))).not.toEqual([]);
  });
});

const firstLine = (text: string) => text.split('\n', 1)[0] ?? '';

async function readCredential({ text }: Block): Promise<void> {
  const reader = createCredentialReader({
    env: {},
    readFile: async () => ({ text, mode: 0o600 }),
    secretsManager: () => Promise.reject(new Error('not a secret')),
    versionKey: async () => new Uint8Array(32),
  });
  const { signal } = new AbortController();
  const { username } = await reader.read({ file: 'example.yaml' }, { signal });
  expect(username).not.toBe('');
}

function checkScrapeJobs({ text }: Block): void {
  const { scrape_configs: jobs } = parse(text) as { scrape_configs: Record<string, unknown>[] };
  for (const job of jobs) {
    expect(job).toMatchObject({ job_name: expect.any(String), static_configs: expect.any(Array) });
    // Without it Prometheus renames job and instance of the groups.
    expect(job['honor_labels'] ?? false).toBe(job['job_name'] === 'pushgateway');
  }
}
