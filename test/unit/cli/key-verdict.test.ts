import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explainVerdict, isAccepted, judgeKey } from '../../../lib/cli/key-verdict.ts';
import { fingerprint } from '../../../lib/esxi/host-key.ts';
import { isOneOf, trustIn } from '../../../lib/sweep/plan/host-trust.ts';

const key = (blob: string) => ({ type: 'ssh-rsa', blob: btoa(blob) });
const inFile = (...accepted: string[]) => ({ accepted: accepted.map(key), revoked: [] });
const A = key('A');
const WHERE = { target: 'vc1', endpoint: '10.0.0.7:22' };

it.each([
  ['same', 'the host presents the pinned key'],
  ['in-file', 'esxi.hostKeys.file names the presented key, so it is accepted; nothing was changed'],
  ['accepted', 'the presented key is pinned now'],
  [
    'not-confirmed',
    `Compare the presented fingerprint with the host's own (on its console: ssh-keygen -lf /etc/ssh/ssh_host_…_key.pub), then run: vsweep hostkey accept vc1 10.0.0.7:22 --fingerprint ${fingerprint(A)}`,
  ],
  [
    'another-fingerprint',
    'the host presents a key with another fingerprint than --fingerprint; nothing was changed',
  ],
  [
    'not-in-file',
    'esxi.hostKeys.file has other keys of this host, and overrides pinned keys; nothing was changed. Compare the fingerprint, then replace them there by the presented key: ssh-rsa QQ==',
  ],
  [
    'revoked',
    'the presented key is revoked in esxi.hostKeys.file; nothing was changed. Make a new host key on the host, then repeat this',
  ],
] as const)('the verdict %s is explained with what to do', (verdict, text) => {
  expect(explainVerdict(verdict, A, WHERE)).toBe(text);
});

describe('judgeKey', () => {
  it('pins no key against the operator’s file, whatever fingerprint is given, and says what to correct', () => {
    const verdict = judgeKey(A, { inFile: inFile('B', 'C'), pinned: undefined }, fingerprint(A));
    expect(verdict).toBe('not-in-file');
    expect(isAccepted(verdict)).toBe(false);
    expect(explainVerdict(verdict, A, WHERE)).toMatch(
      /esxi\.hostKeys\.file.*nothing was changed.*ssh-rsa QQ==$/,
    );
  });

  it('has nothing to pin of a key that the file names', () => {
    for (const typed of [undefined, fingerprint(A)])
      expect(judgeKey(A, { inFile: inFile('B', 'A'), pinned: key('B') }, typed)).toBe('in-file');
    expect(judgeKey(A, { inFile: inFile('A'), pinned: A }, fingerprint(key('B')))).toBe(
      'another-fingerprint',
    );
  });

  it('pins a key only by its fingerprint where the file says nothing', () => {
    const known = { inFile: inFile(), pinned: key('B') };
    expect(judgeKey(A, known, undefined)).toBe('not-confirmed');
    expect(explainVerdict('not-confirmed', A, WHERE)).toContain(
      `then run: vsweep hostkey accept vc1 10.0.0.7:22 --fingerprint ${fingerprint(A)}`,
    );
    expect(judgeKey(A, known, fingerprint(key('B')))).toBe('another-fingerprint');
    expect(judgeKey(A, known, fingerprint(A))).toBe('accepted');
    expect(judgeKey(A, { ...known, pinned: A }, undefined)).toBe('same');
  });

  it('calls nothing accepted that the next run would not believe', () => {
    const any = fc.constantFrom('A', 'B', 'C').map(key);
    fc.assert(
      fc.property(
        any,
        fc.array(any),
        fc.array(any),
        fc.option(any, { nil: undefined }),
        fc.boolean(),
        (presented, named, revoked, pinned, isTyped) => {
          const file = { accepted: named.filter((one) => !isOneOf(one, revoked)), revoked };
          const typed = isTyped ? fingerprint(presented) : undefined;
          const verdict = judgeKey(presented, { inFile: file, pinned }, typed);
          const next = trustIn(
            { inFile: file, pinned: verdict === 'accepted' ? presented : pinned },
            { rules: { unknown: 'refuse' }, now: 0 },
          );
          const isBelieved = next.kind === 'known' && isOneOf(presented, next.keys);
          expect(isBelieved).toBe(isAccepted(verdict));
        },
      ),
    );
  });
});
