import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { KNOWN_COLLECTORS } from '../../../lib/collectors/known-collectors.ts';
import { inspectConfig } from '../../../lib/config/check-config.ts';
import { configJsonSchema } from '../../../lib/config/json-schema.ts';
import { blocksOf, PAGES } from '../docs/pages.ts';

/** Only the published JSON says what is valid here, nothing of the schema that it was made from. */
const published = z.fromJSONSchema(JSON.parse(JSON.stringify(configJsonSchema())));

const root = new URL('../../../', import.meta.url);
const examples = [
  ...globSync('examples/*.yaml', { cwd: root }).map((file) => ({
    from: file,
    text: readFileSync(new URL(file, root), 'utf8'),
  })),
  ...PAGES.flatMap(blocksOf)
    .filter(({ language, text }) => language === 'yaml' && text.startsWith('# vsweep.yaml\n'))
    .map(({ page, text }) => ({ from: page, text })),
];

const VALID = {
  targets: [{ name: 'vc01', credentials: { env: 'VC' } }],
  esxi: { credentials: { env: 'ESXI' } },
  sweeps: [{ name: 's', every: '1m', collectors: ['overall-status'] }],
};
const target = (change: object) => ({ ...VALID, targets: [{ ...VALID.targets[0], ...change }] });
const sweep = (change: object) => ({ ...VALID, sweeps: [{ ...VALID.sweeps[0], ...change }] });
const esxi = (change: object) => ({ ...VALID, esxi: { ...VALID.esxi, ...change } });

describe('configJsonSchema', () => {
  it.each(examples)('accepts the example in $from', ({ text }) => {
    expect(published.safeParse(parse(text))).toMatchObject({ success: true });
  });

  it('describes what it describes', () => {
    const described = (value: unknown): unknown[] =>
      typeof value !== 'object' || value === null
        ? []
        : Object.entries(value).flatMap(([key, one]) =>
            key === 'description' && typeof one === 'string' ? [one] : described(one),
          );
    const all = described(configJsonSchema());
    expect(all.length).toBeGreaterThan(5);
    for (const text of all) expect(text).toMatch(/^[A-Z].{9,}\.$/);
  });

  it.each<[string, object]>([
    ['an unknown section', { ...VALID, nextbox: {} }],
    ['an unknown key', target({ colour: 'red' })],
    ['a missing key', sweep({ every: undefined })],
    ['a list that is none', { ...VALID, targets: 'vc01' }],
    ['an empty list', { ...VALID, sweeps: [] }],
    ['a name with a space', target({ name: 'vc 01' })],
    ['a URL that is not https', target({ url: 'http://vc01/sdk' })],
    ['two sources of a credential', target({ credentials: { env: 'VC', file: 'vc.yaml' } })],
    ['a pin that is too short', target({ tls: { sha256: ['AB:CD'] } })],
    ['insecure: false', target({ tls: { insecure: false } })],
    ['an interval in words', sweep({ every: 'each minute' })],
    ['a port out of range', esxi({ port: 70_000 })],
    ['a word that is not among those allowed', esxi({ lockdown: 'ask' })],
    ['an override that is no address', esxi({ overrides: { esx01: 'a b' } })],
    ['an address to listen on without a port', { ...VALID, exporter: { listen: 'localhost' } }],
  ])('refuses %s, as the check does', (_what, config) => {
    const written = JSON.parse(JSON.stringify(config)) as Record<string, unknown>;
    expect(inspectConfig(written, KNOWN_COLLECTORS).issues).not.toEqual([]);
    expect(published.safeParse(written).success).toBe(false);
  });

  it.each<[string, object]>([
    ['a pin in lower case', target({ tls: { sha256: [Array(32).fill('ab').join(':')] } })],
    ['an unencrypted Pushgateway', { ...VALID, push: { url: 'http://gateway:9091' } }],
    [
      'a target that is asked by ssh only',
      { ...sweep({ collectors: ['ssh-services'] }), targets: [{ name: 'a', hosts: [{ name: 'esx01' }] }] },
    ],
  ])('accepts %s, as the check does', (_what, config) => {
    expect(inspectConfig({ ...config }, KNOWN_COLLECTORS).issues).toEqual([]);
    expect(published.safeParse(config)).toMatchObject({ success: true });
  });
});
