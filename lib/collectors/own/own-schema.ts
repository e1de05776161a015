import { configJsonSchema } from '../../config/json-schema.ts';
import { knownCounters } from '../../vsphere/performance/known-counters.ts';
import { secretIn } from '../../vsphere/vim25/secret-path.ts';
import { loadVim25, type Vim25Type } from '../../vsphere/vim25/vim25.ts';
import { OWN_TYPES } from './check-type.ts';
import { declaredAs } from './own-value.ts';

/** The types of which vCenter has counters. */
const COUNTED = ['HostSystem', 'VirtualMachine', 'Datastore', 'ClusterComputeResource', 'ResourcePool'];

type Schema = { [key: string]: unknown };

/**
 * The JSON Schema of vsweep.yaml in which an editor completes the properties, the arrays and the counters of own metrics.
 * Others are valid, too: elements by their keys, and what is deeper than the names that are listed.
 */
export function editorSchema(): Readonly<Record<string, unknown>> {
  const schema = structuredClone(configJsonSchema()) as Schema;
  const own = at(at(at(schema, 'properties', 'metrics'), 'properties', 'own'), 'additionalProperties');
  const fields = own['properties'] as Schema;
  const { properties, arrays } = ownPaths();
  const counters = COUNTED.flatMap((type) => [...knownCounters().keys()].map((name) => `${type} ${name}`));
  fields['property'] = suggesting(fields['property'] as Schema, properties);
  fields['each'] = { anyOf: [suggesting({ type: 'string' }, arrays), { const: true }] };
  fields['counter'] = suggesting(fields['counter'] as Schema, counters);
  return schema;
}

/** An editor offers the words of the first form, and takes what fits any. */
const suggesting = (schema: Schema, words: readonly string[]): Schema => ({
  anyOf: [{ enum: words }, schema],
});

function at(schema: Schema, ...keys: readonly string[]): Schema {
  return keys.reduce((here, key) => here[key] as Schema, schema);
}

/** Deeper paths are few, and each level is several times larger. */
const MAX_DEPTH = 4;

/** The paths of single values, and of arrays, of each type that own metrics can be about. */
export function ownPaths(): { readonly properties: readonly string[]; readonly arrays: readonly string[] } {
  const properties: string[] = [];
  const arrays: string[] = [];
  const visit = (type: string, here: Vim25Type | undefined, path: readonly string[]): void => {
    for (const property of here?.properties.values() ?? []) {
      const steps = [...path, property.name];
      const written = `${type} ${steps.join('.')}`;
      if (secretIn(property.name) !== undefined) continue;
      const declared = declaredAs(property);
      if (declared === 'array') arrays.push(written);
      else if (declared !== 'object') properties.push(written);
      else if (steps.length < MAX_DEPTH) visit(type, loadVim25().type(property.type), steps);
    }
  };
  for (const type of OWN_TYPES) visit(type, loadVim25().type(type), []);
  return { properties, arrays };
}
