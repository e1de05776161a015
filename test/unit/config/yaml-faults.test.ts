import { describe, expect, it } from 'vitest';
import { type ErrorCode, LineCounter } from 'yaml';
import { ConfigError } from '../../../lib/config/errors.ts';
import { parseYaml } from '../../../lib/config/parse-config.ts';
import { parseOldConfig } from '../../../lib/config/variables/old-config-file.ts';
import { parseVmwareExporterFile } from '../../../lib/config/variables/vmware-exporter-file.ts';
import { BAD_REFERENCE, describeYamlError } from '../../../lib/config/yaml-faults.ts';
import { parseCredentialYaml } from '../../../lib/credentials/parse-credential-file.ts';

const READERS = {
  'vsweep.yaml': (text: string) => parseYaml(text, 'a.yaml'),
  "esxi-exporter's CONFIG_FILE": (text: string) => parseOldConfig(text, 'a.yaml'),
  "vmware_exporter's file": (text: string) => parseVmwareExporterFile(text, 'a.yaml'),
};

function messageOfFault(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof Error) return `${error.message}\n${error.stack}\n${String(error.cause)}`;
  }
  throw new Error('no fault was found');
}

const inSection = (line: string) => `default:\n  vsphere_user: monitor\n  vsphere_password: ${line}\n`;

/** Passwords that are no YAML, and where the fault is. */
const UNQUOTED: readonly (readonly [text: string, place: RegExp])[] = [
  [inSection('S3cret1\n  vsphere_password: S3cret2'), /line 4, column 3: .*\(DUPLICATE_KEY\)/],
  [inSection('S3cret: x'), /line 3, column 21: .*\(BLOCK_AS_IMPLICIT_KEY\)/],
  [inSection('"S3cret'), /line \d+, column \d+: .*\(MISSING_CHAR\)/],
  [inSection('@S3cret'), /line 3, column 21: .*\(BAD_SCALAR_START\)/],
  [inSection('%S3cret'), /line 3, column 21: .*\(BAD_SCALAR_START\)/],
  ['%S3cret\ndefault: {}\n', /line \d+, column \d+: .*\(MISSING_CHAR\)/],
  [inSection('"S3cret\\q"'), /\(BAD_DQ_ESCAPE\)/],
  [inSection('|S3cret'), /\(UNEXPECTED_TOKEN\)/],
  [inSection('"a" S3cret'), /\(UNEXPECTED_TOKEN\)/],
  [inSection('*S3cret'), /an alias \("\*"\) has no anchor/],
  [inSection('[S3cret'), /line \d+, column \d+/],
  [inSection('!S3cret! x'), /\(TAG_RESOLVE_FAILED\)/],
];

describe.each(Object.entries(READERS))('a fault of %s', (_, read) => {
  it.each(UNQUOTED)('names the place and quotes nothing: %j', (text, place) => {
    const message = messageOfFault(() => read(text));
    expect(message).toMatch(place);
    expect(message).not.toContain('S3cret');
    expect(message).not.toContain('monitor');
  });

  it('that others only follow from is told alone', () => {
    const text = `first: @x\n${inSection('{ a: b["c"].d }')}${Array.from({ length: 20 }, (_, n) => `k${n}: 1\n`).join('')}`;
    const told = messageOfFault(() => read(text)).match(/line \d+, column \d+: /g);
    expect(new Set(told)).toEqual(new Set(['line 1, column 8: ', 'line 4, column 27: ']));
  });

  it('is told for each place, not for the first alone', () => {
    const text = 'a: @S3cret\nb: @S3cret\n';
    expect(() => read(text)).toThrow(ConfigError);
    expect(messageOfFault(() => read(text))).toMatch(/line 1, column 4[\s\S]*line 2, column 4/);
  });
});

it.each(UNQUOTED)('a fault of a credential file quotes nothing: %j', (text) => {
  const line = text.replaceAll(/^ *vsphere_(user|password)/gm, '$1').replace('default:\n', '');
  const message = messageOfFault(() => parseCredentialYaml(line.replace('user:', 'username:'), 'file:a'));
  expect(message).not.toContain('S3cret');
});

it('a map as a key is warned of nowhere, as the warning would quote it', async () => {
  const warned: unknown[] = [];
  const listen = (warning: unknown) => warned.push(warning);
  process.on('warning', listen);
  parseYaml('a: {{ S3cret }}', 'a.yaml');
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', listen);
  expect(warned).toEqual([]);
});

it('the words of YAML 1.1 are booleans in CONFIG_FILE, which PyYAML read, and texts in a vsweep.yaml', () => {
  expect(parseOldConfig('ssl_verify: no\nverify_ssl: On', 'a.yaml')).toMatchObject({
    ssl_verify: false,
    verify_ssl: true,
  });
  expect(parseYaml('a: no', 'vsweep.yaml')).toEqual({ a: 'no' });
});

/** All that the library of the pinned version has. */
const CODES: Readonly<Record<ErrorCode, true>> = {
  ALIAS_PROPS: true,
  BAD_ALIAS: true,
  BAD_COLLECTION_TYPE: true,
  BAD_DIRECTIVE: true,
  BAD_DQ_ESCAPE: true,
  BAD_INDENT: true,
  BAD_PROP_ORDER: true,
  BAD_SCALAR_START: true,
  BLOCK_AS_IMPLICIT_KEY: true,
  BLOCK_IN_FLOW: true,
  DUPLICATE_KEY: true,
  IMPOSSIBLE: true,
  KEY_OVER_1024_CHARS: true,
  MISSING_CHAR: true,
  MULTILINE_IMPLICIT_KEY: true,
  MULTIPLE_ANCHORS: true,
  MULTIPLE_DOCS: true,
  MULTIPLE_TAGS: true,
  NON_STRING_KEY: true,
  RESOURCE_EXHAUSTION: true,
  TAB_AS_INDENT: true,
  TAG_RESOLVE_FAILED: true,
  UNEXPECTED_TOKEN: true,
};

describe('describeYamlError', () => {
  const lines = new LineCounter();
  lines.addNewLine(0);
  lines.addNewLine(10);

  it.each(Object.keys(CODES) as ErrorCode[])(
    'says in words of ours what %s means, and where it is',
    (code) => {
      expect(describeYamlError({ code, pos: [12, 13] }, lines)).toEqual({
        message: expect.stringMatching(new RegExp(`^not YAML: \\w+ .*\\w+ \\(${code}\\)$`)),
        place: { line: 2, column: 3 },
      });
    },
  );

  it('has words for a code that a later version of the library may have, and no place where there is none', () => {
    const code = 'OF_A_LATER_VERSION' as ErrorCode;
    expect(describeYamlError({ code, pos: [-1, -1] }, lines)).toEqual({
      message: 'not YAML: cannot be read (OF_A_LATER_VERSION)',
    });
  });

  it('says of an alias what to do with one that is none', () => {
    expect(BAD_REFERENCE).toMatch(/; put a value that starts with "\*" in single quotes$/);
  });
});

describe('a tab as indentation', () => {
  it.each([
    ['targets:\n\t- name: a\n\t  url: b\nsweeps: []\n', { line: 2, column: 1 }],
    ['a:\n  b: 1\n\tc: 2\n\td: 3\n', { line: 3, column: 1 }],
    ['a: {\n\tb: 1,\n\tc: 2\n}\n', { line: 2, column: 1 }],
    ['a:\n  -\tb: c\n    d: e\n', { line: 2, column: 4 }],
  ])('is one fault, with its place: %j', (text, place) => {
    try {
      parseYaml(text, 'a.yaml');
      expect.unreachable();
    } catch (error) {
      expect((error as ConfigError).issues).toEqual([
        {
          path: '',
          message: 'not YAML: a tab is used as indentation; use spaces (TAB_AS_INDENT)',
          place,
        },
      ]);
    }
  });
});
