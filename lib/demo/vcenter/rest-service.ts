import { randomUUID } from 'node:crypto';
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

/** How every identifier of a session begins, so that one is known wherever it turns up. */
export const REST_SESSION_PREFIX = 'demo-rest-';

const CATEGORY_PREFIX = 'urn:vmomi:InventoryServiceCategory:';

/**
 * vCenter's REST API as far as tags need it, in both forms: `/rest/com/vmware/…`, whose answers are wrapped in `value`,
 * and `/api/…`, whose are not. Paths, fields and statuses are those of the vSphere Automation API
 * (developer.broadcom.com, cis: session, tagging) and of govmomi's client (vapi/rest, vapi/tags).
 */
export class RestService {
  readonly #users: ReadonlyMap<string, string>;
  readonly #sessions = new Set<string>();
  #tags: readonly DemoTag[];
  logins = 0;
  refusedLogins = 0;

  constructor({ users, tags }: { users: Record<string, string>; tags: readonly DemoTag[] }) {
    this.#users = new Map(Object.entries(users));
    this.#tags = tags;
  }

  setTags(tags: readonly DemoTag[]): void {
    this.#tags = tags;
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
      if (!this.#isUser(call.authorization)) {
        this.refusedLogins += 1;
        return fail(401, 'UNAUTHENTICATED');
      }
      this.logins += 1;
      const session = `${REST_SESSION_PREFIX}${randomUUID()}`;
      this.#sessions.add(session);
      return ok(session, form === 'api' ? 201 : 200);
    }
    if (call.sessionId === undefined || !this.#sessions.has(call.sessionId))
      return fail(401, 'UNAUTHENTICATED');
    if (resource === 'session' && call.method === 'DELETE') {
      this.#sessions.delete(call.sessionId);
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
    return fail(404, 'OPERATION_NOT_FOUND');
  }

  #isUser(authorization = ''): boolean {
    const [, encoded = ''] = /^Basic (\S+)$/.exec(authorization) ?? [];
    const [, user = '', password] =
      /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? [];
    const right = this.#users.get(user);
    return right !== undefined && right === password;
  }
}

const categoryId = (name: string): string => `${CATEGORY_PREFIX}${Buffer.from(name).toString('hex')}:GLOBAL`;

function json(status: number, value: unknown): Answer {
  return { status, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(value) };
}

/** `/rest/com/vmware/cis/tagging/tag/id:<id>?~action=…` and `/api/cis/tagging/tag/<id>?action=…`. */
function partsOf(url: string): {
  readonly form: 'rest' | 'api';
  readonly resource: string;
  readonly id: string | undefined;
  readonly action: string | undefined;
} {
  const { pathname, searchParams } = new URL(url, 'https://vcenter');
  const form = pathname.startsWith('/api/') ? 'api' : 'rest';
  const prefix = form === 'api' ? /^\/api\/(?:cis\/)?/ : /^\/rest\/com\/vmware\/cis\//;
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
