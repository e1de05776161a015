import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileGlob } from '../../../lib/platform/glob.ts';

describe('compileGlob', () => {
  it.each([
    ['prod-*', ['prod-', 'prod-1', 'prod-a-b'], ['prod', 'my-prod-1', 'prod-a/b']],
    ['*/vm', ['/vm', 'dc/vm'], ['a/b/vm', 'vm']],
    ['**/vm', ['/vm', 'dc/vm', 'a/b/vm'], ['vm', 'a/vm/x']],
    ['scsi?:*', ['scsi0:0', 'scsi1:'], ['scsi:0', 'scsi10:0']],
    ['a.c', ['a.c'], ['abc']],
    ['', [''], ['a']],
    ['*', ['', 'a'], ['/', 'a/b']],
    ['**', ['', 'a', '/', 'a/b'], []],
    ['?', ['a', '/', '😀'], ['', 'ab']],
  ])('%j takes whole texts, with what its signs stand for', (pattern, taken, refused) => {
    const glob = compileGlob(pattern);
    expect(taken.filter((text) => !glob.test(text))).toEqual([]);
    expect(refused.filter((text) => glob.test(text))).toEqual([]);
  });

  it('takes what a regular expression of the same meaning takes', () => {
    const part = fc.constantFrom('a', 'b', '/', '*', '**', '?', '.');
    const sign = fc.constantFrom('a', 'b', '/', '.');
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 6 }),
        fc.array(sign, { maxLength: 8 }).map((signs) => signs.join('')),
        (parts, text) => {
          const pattern = parts.join('');
          const source = pattern.replaceAll(/\*\*|[*?.]/g, (token) =>
            token === '**' ? '[^]*' : token === '*' ? '[^/]*' : token === '?' ? '[^]' : '\\.',
          );
          expect(compileGlob(pattern).test(text)).toBe(new RegExp(`^${source}$`).test(text));
        },
      ),
      { numRuns: 500 },
    );
  });
});
