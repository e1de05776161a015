import { describe, expect, it } from 'vitest';
import { type PrintedAnswer, printAnswer, printCli } from '../../../../lib/esxi/session/answers.ts';
import type { Cli } from '../../../../lib/esxi/session/cli.ts';
import { prepareProbes } from '../../../../lib/esxi/session/prepare-probes.ts';
import { answerOf, type Probe, type ProbeCommand, printProbe } from '../../../../lib/esxi/session/probe.ts';
import { readScript } from '../../../../lib/esxi/session/script.ts';

const NONCE = 'n0nceN0nce';
const SETTINGS = { services: [] };
const IN_TIME = { sessionMs: 15_000 };

const list = (key: string): ProbeCommand => ({ key, argv: ['esxcli', 'x', 'list'], shape: 'list' });
const EACH: ProbeCommand = {
  key: 'stats',
  argv: ['esxcli', 'nic', 'stats', 'get', '-n'],
  shape: 'object',
  each: { list: 'network nic list', field: 'Name', most: 2 },
};

const probe = (name: string, changes: Partial<Probe> = {}): Probe => ({
  name,
  seconds: 8,
  keeps: { lines: 3 },
  commands: () => [list('list')],
  parse: (answers) => Object.fromEntries(answers),
  ...changes,
});

const commandsOf = (probes: readonly Probe[]) =>
  readScript(prepareProbes(probes, SETTINGS, IN_TIME).script(NONCE))?.commands ?? [];

function read(probes: readonly Probe[], answers: Readonly<Record<string, PrintedAnswer>>, cli?: Cli) {
  const printed = commandsOf(probes).map((command) => {
    const answer = answers[command.label];
    return answer === undefined ? '' : printAnswer(NONCE, command, answer);
  });
  const output = `${cli === undefined ? '' : printCli(NONCE, cli)}${printed.join('')}`;
  return prepareProbes(probes, SETTINGS, IN_TIME).read(output, NONCE);
}

describe('the lanes of the commands of esxcli', () => {
  it('are three, which take turns, and one more for each slow probe', () => {
    const probes = [
      probe('a', { commands: () => ['1', '2', '3', '4'].map(list) }),
      probe('slow', { isSlow: true, commands: () => ['1', '2'].map(list) }),
      probe('b'),
      probe('slower', { isSlow: true }),
      probe('plain', { commands: () => [{ key: 'k', argv: ['uptime'] }] }),
      probe('c'),
    ];
    const lanes = Object.fromEntries(commandsOf(probes).map(({ label, lane }) => [label, lane]));
    expect(lanes).toEqual({
      'a/1': 0,
      'a/2': 1,
      'a/3': 2,
      'a/4': 0,
      'slow/1': 3,
      'slow/2': 3,
      'b/list': 1,
      'slower/list': 4,
      'plain/k': undefined,
      'c/list': 2,
    });
  });

  it('of slow probes begin behind the three, also where nobody else asks esxcli', () => {
    const probes = [probe('slow', { isSlow: true }), probe('slower', { isSlow: true })];
    expect(commandsOf(probes).map(({ lane }) => lane)).toEqual([3, 4]);
  });
});

describe('a session with commands of esxcli', () => {
  const JSON_BY = (program: Cli['program']): Cli => ({ program, format: 'json' });

  it.each<[Cli['program'], string[]]>([
    ['esxcli', []],
    [
      'localcli',
      ['esxcli got no answer from hostd, so localcli was asked; run on the host: /etc/init.d/hostd status'],
    ],
    [
      'none',
      [
        'neither esxcli nor localcli answers "system hostname get", so no check by esxcli has a result; run both on the host',
      ],
    ],
  ])('answered by %s has the warnings %j', (program, warnings) => {
    expect(read([probe('a')], { 'a/list': { code: 0 } }, JSON_BY(program)).warnings).toEqual(warnings);
    expect(read([probe('a')], { 'a/list': { code: 0 } }).warnings).toEqual([]);
  });

  it('gives each answer of a list of names to the probe, with what answered it', () => {
    const cli = JSON_BY('esxcli');
    const each = [
      { name: 'vmnic0', answer: { code: 0, stdout: 'one\n' } },
      { name: 'vmnic1', answer: { code: 1, stderr: 'two\n' } },
    ] as const;
    const { readings, failed } = read(
      [probe('nics', { commands: () => [EACH] })],
      { 'nics/stats': { code: 0, each } },
      cli,
    );
    expect(failed).toEqual([]);
    const whole = { isOver: false, stdout: '', stderr: '', cli };
    expect(readings.get('nics')).toEqual({
      stats: {
        ...whole,
        code: 0,
        each: [
          { name: 'vmnic0', answer: { ...whole, code: 0, stdout: 'one\n' } },
          { name: 'vmnic1', answer: { ...whole, code: 1, stderr: 'two\n' } },
        ],
      },
    });
  });

  it.each<[string, PrintedAnswer['code'], string, string]>([
    ['failed', 1, 'output', '"esxcli network nic list" ended with code 1'],
    ['is missing', 127, 'output', 'the host has no esxcli'],
    [
      'hung',
      'timeout',
      'exec-timeout',
      '"esxcli nic stats get -n" did not end in 8 s and was killed; run it on the host',
    ],
  ])('says of a list of names that it %s', (_what, code, errorCode, why) => {
    const { failed } = read([probe('nics', { commands: () => [EACH] })], { 'nics/stats': { code } });
    expect(failed.map((one) => [one.error.code, one.why, one.error.message])).toEqual([
      [errorCode, why, `the probe nics: ${why}`],
    ]);
  });

  it('has a reading of the first names where there are more', () => {
    const each = ['a', 'b', 'c'].map((name) => ({ name, answer: { code: 0 } }));
    const { readings } = read([probe('nics', { commands: () => [EACH] })], {
      'nics/stats': { code: 0, each },
    });
    const { stats } = readings.get('nics') as { stats: { isOver: boolean; each: unknown[] } };
    expect([stats.isOver, stats.each.length]).toEqual([true, 2]);
  });

  it('has room for the answer of each name', () => {
    const room = (one: Partial<Probe>) => prepareProbes([probe('a', one)], SETTINGS, IN_TIME).maxOutputBytes;
    // The base, then for each answer a record and its lines of 200 bytes behind their marks.
    expect(room({})).toBe(64 * 1024 + 4_096 + 3 * (200 + 180));
    expect(room({ commands: () => [EACH] })).toBe(64 * 1024 + 2 * (4_096 + 3 * (200 + 180)));
    expect(room({ keeps: 'tail' })).toBe(64 * 1024 + 4_096);
  });
});

describe('a command that did not do what it was run for', () => {
  const failureOf = (answer: PrintedAnswer, changes: Partial<Probe> = {}) =>
    read([probe('a', changes)], { 'a/list': answer }).failed.map(({ why }) => why)[0];

  it.each<[PrintedAnswer, string]>([
    [{ code: 1, stdout: 'out', stderr: 'err' }, '"esxcli x list" ended with code 1: err'],
    [{ code: 1, stdout: ' out ', stderr: ' \n' }, '"esxcli x list" ended with code 1: out'],
    [{ code: 1 }, '"esxcli x list" ended with code 1'],
    [{ code: 0, stdout: '1\n2\n3\n4\n' }, '"esxcli x list" printed more than 3 lines of 200 bytes'],
  ])('says so: %j', (answer, why) => {
    expect(failureOf(answer)).toBe(why);
    expect(failureOf(answer, { anyEnd: true })).toBeUndefined();
  });

  it('has its tail only, where the last words count', () => {
    expect(failureOf({ code: 0, stdout: '1\n2\n3\n4\n5\n' }, { keeps: 'tail' })).toBeUndefined();
  });
});

describe('a probe in messages', () => {
  it('is named by itself, or by whose command it is', () => {
    expect(printProbe({ name: 'ntp' })).toBe('the probe ntp');
    expect(printProbe({ name: 'own-1', of: 'metric a' })).toBe('the command of metric a');
    const { failed } = read([probe('own-1', { of: 'metric a' })], { 'a/list': { code: 0 } });
    expect(failed[0]?.error.message).toMatch(/^the command of metric a: the output cannot be parsed/);
  });

  it('has an answer of each of its commands', () => {
    const answer = { code: 0, stdout: '', stderr: '' };
    expect(answerOf(new Map([['k', answer]]), 'k')).toBe(answer);
    expect(() => answerOf(new Map(), 'k')).toThrow(new TypeError('no answer of k'));
  });
});
