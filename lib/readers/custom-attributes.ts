import { CUSTOM_ATTRIBUTES, type CustomAttribute } from '../catalogue/sources/custom-attributes.ts';
import { retrieveObjects } from '../vsphere/property/retrieval.ts';
import type { RetrievalSession } from '../vsphere/property/retrieve-pages.ts';
import { retrieveProperty } from '../vsphere/property/retrieve-property.ts';
import type { PropertyValue } from '../vsphere/property/retrieved-object.ts';
import { fieldOf, integerOf, listOf, textOf } from '../vsphere/property/value-fields.ts';
import type { TargetReader } from './target-reader.ts';

const VALUES = 'customValue';

/**
 * The custom attributes of every wanted object, by the names of now: one retrieval a type, each object as its part of the
 * answer streams. A server without custom attributes, as an ESXi host, has none.
 */
export const customAttributes: TargetReader<string, readonly CustomAttribute[]> = {
  facts: CUSTOM_ATTRIBUTES,
  async *read(wanted, { session: { connection }, signal }) {
    const names = await readFieldNames(connection, { signal });
    for (const { kind, items } of wanted)
      for (const [type, ofType] of Map.groupBy(items, (item) => item.type)) {
        const query = { type, morefs: ofType.map(({ moref }) => moref), paths: [VALUES] };
        if (names.size === 0) for (const { moref } of ofType) yield [kind, moref, []];
        else
          for await (const { moref, properties, missing } of retrieveObjects(connection, query, { signal }))
            if (!missing.has(VALUES)) yield [kind, moref.value, attributesOf(properties.get(VALUES), names)];
      }
  },
};

/** `CustomFieldsManager.field`: an array of CustomFieldDef. */
async function readFieldNames(
  connection: RetrievalSession,
  options: { signal: AbortSignal },
): Promise<ReadonlyMap<number, string>> {
  const { customFieldsManager } = connection.content;
  if (customFieldsManager === undefined) return new Map();
  const fields = await retrieveProperty(connection, customFieldsManager, 'field', options);
  return new Map(
    listOf(fields).flatMap((field) => {
      const key = integerOf(fieldOf(field, 'key'));
      const name = textOf(fieldOf(field, 'name'));
      return key === undefined || name === undefined ? [] : [[key, name] as const];
    }),
  );
}

/** Of an array of CustomFieldStringValue; one without a value, or whose attribute is gone, says nothing. */
function attributesOf(
  values: PropertyValue | undefined,
  names: ReadonlyMap<number, string>,
): readonly CustomAttribute[] {
  return listOf(values).flatMap((one) => {
    const attribute = names.get(integerOf(fieldOf(one, 'key')) ?? Number.NaN);
    const value = textOf(fieldOf(one, 'value')) ?? '';
    return attribute === undefined || value === '' ? [] : [{ attribute, value }];
  });
}
