import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configJsonSchema } from '../../../lib/config/json-schema.ts';
import { FILE_VARIABLES } from '../../../lib/config/variables/config-from-variables.ts';
import { codeOf, readPage, sectionOf, tableRows } from './pages.ts';

/** The part of JSON Schema that zod writes for this configuration. */
interface Schema {
  readonly type?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxLength?: number;
}

interface Key {
  readonly path: string;
  readonly required: boolean;
  readonly schema: Schema;
}

function keysOf(schema: Schema, path: string): Key[] {
  if (schema.anyOf !== undefined) return schema.anyOf.flatMap((one) => keysOf(one, path));
  const { items } = schema;
  if (items?.properties !== undefined || items?.anyOf !== undefined) return keysOf(items, `${path}[]`);
  return Object.entries(schema.properties ?? {}).flatMap(([name, child]) => {
    const at = path === '' ? name : `${path}.${name}`;
    return [
      { path: at, required: schema.required?.includes(name) ?? false, schema: child },
      ...keysOf(child, at),
    ];
  });
}

/** Credentials and TLS are described once for all places where they stand; `scope` stands in one place only. */
const describedAs = (path: string) =>
  path.replace('.secretKey.', '.token.').replace(/^.*\.(credentials|tls|token)\.(?!scope$)(?=\w+$)/, '$1.');

const root = new URL('../../../', import.meta.url);
const schemaOfFile = configJsonSchema() as Schema;
const keys = new Map(
  keysOf(schemaOfFile, '').map((key) => [describedAs(key.path), { ...key, path: describedAs(key.path) }]),
);
const rows = tableRows(readPage('docs/configuration.md')).filter(([key]) => /^[a-z]/.test(codeOf(key) ?? ''));

describe('docs/configuration.md', () => {
  it('describes each key of the schema once, and no other', () => {
    const described = rows.map(([key]) => codeOf(key));
    expect(described.toSorted()).toEqual(Array.from(keys.keys()).toSorted());
  });

  it.each(rows)('says of %s what the schema says', (...cells) => {
    const [key, type = '', given = '', meaning = ''] = cells;
    const { schema, required } = keys.get(codeOf(key) ?? '') ?? { schema: {}, required: false };
    if (['`credentials.', '`token.', '`tls.'].some((one) => key?.startsWith(one)))
      expect(given).toBe('one of them');
    else if (required) expect(given).toBe('required');
    else if (schema.default !== undefined) expect(parse(codeOf(given) ?? '')).toEqual(schema.default);
    else expect(given).toMatch(/^(?:none|\*.+\*)$/);
    const told = `${type} ${meaning}`.replaceAll(',', '');
    const { minimum, maximum, minItems, maxItems, maxLength } = schema;
    for (const bound of [minimum, maximum, minItems, maxItems, maxLength]) {
      if (bound !== undefined) expect(told).toMatch(new RegExp(`(?<![\\d.])${bound}(?![\\d.]\\d|\\d)`));
    }
    for (const word of schema.enum ?? []) expect(type).toContain(`\`${word}\``);
  });
});

describe('the variables instead of a file', () => {
  it('are told in docs/configuration.md, each that is read', async () => {
    const sources = globSync('lib/config/variables/*.ts', { cwd: root }).map((file) =>
      readFileSync(new URL(file, root), 'utf8'),
    );
    const read = sources.join('').matchAll(/\b(?:text|integer|flag|disable:)\(? ?'([A-Z][A-Z0-9_]+)'/g);
    const told = sectionOf('docs/configuration.md', 'Environment variables instead of a file');
    const names = new Set(Array.from(read, ([, name]) => name));
    expect(names.size).toBeGreaterThan(15);
    for (const name of [...names, ...FILE_VARIABLES]) expect(told).toMatch(new RegExp(`\`${name}(?:=1)?\``));
  });
});
