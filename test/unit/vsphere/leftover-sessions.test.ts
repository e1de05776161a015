import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../lib/platform/log.ts';
import { endSessions, leftoverOf } from '../../../lib/vsphere/session/leftover-sessions.ts';
import type { VsphereSession } from '../../../lib/vsphere/session/session.ts';
import { endOf, withEnd } from '../../../lib/vsphere/session/session-end.ts';
import type { ListedSession } from '../../../lib/vsphere/session/session-list.ts';
import { cannedSession } from './canned-session.ts';
import { soapAnswer } from './soap-messages.ts';

const NOW = Date.UTC(2026, 10, 25, 12);
const MINUTE = 60_000;
const listed = (key: string, changes: Partial<ListedSession> = {}): ListedSession => ({
  key,
  userName: 'VSPHERE.LOCAL\\vsweep',
  userAgent: withEnd('vsweep/0.1.0', NOW - 6 * MINUTE),
  lastActiveAt: NOW - 20 * MINUTE,
  lastActiveTime: '2026-11-25T11:40:00Z',
  loginTime: '2026-11-25T11:00:00Z',
  fullName: '',
  ipAddress: '192.0.2.1',
  callCount: 7,
  ...changes,
});
const current = listed('current', { lastActiveAt: NOW });
const keysOf = (all: readonly ListedSession[], of = current) =>
  leftoverOf({ current: of, all: [of, ...all] }, NOW).map(({ key }) => key);

describe('the end of a session', () => {
  it('stands in the User-Agent, rounded up to a second', () => {
    expect(withEnd('vsweep/0.1.0', NOW + 1)).toBe('vsweep/0.1.0 (until 2026-11-25T12:00:01Z)');
    expect(endOf('vsweep/0.1.0 (until 2026-11-25T12:00:01Z)')).toBe(NOW + 1_000);
    expect(withEnd('vsweep/0.1.0', undefined)).toBe('vsweep/0.1.0');
  });

  it.each([
    'vsweep/0.1.0',
    'vsweep',
    '',
    'Go-http-client/1.1 (until 2026-11-25T12:00:01Z)',
    'vsweep/0.1.0 (until 2026-13-45T12:00:01Z)',
    'vsweep/0.1.0 (until tomorrow)',
    'a vsweep/0.1.0 (until 2026-11-25T12:00:01Z)',
    'vsweep/0.1.0 (until 2026-11-25T12:00:01Z) proxy',
  ])('is not read from "%s"', (userAgent) => {
    expect(endOf(userAgent)).toBeUndefined();
  });
});

describe('leftoverOf', () => {
  it('finds what is over by its own word and idle', () => {
    expect(keysOf([listed('one'), listed('two')])).toEqual(['one', 'two']);
  });

  it.each<[string, Partial<ListedSession>]>([
    ['of another user', { userName: 'VSPHERE.LOCAL\\admin' }],
    ['of another client', { userAgent: 'PowerCLI' }],
    ['that is held without an end, however idle', { userAgent: 'vsweep/0.1.0', lastActiveAt: 0 }],
    ['that is not over yet, however idle', { userAgent: withEnd('vsweep/0.1.0', NOW), lastActiveAt: 0 }],
    ['that was over a moment ago', { userAgent: withEnd('vsweep/0.1.0', NOW - 4 * MINUTE) }],
    ['that was used less than a quarter of an hour ago', { lastActiveAt: NOW - 14 * MINUTE }],
  ])('leaves a session alone %s', (_, changes) => {
    expect(keysOf([listed('other', changes)])).toEqual([]);
  });

  it('waits for five minutes after its end, and for a quarter of an hour without a call, to the moment', () => {
    const over = (ms: number) => ({ userAgent: withEnd('vsweep/0.1.0', NOW - 5 * MINUTE - ms) });
    expect(keysOf([listed('grace', over(0)), listed('over', over(1_000))])).toEqual(['over']);
    const idle = (ms: number) => ({ lastActiveAt: NOW - 15 * MINUTE - ms });
    expect(keysOf([listed('used', idle(0)), listed('idle', idle(1))])).toEqual(['idle']);
  });

  it('never finds the current one', () => {
    const overdue = { ...current, userAgent: withEnd('vsweep/0.1.0', 0) };
    expect(keysOf([{ ...overdue, lastActiveAt: 0 }], overdue)).toEqual([]);
  });

  it('goes by the clock of the vCenter for idleness, however wrong it is', () => {
    const slow = { ...current, lastActiveAt: NOW - 60 * MINUTE };
    expect(keysOf([listed('used', { lastActiveAt: NOW - 74 * MINUTE })], slow)).toEqual([]);
    expect(keysOf([listed('idle', { lastActiveAt: NOW - 76 * MINUTE })], slow)).toEqual(['idle']);
  });
});

describe('endSessions', () => {
  const signal = new AbortController().signal;
  const ENDED = soapAnswer('<TerminateSessionResponse xmlns="urn:vim25"/>');
  const fault = (type: string) =>
    soapAnswer(
      `<soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>no</faultstring><detail><${type}Fault xmlns="urn:vim25" xsi:type="${type}"/></detail></soapenv:Fault>`,
    );
  /** A vCenter that answers so when the session with this key is to be ended. */
  const ending = (answers: Readonly<Record<string, string>>) => {
    const asked: string[] = [];
    const session = cannedSession(({ operation, body }) => {
      const key = /<sessionId>(.*)<\/sessionId>/.exec(body)?.[1] ?? '';
      asked.push(`${operation} ${key}`);
      return [Buffer.from(answers[key] ?? ENDED)];
    });
    const content = { ...session.content, sessionManager: { type: 'SessionManager', value: 's' } };
    const lines: object[] = [];
    const log = { ...silentLog, info: (text: string, fields?: object) => lines.push({ text, ...fields }) };
    const end = (keys: readonly string[]) =>
      endSessions(
        { ...session, content, endpoint: { name: 'vc01' } } as unknown as VsphereSession,
        keys.map((key) => listed(key)),
        { log },
        { signal },
      );
    return { asked, lines, end };
  };

  it('ends each by its key, tells of each, and says how many', async () => {
    const { asked, lines, end } = ending({});
    expect(await end(['one', 'two'])).toBe(2);
    expect(asked).toEqual(['TerminateSession one', 'TerminateSession two']);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatchObject({ target: 'vc01', userAgent: listed('one').userAgent });
  });

  it('counts one that has ended meanwhile, and goes on', async () => {
    const { asked, end } = ending({ one: fault('NotFound') });
    expect(await end(['one', 'two'])).toBe(2);
    expect(asked).toHaveLength(2);
  });

  it.each([fault('NoPermission'), '<html></html>'])('stops at the first other answer: %s', async (answer) => {
    const { asked, end } = ending({ one: answer });
    await expect(end(['one', 'two'])).rejects.toThrow();
    expect(asked).toHaveLength(1);
  });

  it('ends a hundred at most: the next run ends more', async () => {
    const { asked, end } = ending({});
    expect(await end(Array.from({ length: 101 }, (_, index) => `s${index}`))).toBe(100);
    expect(asked.at(-1)).toBe('TerminateSession s99');
  });
});
