import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildScript, readScript, type ScriptedCommand } from '../../../../lib/esxi/session/script.ts';

const NONCE = 'n0nceN0nce';
const command = (changes: Partial<ScriptedCommand> = {}): ScriptedCommand => ({
  label: 'services/hostd',
  seconds: 8,
  lines: 0,
  argv: ['/etc/init.d/hostd', 'status'],
  ...changes,
});

describe('buildScript', () => {
  it.each([
    'hostd',
    'services/',
    'services/-x',
    'services/a b',
    'services/a;reboot',
    'a/$(reboot)',
    'A/b',
    'a/b\n',
  ])('refuses the label %j, which a shell or a reader would take for more', (label) => {
    expect(() => buildScript([command({ label })], NONCE)).toThrow('not a label');
  });

  it.each(['', '-v', 'a b', '/bin/a;b', '$(reboot)', "a'b"])('refuses the program %j', (program) => {
    expect(() => buildScript([command({ argv: [program] })], NONCE)).toThrow('not a program');
  });

  it.each(['a\nreboot', 'a\0', '\u0085'])('refuses the argument %j', (argument) => {
    expect(() => buildScript([command({ argv: ['uptime', argument] })], NONCE)).toThrow('control character');
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d seconds', (seconds) => {
    expect(() => buildScript([command({ seconds })], NONCE)).toThrow('not a time');
  });

  it.each([-1, 1.5, Number.NaN])('refuses %d lines', (lines) => {
    expect(() => buildScript([command({ lines })], NONCE)).toThrow('not a number of lines');
  });

  it.each(['short', '$(reboot)', 'x'.repeat(65)])('refuses the nonce %j', (nonce) => {
    expect(() => buildScript([command()], nonce)).toThrow('nonce');
  });

  it('refuses more commands, and more text, than a host takes at once', () => {
    const many = Array.from({ length: 129 }, (_, index) => command({ label: `services/s${index}` }));
    expect(() => buildScript(many, NONCE)).toThrow('129 commands in one session; at most 128');
    expect(buildScript(many.slice(1), NONCE).length).toBeLessThan(100_000);
    expect(() => buildScript([command({ argv: ['uptime', 'x'.repeat(100_000)] })], NONCE)).toThrow(
      /the script of a session has \d+ characters, over 100000/,
    );
  });
});

describe('readScript', () => {
  it('knows what a script asks, whatever the arguments are', () => {
    const word = fc.string({ maxLength: 20 }).filter((text) => !/\p{Cc}/u.test(text));
    const tricky = fc.constantFrom(
      "'",
      "''",
      "' '",
      '',
      ' ',
      '"',
      '$(reboot)',
      String.raw`'\''`,
      '\\',
      '*',
      '-n',
    );
    const args = fc.array(fc.oneof(word, tricky), { maxLength: 4 });
    fc.assert(
      fc.property(args, fc.integer({ min: 1, max: 300 }), fc.nat(1_000), (rest, seconds, lines) => {
        const commands = [
          command({ argv: ['esxcli', ...rest], label: 'esxcli/one', seconds, lines }),
          command(),
        ];
        expect(readScript(buildScript(commands, NONCE))).toEqual({ nonce: NONCE, commands });
      }),
    );
  });

  const script = buildScript(
    [command(), command({ label: 'uptime/uptime', argv: ['uptime'], lines: 3 })],
    NONCE,
  );

  it.each([
    ['another command', 'uptime'],
    ['one with a nonce that no session has', script.replace(NONCE, 'short')],
    ['one with a label that no session has', script.replace('ask services/hostd', 'ask services/../hostd')],
    ['one that does more', `${script}reboot\n`],
    ['one that does something before it', `reboot\n${script}`],
    ['one that does something in between', script.replace('\nask uptime', '\nreboot\nask uptime')],
  ])('knows nothing of %s', (_what, other) => {
    expect(readScript(other)).toBeUndefined();
  });
});
