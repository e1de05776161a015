import { describe, expect, it } from 'vitest';
import { SshError } from '../../../../lib/esxi/errors.ts';
import { services } from '../../../../lib/esxi/probes/services.ts';
import { printAnswer } from '../../../../lib/esxi/session/answers.ts';
import { prepareProbes } from '../../../../lib/esxi/session/prepare-probes.ts';
import type { CommandAnswer, Probe } from '../../../../lib/esxi/session/probe.ts';
import { readScript } from '../../../../lib/esxi/session/script.ts';
import { uptime } from '../../../support/esxi/uptime.ts';

const NONCE = 'n0nceN0nce';
const SETTINGS = { services: ['hostd', 'vpxa'] };
const IN_TIME = { sessionMs: 15_000 };
const BOTH = [services, uptime];

type Said = { readonly code: CommandAnswer['code']; readonly stdout?: string; readonly stderr?: string };
const WELL: Readonly<Record<string, Said>> = {
  'services/hostd': { code: 0, stdout: 'hostd is running.' },
  'services/vpxa': { code: 3, stdout: 'vpxa is not running' },
  'uptime/uptime': { code: 0, stdout: '02:07:21 up 23 days, 4:01, load average: 0.00' },
};

/** What a host prints to a session; a command without an answer prints nothing. */
function print(probes: readonly Probe[], said: Readonly<Record<string, Said | undefined>>): string {
  const { commands = [] } = readScript(prepareProbes(probes, SETTINGS, IN_TIME).script(NONCE)) ?? {};
  return commands
    .map((command) => {
      const answer = said[command.label];
      return answer === undefined ? '' : printAnswer(NONCE, command, answer);
    })
    .join('');
}

const read = (
  said: Readonly<Record<string, Said | undefined>>,
  { probes = BOTH, ended }: { probes?: readonly Probe[]; ended?: SshError } = {},
) => {
  const session = prepareProbes(probes, SETTINGS, IN_TIME).read(print(probes, said), NONCE, ended);
  return {
    readings: Object.fromEntries(session.readings),
    failed: session.failed.map(({ probe, why, error }) => [probe, error.code, why]),
    session,
  };
};

const READ = [
  { service: 'hostd', state: 'running' },
  { service: 'vpxa', state: 'stopped' },
];

describe('the probes of a session', () => {
  it('are asked in one script, each for its own time', () => {
    const script = prepareProbes(BOTH, SETTINGS, IN_TIME).script(NONCE);
    expect(readScript(script)?.commands).toEqual([
      { label: 'services/hostd', seconds: 8, lines: 0, argv: ['/etc/init.d/hostd', 'status'] },
      { label: 'services/vpxa', seconds: 8, lines: 0, argv: ['/etc/init.d/vpxa', 'status'] },
      { label: 'uptime/uptime', seconds: 4, lines: 3, argv: ['uptime'] },
    ]);
  });

  it.each([
    [15_000, 8, 4],
    [7_900, 5, 4],
    [3_000, 1, 1],
    [100, 1, 1],
  ])('end two seconds before a session of %i ms, and have a second at least', (sessionMs, ...seconds) => {
    const { commands = [] } = readScript(prepareProbes(BOTH, SETTINGS, { sessionMs }).script(NONCE)) ?? {};
    expect([commands[0]?.seconds, commands[2]?.seconds]).toEqual(seconds);
  });

  it('are read side by side', () => {
    expect(read(WELL)).toMatchObject({ readings: { services: READ, uptime: 23 }, failed: [] });
  });

  it.each<[string, Said | undefined, string, string]>([
    [
      'hangs',
      { code: 'timeout' },
      'exec-timeout',
      '"uptime" did not end in 4 s and was killed; run it on the host',
    ],
    ['is not there', { code: 127 }, 'output', 'the host has no uptime'],
    ['ends with 127 by itself', { code: 127, stdout: 'x' }, 'output', '"uptime" ended with code 127: x'],
    [
      'floods',
      { code: 0, stdout: 'up 5 days\n'.repeat(1_000) },
      'output',
      '"uptime" printed more than 3 lines of 200 bytes',
    ],
    ['fails', { code: 1, stderr: 'no\x07proc\n' }, 'output', '"uptime" ended with code 1: no proc'],
    ['fails without a word', { code: 2 }, 'output', '"uptime" ended with code 2'],
    ['prints more than is asked for', { code: 0, stdout: 'up and away' }, 'none', ''],
    ['prints no time', { code: 0, stdout: '' }, 'output', 'uptime printed no time'],
    [
      'has no result',
      undefined,
      'output',
      "the output is incomplete: it has no result for uptime. Run on the host: uptime, and check the account's shell",
    ],
  ])('cost themselves alone when one of them %s', (_what, said, code, why) => {
    const { readings, failed } = read({ ...WELL, 'uptime/uptime': said });
    expect(readings).toMatchObject({ services: READ });
    expect(failed).toEqual(code === 'none' ? [] : [['uptime', code, why]]);
  });

  it('are named by the whole command that failed', () => {
    const list: Probe = {
      ...uptime,
      name: 'list',
      commands: () => [{ key: 'list', argv: ['esxcli', 'system', 'uptime'] }],
    };
    const { failed } = read({ 'list/list': { code: 2 } }, { probes: [list] });
    expect(failed).toEqual([['list', 'output', '"esxcli system uptime" ended with code 2']]);
  });

  it('cost themselves alone when the services have no result', () => {
    const { readings, failed, session } = read({ ...WELL, 'services/vpxa': undefined });
    expect(readings).toEqual({ uptime: 23 });
    const why =
      "the output is incomplete: it has no result for vpxa. Run on the host: /etc/init.d/vpxa status, and check the account's shell";
    expect(failed).toEqual([['services', 'output', why]]);
    expect(session.failed[0]?.error).toMatchObject({
      message: `the probe services: ${why}`,
      login: { loggedIn: true, credentialSent: false },
      retryable: false,
    });
  });

  it.each<[string, Probe['commands'], string]>([
    [
      'commands throw',
      () => {
        throw new Error('no such setting');
      },
      'no such setting',
    ],
    ['program is none', () => [{ key: 'k', argv: ['-rf'] }], 'broken/k: not a program: "-rf"'],
    ['key is none', () => [{ key: 'a b', argv: ['uptime'] }], 'not a label of a command: "broken/a b"'],
    [
      'commands are too many',
      () => Array.from({ length: 127 }, (_, index) => ({ key: `k${index}`, argv: ['uptime'] })),
      '129 commands in one session; at most 128 are possible',
    ],
    [
      'commands are too long',
      () => [{ key: 'k', argv: ['uptime', 'x'.repeat(100_000)] }],
      'the script of a session has',
    ],
  ])('cost themselves alone when their %s', (_what, commands, why) => {
    const broken: Probe = { ...uptime, name: 'broken', commands };
    const { readings, failed } = read(WELL, { probes: [services, broken, uptime] });
    expect(readings).toMatchObject({ services: READ, uptime: 23 });
    expect(failed).toEqual([
      ['broken', 'output', expect.stringContaining(`its commands cannot be made: ${why}`)],
    ]);
  });

  it('say what a parser threw, and that of one probe only', () => {
    const brittle: Probe = {
      ...uptime,
      parse() {
        throw new Error('no such field');
      },
    };
    expect(read(WELL, { probes: [brittle, services] })).toMatchObject({
      readings: { services: READ },
      failed: [['uptime', 'output', 'no such field']],
    });
  });

  it.each([
    ['exec-timeout', 'the time of the session was over before its result'],
    ['timeout', 'the run stopped before its result'],
    ['output', 'the session failed before its result'],
  ] as const)('keep what was answered when the session ended early by %s', (code, why) => {
    const ended = new SshError('10.0.0.1:22: it ended', { code, loggedIn: true });
    const { readings, failed, session } = read({ ...WELL, 'uptime/uptime': undefined }, { ended });
    expect(readings).toEqual({ services: READ });
    expect(failed).toEqual([['uptime', code, why]]);
    expect(session.failed[0]?.error).toBe(ended);
  });

  it('have a failure of their own also in a session that ended early', () => {
    const ended = new SshError('10.0.0.1:22: it ended', { code: 'output', loggedIn: true });
    const { failed } = read({ ...WELL, 'uptime/uptime': { code: 127 } }, { ended });
    expect(failed).toEqual([['uptime', 'output', 'the host has no uptime']]);
  });

  it('say that nothing of the output is understood, and how long it is', () => {
    const { failed } = prepareProbes([services], SETTINGS, IN_TIME).read('garbage\n', NONCE);
    expect(failed.map(({ error }) => error.message)).toEqual([
      "the probe services: the output cannot be parsed: none of its 8 characters is a line of a probe. Run on the host: /etc/init.d/hostd status, and check the account's shell",
    ]);
  });

  it.each([
    [5, 's1, s2, s3, s4, s5'],
    [6, 's1, s2, s3, s4, s5 …'],
  ])('name what has no result: of %i commands', (count, named) => {
    const missing = Array.from({ length: count }, (_, index) => `s${index + 1}`);
    const prepared = prepareProbes([services], { services: ['hostd', ...missing] }, IN_TIME);
    const { failed } = prepared.read(print([services], WELL), NONCE);
    expect(failed[0]?.why).toMatch(`it has no result for ${named}. Run on the host: /etc/init.d/s1 status,`);
  });

  it('name what the host lacks, once, and what follows', () => {
    const lines = ['setsid', 'sleep', 'sleep'].map((tool) => `@@${NONCE} - lacks ${tool}\n`).join('');
    const { warnings } = prepareProbes(BOTH, SETTINGS, IN_TIME).read(lines + print(BOTH, WELL), NONCE);
    expect(warnings).toEqual([
      expect.stringMatching(/^the host has no setsid: .+ killed only after the other commands$/),
      expect.stringMatching(/^the host has no sleep: .+ cannot be ended/),
    ]);
  });

  it('have room for 8 MB, however many commands there are', () => {
    const probes = Array.from(
      { length: 100 },
      (_, index): Probe => ({
        ...uptime,
        name: `own-${index}`,
        keeps: { lines: 12_000 },
        commands: () => [{ key: 'text', argv: ['uptime'] }],
      }),
    );
    expect(prepareProbes(probes, SETTINGS, IN_TIME).maxOutputBytes).toBe(8 * 1024 * 1024);
  });

  it('have room for all that they may print', () => {
    const loud: Probe = {
      ...uptime,
      name: 'l'.repeat(32),
      keeps: { lines: 500 },
      commands: () => [{ key: 'k'.repeat(64), argv: ['uptime'] }],
    };
    const settings = { services: Array.from({ length: 64 }, (_, index) => `s${index}`.padEnd(64, 'x')) };
    const prepared = prepareProbes([services, loud], settings, IN_TIME);
    const nonce = 'n'.repeat(64);
    const text = 'x'.repeat(200_000);
    const printed = (readScript(prepared.script(nonce))?.commands ?? [])
      .map((command) => printAnswer(nonce, command, { code: 255, stdout: text, stderr: text }))
      .join('');
    expect(printed.length).toBeGreaterThan(200_000);
    expect(printed.length).toBeLessThan(prepared.maxOutputBytes - 64 * 1024 + 1);
    expect(prepared.maxOutputBytes).toBeLessThan(1_000_000);
  });
});
