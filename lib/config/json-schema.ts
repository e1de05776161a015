import * as z from 'zod';
import { sections } from './schema.ts';

/**
 * JSON Schema of `vsweep.yaml` as it is written, for editors and other tools. Rules that hold between values, and
 * bounds inside a text such as a port, are not in it: `vsweep config check` knows more.
 */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(z.strictObject(sections), { io: 'input' });
  return { ...schema, title: 'vsweep.yaml' };
}
