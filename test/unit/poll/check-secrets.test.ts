import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkSecrets } from '../../../lib/poll/check-secrets.ts';

const none = { allow: [] };

describe('a property path of a poll', () => {
  it.each([
    ['VirtualMachine', 'config.extraConfig', 'config.extraConfig'],
    ['VirtualMachine', 'config.extraConfig["guestinfo.userdata"]', 'config.extraConfig'],
    ['VirtualMachine', 'config.extraConfig["guestinfo.userdata"].value', 'config.extraConfig'],
    ['VirtualMachine', 'config.vAppConfig', 'config.vAppConfig'],
    ['VirtualMachine', 'config.vAppConfig.property', 'config.vAppConfig'],
    ['VirtualMachine', 'config', 'config.extraConfig, config.vAppConfig'],
    ['HostSystem', 'config.ipmi.password', 'config.ipmi'],
    ['HostSystem', 'config', 'config.ipmi'],
  ])('%s %s is refused, with the line that allows it', (type, path, keys) => {
    expect(() => checkSecrets(type, path, none)).toThrow(
      new RegExp(`^${type} .* may hold secrets: .*polls: \\{ allow: \\[${keys}\\] \\}$`),
    );
  });

  it.each([
    ['VirtualMachine', 'config.hardware.memoryMB'],
    ['VirtualMachine', 'config.extraConfigured'],
    ['VirtualMachine', 'summary.config'],
    ['HostSystem', 'config.network.dnsConfig'],
    // Its configuration is one of resources.
    ['ResourcePool', 'config'],
  ])('%s %s is answered', (type, path) => {
    expect(() => checkSecrets(type, path, none)).not.toThrow();
  });

  it('is answered where it, or all that it reaches, is allowed', () => {
    const both = ['config.extraConfig', 'config.vAppConfig'] as const;
    expect(() => checkSecrets('VirtualMachine', 'config', { allow: [...both] })).not.toThrow();
    expect(() => checkSecrets('VirtualMachine', 'config.vAppConfig', { allow: ['config'] })).not.toThrow();
    expect(() => checkSecrets('VirtualMachine', 'config', { allow: [both[0]] })).toThrow('config.vAppConfig');
    expect(() => checkSecrets('VirtualMachine', both[1], { allow: [both[0]] })).toThrow(both[1]);
  });

  it('is refused with any key in it', () => {
    const key = fc.stringMatching(/^[^"]{0,50}$/);
    fc.assert(
      fc.property(key, (one) => {
        const path = `config.extraConfig["${one}"]`;
        expect(() => checkSecrets('VirtualMachine', path, none)).toThrow('may hold secrets');
      }),
    );
  });
});
