import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printAnswer, readAnswers } from '../../../../lib/esxi/session/answers.ts';

const NONCE = 'abcdefgh12345678';
const MARK = `@@${NONCE} `;
const HOSTD = { label: 'services/hostd', lines: 0 };
const VPXA = { label: 'services/vpxa', lines: 0 };
const LIST = { label: 'esxcli/list', lines: 20 };
const ASKED = [HOSTD, VPXA, LIST];

const answersOf = (...lines: readonly string[]) =>
  Object.fromEntries(readAnswers(lines.join('\n'), NONCE, ASKED).answers);

describe('readAnswers', () => {
  it('reads what was printed: the code, and each stream by itself', () => {
    const printed = [
      printAnswer(NONCE, HOSTD, { code: 0, stdout: 'hostd is running.\n' }),
      printAnswer(NONCE, VPXA, { code: 'timeout' }),
      printAnswer(NONCE, LIST, { code: 3, stdout: '\none\n\ntwo', stderr: 'three' }),
    ];
    expect(answersOf(...printed)).toEqual({
      'services/hostd': { code: 0, stdout: 'hostd is running.\n', stderr: '', isOver: false },
      'services/vpxa': { code: 'timeout', stdout: '', stderr: '', isOver: false },
      'esxcli/list': { code: 3, stdout: '\none\n\ntwo\n', stderr: 'three\n', isOver: false },
    });
  });

  it('reads the last lines of a tail, and none that is empty', () => {
    const said = '\none\n\n\ntwo\n\n\nthree\nfour\n';
    const printed = printAnswer(NONCE, HOSTD, { code: 0, stdout: said, stderr: said });
    const tail = 'one\ntwo\nthree\nfour\n';
    expect(answersOf(printed)['services/hostd']).toMatchObject({ stdout: tail, stderr: tail });
  });

  it('gives text back byte for byte where it is kept from its first line on, whatever characters it has', () => {
    const line = fc
      .string({ unit: 'grapheme', maxLength: 300 })
      .map((text) => text.replace(/[\n\0]/g, ''))
      .map((text) => text.replace(/\r+$/, ''));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 4 }), fc.nat(255), (lines, code) => {
        const stdout = lines.map((one) => `${one}\n`).join('');
        const room = { ...LIST, lines: 200 };
        const { answers } = readAnswers(printAnswer(NONCE, room, { code, stdout }), NONCE, [room]);
        expect(answers.get(room.label)).toMatchObject({ code, stdout, isOver: false });
      }),
    );
  });

  it('takes a carriage return at the end of a line for part of that end, but not at that of a piece', () => {
    const stdout = `one\r\n${'x'.repeat(199)}\ry\n`;
    const { answers } = readAnswers(printAnswer(NONCE, LIST, { code: 0, stdout }), NONCE, [LIST]);
    expect(answers.get(LIST.label)?.stdout).toBe(`one\n${'x'.repeat(199)}\ry\n`);
  });

  it('keeps the last four pieces of a stream whose tail is kept, and none that is empty', () => {
    const pieces = ['', 'one', '', 'two', 'three', 'x'.repeat(200), 'y', ''];
    expect(
      answersOf(
        ...pieces.flatMap((piece) => [`${MARK}services/hostd 1 ${piece}`, `${MARK}esxcli/list 2 ${piece}`]),
        `${MARK}services/hostd = 0`,
        `${MARK}services/hostd end`,
        `${MARK}esxcli/list = 0`,
        `${MARK}esxcli/list end`,
      ),
    ).toMatchObject({
      'services/hostd': { stdout: `two\nthree\n${'x'.repeat(200)}y\n` },
      'esxcli/list': { stderr: `two\nthree\n${'x'.repeat(200)}y\n` },
    });
  });

  it('keeps no more lines than a command may print, whether the host says that there were more or not', () => {
    const stdout = Array.from({ length: 21 }, (_, index) => `line ${index}\n`).join('');
    const first = stdout.slice(0, stdout.indexOf('line 20'));
    const told = printAnswer(NONCE, LIST, { code: 0, stdout });
    expect(told).toContain(`${MARK}esxcli/list over\n`);
    const untold = printAnswer(NONCE, { ...LIST, lines: 50 }, { code: 0, stdout });
    for (const printed of [told, untold])
      expect(answersOf(printed)['esxcli/list']).toMatchObject({ stdout: first, isOver: true });
    const all = printAnswer(NONCE, LIST, { code: 0, stdout: first });
    expect(answersOf(all)['esxcli/list']).toMatchObject({ stdout: first, isOver: false });
  });

  it('keeps the first record of a command, and none that does not come to its end', () => {
    expect(
      answersOf(
        `${MARK}services/hostd = 0`,
        `${MARK}services/hostd end`,
        `${MARK}services/hostd 1 later`,
        `${MARK}services/hostd = 3`,
        `${MARK}services/hostd end`,
        `${MARK}services/vpxa = 0`,
        `${MARK}esxcli/list end`,
      ),
    ).toEqual({ 'services/hostd': { code: 0, stdout: '', stderr: '', isOver: false } });
  });

  it('reads lines that end in CRLF, or begin behind what another command printed', () => {
    expect(
      answersOf(
        `x${MARK}services/hostd = 0\r`,
        `login: ${MARK}services/hostd 1 is\rup\r`,
        `${MARK}services/hostd end\r`,
      ),
    ).toMatchObject({ 'services/hostd': { code: 0, stdout: 'is\rup\n' } });
  });

  it.each([
    ['that do not begin with the mark of this session', '@@another0nonce1 services/hostd = 0'],
    ['with more than a code', `${MARK}services/hostd = 0 or so`],
    ['with more before the label', `${MARK} services/hostd = 0`],
    ['with more behind the end', `${MARK}services/hostd end of it`],
    ['with a code that is none', `${MARK}services/hostd = 1000`],
    ['of a command that was not asked', `${MARK}services/nsxa = 0\n${MARK}services/nsxa end`],
  ])('reads no lines %s', (_what, line) => {
    expect(answersOf(line, `${MARK}services/hostd end`)).toEqual({});
  });

  it('knows which tools the host lacks', () => {
    const { lacks } = readAnswers(`${MARK}- lacks setsid\n${MARK}- lacks tr\n`, NONCE, ASKED);
    expect([...lacks]).toEqual(['setsid']);
  });
});

/** What three commands print, at least one of which means to harm the others, and the order in which lines arrive. */
describe('readAnswers, whatever order the lines of several commands come in', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.constantFrom(
      printAnswer(NONCE, HOSTD, { code: 3, stdout: 'hostd is not running' }),
      `\n${MARK}services/vpxa end\n`,
      `${MARK}services/hostd = 0`,
      `${MARK}esxcli/list over`,
      `\n${MARK}- lacks setsid\n`,
      'x'.repeat(450),
    ),
    fc
      .array(
        fc.constantFrom(
          '@@',
          NONCE,
          ' ',
          'services/hostd',
          ' = ',
          '0',
          '1',
          ' end',
          '\n',
          'is running',
          '\r',
        ),
      )
      .map((parts) => parts.join('')),
  );
  const said = fc.record({ code: fc.nat(255), stdout: hostile, stderr: hostile });

  it('tells them apart, and what a command prints is its own', () => {
    fc.assert(
      fc.property(fc.tuple(said, said, said), fc.infiniteStream(fc.nat(2)), (answers, turns) => {
        const printed = ASKED.map((one, index) => printAnswer(NONCE, one, answers[index] ?? { code: 0 }));
        const expected = Object.assign({}, ...printed.map((one) => answersOf(one)));
        expect(Object.keys(expected)).toHaveLength(3);
        const { answers: read, lacks } = readAnswers(interleave(printed, turns), NONCE, ASKED);
        expect(Object.fromEntries(read)).toEqual(expected);
        expect([...lacks]).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('loses one command whose lines stop, and no other', () => {
    fc.assert(
      fc.property(
        fc.tuple(said, said, said),
        fc.infiniteStream(fc.nat(2)),
        fc.nat(30),
        (answers, turns, at) => {
          const printed = ASKED.map((one, index) => printAnswer(NONCE, one, answers[index] ?? { code: 0 }));
          const lines = linesOf(printed[1] ?? '').slice(0, -1);
          const cut = [printed[0] ?? '', lines.slice(0, at).join(''), printed[2] ?? ''];
          const { answers: read } = readAnswers(interleave(cut, turns), NONCE, ASKED);
          expect([...read.keys()]).toEqual(['services/hostd', 'esxcli/list']);
        },
      ),
    );
  });
});

const linesOf = (text: string): string[] => text.match(/[^\n]*\n/g) ?? [];

/** The lines of each text in their own order, taken by turns. */
function interleave(texts: readonly string[], turns: Iterator<number>): string {
  const waiting = texts.map(linesOf);
  const sent: string[] = [];
  while (waiting.some(({ length }) => length > 0)) {
    const line = waiting[turns.next().value]?.shift();
    if (line !== undefined) sent.push(line);
  }
  return sent.join('');
}
