import { secretIn } from '../vim25/secret-path.ts';
import type { PropertyValue } from './retrieved-object.ts';
import { fieldOf, isMoRef } from './value-fields.ts';

const HIDDEN = '(hidden, because it may hold a secret)';

/**
 * A value as it may be shown: without fields that no metric may be made of, at any depth, and without values of settings
 * whose key is such a name.
 */
export function withoutSecrets(value: PropertyValue): PropertyValue {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== 'object' || isMoRef(value)) return value;
  const key = fieldOf(value, 'key');
  const isSecretSetting = typeof key === 'string' && secretIn(`[${JSON.stringify(key)}]`) !== undefined;
  return Object.fromEntries(
    Object.entries(value).map(([name, inside]: [string, PropertyValue]) => [
      name,
      secretIn(name) !== undefined || (isSecretSetting && name === 'value') ? HIDDEN : withoutSecrets(inside),
    ]),
  );
}
