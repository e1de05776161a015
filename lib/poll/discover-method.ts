import { retrieveByView } from '../vsphere/property/retrieve-by-view.ts';
import type { PollMethod } from './method.ts';
import { toPollResult } from './poll-result.ts';
import type { PollResult } from './reply.ts';
import type { Subject } from './subject.ts';

/**
 * A method that answers every object of a type with its `name` and what was asked for. A property that is unset or
 * that the account may not read is left out of its object.
 */
export function discoverMethod({ prefix, type }: Subject): PollMethod {
  return {
    name: `${prefix}.discover`,
    summary: `every ${type}, with the requested properties`,
    requiredKeys: [],
    propertiesOf: type,
    successMessage: 'Successfully discovered objects',
    async run(session, { properties }, { signal }) {
      const paths = [...new Set(['name', ...properties])];
      const results: PollResult[] = [];
      for await (const object of retrieveByView(session, [{ type, paths }], { signal })) {
        results.push(toPollResult(object, paths));
      }
      return results;
    },
  };
}
