import { messageOf } from '../platform/errors.ts';
import { retrieveByView } from '../vsphere/property/retrieve-by-view.ts';
import { PollError } from './errors.ts';
import { toJsonValue } from './json-value.ts';
import type { PollMethod } from './method.ts';
import type { PollResult } from './reply.ts';

/**
 * A method that answers every object of a type with its `name` and what was asked for. A property that is unset or
 * that the account may not read is left out of its object.
 */
export function discoverMethod(name: string, type: string): PollMethod {
  return {
    name,
    requiredKeys: [],
    successMessage: 'Successfully discovered objects',
    async run(session, { properties }, { signal }) {
      const paths = [...new Set(['name', ...properties])];
      const results: PollResult[] = [];
      try {
        for await (const object of retrieveByView(session, [{ type, paths }], { signal })) {
          results.push(
            Object.fromEntries(
              object.properties.entries().map(([path, value]) => [path, toJsonValue(value)]),
            ),
          );
        }
        return results;
      } catch (error) {
        signal.throwIfAborted();
        throw new PollError(`Cannot collect properties: ${messageOf(error)}`, {
          code: 'collect',
          cause: error,
        });
      }
    },
  };
}
