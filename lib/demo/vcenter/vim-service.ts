import { randomUUID } from 'node:crypto';
import type { XmlElement } from '../../vsphere/soap/soap-reader.ts';
import { textElement } from '../../vsphere/soap/soap-request.ts';
import type { DemoVcenterHost } from './demo-host.ts';
import { ROOT_FOLDER, toInventory } from './inventory.ts';
import {
  childrenOf,
  continueRetrieval,
  type DemoSession,
  retrieve,
  takePages,
} from './property-collector.ts';
import { DemoFault } from './soap-answer.ts';

export interface VimServiceStats {
  logins: number;
  refusedLogins: number;
  clones: number;
  logouts: number;
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
}

/** vSphere's answers without the network: sessions, tickets, views and retrievals over the hosts. */
export class VimService {
  readonly stats: VimServiceStats = { logins: 0, refusedLogins: 0, clones: 0, logouts: 0, calls: {} };
  readonly sessions = new Map<string, DemoSession>();
  readonly #tickets = new Map<string, string>();
  readonly #users: ReadonlyMap<string, string>;
  readonly #pageSize: number;
  #inventory: ReturnType<typeof toInventory>;

  constructor(options: {
    users: Record<string, string>;
    hosts: readonly DemoVcenterHost[];
    pageSize: number;
  }) {
    this.#users = new Map(Object.entries(options.users));
    this.#pageSize = options.pageSize;
    this.#inventory = toInventory(options.hosts);
  }

  setHosts(hosts: readonly DemoVcenterHost[]): void {
    this.#inventory = toInventory(hosts);
  }

  /** A call has come, whatever becomes of it. */
  count(operation: string): void {
    this.stats.calls[operation] = (this.stats.calls[operation] ?? 0) + 1;
  }

  /** Throws DemoFault. */
  answer(call: Call): VimAnswer {
    switch (call.request.name) {
      case 'RetrieveServiceContent':
        return { content: SERVICE_CONTENT };
      case 'Login':
        return this.#login(call);
      case 'CloneSession':
        return this.#cloneSession(call);
      default:
        return { content: this.#inSession(call) };
    }
  }

  #inSession({ request, cookie = '' }: Call): string {
    const session = this.sessions.get(cookie);
    if (session === undefined) throw new DemoFault('NotAuthenticated', 'The session is not authenticated.');
    const context = { session, inventory: this.#inventory, pageSize: this.#pageSize };
    switch (request.name) {
      case 'Logout':
        this.sessions.delete(cookie);
        this.stats.logouts += 1;
        return '';
      case 'AcquireCloneTicket':
        return textElement('returnval', this.#issueTicket(session));
      case 'CreateContainerView':
        return createView(request, session);
      case 'DestroyView':
        session.views.delete(textOf(request, '_this'));
        return '';
      case 'RetrievePropertiesEx':
        return retrieve(request, context);
      case 'ContinueRetrievePropertiesEx':
        return continueRetrieval(request, context);
      case 'CancelRetrievePropertiesEx':
        takePages(request, session);
        return '';
      default:
        throw new DemoFault('NotImplemented', `The demo does not know ${request.name}`);
    }
  }

  #login({ request, cookie = '' }: Call): VimAnswer {
    const user = textOf(request, 'userName');
    const right = this.#users.get(user);
    if (this.sessions.has(cookie) || right === undefined || textOf(request, 'password') !== right) {
      this.stats.refusedLogins += 1;
      throw new DemoFault('InvalidLogin', 'Cannot complete login due to an incorrect user name or password.');
    }
    this.stats.logins += 1;
    return this.#open(user);
  }

  #cloneSession({ request }: Call): VimAnswer {
    const ticket = textOf(request, 'cloneTicket');
    const user = this.#tickets.get(ticket);
    if (user === undefined) throw new DemoFault('InvalidLogin', 'The ticket is not valid.');
    this.#tickets.delete(ticket);
    this.stats.clones += 1;
    return this.#open(user);
  }

  #open(user: string): VimAnswer {
    const newCookie = randomUUID();
    this.sessions.set(newCookie, { user, views: new Map(), pages: new Map() });
    const key = textElement('key', randomUUID());
    return { newCookie, content: `<returnval>${key}${textElement('userName', user)}</returnval>` };
  }

  #issueTicket({ user }: DemoSession): string {
    const ticket = `cst-VCT-${randomUUID()}`;
    this.#tickets.set(ticket, user);
    return ticket;
  }
}

function createView(request: XmlElement, { views }: DemoSession): string {
  const id = `session[demo]${randomUUID()}`;
  const types = childrenOf(request, 'type').map(({ text }) => text);
  views.set(id, types);
  return `<returnval type="ContainerView">${id}</returnval>`;
}

function textOf(request: XmlElement, name: string): string {
  return childrenOf(request, name)[0]?.text ?? '';
}

const SERVICE_CONTENT =
  `<returnval><rootFolder type="Folder">${ROOT_FOLDER.value}</rootFolder>` +
  '<propertyCollector type="PropertyCollector">propertyCollector</propertyCollector>' +
  '<viewManager type="ViewManager">ViewManager</viewManager>' +
  '<about><name>VMware vCenter Server</name><fullName>VMware vCenter Server 8.0.3 (vsweep demo)</fullName>' +
  '<vendor>VMware, Inc.</vendor><version>8.0.3</version><build>demo</build><apiType>VirtualCenter</apiType>' +
  '<apiVersion>8.0.3.0</apiVersion><instanceUuid>5eed5eed-0000-4000-8000-000000000001</instanceUuid></about>' +
  '<sessionManager type="SessionManager">SessionManager</sessionManager></returnval>';
