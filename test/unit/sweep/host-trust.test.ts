import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasKnownKey, isOneOf, trustIn, whyUnknown } from '../../../lib/sweep/plan/host-trust.ts';
import { T0 } from './builders.ts';

const key = (blob: string) => ({ type: 'ssh-rsa', blob });
const NOTHING = { accepted: [], revoked: [] };
const REFUSE = { rules: { unknown: 'refuse' }, now: T0 } as const;
const TRUST = { rules: { unknown: 'trust-first' }, now: T0 } as const;

describe('trustIn', () => {
  it('believes a host by its pinned key alone, whatever becomes of unknown ones', () => {
    for (const how of [REFUSE, TRUST, { rules: {}, now: T0 }]) {
      expect(trustIn({ inFile: NOTHING, pinned: key('A') }, how)).toEqual({
        kind: 'known',
        keys: [key('A')],
        from: 'pin',
      });
    }
  });

  it("goes by the operator's file where it differs from the pinned key", () => {
    const inFile = { accepted: [key('B'), key('C')], revoked: [] };
    expect(trustIn({ inFile, pinned: key('A') }, REFUSE)).toEqual({
      kind: 'known',
      keys: [key('B'), key('C')],
      from: 'file',
    });
  });

  it('leaves a host without a key alone under refuse, and pins its first one under trust-first', () => {
    expect(trustIn({ inFile: NOTHING, pinned: undefined }, REFUSE)).toEqual({
      kind: 'unknown',
      why: 'never-accepted',
    });
    expect(trustIn({ inFile: NOTHING, pinned: undefined }, TRUST)).toEqual({ kind: 'first', revoked: [] });
  });

  it('trusts no first key any more when the last day of trust-first is over', () => {
    const rules = { unknown: 'trust-first', until: '2025-12-31' } as const;
    expect(trustIn({ inFile: NOTHING, pinned: undefined }, { rules, now: T0 }).kind).toBe('unknown');
    expect(trustIn({ inFile: NOTHING, pinned: undefined }, { rules, now: T0 - 1 }).kind).toBe('first');
  });

  it('takes the revocation of the pinned key for no first contact, also under trust-first', () => {
    const inFile = { accepted: [], revoked: [key('A')] };
    expect(trustIn({ inFile, pinned: key('A') }, TRUST)).toEqual({ kind: 'unknown', why: 'revoked' });
  });

  it('never accepts a key that is revoked, whatever else is said of the host', () => {
    const any = fc.constantFrom('A', 'B', 'C').map(key);
    fc.assert(
      fc.property(
        fc.array(any),
        fc.array(any),
        fc.option(any, { nil: undefined }),
        fc.constantFrom(REFUSE, TRUST),
        (accepted, revoked, pinned, how) => {
          const inFile = { accepted: accepted.filter((one) => !isOneOf(one, revoked)), revoked };
          const trust = trustIn({ inFile, pinned }, how);
          if (trust.kind === 'known') expect(trust.keys.filter((one) => isOneOf(one, revoked))).toEqual([]);
          if (trust.kind === 'first') expect(trust.revoked).toEqual(revoked);
          if (how === REFUSE) expect(trust.kind).not.toBe('first');
        },
      ),
    );
  });
});

describe('isOneOf', () => {
  it('takes two keys for one only when both their types and their bytes are equal', () => {
    expect(isOneOf(key('A'), [key('B'), key('A')])).toBe(true);
    expect(isOneOf(key('A'), [key('B')])).toBe(false);
    expect(isOneOf(key('A'), [{ type: 'ssh-ed25519', blob: 'A' }])).toBe(false);
  });
});

describe('hasKnownKey', () => {
  const host = { address: 'esx1', port: 22 };
  const saying = (inFile: Partial<typeof NOTHING>) => ({ find: () => ({ ...NOTHING, ...inFile }) });

  it('is so of a host that is pinned or in the file, and of no other, whatever becomes of unknown keys', () => {
    expect(hasKnownKey({ ...host, hostKey: key('A') }, saying({}))).toBe(true);
    expect(hasKnownKey(host, { find: () => ({ accepted: [key('A')], revoked: [] }) })).toBe(true);
    expect(hasKnownKey(host, saying({}))).toBe(false);
  });

  it('is not so of a host whose pinned key is revoked', () => {
    const revoking = { find: () => ({ accepted: [], revoked: [key('A')] }) };
    expect(hasKnownKey({ ...host, hostKey: key('A') }, revoking)).toBe(false);
  });
});

describe('whyUnknown', () => {
  const where = { target: 'vc01', address: 'esx1', port: 2222 };

  it('names the command that accepts a key that nobody accepted yet', () => {
    expect(whyUnknown({ kind: 'unknown', why: 'never-accepted' }, where)).toBe(
      'its ssh host key was never accepted, so no login was tried. Compare and accept it: ' +
        'vsweep hostkey accept vc01 esx1:2222, or all keys: vsweep hostkey scan --accept (on AWS: vsweep invoke hostkeys, then put it into esxi.hostKeys.file and deploy)',
    );
  });

  it('asks for a new key of a host whose key is revoked', () => {
    expect(whyUnknown({ kind: 'unknown', why: 'revoked' }, where)).toMatch(
      /^its pinned ssh host key is revoked, so no login was tried\. Make a new host key.*accept vc01 esx1:2222/,
    );
  });
});
