import { messageOf } from '../platform/errors.ts';
import { retrieveByView } from '../vsphere/property/retrieve-by-view.ts';
import { checkPropertyPath } from '../vsphere/vim25/property-path.ts';
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
    check({ properties }) {
      try {
        for (const path of properties) checkPropertyPath(type, path);
      } catch (error) {
        throw toPollError(error);
      }
    },
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
        throw toPollError(error);
      }
    },
  };
}

function toPollError(error: unknown): PollError {
  return new PollError(`Cannot collect properties: ${messageOf(error)}`, { code: 'collect', cause: error });
}
