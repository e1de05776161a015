import { describe, expect, it } from 'vitest';
import { isSshDisabled } from '../../../lib/sweep/worker/ssh-disabled.ts';
import type { PropertyValue } from '../../../lib/vsphere/property/retrieved-object.ts';

const ssh = (running: PropertyValue): PropertyValue => ({ key: 'TSM-SSH', running });
const isDisabled = (connectionState: PropertyValue | undefined, service: PropertyValue | undefined) =>
  isSshDisabled({
    moref: { type: 'HostSystem', value: 'host-1' },
    missing: new Map(),
    properties: new Map(
      Object.entries({
        ...(connectionState === undefined ? {} : { 'runtime.connectionState': connectionState }),
        ...(service === undefined ? {} : { 'config.service': { service } }),
      }),
    ),
  });

describe('isSshDisabled', () => {
  it('believes vCenter about a connected host', () => {
    expect(isDisabled('connected', [{ key: 'ntpd', running: true }, ssh(false)])).toBe(true);
    expect(isDisabled('connected', ssh(false))).toBe(true);
    expect(isDisabled('connected', [ssh(true), { key: 'ntpd', running: false }])).toBe(false);
  });

  it('does not believe its old copy of a host that it has lost', () => {
    for (const state of ['notResponding', 'disconnected', undefined])
      expect(isDisabled(state, ssh(false))).toBe(false);
  });

  it('takes what could not be read for nothing', () => {
    expect(isDisabled('connected', undefined)).toBe(false);
    expect(isDisabled('connected', [])).toBe(false);
    expect(isDisabled('connected', 'odd')).toBe(false);
    expect(isDisabled('connected', [{ key: 'TSM-SSH' }])).toBe(false);
  });
});
