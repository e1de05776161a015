import { randomUUID } from 'node:crypto';
import type { MoRef } from '../../vsphere/property/retrieved-object.ts';
import { reference, textElement } from '../../vsphere/soap/soap-request.ts';
import type { XmlElement } from '../../vsphere/soap/unit-builder.ts';
import { isKnownPath, isOfType, type ManagedObject, ROOT_FOLDER } from './managed-object.ts';
import { type Privileges, privilegeOf } from './privileges.ts';
import { childrenOf } from './request-fields.ts';
import type { DemoSession } from './session-table.ts';
import { DemoFault } from './soap-answer.ts';

interface Wanted {
  readonly type: string;
  readonly paths: readonly string[];
}

export interface RetrievalContext {
  readonly session: DemoSession;
  readonly privileges: Privileges;
  readonly inventory: ReadonlyMap<string, ManagedObject>;
  /** What stands beside the inventory, by its moref, as it is at the time of the call. */
  readonly managers: ReadonlyMap<string, () => ManagedObject>;
  readonly pageSize: number;
}

/** RetrievePropertiesEx: the first page of what the specs reach. */
export function retrieve(request: XmlElement, context: RetrievalContext): string {
  const contents: string[] = [];
  for (const spec of childrenOf(request, 'specSet')) {
    const wanted = childrenOf(spec, 'propSet').map(toWanted);
    for (const object of childrenOf(spec, 'objectSet').flatMap((one) => reach(one, context))) {
      const paths = wanted.filter(({ type }) => isOfType(object, type)).flatMap((one) => one.paths);
      if (paths.length > 0) contents.push(toObjectContent(object, paths, context));
    }
  }
  return toPage(contents, context);
}

/**
 * RetrievePropertiesEx of a session that has ended: of every named object each property is missing, as a vCenter
 * answers (pyVmomi issue 294). Views went with their session: undefined for a retrieval that begins at one.
 */
export function retrieveUnauthenticated(request: XmlElement): string | undefined {
  const contents: string[] = [];
  for (const spec of childrenOf(request, 'specSet')) {
    const paths = childrenOf(spec, 'propSet').flatMap((one) => toWanted(one).paths);
    for (const start of childrenOf(spec, 'objectSet').flatMap((one) => childrenOf(one, 'obj'))) {
      const object = { type: start.referenceType ?? '', value: start.text };
      if (object.type === 'ContainerView') return undefined;
      contents.push(
        toContent(object, paths.map((path) => toMissing(path, 'NotAuthenticated', object)).join('')),
      );
    }
  }
  return `<returnval>${contents.join('')}</returnval>`;
}

/** ContinueRetrievePropertiesEx: the next page; the token is used up. */
export function continueRetrieval(
  request: XmlElement,
  context: { session: DemoSession; pageSize: number },
): string {
  return toPage(takePages(request, context.session), context);
}

/** Removes and gives what a token stands for. */
export function takePages(request: XmlElement, { pages }: DemoSession): readonly string[] {
  const token = childrenOf(request, 'token')[0]?.text ?? '';
  const left = pages.get(token);
  if (left === undefined)
    throw new DemoFault('InvalidArgument', 'A specified parameter was not correct: token');
  pages.delete(token);
  return left;
}

function reach(
  objectSet: XmlElement,
  { session, privileges, inventory, managers }: RetrievalContext,
): readonly ManagedObject[] {
  const [start] = childrenOf(objectSet, 'obj');
  const value = start?.text ?? '';
  const type = start?.referenceType ?? '';
  const viewed = session.views.get(value);
  if (type === 'ContainerView' && viewed !== undefined) {
    return [...inventory.values()].filter(
      (object) => object.value !== ROOT_FOLDER.value && viewed.some((one) => isOfType(object, one)),
    );
  }
  const object = inventory.get(value) ?? managers.get(value)?.();
  if (object !== undefined && isOfType(object, type)) {
    const isSkipped = childrenOf(objectSet, 'skip')[0]?.text === 'true';
    return [...(isSkipped ? [] : [object]), ...traverse(objectSet, object, { inventory, privileges })];
  }
  throw new DemoFault(
    'ManagedObjectNotFound',
    `The object '${type}:${value}' has already been deleted or has not been completely created`,
    reference('obj', { type, value }),
  );
}

/** What the TraversalSpecs of an ObjectSpec or of another one lead to; each is given once by vSphere, too. */
function traverse(
  spec: XmlElement,
  from: ManagedObject,
  context: Pick<RetrievalContext, 'inventory' | 'privileges'>,
): readonly ManagedObject[] {
  const reached = childrenOf(spec, 'selectSet').flatMap((step) => {
    if (!isOfType(from, childrenOf(step, 'type')[0]?.text ?? '')) return [];
    const path = childrenOf(step, 'path')[0]?.text ?? '';
    if (!context.privileges.has(privilegeOf(from.type, path))) return [];
    const value = from.properties.get(path) ?? '';
    const next = context.inventory.get(/>([^<]+)<\/val>$/.exec(value)?.[1] ?? '');
    if (next === undefined) return [];
    const isSkipped = childrenOf(step, 'skip')[0]?.text === 'true';
    return [...(isSkipped ? [] : [next]), ...traverse(step, next, context)];
  });
  return [...new Set(reached)];
}

function toWanted(propSet: XmlElement): Wanted {
  const type = childrenOf(propSet, 'type')[0]?.text ?? '';
  const paths = childrenOf(propSet, 'pathSet').map((path) => path.text);
  const unknown = paths.find((path) => !isKnownPath(type, path));
  if (unknown === undefined) return { type, paths };
  throw new DemoFault('InvalidProperty', `${type} has no ${unknown}`, textElement('name', unknown));
}

/** An unset property is neither in propSet nor in missingSet. */
function toObjectContent(
  object: ManagedObject,
  paths: readonly string[],
  { privileges }: Pick<RetrievalContext, 'privileges'>,
): string {
  const { properties, unreadable } = object;
  const denied = (path: string) =>
    !privileges.has(privilegeOf(object.type, path)) ||
    unreadable.some((one) => path === one || path.startsWith(`${one}.`));
  const propSet = paths
    .filter((path) => !denied(path) && properties.has(path))
    .map((path) => `<propSet>${textElement('name', path)}${properties.get(path)}</propSet>`);
  const missingSet = paths.filter(denied).map((path) => toMissing(path, 'NoPermission', object));
  return toContent(object, propSet.join('') + missingSet.join(''));
}

const toContent = (object: MoRef, properties: string) =>
  `<objects>${reference('obj', object)}${properties}</objects>`;

function toMissing(path: string, fault: 'NoPermission' | 'NotAuthenticated', object: MoRef): string {
  const fields = `${reference('object', object)}${textElement('privilegeId', privilegeOf(object.type, path))}`;
  return (
    `<missingSet>${textElement('path', path)}<fault><fault xsi:type="${fault}">${fields}</fault>` +
    '<localizedMessage></localizedMessage></fault></missingSet>'
  );
}

function toPage(
  contents: readonly string[],
  { session, pageSize }: { session: DemoSession; pageSize: number },
): string {
  const page = contents.slice(0, pageSize).join('');
  if (contents.length === 0) return '';
  if (contents.length <= pageSize) return `<returnval>${page}</returnval>`;
  const token = randomUUID();
  session.pages.set(token, contents.slice(pageSize));
  return `<returnval>${textElement('token', token)}${page}</returnval>`;
}
