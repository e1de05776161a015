import { randomUUID } from 'node:crypto';
import type { Clock } from '../../platform/clock.ts';
import { textElement } from '../../vsphere/soap/soap-request.ts';
import type { XmlElement } from '../../vsphere/soap/unit-builder.ts';
import type { DemoVcenterHost } from './demo-host.ts';
import { type DemoEstate, type DemoEvent, NO_ESTATE } from './estate.ts';
import { createCollector, readNextEvents } from './event-history.ts';
import { toInventory } from './inventory.ts';
import { type ManagedObject, ROOT_FOLDER } from './managed-object.ts';
import { MANAGERS, toManagers } from './manager-objects.ts';
import type { DemoStatistics } from './performance-manager.ts';
import { answerHeld, checkCall, checkLogin, OF_SESSIONS, type Privileges, USUAL } from './privileges.ts';
import { continueRetrieval, retrieve, retrieveUnauthenticated, takePages } from './property-collector.ts';
import { answerRead } from './read-calls.ts';
import { childrenOf, textOf } from './request-fields.ts';
import { type DemoSession, SessionTable, type SessionTableOptions, toUserSession } from './session-table.ts';
import { DemoFault } from './soap-answer.ts';
import { answerVsan } from './vsan-service.ts';

export interface VimServiceStats {
  logins: number;
  refusedLogins: number;
  clones: number;
  logouts: number;
  /** Sessions that another one ended. */
  terminated: number;
  /** By operation; also those that were not answered. */
  readonly calls: Record<string, number>;
}

/** What an operation answers: the content of its response, and the cookie of a session that it opened. */
export interface VimAnswer {
  readonly content: string;
  readonly newCookie?: string;
}

interface Call {
  readonly request: XmlElement;
  readonly cookie: string | undefined;
  readonly userAgent: string;
}

export interface VimServiceOptions extends SessionTableOptions {
  readonly users: Record<string, string>;
  /** Users with the privilege Sessions.TerminateSession, by which sessions are also listed. */
  readonly sessionAdmins?: readonly string[] | undefined;
  /** By user: the ids of all privileges that the account has. Default: those that read everything but sessions. */
  readonly privileges?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly hosts: readonly DemoVcenterHost[];
  readonly estate?: DemoEstate | undefined;
  readonly statistics?: DemoStatistics | undefined;
  readonly pageSize: number;
  /** Default 8.0.3.0. */
  readonly apiVersion?: string | undefined;
}

/** vSphere's answers without the network: sessions, tickets, views and retrievals over the hosts. */
export class VimService {
  readonly stats: VimServiceStats = {
    logins: 0,
    refusedLogins: 0,
    clones: 0,
    logouts: 0,
    terminated: 0,
    calls: {},
  };
  readonly sessions: SessionTable;
  readonly #clock: Clock;
  readonly #users: ReadonlyMap<string, string>;
  readonly #privilegesOf: (user: string) => Privileges;
  readonly #pageSize: number;
  readonly #estate: DemoEstate;
  readonly #managers: ReturnType<typeof toManagers>;
  readonly #statistics: DemoStatistics;
  readonly #apiVersion: string;
  #hosts: readonly DemoVcenterHost[];
  #events: readonly DemoEvent[];
  #inventory: ReturnType<typeof toInventory>;

  constructor(options: VimServiceOptions) {
    this.sessions = new SessionTable(options);
    this.#clock = options.clock;
    this.#users = new Map(Object.entries(options.users));
    const { privileges = {}, sessionAdmins = [] } = options;
    this.#privilegesOf = (user) =>
      new Set(privileges[user] ?? [...USUAL, ...(sessionAdmins.includes(user) ? [OF_SESSIONS] : [])]);
    this.#pageSize = options.pageSize;
    this.#estate = options.estate ?? NO_ESTATE;
    this.#events = this.#estate.events;
    this.#managers = toManagers(
      () => this.#events,
      this.#estate.customFields,
      this.#estate.tasks,
      this.#estate.scheduledTasks,
      this.#estate.licenses,
    );
    this.#statistics = options.statistics ?? {};
    this.#apiVersion = options.apiVersion ?? '8.0.3.0';
    this.#hosts = options.hosts;
    this.#inventory = toInventory(options.hosts, this.#estate);
  }

  setHosts(hosts: readonly DemoVcenterHost[]): void {
    this.#hosts = hosts;
    this.#inventory = toInventory(hosts, this.#estate);
  }

  setEvents(events: readonly DemoEvent[]): void {
    this.#events = events;
  }

  /** A call has come, whatever becomes of it. */
  count(operation: string): void {
    this.stats.calls[operation] = (this.stats.calls[operation] ?? 0) + 1;
  }

  /** Throws DemoFault. */
  answer(call: Call): VimAnswer {
    switch (call.request.name) {
      case 'RetrieveServiceContent':
        return { content: serviceContent(this.#apiVersion) };
      case 'Login':
        return this.#login(call);
      case 'CloneSession':
        return this.#cloneSession(call);
      default:
        return { content: this.#inSession(call) };
    }
  }

  #inSession({ request, cookie = '' }: Call): string {
    const session = this.sessions.use(cookie);
    if (session === undefined) {
      const answer = request.name === 'RetrievePropertiesEx' ? retrieveUnauthenticated(request) : undefined;
      if (answer !== undefined) return answer;
      throw new DemoFault('NotAuthenticated', 'The session is not authenticated.');
    }
    const privileges = this.#privilegesOf(session.user);
    checkCall(request, privileges);
    const managers = new Map(this.#managers).set('SessionManager', () => this.#sessionManager(session));
    const context = { session, privileges, inventory: this.#inventory, managers, pageSize: this.#pageSize };
    switch (request.name) {
      case 'CurrentTime':
        return textElement('returnval', new Date(this.#clock.now()).toISOString());
      case 'HasPrivilegeOnEntities':
        return answerHeld(request, session, privileges);
      case 'Logout':
        this.sessions.close(cookie);
        this.stats.logouts += 1;
        return '';
      case 'AcquireCloneTicket':
        return textElement('returnval', this.sessions.issueTicket(cookie));
      case 'TerminateSession':
        return this.#terminate(request, session);
      case 'CreateContainerView':
        return createView(request, session);
      case 'DestroyView':
        session.views.delete(textOf(request, '_this'));
        return '';
      case 'VsanClusterGetConfig':
      case 'VsanQueryVcClusterHealthSummary':
      case 'VsanQuerySpaceUsage':
      case 'QuerySyncingVsanObjectsSummary':
        return answerVsan(request, this.#estate.vsan ?? []);
      case 'CreateCollectorForEvents':
        return createCollector(request, session, this.#events);
      case 'ReadNextEvents':
        return readNextEvents(request, session);
      case 'DestroyCollector':
        session.collectors.delete(textOf(request, '_this'));
        return '';
      case 'RetrievePropertiesEx':
        return retrieve(request, context);
      case 'ContinueRetrievePropertiesEx':
        return continueRetrieval(request, context);
      case 'CancelRetrievePropertiesEx':
        takePages(request, session);
        return '';
      default:
        return answerRead(request, {
          inventory: this.#inventory,
          hosts: this.#hosts,
          estate: this.#estate,
          statistics: this.#statistics,
          clock: this.#clock,
        });
    }
  }

  #login({ request, cookie = '', userAgent }: Call): VimAnswer {
    const user = textOf(request, 'userName');
    const right = this.#users.get(user);
    const isOpen = this.sessions.use(cookie) !== undefined;
    if (isOpen || right === undefined || textOf(request, 'password') !== right) {
      this.stats.refusedLogins += 1;
      throw new DemoFault('InvalidLogin', 'Cannot complete login due to an incorrect user name or password.');
    }
    checkLogin(this.#privilegesOf(user));
    const answer = this.#open({ user, userAgent });
    this.stats.logins += 1;
    return answer;
  }

  #cloneSession({ request, userAgent }: Call): VimAnswer {
    const { user } = this.sessions.redeem(textOf(request, 'cloneTicket'));
    const answer = this.#open({ user, userAgent });
    this.stats.clones += 1;
    return answer;
  }

  #open(client: Pick<DemoSession, 'user' | 'userAgent'>): VimAnswer {
    const { cookie, session } = this.sessions.open(client);
    return { newCookie: cookie, content: `<returnval>${toUserSession(session)}</returnval>` };
  }

  #terminate(request: XmlElement, by: DemoSession): string {
    const keys = childrenOf(request, 'sessionId').map(({ text }) => text);
    this.sessions.terminate(keys, { by });
    this.stats.terminated += keys.length;
    return '';
  }

  #sessionManager(current: DemoSession): ManagedObject {
    const all = this.sessions.list().map((one) => `<UserSession>${toUserSession(one)}</UserSession>`);
    return {
      type: 'SessionManager',
      value: 'SessionManager',
      properties: new Map([
        ['currentSession', `<val xsi:type="UserSession">${toUserSession(current)}</val>`],
        ['sessionList', `<val xsi:type="ArrayOfUserSession">${all.join('')}</val>`],
      ]),
      unreadable: [],
    };
  }
}

function createView(request: XmlElement, { views }: DemoSession): string {
  const id = `session[demo]${randomUUID()}`;
  const types = childrenOf(request, 'type').map(({ text }) => text);
  views.set(id, types);
  return `<returnval type="ContainerView">${id}</returnval>`;
}

const serviceContent = (apiVersion: string): string =>
  `<returnval><rootFolder type="Folder">${ROOT_FOLDER.value}</rootFolder>` +
  '<propertyCollector type="PropertyCollector">propertyCollector</propertyCollector>' +
  '<viewManager type="ViewManager">ViewManager</viewManager>' +
  MANAGERS +
  '<about><name>VMware vCenter Server</name><fullName>VMware vCenter Server 8.0.3 (vsweep demo)</fullName>' +
  '<vendor>VMware, Inc.</vendor><version>8.0.3</version><build>demo</build><apiType>VirtualCenter</apiType>' +
  `<apiVersion>${apiVersion}</apiVersion><instanceUuid>5eed5eed-0000-4000-8000-000000000001</instanceUuid></about>` +
  '<sessionManager type="SessionManager">SessionManager</sessionManager></returnval>';
