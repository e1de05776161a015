import { describe, expect, it } from 'vitest';
import { LackingError, lackedBy } from '../../../lib/readers/lacking.ts';
import { VsphereFaultError } from '../../../lib/vsphere/errors.ts';

const refused = (fields: Record<string, string>, fault = 'NoPermission') =>
  new VsphereFaultError('x', { fault, text: 'refused', fields: new Map(Object.entries(fields)) });

describe('lackedBy', () => {
  it.each(['Global.Licenses', 'StorageViews.View', 'VApp.ApplicationConfig.Edit'])(
    'is the privilege %s that vCenter names',
    (privilegeId) => expect(lackedBy(refused({ privilegeId }))).toBe(privilegeId),
  );

  it.each([
    '',
    'System',
    'a password',
    'x'.repeat(10_000),
    'System.View\nGlobal.Licenses',
    `a.${'x'.repeat(81)}`,
  ])('is System.View where vCenter names none (%j)', (privilegeId) =>
    expect(lackedBy(refused({ privilegeId }))).toBe('System.View'),
  );

  it('is none of another error', () => {
    expect(lackedBy(refused({ privilegeId: 'Global.Licenses' }, 'InvalidState'))).toBeUndefined();
    expect(lackedBy(new Error('x'))).toBeUndefined();
    expect(lackedBy(new LackingError('System.Read'))).toBe('System.Read');
    expect(new LackingError('System.Read').message).toBe('the account has no privilege System.Read');
    expect(lackedBy(refused({}))).toBe('System.View');
  });
});
