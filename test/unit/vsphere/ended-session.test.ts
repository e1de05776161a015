import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../lib/platform/clock.ts';
import { startTimeline } from '../../../lib/platform/timeline.ts';
import { printOutcome } from '../../../lib/sweep/outcome.ts';
import { readObjects } from '../../../lib/sweep/worker/read-objects.ts';
import { isNotAuthenticated } from '../../../lib/vsphere/errors.ts';
import { type RetrievalSession, retrieveObjects } from '../../../lib/vsphere/property/retrieval.ts';
import { readSessionList } from '../../../lib/vsphere/session/session-list.ts';
import { NO_CONNECTION } from '../../support/no-connection.ts';
import { batchHost } from '../sweep/builders.ts';
import { AROUND_OBJECTS, cannedSession } from './canned-session.ts';

/**
 * What a vCenter answers to RetrievePropertiesEx in a session that it has ended: HTTP 200, and NotAuthenticated as the
 * fault of every property. pyVmomi issue 43 and issue 294 (`vim.fault.NotAuthenticated`, `privilegeId =
 * 'System.View'`, thrown for `host.name`), govmomi's vim25/mo/fixtures/not_authenticated_fault.xml.
 */
const { signal } = new AbortController();
const [HEAD, TAIL] = AROUND_OBJECTS;
const HOSTS = [batchHost(1), batchHost(2), batchHost(3)];

const missing = (path: string, fault: string) =>
  `<missingSet><path>${path}</path><fault><fault xsi:type="${fault}"><object type="HostSystem">host-1</object>` +
  '<privilegeId>System.View</privilegeId></fault><localizedMessage></localizedMessage></fault></missingSet>';
const set = (path: string) => `<propSet><name>${path}</name><val xsi:type="xsd:string">green</val></propSet>`;
const objectOf = (host: number, ...properties: readonly string[]) =>
  `<objects><obj type="HostSystem">host-${host}</obj>${properties.join('')}</objects>`;
const ended = (host: number) =>
  objectOf(host, missing('name', 'NotAuthenticated'), missing('overallStatus', 'NotAuthenticated'));
const good = (host: number) => objectOf(host, set('name'), set('overallStatus'));

const answering = (...objects: readonly string[]) =>
  cannedSession(() => [Buffer.from(HEAD + objects.join('') + TAIL)]);

async function retrieve(session: RetrievalSession) {
  const query = {
    type: 'HostSystem',
    morefs: HOSTS.map(({ moref }) => moref),
    paths: ['name', 'overallStatus'],
  };
  const came: string[] = [];
  try {
    for await (const { moref } of retrieveObjects(session, query, { signal })) came.push(moref.value);
    return { came, failure: undefined };
  } catch (failure) {
    return { came, failure };
  }
}

async function outcomesOf(session: RetrievalSession) {
  const { outcomes, detail } = await readObjects(
    {
      ticket: 't',
      items: HOSTS.map(({ moref }): [string, string] => ['HostSystem', moref]),
      endsAt: systemClock.now() + 10_000,
    },
    {
      clock: systemClock,
      timeline: startTimeline(systemClock),
      needs: new Map([['properties', ['overallStatus']]]),
      clone: async () => ({
        retrieve: (query, options) => retrieveObjects(session, query, options),
        close: async () => undefined,
        ...NO_CONNECTION,
        measurements: () => ({ calls: 1, bytes: 1, failedLogouts: 0 }),
      }),
      onValue: () => undefined,
    },
    { signal },
  );
  return { outcomes: HOSTS.map(({ moref }) => printOutcome(outcomes.get(moref) ?? { kind: 'ok' })), detail };
}

describe('a retrieval in a session that has ended', () => {
  it('fails as the same fault of the call does, and says so', async () => {
    const { came, failure } = await retrieve(answering(ended(1), ended(2)));
    expect(came).toEqual([]);
    expect(failure).toSatisfy(isNotAuthenticated);
    expect(String(failure)).toContain(
      'Test on vc returned the fault NotAuthenticated: the session has ended: the answer has no property of HostSystem:host-1',
    );
  });

  it('delivers what came before the session ended', async () => {
    const { came, failure } = await retrieve(answering(good(1), ended(2)));
    expect(came).toEqual(['host-1']);
    expect(failure).toSatisfy(isNotAuthenticated);
  });

  it('is told also when some properties have other faults', async () => {
    const mixed = objectOf(1, missing('name', 'NoPermission'), missing('overallStatus', 'NotAuthenticated'));
    expect((await retrieve(answering(mixed))).failure).toSatisfy(isNotAuthenticated);
  });

  it('is none when something of the object came: the property is missing like any other', async () => {
    const partly = objectOf(1, set('name'), missing('overallStatus', 'NotAuthenticated'));
    expect(await retrieve(answering(partly, good(2)))).toEqual({
      came: ['host-1', 'host-2'],
      failure: undefined,
    });
  });

  it('is none when the account may not read a single property', async () => {
    const denied = objectOf(1, missing('name', 'NoPermission'), missing('overallStatus', 'NoPermission'));
    expect(await retrieve(answering(denied, good(2)))).toEqual({
      came: ['host-1', 'host-2'],
      failure: undefined,
    });
  });
});

describe('a batch whose session has ended', () => {
  it('has hosts that are failed(session), without the advice to give a role', async () => {
    const { outcomes, detail } = await outcomesOf(answering(good(1), ended(2)));
    expect(outcomes).toEqual(['ok', 'failed(session)', 'failed(session)']);
    expect(detail).toContain('the session has ended');
  });

  it('tells a host whose name alone is NotAuthenticated from one that may not be read', async () => {
    const nameless = (host: number, fault: string) =>
      objectOf(host, missing('name', fault), set('overallStatus'));
    const { outcomes } = await outcomesOf(
      answering(nameless(1, 'NotAuthenticated'), nameless(2, 'NoPermission'), good(3)),
    );
    expect(outcomes).toEqual(['failed(session)', 'failed(unreadable)', 'ok']);
  });
});

describe('the list of sessions', () => {
  const listWith = (...properties: readonly string[]) => {
    const session = answering(`<objects><obj type="SessionManager">sm</obj>${properties.join('')}</objects>`);
    const sessionManager = { type: 'SessionManager', value: 'sm' };
    return readSessionList({ ...session, content: { ...session.content, sessionManager } }, { signal });
  };

  it('is asked for with the session that asks, and is looked at as far as 20,000 sessions', async () => {
    const sent: string[] = [];
    const at = '2026-01-02T00:00:00Z';
    const fields = `<key>k</key><userName>u</userName><lastActiveTime>${at}</lastActiveTime>`;
    const many = `<UserSession xsi:type="UserSession">${fields}</UserSession>`.repeat(20_001);
    const properties =
      `<propSet><name>currentSession</name><val xsi:type="UserSession">${fields}</val></propSet>` +
      `<propSet><name>sessionList</name><val xsi:type="ArrayOfUserSession">${many}</val></propSet>`;
    const session = cannedSession(
      ({ body }) => {
        sent.push(body);
        return [
          Buffer.from(`${HEAD}<objects><obj type="SessionManager">sm</obj>${properties}</objects>${TAIL}`),
        ];
      },
      { sessionManager: { type: 'SessionManager', value: 'sm' } },
    );
    expect((await readSessionList(session, { signal }))?.all).toHaveLength(20_000);
    expect(sent[0]).toContain('<pathSet>currentSession</pathSet><pathSet>sessionList</pathSet>');
  });

  // The current session may be read without one: govmomi issue 1149.
  it('is not taken for one that the account may not see when the session has ended', async () => {
    const attempt = listWith(set('currentSession'), missing('sessionList', 'NotAuthenticated'));
    await expect(attempt).rejects.toSatisfy(isNotAuthenticated);
  });

  it('has of each session who logged in from where, and leaves out what is none', async () => {
    const sessionOf = (key: string, lastActive: string, user = 'CORP\\svc') =>
      `<key>${key}</key><userName>${user}</userName><fullName>Service</fullName><loginTime>2026-01-01T00:00:00Z</loginTime>` +
      `<lastActiveTime>${lastActive}</lastActiveTime><ipAddress>10.0.0.9</ipAddress><userAgent>vsweep/1</userAgent><callCount>7</callCount>`;
    const at = '2026-01-02T00:00:00Z';
    const list = [sessionOf('a', at), sessionOf('', at), sessionOf('b', at, ''), sessionOf('c', 'never')].map(
      (fields) => `<UserSession xsi:type="UserSession">${fields}</UserSession>`,
    );
    const property = (name: string, type: string, value: string) =>
      `<propSet><name>${name}</name><val xsi:type="${type}">${value}</val></propSet>`;
    const listed = await listWith(
      property('currentSession', 'UserSession', sessionOf('own', at)),
      property('sessionList', 'ArrayOfUserSession', list.join('')),
    );
    const session = {
      userName: 'CORP\\svc',
      fullName: 'Service',
      userAgent: 'vsweep/1',
      loginTime: '2026-01-01T00:00:00Z',
      lastActiveAt: Date.parse(at),
      lastActiveTime: at,
      ipAddress: '10.0.0.9',
      callCount: 7,
    };
    expect(listed).toEqual({ current: { key: 'own', ...session }, all: [{ key: 'a', ...session }] });
  });

  it('is undefined without the privilege', async () => {
    expect(await listWith(set('currentSession'), missing('sessionList', 'NoPermission'))).toBeUndefined();
  });
});
