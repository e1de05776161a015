import { retrieveReferred } from '../vsphere/property/retrieve-referred.ts';
import type { MoRef, PropertyValue, RetrievedObject } from '../vsphere/property/retrieved-object.ts';
import { fieldOf, listOf, moRefOf } from '../vsphere/property/value-fields.ts';
import { PollError } from './errors.ts';
import { requireObject } from './find-object.ts';
import { toJsonValue } from './json-value.ts';
import type { PollMethod, PollRequest } from './method.ts';
import { toPollResult } from './poll-result.ts';
import { readableValue } from './readable-value.ts';
import type { PollResult } from './reply.ts';
import type { Subject } from './subject.ts';

/** What one object refers to: the method's name, and the property that holds the references. */
interface Relation {
  readonly name: string;
  readonly summary: string;
  readonly path: string;
}

const DISCOVERED = 'Successfully discovered objects';

/** A method that answers a list of the objects that one object refers to, each with `paths`. */
export function listMethod(
  subject: Subject,
  relation: Relation & {
    readonly paths: readonly string[];
    /** The type of what is listed, when a request may name properties of it. */
    readonly propertiesOf?: string;
    /** What is added to each of them. */
    readonly extra?: (request: PollRequest) => PollResult;
  },
): PollMethod {
  const { name, summary, propertiesOf, path, extra } = relation;
  return {
    name,
    summary,
    requiredKeys: ['name'],
    ...(propertiesOf === undefined ? {} : { propertiesOf }),
    successMessage: DISCOVERED,
    async run(session, request, { signal }) {
      const object = await requireObject(session, request, { subject, paths: [path] }, { signal });
      const asked = propertiesOf === undefined ? [] : request.properties;
      const paths = [...new Set([...relation.paths, ...asked])];
      const referred = await retrieveReferred(
        session,
        { morefs: referencesOf(object, path), paths },
        { signal },
      );
      return referred.map((one) => ({ ...toPollResult(one, paths), ...extra?.(request) }));
    },
  };
}

/** A method that answers one object's name with the names of what it refers to, under the property's own name. */
export function nestedListMethod(subject: Subject, { name, summary, path }: Relation): PollMethod {
  return {
    name,
    summary,
    requiredKeys: ['name'],
    successMessage: DISCOVERED,
    async run(session, request, { signal }) {
      const object = await requireObject(session, request, { subject, paths: ['name', path] }, { signal });
      const morefs = referencesOf(object, path);
      const referred = await retrieveReferred(session, { morefs, paths: ['name'] }, { signal });
      return {
        ...toPollResult(object, ['name']),
        [path]: referred.map((one) => toPollResult(one, ['name'])),
      };
    },
  };
}

/** A method that answers one object's name with that of the only one it refers to. */
export function singleMethod(
  subject: Subject,
  relation: Relation & { readonly as: string; readonly successMessage: string },
): PollMethod {
  const { name, summary, path, as, successMessage } = relation;
  return {
    name,
    summary,
    requiredKeys: ['name'],
    successMessage,
    async run(session, request, { signal }) {
      const object = await requireObject(session, request, { subject, paths: ['name', path] }, { signal });
      const [moref] = referencesOf(object, path);
      if (moref === undefined) {
        throw new PollError(`Cannot collect properties: ${path} of ${request.name} is unset`, {
          code: 'unavailable',
        });
      }
      const [referred] = await retrieveReferred(session, { morefs: [moref], paths: ['name'] }, { signal });
      const called = referred?.properties.get('name');
      return [{ ...toPollResult(object, ['name']), [as]: called === undefined ? null : toJsonValue(called) }];
    },
  };
}

/** One reference, several, or the `key` of each data object; none when it is unset. Throws when it is unreadable. */
function referencesOf(object: RetrievedObject, path: string): readonly MoRef[] {
  return listOf(readableValue(object, path)).flatMap((value) => moRefOf(value) ?? keyOf(value) ?? []);
}

const keyOf = (value: PropertyValue) => moRefOf(fieldOf(value, 'key'));
