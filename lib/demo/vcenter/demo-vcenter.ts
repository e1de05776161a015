import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { type Clock, systemClock } from '../../platform/clock.ts';
import { messageOf } from '../../platform/errors.ts';
import { sha256Of } from '../../platform/tls.ts';
import { SoapReader } from '../../vsphere/soap/soap-reader.ts';
import { ElementBuilder, type XmlElement } from '../../vsphere/soap/unit-builder.ts';
import type { DemoAppliance } from './appliance.ts';
import { makeIdentity, type TlsIdentity } from './certificate.ts';
import type { DemoVcenterHost } from './demo-host.ts';
import type { DemoEstate, DemoEvent } from './estate.ts';
import { type Answer, type DemoVcenterFault, faultAnswer, htmlPage, sendAnswer, XML } from './fault-plan.ts';
import type { DemoStatistics } from './performance-manager.ts';
import { type DemoTag, isRest, RestService } from './rest-service.ts';
import type { DemoSession } from './session-table.ts';
import { answerEnvelope, DemoBusy, DemoFault, responseBody } from './soap-answer.ts';
import { VimService, type VimServiceStats } from './vim-service.ts';
import { VSAN_CALLS, VSAN_PATH } from './vsan-service.ts';

export type { DemoVcenterHost } from './demo-host.ts';
export type { DemoVcenterFault } from './fault-plan.ts';

export interface DemoVcenterOptions {
  /** On loopback. Default 127.0.0.1. */
  readonly address?: string;
  /** Default: any free one. */
  readonly port?: number;
  /** User name -> password. */
  readonly users: Record<string, string>;
  readonly hosts: readonly DemoVcenterHost[];
  /** Default: nothing but the hosts and what stands above them. */
  readonly estate?: DemoEstate;
  readonly statistics?: DemoStatistics;
  /** Objects a page. Default 100, as vCenter does. */
  readonly pageSize?: number;
  /** Default: a certificate made at the start. */
  readonly tls?: TlsIdentity;
  readonly clock?: Clock;
  /** Users who may list and end the sessions of others. Default: none, as with the role Read-only. */
  readonly sessionAdmins?: readonly string[];
  /** By user: all privileges of the account. Default: those that read everything but sessions. */
  readonly privileges?: Readonly<Record<string, readonly string[]>>;
  /** Default: one that is well. */
  readonly appliance?: DemoAppliance;
  /** Users who may read the appliance. Default: all. */
  readonly applianceReaders?: readonly string[];
  /** Without a call for so long a session ends. Default 2 h. */
  readonly idleTimeoutMs?: number;
  /** Default 3000. */
  readonly maxSessions?: number;
  /** Of its API. Default 8.0.3.0. */
  readonly apiVersion?: string;
}

export interface DemoVcenter extends AsyncDisposable {
  /** Ends in `/sdk`. */
  readonly url: string;
  /** Fingerprint of its certificate, `AB:CD:…`. */
  readonly sha256: string;
  readonly certPem: string;
  readonly stats: Readonly<VimServiceStats>;
  /** TLS connections that were made. */
  connections(): number;
  setHosts(hosts: readonly DemoVcenterHost[]): void;
  setTags(tags: readonly DemoTag[]): void;
  setEvents(events: readonly DemoEvent[]): void;
  setAppliance(appliance: DemoAppliance): void;
  /** What came of logins to its REST API, and its open sessions there. */
  rest(): { readonly logins: number; readonly refusedLogins: number; readonly sessions: number };
  /** Open ones. */
  sessions(): number;
  sessionList(): readonly Pick<DemoSession, 'user' | 'userAgent' | 'lastActiveAt'>[];
  /** Fails from now on in this way; undefined ends it. */
  misbehave(fault: DemoVcenterFault | undefined): void;
}

/** A simulated vCenter on loopback: it answers the SOAP calls that vsweep's client makes, and fails on demand. */
export async function startDemoVcenter(options: DemoVcenterOptions): Promise<DemoVcenter> {
  const { address = '127.0.0.1', port = 0, pageSize = 100, clock = systemClock } = options;
  const identity =
    options.tls ?? (await makeIdentity({ clock, addresses: [...new Set(['127.0.0.1', address])] }));
  const service = new VimService({ ...options, pageSize, clock });
  const rest = new RestService({ ...options, tags: options.estate?.tags ?? [] });
  const closing = new AbortController();
  let fault: DemoVcenterFault | undefined;

  const takeFault = (operation: string): DemoVcenterFault | undefined => {
    if (fault === undefined || (fault.operation ?? operation) !== operation) return undefined;
    const taken = fault;
    if (taken.kind === 'expire-sessions') {
      service.sessions.closeAll();
      rest.endSessions();
    }
    if (taken.kind === 'expire-sessions' || taken.kind === 'expire-afterwards') fault = undefined;
    return taken;
  };

  const server = https.createServer({ key: identity.key, cert: identity.cert }, (request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  const serveRest = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = '', url = '', headers } = request;
    const call = { method, url, authorization: headers.authorization, body: await textOf(request) };
    const sessionId = String(headers['vmware-api-session-id'] ?? '');
    const operation = RestService.operationOf(call);
    service.count(operation);
    const taken = takeFault(operation);
    const answer = () => {
      const given = rest.answer({ ...call, sessionId });
      if (taken?.kind === 'expire-afterwards') rest.endSessions();
      return given;
    };
    const heard = () => [call.authorization, call.body, sessionId].join(' ');
    await sendAnswer(response, taken, { answer, heard, clock, signal: closing.signal });
  };
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    if (isRest(request.url)) {
      await serveRest(request, response);
      return;
    }
    const call = await readCall(request);
    if (VSAN_CALLS.has(call.name) !== (request.url === VSAN_PATH)) {
      response.writeHead(404).end();
      return;
    }
    service.count(call.name);
    const { 'user-agent': userAgent = '' } = request.headers;
    const taken = takeFault(call.name);
    const answer = () => {
      const given = answerOf(service, { request: call, cookie: cookieOf(request), userAgent });
      if (taken?.kind === 'expire-afterwards') service.sessions.closeAll();
      return given;
    };
    const heard = () => [...textsOf(call), request.headers.cookie ?? ''].join(' ');
    await sendAnswer(response, taken, { answer, heard, clock, signal: closing.signal });
  };
  let connections = 0;
  server.on('secureConnection', () => {
    connections += 1;
  });
  server.on('tlsClientError', () => undefined);
  server.on('connection', (socket: Socket) => {
    if (fault?.kind === 'down' && fault.operation === undefined) socket.resetAndDestroy();
  });
  server.listen(port, address);
  await once(server, 'listening');

  return {
    url: `https://${address}:${(server.address() as AddressInfo).port}/sdk`,
    sha256: sha256Of(identity.cert),
    certPem: identity.cert,
    stats: service.stats,
    connections: () => connections,
    setHosts: (next) => service.setHosts(next),
    setTags: (tags) => rest.setTags(tags),
    setAppliance: (appliance) => rest.setAppliance(appliance),
    setEvents: (events) => service.setEvents(events),
    rest: () => ({ logins: rest.logins, refusedLogins: rest.refusedLogins, sessions: rest.sessions }),
    sessions: () => service.sessions.list().length,
    sessionList: () => service.sessions.list(),
    misbehave(next) {
      fault = next;
      if (next?.kind === 'down' && next.operation === undefined) server.closeAllConnections();
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function answerOf(service: VimService, call: Parameters<VimService['answer']>[0]): Answer {
  try {
    const { content, newCookie } = service.answer(call);
    const cookie = `vmware_soap_session="${newCookie}"; Path=/; HttpOnly; Secure;`;
    return {
      status: 200,
      headers: newCookie === undefined ? XML : { ...XML, 'Set-Cookie': cookie },
      body: answerEnvelope(responseBody(call.request.name, content)),
    };
  } catch (error) {
    if (error instanceof DemoBusy) return htmlPage();
    return faultAnswer(error instanceof DemoFault ? error : new DemoFault('RuntimeFault', messageOf(error)));
  }
}

async function readCall(request: IncomingMessage): Promise<XmlElement> {
  const reader = new SoapReader({ origin: 'the demo vCenter', unitDepth: 2 }, new ElementBuilder());
  const calls: XmlElement[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) calls.push(...reader.push(chunk));
  reader.end();
  const [call] = calls;
  if (call === undefined) throw new Error('a request without a call');
  return call;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

const textsOf = ({ text, children }: XmlElement): string[] => [text, ...children.flatMap(textsOf)];

function cookieOf({ headers }: IncomingMessage): string | undefined {
  return /vmware_soap_session="([^"]*)"/.exec(headers.cookie ?? '')?.[1];
}
