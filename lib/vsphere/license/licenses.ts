import { NO_PERMISSION, VsphereFaultError } from '../errors.ts';
import type { RetrievalSession } from '../property/retrieval.ts';
import { retrieveProperty } from '../property/retrieve-property.ts';
import type { MoRef, PropertyValue } from '../property/retrieved-object.ts';
import { fieldOf, integerOf, listOf, textOf } from '../property/value-fields.ts';

/** What is had of one edition, of all its licences together. Their keys and names are read and dropped here. */
export interface LicensedEdition {
  /** Such as `esx.enterprisePlus.cpuPackage`; `eval` for the evaluation. */
  readonly edition: string;
  /** What is counted, such as `cpuPackage`. */
  readonly unit: string;
  /** 0: without a limit. */
  readonly total: number;
  readonly used: number;
  /** Of the licence that ends first, in milliseconds since the epoch; undefined: none ends. */
  readonly endsAt: number | undefined;
}

const EVALUATION = 'eval';
const MAX_LICENSES = 1_000;

/**
 * The licences of a vCenter by edition, none where there is no such manager. It takes the privilege Global.Licenses
 * (VMware vSphere Security, "Global Privileges": Licenses); VsphereFaultError `NoPermission` names it.
 */
export async function readLicenses(
  session: RetrievalSession,
  options: { signal: AbortSignal },
): Promise<readonly LicensedEdition[]> {
  const manager = session.content.licenseManager;
  if (manager === undefined) return [];
  const licenses = listOf(await readProperty(session, manager, 'licenses', options)).slice(0, MAX_LICENSES);
  const evaluation = await readProperty(session, manager, 'evaluation', options);
  const byEdition = Map.groupBy(licenses, (one) => `${word(one, 'editionKey')} ${word(one, 'costUnit')}`);
  return Array.from(byEdition.values(), ([first, ...more]) => {
    const all = [first, ...more];
    const edition = word(first, 'editionKey');
    const ends = (edition === EVALUATION ? [...all, evaluation] : all).flatMap(endsOf);
    const sum = (field: string) =>
      all.reduce<number>((total, one) => total + (integerOf(fieldOf(one, field)) ?? 0), 0);
    return {
      edition,
      unit: word(first, 'costUnit'),
      // 0 is no limit, which one licence gives the whole edition.
      total: all.some((one) => (integerOf(fieldOf(one, 'total')) ?? 0) === 0) ? 0 : sum('total'),
      used: sum('used'),
      endsAt: ends.length === 0 ? undefined : Math.min(...ends),
    };
  });
}

async function readProperty(
  session: RetrievalSession,
  manager: MoRef,
  path: string,
  options: { signal: AbortSignal },
): Promise<PropertyValue | undefined> {
  try {
    return await retrieveProperty(session, manager, path, options);
  } catch (error) {
    if (!(error instanceof VsphereFaultError) || error.fault !== NO_PERMISSION) throw error;
    const fields = new Map([['privilegeId', 'Global.Licenses']]);
    throw new VsphereFaultError(path, { fault: NO_PERMISSION, text: 'it cannot be read', fields });
  }
}

const word = (value: PropertyValue | undefined, field: string): string => textOf(fieldOf(value, field)) ?? '';

/** `expirationDate` of the properties that a licence and the evaluation have. */
const endsOf = (value: PropertyValue | undefined): number[] =>
  listOf(fieldOf(value, 'properties')).flatMap((one) => {
    if (word(one, 'key') !== 'expirationDate') return [];
    const at = Date.parse(word(one, 'value'));
    return Number.isNaN(at) ? [] : [at];
  });
