import { describe, expect, it } from 'vitest';
import { isOfDirectory, PRINCIPAL, principalOf, sshAccount } from '../../../lib/logins/rules/principal.ts';

describe('principalOf', () => {
  it('takes the spellings of a name for one account, whatever the domain', () => {
    const names = [
      'CORP\\Sweeper',
      'sweeper@corp.example',
      'SWEEPER@CORP.EXAMPLE',
      'other\\sweeper',
      'sweeper',
    ];
    expect(new Set(names.map(principalOf))).toEqual(new Set(['sweeper']));
    expect(principalOf('CORP\\sweeper@corp.example')).toBe('sweeper');
    expect(principalOf('sweeper2@corp.example')).toBe('sweeper2');
  });

  it('is never empty, so that no two odd names share a budget by accident', () => {
    expect([principalOf('@corp'), principalOf('CORP\\')]).toEqual(['@corp', 'corp\\']);
  });
});

describe('isOfDirectory', () => {
  it('is true of a name with a domain, unless that is the one of vCenter itself', () => {
    expect(['CORP\\sweeper', 'sweeper@corp.example'].map(isOfDirectory)).toEqual([true, true]);
    const others = ['root', 'sweeper@vsphere.local', 'VSPHERE.LOCAL\\sweeper', 'sweeper@', '\\sweeper', ''];
    expect(others.map(isOfDirectory)).toEqual(others.map(() => false));
  });
});

describe('sshAccount', () => {
  it('is one for all hosts with the scope of a domain, else one a host', () => {
    const at = (scope: 'host' | 'domain') => sshAccount({ username: 'sweeper@corp.example', scope }, 'esx1');
    expect(at('domain')).toEqual({ user: 'sweeper', address: PRINCIPAL });
    expect(at('host')).toEqual({ user: 'sweeper@corp.example', address: 'esx1' });
  });
});
