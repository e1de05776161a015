import { describe, expect, it } from 'vitest';
import {
  type PrintedAnswer,
  printAnswer,
  printCli,
  readAnswers,
} from '../../../../lib/esxi/session/answers.ts';

const NONCE = 'abcdefgh12345678';
const MARK = `@@${NONCE} `;
const NICS = {
  label: 'nics/stats',
  lines: 2,
  shape: 'object',
  each: { list: 'network nic list', field: 'Name', most: 12 },
} as const;
const PLAIN = { label: 'ntp/peers', lines: 2 };

const END = [`${MARK}nics/stats = 0`, `${MARK}nics/stats end`];
const read = (...lines: readonly string[]) => readAnswers(lines.join('\n'), NONCE, [NICS, PLAIN]);
const namesOf = (...lines: readonly string[]) =>
  read(...lines, ...END)
    .answers.get('nics/stats')
    ?.each?.map(({ name, answer }) => [name, answer.code, answer.stdout]);

const one = (number: number | string, name: string, code: number | string = 0) => [
  `${MARK}nics/stats.${number} name ${name}`,
  `${MARK}nics/stats.${number} = ${code}`,
  `${MARK}nics/stats.${number} end`,
];

describe('readAnswers, of a command for each name of a list', () => {
  it('gives an answer of each name, in the order in which they came', () => {
    expect(namesOf(...one(2, 'b', 3), ...one(1, 'a'), `${MARK}nics/stats.12 1 x`, ...one(12, 'c'))).toEqual([
      ['b', 3, ''],
      ['a', 0, ''],
      ['c', 0, 'x\n'],
    ]);
  });

  it('gives none where no name came', () => {
    expect(namesOf()).toEqual([]);
    expect(read(`${MARK}ntp/peers = 0`, `${MARK}ntp/peers end`).answers.get('ntp/peers')).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
      isOver: false,
    });
  });

  it.each([
    ['a number below the first', one(0, 'a')],
    ['a number above the most that are asked', one(13, 'a')],
    ['a number of three digits', one('001', 'a')],
    ['no number', one('x', 'a')],
    ['a number of a command that was not asked', [`${MARK}other/stats.1 name a`, `${MARK}other/stats.1 = 0`]],
    ['an end that did not come', one(1, 'a').slice(0, 2)],
    ['no name', one(1, 'a').slice(1)],
    ['a name with a blank', one(1, 'a b')],
    ['a name with more than 200 characters', one(1, 'a'.repeat(201))],
    ['a name with a sign that no device has', one(1, 'a/b')],
  ])('gives none with %s', (_what, lines) => {
    expect(namesOf(...lines)).toEqual([]);
  });

  it('takes the first name of a number, of at most 200 characters', () => {
    const name = `${'a'.repeat(190)}.:@-_09AZb`;
    expect(name).toHaveLength(200);
    expect(namesOf(`${MARK}nics/stats.1 name ${name}\r`, ...one(1, 'other'))).toEqual([[name, 0, '']]);
  });

  it('has no names of a command that is asked once, whatever it prints', () => {
    const lines = [`${MARK}ntp/peers.1 name a`, `${MARK}ntp/peers.1 = 0`, `${MARK}ntp/peers.1 end`];
    const { answers } = read(...lines, `${MARK}ntp/peers = 0`, `${MARK}ntp/peers end`);
    expect(Object.keys(answers.get('ntp/peers') ?? {})).not.toContain('each');
  });

  it('keeps of each answer as many lines as the command may print', () => {
    const lines = ['x', 'y', 'z'].map((line) => `${MARK}nics/stats.1 1 ${line}`);
    const { answers } = read(...lines, ...one(1, 'a'), ...END);
    expect(answers.get('nics/stats')?.each).toEqual([
      { name: 'a', answer: { code: 0, stdout: 'x\ny\n', stderr: '', isOver: true } },
    ]);
  });

  it('says of each answer, and of nothing that is no command of esxcli, what answered it', () => {
    const cli = { program: 'localcli', format: 'csv' } as const;
    const { answers, cli: found } = read(
      printCli(NONCE, cli).trimEnd(),
      printCli(NONCE, { program: 'esxcli', format: 'json' }).trimEnd(),
      ...one(1, 'a'),
      ...END,
      `${MARK}ntp/peers = 0`,
      `${MARK}ntp/peers end`,
    );
    expect(found).toEqual(cli);
    const answer = { code: 0, stdout: '', stderr: '', isOver: false };
    expect(Object.fromEntries(answers)).toEqual({
      'nics/stats': { ...answer, cli, each: [{ name: 'a', answer: { ...answer, cli } }] },
      'ntp/peers': answer,
    });
  });

  it.each([
    `${MARK}- cli esxcli xml`,
    `${MARK}- cli busybox json`,
    `${MARK}- cli esxcli`,
    `${MARK}- cli esxcli json x`,
  ])('does not know what answers by the line %s', (line) => {
    expect(read(line).cli).toBeUndefined();
  });
});

describe('printAnswer', () => {
  const named = (count: number): NonNullable<PrintedAnswer['each']> =>
    Array.from({ length: count }, (_, index) => ({
      name: `n${index}`,
      answer: { code: index, stdout: `o${index}\n` },
    }));

  it('prints each name with its number, then how the list ended', () => {
    expect(printAnswer(NONCE, NICS, { code: 'timeout', each: named(2) })).toBe(
      [
        'nics/stats.1 name n0',
        'nics/stats.1 = 0',
        'nics/stats.1 1 o0',
        'nics/stats.1 end',
        'nics/stats.2 name n1',
        'nics/stats.2 = 1',
        'nics/stats.2 1 o1',
        'nics/stats.2 end',
        'nics/stats = timeout',
        'nics/stats end',
        '',
      ]
        .map((line) => (line === '' ? '' : `${MARK}${line}`))
        .join('\n'),
    );
  });

  it('says that there are more names than are asked', () => {
    const overOf = (count: number) =>
      printAnswer(NONCE, NICS, { code: 0, each: named(count) }).includes(`${MARK}nics/stats over\n`);
    expect([12, 13].map(overOf)).toEqual([false, true]);
    expect(printAnswer(NONCE, NICS, { code: 0, each: named(13) })).not.toContain('nics/stats.13');
  });

  it('prints stderr before stdout, cut into pieces of 200 bytes, without the bytes that no shell keeps', () => {
    const stdout = `${'x'.repeat(400)}\na\0b\n`;
    expect(printAnswer(NONCE, { ...PLAIN, lines: 5 }, { code: 7, stdout, stderr: 'e\n' })).toBe(
      [`= 7`, '2 e', `1 ${'x'.repeat(200)}`, `1 ${'x'.repeat(200)}`, '1 ', '1 ab', 'end']
        .map((line) => `${MARK}ntp/peers ${line}\n`)
        .join(''),
    );
  });

  it('prints no more lines than are kept, and the last four pieces of a tail', () => {
    const stdout = '1\n2\n\n3\n4\n5\n';
    const printed = (lines: number) => printAnswer(NONCE, { ...PLAIN, lines }, { code: 0, stdout });
    expect(printed(6)).not.toContain('over');
    expect(printed(5)).toMatch(
      / 1 4\n@@abcdefgh12345678 ntp\/peers over\n@@abcdefgh12345678 ntp\/peers end\n$/,
    );
    expect(printed(0)).toBe(
      ['= 0', '1 2', '1 3', '1 4', '1 5', 'end'].map((line) => `${MARK}ntp/peers ${line}\n`).join(''),
    );
  });
});
