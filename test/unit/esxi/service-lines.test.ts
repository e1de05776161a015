import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printServiceLine, readServiceLines } from '../../../lib/esxi/service-lines.ts';

const NONCE = 'abcdefgh12345678';
const MARK = `@@${NONCE} `;

const answersOf = (...lines: readonly string[]) =>
  Object.fromEntries(readServiceLines(lines.join('\n'), NONCE).answers);

describe('readServiceLines', () => {
  it('reads what was printed: the code, and each stream by itself', () => {
    const printed = [
      printServiceLine(NONCE, 'hostd', { code: 0, text: 'hostd is running.\n' }),
      printServiceLine(NONCE, 'vpxa', { code: 3, text: 'one\ntwo', stderr: 'three' }),
      printServiceLine(NONCE, 'nsxa', { code: 'timeout', text: '' }),
    ];
    expect(answersOf(...printed)).toEqual({
      hostd: { code: 0, stdout: 'hostd is running.', stderr: '' },
      vpxa: { code: 3, stdout: 'one\ntwo', stderr: 'three' },
      nsxa: { code: 'timeout', stdout: '', stderr: '' },
    });
  });

  it('reads any short line, with one space for each run of what is not printable ASCII', () => {
    const line = fc.string({ maxLength: 200 }).map((text) => text.replace(/[\n\0]/g, ''));
    fc.assert(
      fc.property(line, fc.nat(255), (text, code) => {
        const stdout = text.replace(/[^!-~]+/g, ' ').trim();
        expect(answersOf(printServiceLine(NONCE, 'hostd', { code, text }))).toEqual({
          hostd: { code, stdout, stderr: '' },
        });
      }),
    );
  });

  it('has no NUL that a script printed', () => {
    expect(printServiceLine(NONCE, 'hostd', { code: 0, text: 'u\0p' })).toContain('hostd 1 up\n');
  });

  it('leaves empty lines out', () => {
    const pieces = ['', 'one', '', '', 'two', ''].map((piece) => `${MARK}hostd 1 ${piece}`);
    expect(answersOf(...pieces, `${MARK}hostd = 0`, `${MARK}hostd end`)).toMatchObject({
      hostd: { stdout: 'one\ntwo' },
    });
  });

  it('keeps the first record of a service, and none that does not come to its end', () => {
    expect(
      answersOf(
        `${MARK}hostd = 0`,
        `${MARK}hostd end`,
        `${MARK}hostd = 3`,
        `${MARK}hostd end`,
        `${MARK}vpxa = 0`,
        `${MARK}nsxa end`,
      ),
    ).toEqual({ hostd: { code: 0, stdout: '', stderr: '' } });
  });

  it('reads a record whose lines end in CRLF, or begin behind what another command printed', () => {
    expect(answersOf(`x${MARK}hostd = 0\r`, `login: ${MARK}hostd 1 up\r`, `${MARK}hostd end\r`)).toEqual({
      hostd: { code: 0, stdout: 'up', stderr: '' },
    });
  });

  it('takes a carriage return within a line for a space', () => {
    expect(answersOf(`${MARK}hostd 1 is\rup`, `${MARK}hostd = 0`, `${MARK}hostd end`)).toMatchObject({
      hostd: { stdout: 'is up' },
    });
  });

  it.each([
    ['that do not begin with the mark of this run', `${'x'.repeat(MARK.length - 1)}hostd = 0`],
    ['with more than a code', `${MARK}hostd = 0 or so`],
    ['with more before the name', `${MARK} hostd = 0`],
    ['with more behind the end', `${MARK}hostd end of it`],
    ['with a code that is none', `${MARK}hostd = 1000`],
  ])('reads no lines %s', (_what, line) => {
    expect(answersOf(line, `${MARK}hostd end`)).toEqual({});
  });

  it('knows which commands the host lacks', () => {
    const { lacks } = readServiceLines(`${MARK}- lacks setsid\n${MARK}- lacks tr\n`, NONCE);
    expect([...lacks]).toEqual(['setsid']);
  });
});
