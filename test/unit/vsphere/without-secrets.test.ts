import { describe, expect, it } from 'vitest';
import { withoutSecrets } from '../../../lib/vsphere/property/without-secrets.ts';
import { secretIn } from '../../../lib/vsphere/vim25/secret-path.ts';

const HIDDEN = '(hidden, because it may hold a secret)';

describe('secretIn', () => {
  it('takes no rule for passwords for a password, and any other setting of that name', () => {
    const settingOf = (key: string) => secretIn(`config.option["${key}"].value`);
    const rules = ['PasswordQualityControl', 'PasswordHistory', 'PasswordMaxDays'];
    expect(rules.map((rule) => settingOf(`Security.${rule}`))).toEqual([undefined, undefined, undefined]);
    expect(secretIn('config.option[Security.PasswordHistory].value')).toBeUndefined();
    expect(settingOf('Security.PasswordHistoryOf')).toBe('Security.PasswordHistoryOf');
  });
});

describe('a value that is shown', () => {
  it('has no field that may hold a secret, at any depth', () => {
    const adapters = [
      {
        device: 'vmhba64',
        authenticationProperties: { chapAuthEnabled: true, chapSecret: 's1', mutualChapSecret: 's2' },
        configuredStaticTarget: [{ address: '192.0.2.1', authenticationProperties: { chapSecret: 's3' } }],
      },
    ];
    expect(withoutSecrets(adapters)).toEqual([
      {
        device: 'vmhba64',
        authenticationProperties: { chapAuthEnabled: true, chapSecret: HIDDEN, mutualChapSecret: HIDDEN },
        configuredStaticTarget: [{ address: '192.0.2.1', authenticationProperties: { chapSecret: HIDDEN } }],
      },
    ]);
  });

  it('has no value of a setting whose key is the name of a secret', () => {
    const settings = [
      { key: 'Foo.password', value: 's1' },
      { key: 'Net.TcpipHeapSize', value: 32 },
    ];
    expect(withoutSecrets(settings)).toEqual([
      { key: 'Foo.password', value: HIDDEN },
      { key: 'Net.TcpipHeapSize', value: 32 },
    ]);
  });

  it('is as it is otherwise', () => {
    const value = { name: 'a', host: { type: 'HostSystem', value: 'host-1' }, sizes: [1, 2], isUp: true };
    expect(withoutSecrets(value)).toEqual(value);
    expect(withoutSecrets('text')).toBe('text');
  });
});
