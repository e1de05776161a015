import { isNotAuthenticated, VsphereFaultError } from '../errors.ts';

/** Why a call was refused, where another one for less may not be. */
export interface Refusal {
  readonly kind: 'vanished' | 'wrong-metric' | 'restricted' | 'refused' | 'too-large';
  readonly fault: VsphereFaultError;
}

/** Of these, every entity or metric that is at fault costs refused calls; of the others only too large a call. */
export const isOfSingleOnes = ({ kind }: Refusal): boolean =>
  kind === 'vanished' || kind === 'wrong-metric' || kind === 'refused';

/**
 * By the fault's type, never by its words, which follow the server's language. RestrictedByAdministrator is what
 * vCenter throws for `vpxd.stats.maxQueryMetrics`; a request that its XML parser refuses, for one because it has too
 * many elements, is an InvalidRequest. One that is wrong throughout ends at its first half that is a single metric. Any
 * other fault may be that of one entity, such as HostNotConnected, HostCommunication or SystemError; that of a session
 * that has ended is not.
 */
export function refusalOf(fault: unknown): Refusal | undefined {
  if (!(fault instanceof VsphereFaultError) || isNotAuthenticated(fault)) return undefined;
  const kind = kindOf(fault);
  return kind === undefined ? undefined : { kind, fault };
}

function kindOf({ fault, fields }: VsphereFaultError): Refusal['kind'] | undefined {
  switch (fault) {
    case 'RestrictedByAdministrator':
      return 'restricted';
    case 'InvalidRequest':
      return 'too-large';
    case 'ManagedObjectNotFound':
      return 'vanished';
    case 'InvalidArgument': {
      const property = fields.get('invalidProperty') ?? '';
      if (/entity$/i.test(property)) return 'vanished';
      // Any other argument, such as the interval, is wrong for every entity and metric alike.
      return /metricId|counterId/i.test(property) ? 'wrong-metric' : undefined;
    }
    default:
      return 'refused';
  }
}
