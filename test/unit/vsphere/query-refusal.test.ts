import { describe, expect, it } from 'vitest';
import { VsphereFaultError } from '../../../lib/vsphere/errors.ts';
import { isOfSingleOnes, refusalOf } from '../../../lib/vsphere/performance/query-refusal.ts';

const faultOf = (fault: string, fields: Readonly<Record<string, string>> = {}) =>
  new VsphereFaultError('QueryPerf on vc01', { fault, text: '', fields: new Map(Object.entries(fields)) });
const kindOf = (...of: Parameters<typeof faultOf>) => refusalOf(faultOf(...of))?.kind;

describe('refusalOf', () => {
  it.each([
    ['RestrictedByAdministrator', {}, 'restricted'],
    ['InvalidRequest', {}, 'too-large'],
    ['ManagedObjectNotFound', {}, 'vanished'],
    ['InvalidArgument', { invalidProperty: 'querySpec.entity' }, 'vanished'],
    ['InvalidArgument', { invalidProperty: 'querySpec[0].metricId' }, 'wrong-metric'],
    ['InvalidArgument', { invalidProperty: 'counterId' }, 'wrong-metric'],
    ['HostNotConnected', {}, 'refused'],
    ['SystemError', {}, 'refused'],
  ] as const)('goes by the type of a fault: %s with %j is %s', (fault, fields, kind) => {
    expect(kindOf(fault, fields)).toBe(kind);
  });

  it.each([
    [
      'of another argument, which is wrong for all alike',
      faultOf('InvalidArgument', { invalidProperty: 'interval' }),
    ],
    [
      'of an argument that only begins like an entity',
      faultOf('InvalidArgument', { invalidProperty: 'entityCount' }),
    ],
    ['of an argument that is not named', faultOf('InvalidArgument')],
    ['of a session that has ended', faultOf('NotAuthenticated')],
    ['that is no fault of vSphere', new Error('connection lost')],
  ])('is none %s: less would be refused, too', (_what, error) => {
    expect(refusalOf(error)).toBeUndefined();
  });

  it('keeps the fault, and says which kinds cost refused calls for each that is at fault', () => {
    const fault = faultOf('ManagedObjectNotFound');
    expect(refusalOf(fault)).toEqual({ kind: 'vanished', fault });
    const kinds = ['vanished', 'wrong-metric', 'restricted', 'refused', 'too-large'] as const;
    expect(kinds.filter((kind) => isOfSingleOnes({ kind, fault }))).toEqual([
      'vanished',
      'wrong-metric',
      'refused',
    ]);
  });
});
