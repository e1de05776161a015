import { requireObject } from './find-object.ts';
import type { PollMethod } from './method.ts';
import { toPollResult } from './poll-result.ts';
import type { Subject } from './subject.ts';

/** A method that answers one object with what it is named by and what was asked for. */
export function getMethod(subject: Subject, { requiredKeys }: Pick<PollMethod, 'requiredKeys'>): PollMethod {
  return {
    name: `${subject.prefix}.get`,
    summary: `one ${subject.type}, with the requested properties`,
    requiredKeys,
    propertiesOf: subject.type,
    successMessage: 'Successfully retrieved object properties',
    async run(session, request, { signal }) {
      const paths = [...new Set(['name', subject.namedBy, ...request.properties])];
      const object = await requireObject(session, request, { subject, paths }, { signal });
      return [toPollResult(object, paths)];
    },
  };
}
