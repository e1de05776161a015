import type { About } from '../service-content.ts';

/**
 * The two forms of the same REST API. `rest`: `/rest/com/vmware/…`, of 6.5 on, its answers wrapped in `value`; `api`:
 * `/api/…`, of 7.0 U2 on (vSphere Automation API, "v6.5 - v7.0U2" and later, developer.broadcom.com). What SOAP has told
 * of the version decides, so no password is sent to find out.
 */
export type RestForm = 'rest' | 'api';

const FIRST_API: ApiVersion = [7, 0, 2];

/** Of the vSphere API, as the documentation of an operation says since when there is it: 7.0 U2 is 7.0.2. */
export type ApiVersion = readonly [number, number, number];

/** Whether a target that says this of itself has what came with that version. */
export function isAtLeast(
  first: ApiVersion,
  { version, fields }: Pick<About, 'version' | 'fields'>,
): boolean {
  const numbers = (fields.get('apiVersion') ?? version).split('.').map(Number);
  for (const [index, wanted] of first.entries()) {
    const number = numbers[index] ?? 0;
    if (number !== wanted) return number > wanted;
  }
  return true;
}

export const restFormOf = (about: Pick<About, 'version' | 'fields'>): RestForm =>
  isAtLeast(FIRST_API, about) ? 'api' : 'rest';

/** One call: a resource such as `cis/tagging/tag`, one of its objects, and what is to be done where GET does not say it. */
export interface RestCall {
  readonly resource: string;
  readonly id?: string;
  /** Makes it a POST with the body. */
  readonly action?: string;
  readonly body?: unknown;
  /** A longer answer is refused. Default 32 MB. */
  readonly maxBytes?: number;
}

/** Resources whose path in the old form has the name of their package: `/rest/com/vmware/cis/…`, but `/rest/appliance/…`. */
const PACKAGED = /^(?:cis|content)\//;

/** Path and query of a call. Identifiers of tags have colons, which every client leaves as they are. */
export function pathOf(form: RestForm, { resource, id, action }: RestCall): string {
  const escaped = id === undefined ? undefined : encodeURIComponent(id).replaceAll('%3A', ':');
  if (form === 'api')
    return `/api/${resource}${escaped === undefined ? '' : `/${escaped}`}${action === undefined ? '' : `?action=${action}`}`;
  const base = PACKAGED.test(resource) ? '/rest/com/vmware' : '/rest';
  return `${base}/${resource}${escaped === undefined ? '' : `/id:${escaped}`}${action === undefined ? '' : `?~action=${action}`}`;
}

export const sessionPathOf = (form: RestForm): string =>
  form === 'api' ? '/api/session' : '/rest/com/vmware/cis/session';
