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
    '1a/b',
    '-a/b',
    'a_b/c',
    'a//b',
    'a/_b',
    'a/.b',
    'a/b/c',
    ' a/b',
    `${'a'.repeat(33)}/b`,
    `a/${'b'.repeat(65)}`,
  ])('refuses the label %j, which a shell or a reader would take for more', (label) => {
    expect(() => buildScript([command({ label })], NONCE)).toThrow(
      new TypeError(`not a label of a command: ${JSON.stringify(label)}`),
    );
  });

  it.each(['a/b', 'a-9/B9_.-', `${'a'.repeat(32)}/${'9'.repeat(64)}`])('takes the label %s', (label) => {
    expect(buildScript([command({ label })], NONCE)).toContain(
      `\nask ${label} 8 0 '/etc/init.d/hostd' 'status'\n`,
    );
  });

  it.each(['', '-v', '+v', ' a', 'a b', 'a b/c', '/bin/a;b', '$(reboot)', "a'b", 'a\n'])(
    'refuses the program %j',
    (program) => {
      expect(() => buildScript([command({ argv: [program] })], NONCE)).toThrow(
        new TypeError(`services/hostd: not a program: ${JSON.stringify(program)}`),
      );
    },
  );

  it.each(['a', '_a', './a', '/a', 'a-b+c.d/e_9'])('takes the program %s', (program) => {
    expect(buildScript([command({ argv: [program] })], NONCE)).toContain(
      `ask services/hostd 8 0 '${program}'\n`,
    );
  });

  it.each(['a\nreboot', 'a\0', '\u0085'])('refuses the argument %j', (argument) => {
    expect(() => buildScript([command({ argv: ['uptime', 'x', argument] })], NONCE)).toThrow(
      new TypeError(`services/hostd: an argument has a control character: ${JSON.stringify(argument)}`),
    );
  });

  it.each([0, -1, 1.5, 1_000_001, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d seconds', (seconds) => {
    expect(() => buildScript([command({ seconds })], NONCE)).toThrow(
      new TypeError(`services/hostd: not a time in seconds: ${seconds}`),
    );
  });

  it.each([-1, 1.5, 1_000_001, Number.NaN])('refuses %d lines', (lines) => {
    expect(() => buildScript([command({ lines })], NONCE)).toThrow(
      new TypeError(`services/hostd: not a number of lines: ${lines}`),
    );
  });

  it('takes a million seconds and lines, a second, and the tail in place of lines', () => {
    for (const [seconds, lines] of [
      [1_000_000, 1_000_000],
      [1, 0],
    ] as const)
      expect(buildScript([command({ seconds, lines })], NONCE)).toContain(
        `\nask services/hostd ${seconds} ${lines} '`,
      );
  });

  it.each(['', 'sevenAZ', '$(reboot)', 'x'.repeat(65), 'eight-az', ' eightAZ9', 'eightAZ9\n'])(
    'refuses the nonce %j',
    (nonce) => {
      expect(() => buildScript([command()], nonce)).toThrow(
        new TypeError('the nonce must be 8 to 64 letters and digits'),
      );
    },
  );

  it.each(['eightAZ9', 'x'.repeat(64)])('takes the nonce %s', (nonce) => {
    expect(readScript(buildScript([command()], nonce))).toEqual({ nonce, commands: [command()] });
  });

  it('is what a host answers to in lines of that nonce, and ends when all commands have', () => {
    const script = buildScript([command()], NONCE);
    expect(script.startsWith(`n=${NONCE}\nexec </dev/null 2>/dev/null\n`)).toBe(true);
    expect(
      script.endsWith(
        `ask services/hostd 8 0 '/etc/init.d/hostd' 'status'\nwait\n[ "$own" ] || kill -9 "-$$"\n`,
      ),
    ).toBe(true);
  });

  it('refuses more commands, and more text, than a host takes at once', () => {
    const many = Array.from({ length: 129 }, (_, index) => command({ label: `services/s${index}` }));
    expect(() => buildScript(many, NONCE)).toThrow(
      new TypeError('129 commands in one session; at most 128 are possible'),
    );
    expect(buildScript(many.slice(1), NONCE).length).toBeLessThan(100_000);
    const ofLength = (length: number) =>
      buildScript([command({ argv: ['uptime', 'x'.repeat(length)] })], NONCE);
    const most = 100_000 - ofLength(0).length;
    expect(ofLength(most)).toHaveLength(100_000);
    expect(() => ofLength(most + 1)).toThrow(
      new TypeError('the script of a session has 100001 characters, over 100000'),
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
