import { randomUUID } from 'node:crypto';
import { DEMO_APPLIANCE, type DemoAppliance, inFormOfRest, readAppliance } from './appliance.ts';
import type { Answer } from './fault-plan.ts';

/** A tag of the simulated vCenter, and the objects to which it is attached. */
export interface DemoTag {
  readonly id: string;
  readonly name: string;
  readonly category: string;
  readonly objects: readonly { readonly type: string; readonly id: string }[];
}

export interface RestCallHeard {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly authorization?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly body: string;
}

export interface RestServiceOptions {
  readonly users: Record<string, string>;
  readonly tags: readonly DemoTag[];
  readonly appliance?: DemoAppliance | undefined;
  /** The members of SystemConfiguration.ReadOnly. Default: all users. */
  readonly applianceReaders?: readonly string[] | undefined;
}

/** How every identifier of a session begins, so that one is known wherever it turns up. */
export const REST_SESSION_PREFIX = 'demo-rest-';

/** What everybody may read who may read anything. */
const CERTIFICATES = 'vcenter/certificate-management/';

const CATEGORY_PREFIX = 'urn:vmomi:InventoryServiceCategory:';

/**
 * vCenter's REST API as far as collectors need it, in both forms: `/rest/com/vmware/…`, whose answers are wrapped in `value`,
 * and `/api/…`, whose are not. Paths, fields and statuses are those of the vSphere Automation API
 * (developer.broadcom.com, cis: session, tagging) and of govmomi's client (vapi/rest, vapi/tags).
 */
export class RestService {
  readonly #users: ReadonlyMap<string, string>;
  readonly #sessions = new Map<string, string>();
  readonly #applianceReaders: ReadonlySet<string> | undefined;
  #tags: readonly DemoTag[];
  #appliance: DemoAppliance;
  logins = 0;
  refusedLogins = 0;

  constructor({ users, tags, appliance = DEMO_APPLIANCE, applianceReaders }: RestServiceOptions) {
    this.#users = new Map(Object.entries(users));
    this.#tags = tags;
    this.#appliance = appliance;
    this.#applianceReaders = applianceReaders === undefined ? undefined : new Set(applianceReaders);
  }

  setTags(tags: readonly DemoTag[]): void {
    this.#tags = tags;
  }

  setAppliance(appliance: DemoAppliance): void {
    this.#appliance = appliance;
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  endSessions(): void {
    this.#sessions.clear();
  }

  /** The name of a call, by which it is counted and can be made to fail: `rest login`, `rest tag`, `rest logout`. */
  static operationOf({ method, url }: Pick<RestCallHeard, 'method' | 'url'>): string {
    const { resource, id } = partsOf(url);
    if (resource === 'session') return method === 'DELETE' ? 'rest logout' : 'rest login';
    return `rest ${resource}${id === undefined ? '' : ' by id'}`;
  }

  answer(call: RestCallHeard): Answer {
    const { form, resource, id, action } = partsOf(call.url);
    const ok = (value: unknown, status = 200): Answer => json(status, form === 'api' ? value : { value });
    const fail = (status: number, type: string): Answer =>
      json(
        status,
        form === 'api'
          ? { error_type: type, messages: [] }
          : { type: `com.vmware.vapi.std.errors.${type.toLowerCase()}`, value: { messages: [] } },
      );
    if (resource === 'session' && call.method === 'POST') {
      const user = this.#userOf(call.authorization);
      if (user === undefined) {
        this.refusedLogins += 1;
        return fail(401, 'UNAUTHENTICATED');
      }
      this.logins += 1;
      const session = `${REST_SESSION_PREFIX}${randomUUID()}`;
      this.#sessions.set(session, user);
      return ok(session, form === 'api' ? 201 : 200);
    }
    const user = this.#sessions.get(call.sessionId ?? '');
    if (user === undefined) return fail(401, 'UNAUTHENTICATED');
    if (resource === 'session' && call.method === 'DELETE') {
      this.#sessions.delete(call.sessionId ?? '');
      return { status: form === 'api' ? 204 : 200, headers: {}, body: '' };
    }
    if (resource === 'tagging/tag' && call.method === 'GET') {
      if (id === undefined) return ok(this.#tags.map((tag) => tag.id));
      const tag = this.#tags.find((one) => one.id === id);
      if (tag === undefined) return fail(404, 'NOT_FOUND');
      return ok({
        id,
        category_id: categoryId(tag.category),
        name: tag.name,
        description: '',
        used_by: [],
      });
    }
    if (resource === 'tagging/category' && call.method === 'GET' && id !== undefined) {
      const tag = this.#tags.find((one) => categoryId(one.category) === id);
      if (tag === undefined) return fail(404, 'NOT_FOUND');
      return ok({
        id,
        name: tag.category,
        description: '',
        cardinality: 'MULTIPLE',
        associable_types: [],
        used_by: [],
      });
    }
    if (resource === 'tagging/tag-association' && action === 'list-attached-objects-on-tags') {
      const { tag_ids: ids = [] } = JSON.parse(call.body) as { tag_ids?: readonly string[] };
      const asked = this.#tags.filter((tag) => ids.includes(tag.id));
      return ok(asked.map((tag) => ({ tag_id: tag.id, object_ids: tag.objects })));
    }
    const value = call.method === 'GET' ? readAppliance(resource, this.#appliance) : undefined;
    if (value === undefined) return fail(404, 'OPERATION_NOT_FOUND');
    if (!resource.startsWith(CERTIFICATES) && this.#applianceReaders?.has(user) === false)
      return fail(403, 'UNAUTHORIZED');
    return ok(form === 'api' ? value : inFormOfRest(value));
  }

  /** Whose name and password they are. */
  #userOf(authorization = ''): string | undefined {
    const [, encoded = ''] = /^Basic (\S+)$/.exec(authorization) ?? [];
    const [, user = '', password] =
      /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? [];
    const right = this.#users.get(user);
    return right !== undefined && right === password ? user : undefined;
  }
}

const categoryId = (name: string): string => `${CATEGORY_PREFIX}${Buffer.from(name).toString('hex')}:GLOBAL`;

function json(status: number, value: unknown): Answer {
  return { status, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(value) };
}

/** `/rest/com/vmware/cis/tagging/tag/id:<id>?~action=…`, `/rest/appliance/…`, and `/api/cis/tagging/tag/<id>?action=…`. */
function partsOf(url: string): {
  readonly form: 'rest' | 'api';
  readonly resource: string;
  readonly id: string | undefined;
  readonly action: string | undefined;
} {
  const { pathname, searchParams } = new URL(url, 'https://vcenter');
  const form = pathname.startsWith('/api/') ? 'api' : 'rest';
  const prefix =
    form === 'api' ? /^\/api\/(?:cis\/)?/ : /^\/rest\/(?:com\/vmware\/cis\/|(?=appliance\/|vcenter\/))/;
  const rest = decodeURIComponent(pathname.replace(prefix, ''));
  const [, resource = rest, found] =
    /^(tagging\/(?:tag-association|tag|category))(?:\/(.+))?$/.exec(rest) ?? [];
  return {
    form,
    resource,
    id: form === 'rest' ? found?.replace(/^id:/, '') : found,
    action: searchParams.get(form === 'rest' ? '~action' : 'action') ?? undefined,
  };
}

/** Whether a request is for this API, not for SOAP. */
export const isRest = (url: string | undefined): boolean => /^\/(?:rest|api)\//.test(url ?? '');
