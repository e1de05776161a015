import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createCompleter, isByNpx } from '../../../lib/cli/complete-commands.ts';
import { createProgram } from '../../../lib/cli/program.ts';

const LIB = join(import.meta.dirname, '../../../lib');
const idle = () => createProgram(() => async () => undefined);
const complete = (text: string, place = {}) =>
  createCompleter(idle(), { config: '/etc/vsweep/a b.yaml', ...place })(text);

describe('createCompleter', () => {
  it('adds the configuration to each command that takes one, behind its name', () => {
    expect(complete('log in, then run: vsweep blacklist lift --user root. See "vsweep status", too.')).toBe(
      "log in, then run: vsweep blacklist lift --config '/etc/vsweep/a b.yaml' --user root. " +
        `See "vsweep status --config '/etc/vsweep/a b.yaml'", too.`,
    );
  });

  it('adds the table to those that take one', () => {
    expect(complete('vsweep status, vsweep sweep x', { config: undefined, table: 'T' })).toBe(
      'vsweep status --table T, vsweep sweep x',
    );
  });

  it('leaves alone what names a configuration, takes none, or is no command', () => {
    for (const text of [
      'vsweep status --config other.yaml',
      'vsweep invoke sweep services',
      'vsweep itself, vsweep status-page, a/vsweep-status',
      'myvsweep status',
    ])
      expect(complete(text)).toBe(text);
    expect(createCompleter(idle(), {})('vsweep status')).toBe('vsweep status');
  });

  it('names commands as npx starts them, where npx started vsweep, and once', () => {
    const complete = createCompleter(idle(), { byNpx: true });
    expect(complete('run: vsweep status, or vsweep run')).toBe('run: npx vsweep status, or npx vsweep run');
    expect(complete('npx vsweep status; vsweep itself')).toBe('npx vsweep status; vsweep itself');
  });

  it('adds the configuration that a command made itself', () => {
    expect(createCompleter(idle(), {})('or vsweep status --hosts', '/tmp/demo/vsweep.yaml')).toBe(
      'or vsweep status --config /tmp/demo/vsweep.yaml --hosts',
    );
  });

  it('keeps JSON the document that it was, whatever the path', () => {
    const told = complete(JSON.stringify({ text: 'run vsweep status' }), { config: '/a"b\\c.yaml' });
    expect(JSON.parse(told)).toEqual({ text: `run vsweep status --config '/a"b\\c.yaml'` });
  });
});

describe('isByNpx', () => {
  it.each([
    [{ npm_command: 'exec', npm_lifecycle_event: 'npx', npm_lifecycle_script: "'vsweep'" }, true],
    [{ npm_command: 'exec', npm_lifecycle_event: 'npx', npm_lifecycle_script: 'vsweep doctor' }, true],
    [{ npm_lifecycle_event: 'start', npm_package_name: 'vsweep' }, true],
    [{ npm_lifecycle_event: 'start', npm_package_name: 'wrapper' }, false],
    [{ npm_command: 'exec', npm_lifecycle_event: 'npx', npm_lifecycle_script: "'vitest'" }, false],
    [{ npm_command: 'test', npm_lifecycle_event: 'test', npm_package_name: 'vsweep' }, false],
    [{}, false],
  ])('of %j is %s', (env, expected) => {
    expect(isByNpx(env)).toBe(expected);
  });
});

/** Every command that a text of the code names, with the placeholders of templates as one word. */
function namedCommands(): { readonly file: string; readonly words: readonly string[] }[] {
  // Help has examples of pipes.
  const files = readdirSync(LIB, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && file !== 'cli/examples.ts',
  );
  return files.flatMap((file) => {
    const code = readFileSync(join(LIB, file), 'utf8').replaceAll(/^\s*(?:\/\*\*|\*|\/\/).*$/gm, '');
    // Sentences that are broken over lines are one text.
    const texts = code.replaceAll(/['`] \+\s*['`]/g, '');
    return [...texts.matchAll(COMMAND)].map(([, command = '']) => ({ file, words: wordsOf(command) }));
  });
}

/** Behind a colon, in quotation marks, or in brackets, up to where the sentence goes on. */
const COMMAND =
  /(?:run: |by: |it: |keys: |each: |with: |again: |dead: |\(|"|=>\s*`)vsweep ((?:[a-z][a-z-]*)(?: (?:\$\{[^}]*\}|[^\s"'`,;()]+))*)/g;
const wordsOf = (command: string): string[] =>
  command
    .replaceAll(/\$\{[^}]*\}/g, 'x')
    .replace(/[.:]$/, '')
    .split(' ');

describe('each command that a message names', () => {
  // Two are subjects of a sentence and not commands to paste.
  const named = namedCommands().filter(
    ({ words }) => !['creates', 'poll', 'gateway'].includes(words[0] ?? ''),
  );

  it('is found in the code', () => {
    expect(named.length).toBeGreaterThan(25);
    const paths = named.map(({ words }) => words.slice(0, 2).join(' '));
    expect(paths).toEqual(
      expect.arrayContaining([
        'blacklist lift',
        'hostkey accept',
        'lease release',
        'credential lift',
        'state repair',
      ]),
    );
  });

  it.each(named.map(({ file, words }) => [words.join(' '), file, words] as const))(
    'is taken by the command line: vsweep %s (%s)',
    async (_command, _file, words) => {
      let ran = 0;
      const program = createProgram(() => async () => {
        ran += 1;
      });
      for (const command of [
        program,
        ...program.commands,
        ...program.commands.flatMap((one) => one.commands),
      ])
        command.exitOverride().configureOutput({ writeErr: () => undefined });
      await program.parseAsync(words, { from: 'user' });
      expect(ran).toBe(1);
    },
  );
});
