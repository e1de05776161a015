import { once } from 'node:events';
import { Agent } from 'node:http';
import * as net from 'node:net';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { DemoVcenter, DemoVcenterFault } from '../../../lib/demo/vcenter/demo-vcenter.ts';
import { NO_ESTATE } from '../../../lib/demo/vcenter/estate.ts';
import { type Clock, systemClock } from '../../../lib/platform/clock.ts';
import { createLineLog, type Log } from '../../../lib/platform/log.ts';
import { VsphereLoginError, VsphereReplyError } from '../../../lib/vsphere/errors.ts';
import { send } from '../../../lib/vsphere/rest/rest-exchange.ts';
import { logInToRestApi, type RestSession } from '../../../lib/vsphere/rest/rest-session.ts';
import { answer, startGateway } from '../sinks/gateway.ts';
import { DEPS, endpointOf, eventually, PROOF, rejectionOf, startTarget, testSignal } from './demo-target.ts';

const signal = testSignal();
const ABOUT = { version: '8.0.3', fields: new Map([['apiVersion', '8.0.3.0']]) };
const OLD = { version: '6.5.0', fields: new Map([['apiVersion', '6.5']]) };
const LIST_TAGS = { resource: 'cis/tagging/tag' } as const;
const ids = z.array(z.string());
const TAG = { id: 'urn:vmomi:InventoryServiceTag:1:GLOBAL', name: 'gold', category: 'Tier', objects: [] };
const estate = { ...NO_ESTATE, tags: [TAG] };

interface Login {
  readonly about?: typeof ABOUT;
  readonly proof?: typeof PROOF;
  readonly work?: AbortSignal;
  readonly clock?: Clock;
  readonly log?: Log;
  readonly beforePassword?: () => Promise<void>;
}
const logIn = (
  vcenter: DemoVcenter,
  { about = ABOUT, proof = PROOF, work = signal, beforePassword = allow, ...deps }: Login = {},
) => {
  const options = { signal: work, beforePassword };
  return logInToRestApi(endpointOf(vcenter), proof, about, { ...DEPS, ...deps }, options);
};
const allow = async () => undefined;

/** Works in a session and ends it. */
async function inSession<T>(vcenter: DemoVcenter, work: (session: RestSession) => Promise<T>, about = ABOUT) {
  const session = await logIn(vcenter, { about });
  try {
    return await work(session);
  } finally {
    await session.close({ ms: 5_000 });
  }
}

describe('a session with the REST API', () => {
  // The forms of the vSphere Automation API: /rest/com/vmware/cis/session of 6.5 on, /api/session of 7.0 U2 on.
  it.each([
    ['6.5', OLD],
    ['7.0.1', { version: '7.0.1', fields: new Map([['apiVersion', '7.0.1.0']]) }],
    ['7.0.2', { version: '7.0.2', fields: new Map([['apiVersion', '7.0.2.0']]) }],
    ['8.0', ABOUT],
  ])('is opened, used and ended in the form of %s', async (_, about) => {
    await using vcenter = await startTarget({ estate });
    const tags = await inSession(vcenter, (session) => session.call(LIST_TAGS, ids, { signal }), about);
    expect(tags).toEqual([TAG.id]);
    expect(vcenter.rest()).toEqual({ logins: 1, refusedLogins: 0, sessions: 0 });
  });

  it('says of a body that it is JSON, and nothing of none', async () => {
    await using gateway = await startGateway([answer(200), answer(200)]);
    const agent = new Agent();
    const endpoint = { name: 'vc01', url: gateway.url, tls: { sha256: [] } };
    const link = { endpoint, agent, userAgent: 'vsweep/1.2.3' };
    const request = { method: 'POST', path: '/api', headers: {}, maxBytes: 100 } as const;
    await send(link, { ...request, body: { a: 1 } }, { signal });
    await send(link, { ...request, body: undefined }, { signal });
    agent.destroy();
    expect(gateway.seen[0]).toMatchObject({
      text: '{"a":1}',
      headers: { 'content-type': 'application/json' },
    });
    expect(gateway.seen[1]?.headers).not.toHaveProperty('content-type');
  });

  it('is asked for by id, and with a body', async () => {
    await using vcenter = await startTarget({ estate });
    for (const about of [OLD, ABOUT]) {
      const found = await inSession(
        vcenter,
        async (session) => [
          await session.call({ ...LIST_TAGS, id: TAG.id }, z.object({ name: z.string() }), { signal }),
          await session.call(
            {
              resource: 'cis/tagging/tag-association',
              action: 'list-attached-objects-on-tags',
              body: { tag_ids: [TAG.id] },
            },
            z.array(z.object({ tag_id: z.string() })),
            { signal },
          ),
        ],
        about,
      );
      expect(found).toEqual([{ name: 'gold' }, [{ tag_id: TAG.id }]]);
    }
  });

  it('asks whether it may before the password leaves, and sends none where it may not', async () => {
    await using vcenter = await startTarget();
    const no = new Error('not now');
    expect(await rejectionOf(logIn(vcenter, { beforePassword: () => Promise.reject(no) }))).toBe(no);
    expect(vcenter.stats.calls).toEqual({});
  });

  it('asks only when it is connected: whatever the handshake takes is no time of the answer', async () => {
    await using vcenter = await startTarget();
    const front = net.createServer({ pauseOnConnect: true });
    const arrived = once(front, 'connection');
    front.listen(0, '127.0.0.1');
    await once(front, 'listening');
    const { port } = front.address() as net.AddressInfo;
    const url = new URL(vcenter.url);
    url.port = String(port);
    const happened: string[] = [];
    const options = { signal, beforePassword: async () => void happened.push('asked') };
    const opening = logInToRestApi({ ...endpointOf(vcenter), url: url.href }, PROOF, ABOUT, DEPS, options);
    const [client] = (await arrived) as [net.Socket];
    const back = net.connect(Number(new URL(vcenter.url).port), '127.0.0.1');
    try {
      happened.push('handshake');
      client.pipe(back).pipe(client);
      await (await opening).close({ ms: 5_000 });
      expect(happened).toEqual(['handshake', 'asked']);
    } finally {
      client.destroy();
      back.destroy();
      front.close();
    }
  });

  it('that is closed by the peer while it asks sends no password, and is no refusal', async () => {
    await using vcenter = await startTarget();
    const sockets: net.Socket[] = [];
    const front = net.createServer((client) => {
      const back = net.connect(Number(new URL(vcenter.url).port), '127.0.0.1');
      for (const socket of [client, back]) socket.on('error', () => undefined);
      sockets.push(client, back);
      client.pipe(back).pipe(client);
    });
    front.listen(0, '127.0.0.1');
    await once(front, 'listening');
    const url = new URL(vcenter.url);
    url.port = String((front.address() as net.AddressInfo).port);
    try {
      const options = {
        signal,
        async beforePassword() {
          const [client] = sockets;
          client?.end();
          // It answers the end with its own when it has seen it.
          if (client !== undefined) await once(client, 'close');
        },
      };
      const error = await rejectionOf(
        logInToRestApi({ ...endpointOf(vcenter), url: url.href }, PROOF, ABOUT, DEPS, options),
      );
      expect(error).toMatchObject({ code: 'login-not-sent', credentialSent: false });
      expect(vcenter.stats.calls).toEqual({});
    } finally {
      for (const socket of sockets) socket.destroy();
      front.close();
    }
  });

  it('has the same trust as SOAP: a certificate that is not pinned gets no password', async () => {
    await using vcenter = await startTarget();
    const endpoint = { ...endpointOf(vcenter), tls: { sha256: ['00'.repeat(32)] } };
    const options = { signal, beforePassword: async () => undefined };
    const error = await rejectionOf(logInToRestApi(endpoint, PROOF, ABOUT, DEPS, options));
    expect(error).toMatchObject({ code: 'login-not-sent' });
    expect(error.message).toMatch(/no password was sent.*not pinned/);
    expect(vcenter.stats.calls).toEqual({});
  });

  it('sends nothing of work that is over', async () => {
    await using vcenter = await startTarget();
    const over = AbortSignal.abort(new Error('the run is over'));
    const asked: string[] = [];
    const beforePassword = async () => void asked.push('asked');
    expect(await rejectionOf(logIn(vcenter, { work: over, beforePassword }))).toMatchObject({
      code: 'login-not-sent',
    });
    expect([asked, vcenter.connections()]).toEqual([[], 0]);
  });

  it('sends no password of a user name that HTTP cannot carry', async () => {
    await using vcenter = await startTarget();
    const proof = { ...PROOF, username: 'a:b' };
    expect(await rejectionOf(logIn(vcenter, { proof }))).toMatchObject({ code: 'login-not-sent' });
    expect(vcenter.stats.calls).toEqual({});
  });

  it.each<[string, DemoVcenterFault | undefined, VsphereLoginError['code']]>([
    ['a wrong password', undefined, 'login-refused'],
    ['403', { kind: 'status', status: 403 }, 'login-refused'],
    ['503', { kind: 'html' }, 'login-undecided'],
    ['429', { kind: 'status', status: 429 }, 'login-undecided'],
    ['success without a session', { kind: 'status', status: 201, body: '{}' }, 'login-undecided'],
    [
      'a session that is no header',
      { kind: 'status', status: 201, body: '"a\\r\\nb: c"' },
      'login-undecided',
    ],
    [
      'a redirect',
      { kind: 'status', status: 302, headers: { Location: 'https://127.0.0.1:1/' } },
      'login-cut-off',
    ],
    ['404', { kind: 'status', status: 404 }, 'login-cut-off'],
    ['500', { kind: 'status', status: 500 }, 'login-cut-off'],
    [
      'half an answer',
      { kind: 'status', status: 500, body: 'x', headers: { 'Content-Length': '9' } },
      'login-cut-off',
    ],
    ['no answer', { kind: 'down', operation: 'rest login' }, 'login-cut-off'],
  ])('says what %s is to a lockout budget, once, and in no word of the peer', async (what, fault, code) => {
    await using vcenter = await startTarget();
    vcenter.misbehave(fault);
    const proof = fault === undefined ? { ...PROOF, password: 'wrong' } : PROOF;
    const error = await rejectionOf(logIn(vcenter, { proof }));
    expect(error, what).toBeInstanceOf(VsphereLoginError);
    expect(error).toMatchObject({ code, credentialSent: true });
    expect(error.message).not.toContain(proof.password);
    expect(vcenter.stats.calls).toEqual({ 'rest login': 1 });
  });

  it('counts a login that hangs as one that was cut off', async () => {
    await using vcenter = await startTarget();
    vcenter.misbehave({ kind: 'hang' });
    const work = new AbortController();
    const failing = rejectionOf(logIn(vcenter, { work: work.signal }));
    await eventually(() => vcenter.stats.calls['rest login'] === 1);
    work.abort(new Error('no time'));
    expect(await failing).toMatchObject({ code: 'login-cut-off' });
  });

  it('waits a moment for the answer of a login that was under way, and can end the session', async () => {
    await using vcenter = await startTarget();
    vcenter.misbehave({ kind: 'slow', ms: 50 });
    const work = new AbortController();
    // The moment does not end.
    const clock = { ...systemClock, sleep: () => Promise.withResolvers<void>().promise };
    const opening = logIn(vcenter, { work: work.signal, clock });
    await eventually(() => vcenter.stats.calls['rest login'] === 1);
    work.abort(new Error('no time'));
    const session = await opening;
    expect(vcenter.rest().sessions).toBe(1);
    await session.close({ ms: 5_000 });
    expect(vcenter.rest().sessions).toBe(0);
  });

  it('repeats a call that vCenter was too busy for', async () => {
    await using vcenter = await startTarget({ estate });
    const found = await inSession(vcenter, async (session) => {
      vcenter.misbehave({ kind: 'status', status: 503, operation: 'rest tagging/tag' });
      const call = session.call(LIST_TAGS, ids, { signal });
      await eventually(() => vcenter.stats.calls['rest tagging/tag'] === 1);
      vcenter.misbehave(undefined);
      return await call;
    });
    expect(found).toEqual([TAG.id]);
  });

  it.each<[string, DemoVcenterFault, Partial<VsphereReplyError>]>([
    ['a session that ended', { kind: 'expire-sessions' }, { code: 'status', status: 401 }],
    ['a refusal', { kind: 'status', status: 403, body: '{"error_type":"UNAUTHORIZED"}' }, { status: 403 }],
    ['HTML', { kind: 'status', status: 200, body: '<html>' }, { code: 'malformed' }],
    ['JSON of another shape', { kind: 'status', status: 200, body: '{"a":[]}' }, { code: 'malformed' }],
    ['a number for a text', { kind: 'status', status: 200, body: '[1]' }, { code: 'malformed' }],
    ['a redirect', { kind: 'status', status: 302, headers: { Location: '/' } }, { status: 302 }],
  ])(
    'says what is wrong of a call that is answered with %s, and still logs out',
    async (_, fault, expected) => {
      await using vcenter = await startTarget({ estate });
      const error = await rejectionOf(
        inSession(vcenter, (session) => {
          vcenter.misbehave({ ...fault, operation: 'rest tagging/tag' });
          return session.call(LIST_TAGS, ids, { signal });
        }),
      );
      expect(error).toBeInstanceOf(VsphereReplyError);
      expect(error).toMatchObject(expected);
      expect(error.message).toContain('tagging/tag on vc01');
      expect(vcenter.stats.calls).toMatchObject({ 'rest tagging/tag': 1, 'rest logout': 1 });
      expect(vcenter.rest().sessions).toBe(0);
    },
  );

  it('names the action of a call that was refused', async () => {
    await using vcenter = await startTarget({ estate });
    const action = 'list-attached-objects-on-tags';
    const call = { resource: 'cis/tagging/tag-association', action, body: {} } as const;
    const error = await rejectionOf(
      inSession(vcenter, (session) => {
        vcenter.misbehave({ kind: 'status', status: 403, operation: 'rest tagging/tag-association' });
        return session.call(call, ids, { signal });
      }),
    );
    expect(error.message).toContain(`cis/tagging/tag-association (${action}) on vc01`);
  });

  it('repeats no word of a peer that repeats what it was sent', async () => {
    await using vcenter = await startTarget({ estate });
    const body = JSON.stringify({ error_type: PROOF.password, messages: [PROOF.password] });
    vcenter.misbehave({ kind: 'status', status: 401, body });
    expect((await rejectionOf(logIn(vcenter))).message).not.toContain(PROOF.password);
  });

  it('reads no more of an answer than its bound', async () => {
    await using vcenter = await startTarget({ estate });
    const body = `["${'x'.repeat(33 * 1024 * 1024)}"]`;
    const error = await rejectionOf(
      inSession(vcenter, (session) => {
        vcenter.misbehave({ kind: 'status', status: 200, body, operation: 'rest tagging/tag' });
        return session.call(LIST_TAGS, ids, { signal });
      }),
    );
    expect(error).toMatchObject({ code: 'too-large' });
  });

  it('is left to its time-out where the logout fails or hangs, and says so', async () => {
    await using vcenter = await startTarget();
    for (const fault of [{ kind: 'status', status: 500 }, { kind: 'hang' }] as const) {
      vcenter.misbehave(undefined);
      const lines: string[] = [];
      const session = await logIn(vcenter, {
        log: createLineLog({ write: (line) => lines.push(line), level: 'warn' }),
      });
      expect(session.failedLogouts()).toBe(0);
      vcenter.misbehave({ ...fault, operation: 'rest logout' });
      await session.close({ ms: 300 });
      await session.close({ ms: 300 });
      expect(session.failedLogouts()).toBe(1);
      expect(lines).toEqual([expect.stringMatching(/^warn {2}REST session not closed.*target="vc01"/)]);
    }
    expect(vcenter.stats.calls['rest logout']).toBe(2);
  });

  it('that ended by itself is closed without a word', async () => {
    await using vcenter = await startTarget();
    const lines: string[] = [];
    const session = await logIn(vcenter, {
      log: createLineLog({ write: (line) => lines.push(line), level: 'warn' }),
    });
    vcenter.misbehave({ kind: 'status', status: 401, operation: 'rest logout' });
    await session.close({ ms: 60_000 });
    expect(vcenter.stats.calls['rest logout']).toBe(1);
    expect([session.failedLogouts(), lines]).toEqual([0, []]);
  });
});
