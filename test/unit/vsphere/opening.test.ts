import { describe, expect, it } from 'vitest';
import { createLineLog, silentLog } from '../../../lib/platform/log.ts';
import { VsphereFaultError, VsphereReplyError } from '../../../lib/vsphere/errors.ts';
import { readServiceContent } from '../../../lib/vsphere/service-content.ts';
import { type Link, openSession } from '../../../lib/vsphere/session/link.ts';
import type { Transport } from '../../../lib/vsphere/soap/transport.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { cannedSession } from './canned-session.ts';
import { soapAnswer } from './soap-messages.ts';

const { signal } = new AbortController();
const MANAGER = { type: 'SessionManager', value: 'SessionManager' };
const LOGIN = { operation: 'Login', body: '<Login/>' };

const linkOver = (transport: Transport, more: Pick<Link, 'log' | 'mayBeInSession'>): Link => ({
  endpoint: { name: 'vc01', url: 'https://vc01.example.org/sdk', tls: undefined },
  clock: createManualClock(),
  transport,
  measurements: () => {
    throw new Error('nobody asks');
  },
  certificateEndsAt: () => undefined,
  close: () => undefined,
  ...more,
});

describe('readServiceContent', () => {
  const MANAGERS = ['rootFolder', 'propertyCollector', 'viewManager', 'sessionManager'];
  const read = (manager: (name: string) => string) => {
    const content = `<returnval>${MANAGERS.map(manager).join('')}</returnval>`;
    const answer = soapAnswer(
      `<RetrieveServiceContentResponse xmlns="urn:vim25">${content}</RetrieveServiceContentResponse>`,
    );
    return readServiceContent(cannedSession(() => [Buffer.from(answer)]).transport, { signal });
  };
  const named = (name: string) => `<${name} type="Manager">${name}</${name}>`;

  it('takes what has all managers that every vSphere has', async () => {
    expect(await read(named)).toMatchObject({ sessionManager: { type: 'Manager', value: 'sessionManager' } });
  });

  it.each(MANAGERS)('takes what names no %s, or an empty one, for no vSphere', async (missing) => {
    for (const instead of ['', `<${missing} type="Manager"/>`]) {
      await expect(read((name) => (name === missing ? instead : named(name)))).rejects.toMatchObject({
        code: 'not-soap',
        message: `RetrieveServiceContent returned no ${missing}: this is not a vCenter or ESXi`,
      });
    }
  });
});

describe('openSession', () => {
  it.each([
    ['that never left', { isSent: false, isNamed: true, isFault: false }, []],
    ['whose answer named no session', { isSent: true, isNamed: false, isFault: false }, []],
    ['that was answered with a fault', { isSent: true, isNamed: true, isFault: true }, []],
    ['that was cut off after it named one', { isSent: true, isNamed: true, isFault: false }, ['Logout']],
  ])('makes no logout of a session that cannot be there: a login %s', async (_, login, more) => {
    const asked: string[] = [];
    const failure = login.isFault
      ? new VsphereFaultError('Login on vc01', { fault: 'SystemError', text: 'no' })
      : new VsphereReplyError('Login was cut off', { code: 'truncated' });
    const transport: Transport = async ({ operation }, { onSent }) => {
      asked.push(operation);
      if (login.isSent) onSent?.();
      throw failure;
    };
    const link = linkOver(transport, { log: silentLog, mayBeInSession: () => login.isNamed });
    await expect(openSession(link, { sessionManager: MANAGER }, LOGIN, { signal })).rejects.toBe(failure);
    expect(asked).toEqual(['Login', ...more]);
  });

  it('that was cut off logs it when the session that may be open cannot be ended, and tells of the first error', async () => {
    const lines: string[] = [];
    const asked: string[] = [];
    const transport: Transport = async ({ operation }, { onSent }) => {
      asked.push(operation);
      onSent?.();
      throw new VsphereReplyError(`${operation} was cut off`, { code: 'truncated' });
    };
    const log = createLineLog({ write: (line) => lines.push(line), level: 'debug' });
    const link = linkOver(transport, { log, mayBeInSession: () => true });
    await expect(openSession(link, { sessionManager: MANAGER }, LOGIN, { signal })).rejects.toThrow(
      'Login was cut off',
    );
    expect(asked).toEqual(['Login', 'Logout']);
    expect(lines).toEqual([
      expect.stringMatching(/^debug nothing to log out of .* target="vc01" error="Logout was cut off"$/),
    ]);
  });
});
