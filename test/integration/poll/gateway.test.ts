import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Dealer, Request } from 'zeromq';
import { systemClock } from '../../../lib/platform/clock.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { openPolls } from '../../../lib/poll/answer-poll.ts';
import { createAnswerRequest } from '../../../lib/poll/gateway/answer-request.ts';
import { type GatewayOptions, openGateway } from '../../../lib/poll/gateway/gateway.ts';
import { demoHosts, eventually, testSignal } from '../vsphere/demo-target.ts';
import { ask } from './ask.ts';
import { type DemoPoll, openSharedState, type SharedState } from './demo-poll.ts';

const ABOUT = { method: 'about', hostname: 'vc01' };
const GET = { method: 'host.get', hostname: 'vc01', name: 'esx2.example.org', properties: ['overallStatus'] };
const GOT = '[{"name": "esx2.example.org", "overallStatus": "green"}]';

let shared: SharedState;
beforeAll(async () => {
  shared = await openSharedState();
});
afterAll(() => shared?.[Symbol.asyncDispose]());

/** A gateway in front of one vCenter; `stop` is what a signal to the process does. */
async function startGateway(demo: DemoPoll, options: Partial<GatewayOptions> = {}) {
  const stop = new AbortController();
  const polls = openPolls(demo.deps, 'process');
  const gateway = await openGateway(
    { listen: 'tcp://127.0.0.1:*', manage: [], timeoutMs: 10_000, allowShutdown: false, ...options },
    { polls, clock: systemClock, log: demo.deps.log },
    stop,
  );
  return {
    ...gateway,
    stop: () => stop.abort(new Error('stopped')),
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('the test is over'));
      await gateway.done;
      await gateway[Symbol.asyncDispose]();
      await polls[Symbol.asyncDispose]();
    },
  };
}

describe('a gateway', () => {
  it('answers as vPoller does, in one session and with one call a request once the names are known', async () => {
    await using demo = await shared.start({ hosts: demoHosts(3) });
    await using gateway = await startGateway(demo);
    expect(await ask(gateway.listen, GET)).toBe(
      `{"success": 0, "msg": "Successfully retrieved object properties", "result": ${GOT}}`,
    );
    const before = { ...demo.vcenter.stats.calls };
    const connections = demo.vcenter.connections();
    for (const _ of 'abc') expect(await ask(gateway.listen, GET)).toContain(GOT);
    const after = demo.vcenter.stats.calls;
    const made = Object.entries(after).map(([call, count]) => [call, count - (before[call] ?? 0)] as const);
    expect(Object.fromEntries(made.filter(([, count]) => count > 0))).toEqual({ RetrievePropertiesEx: 3 });
    // A handshake costs more than all else of such a poll.
    expect(demo.vcenter.connections()).toBe(connections);
    expect(demo.vcenter.stats.logins).toBe(1);
  });

  it('answers metrics by their names', async () => {
    await using demo = await shared.start({ hosts: demoHosts(3) });
    await using gateway = await startGateway(demo);
    const request = { method: 'metric.get', hostname: 'vc01', name: 'esx2.example.org' };
    const reply = await ask(
      gateway.listen,
      JSON.stringify({ ...request, properties: ['vmware_host_power_state'] }),
    );
    expect(JSON.parse(reply)).toEqual({
      success: 0,
      msg: 'Successfully retrieved metrics',
      result: [{ name: 'esx2.example.org', vmware_host_power_state: 1 }],
    });
  });

  it('answers a hundred clients at once in one session, which is logged out of at the end', async () => {
    await using demo = await shared.start({ hosts: demoHosts(3) });
    {
      await using gateway = await startGateway(demo);
      const replies = await Promise.all(Array.from({ length: 100 }, () => ask(gateway.listen, GET)));
      expect(new Set(replies).size).toBe(1);
      expect(demo.vcenter.sessions()).toBe(1);
    }
    expect(demo.vcenter.stats).toMatchObject({ logins: 1, logouts: 1 });
    expect(demo.vcenter.sessions()).toBe(0);
  });

  it('logs in again, once, when vCenter has ended the session', async () => {
    await using demo = await shared.start({ hosts: demoHosts(3) });
    await using gateway = await startGateway(demo);
    await ask(gateway.listen, GET);
    demo.vcenter.misbehave({ kind: 'expire-sessions', operation: 'RetrievePropertiesEx' });
    const replies = await Promise.all(Array.from({ length: 20 }, () => ask(gateway.listen, GET)));
    expect(replies.filter((reply) => reply.includes(GOT))).toHaveLength(20);
    expect(demo.vcenter.stats.logins).toBe(2);
  });

  it.each([
    ['no JSON', 'hello', 'Invalid message received'],
    ['no UTF-8', Buffer.from([0xff, 0xfe]), 'Invalid message received'],
    ['a number', '5', "Expected a JSON message, received <class 'int'>"],
    ['no method', '{}', 'Unknown or missing task/method name'],
  ])('tells a client that sent %s', async (_what, message, msg) => {
    await using demo = await shared.start({ hosts: [] });
    await using gateway = await startGateway(demo);
    // What is no JSON comes of clients in C, whose replies end with a NUL.
    const reply = (await ask(gateway.listen, message)).replace(/\0$/, '');
    expect(JSON.parse(reply)).toEqual({ success: 1, msg });
  });

  it('goes on for the others whatever one client sends', async () => {
    await using demo = await shared.start({ hosts: demoHosts(2) });
    await using gateway = await startGateway(demo);
    const { port } = new URL(gateway.listen);
    // Not ZeroMQ at all; a greeting that stops half-way and hangs; one that is cut off.
    const junk = connect(Number(port), '127.0.0.1').on('error', () => undefined);
    junk.write('GET / HTTP/1.1\r\n\r\n'.repeat(100));
    const half = connect(Number(port), '127.0.0.1').on('error', () => undefined);
    half.write(Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3]));
    const cut = connect(Number(port), '127.0.0.1').on('error', () => undefined);
    cut.end(Buffer.from([0xff, 0, 0]));
    using dealer = closing(new Dealer({ linger: 0 }));
    dealer.socket.connect(gateway.listen);
    await dealer.socket.send('no envelope');
    await dealer.socket.send(['', '', '{}']);
    await dealer.socket.send(Array.from({ length: 200 }, () => 'frame'));
    using huge = closing(new Request({ linger: 0 }));
    huge.socket.connect(gateway.listen);
    await huge.socket.send('x'.repeat(16 * 1024 * 1024));
    {
      using gone = closing(new Request({ linger: 1_000 }));
      gone.socket.connect(gateway.listen);
      await gone.socket.send(JSON.stringify(GET));
    }
    expect(await Promise.all(Array.from({ length: 10 }, () => ask(gateway.listen, ABOUT)))).toHaveLength(10);
    expect(await ask(gateway.listen, GET)).toContain(GOT);
    expect(demo.log.join()).toContain('a message without the envelope of a REQ socket was dropped');
    for (const socket of [junk, half, cut]) socket.destroy();
  });

  it('gives a request up in its time', async () => {
    await using demo = await shared.start({ hosts: demoHosts(2) });
    await using gateway = await startGateway(demo, { timeoutMs: 300 });
    demo.vcenter.misbehave({ kind: 'hang', operation: 'RetrievePropertiesEx' });
    expect(JSON.parse(await ask(gateway.listen, GET))).toMatchObject({ success: 1 });
    demo.vcenter.misbehave(undefined);
    expect(await ask(gateway.listen, GET)).toContain(GOT);
  });

  it('answers what is in hand when it is stopped, and takes no more', async () => {
    await using demo = await shared.start({ hosts: demoHosts(2) });
    await using gateway = await startGateway(demo);
    await ask(gateway.listen, GET);
    demo.vcenter.misbehave({ kind: 'slow', operation: 'RetrievePropertiesEx', ms: 300 });
    const calls = demo.vcenter.stats.calls.RetrievePropertiesEx ?? 0;
    const inHand = ask(gateway.listen, GET);
    await eventually(() => (demo.vcenter.stats.calls.RetrievePropertiesEx ?? 0) > calls);
    gateway.stop();
    expect(await inHand).toContain(GOT);
    await gateway.done;
  });

  it('says where it cannot listen, and opens nothing then', async () => {
    await using demo = await shared.start({ hosts: [] });
    await using gateway = await startGateway(demo);
    await expect(startGateway(demo, { listen: gateway.listen })).rejects.toThrow(/cannot be listened on/);
    const manage = [{ role: 'proxy', endpoint: gateway.listen }] as const;
    await expect(startGateway(demo, { manage })).rejects.toThrow(/cannot be listened on/);
  });
});

describe('management endpoints', () => {
  const manage = [
    { role: 'proxy', endpoint: 'tcp://127.0.0.1:*' },
    { role: 'worker', endpoint: 'tcp://127.0.0.1:*' },
  ] as const;

  it('answer as the proxy and as the worker, and let nobody shut it down', async () => {
    await using demo = await shared.start({ hosts: [] });
    await using gateway = await startGateway(demo, { manage });
    const [proxy = '', worker = ''] = gateway.manage;
    const asked = async (endpoint: string, message: unknown) => JSON.parse(await ask(endpoint, message));
    expect(await asked(proxy, { method: 'status' })).toMatchObject({
      success: 0,
      msg: 'vPoller Proxy status',
      result: { status: 'running', frontend: gateway.listen },
    });
    expect(await asked(worker, { method: 'status' })).toMatchObject({
      success: 0,
      msg: 'vPoller Worker status',
      result: { status: 'running', tasks: expect.arrayContaining(['host.get']) },
    });
    expect(await asked(proxy, {})).toEqual({ success: 1, msg: 'Missing method name' });
    expect(await asked(proxy, { method: 'x' })).toEqual({ success: 1, msg: 'Uknown method name received' });
    expect(await asked(worker, { method: 'x' })).toEqual({ success: 1, msg: 'Unknown method name received' });
    expect(await asked(proxy, 'no JSON')).toEqual({ success: 1, msg: 'Invalid message received' });
    expect(await asked(worker, { method: 'shutdown' })).toEqual({
      success: 1,
      msg: expect.stringContaining('--allow-shutdown'),
    });
    expect(JSON.parse(await ask(gateway.listen, ABOUT))).toMatchObject({ success: 0 });
  });

  it('shut it down where that is allowed', async () => {
    await using demo = await shared.start({ hosts: [] });
    await using gateway = await startGateway(demo, { manage, allowShutdown: true });
    expect(JSON.parse(await ask(gateway.manage[0] ?? '', { method: 'shutdown' }))).toEqual({
      success: 0,
      msg: 'Shutdown time has arrived',
    });
    await gateway.done;
    expect(demo.log).toContainEqual(expect.stringMatching(/shut down by a client.*endpoint=/));
  });
});

describe('requests beyond those that a gateway answers at once', () => {
  it('are 512 over all targets, and the rest is answered when one of them is', async () => {
    const ALL = 600;
    let inHand = 0;
    let most = 0;
    const done: (() => void)[] = [];
    const polls = {
      async answer() {
        inHand += 1;
        most = Math.max(most, inHand);
        await new Promise<void>((resolve) => done.push(resolve));
        inHand -= 1;
        return { success: 0, msg: 'done', result: [] } as const;
      },
    };
    const stop = new AbortController();
    const options = { listen: 'tcp://127.0.0.1:*', manage: [], timeoutMs: 60_000, allowShutdown: false };
    await using gateway = await openGateway(options, { polls, clock: systemClock, log: silentLog }, stop);
    const clients = Array.from({ length: 60 }, () => new Dealer());
    try {
      const answers = clients.map(async (client, index) => {
        client.connect(gateway.listen);
        const request = JSON.stringify({ ...ABOUT, hostname: `vc${index % 10}` });
        for (let sent = 0; sent < ALL / clients.length; sent += 1) await client.send(['', request]);
        for (let heard = 0; heard < ALL / clients.length; heard += 1) await client.receive();
      });
      await eventually(() => inHand === 512);
      for (let ended = 0; ended < ALL; ended += 1) {
        await eventually(() => done.length > 0);
        done.shift()?.();
      }
      await Promise.all(answers);
      expect(most).toBe(512);
    } finally {
      for (const client of clients) client.close();
      stop.abort(new Error('the test is over'));
    }
  });
});

describe('requests for a target that hangs', () => {
  it('are refused beyond a number, and those for another one are answered', async () => {
    const waiting = Promise.withResolvers<{ success: 0; msg: string; result: [] }>();
    const polls = {
      answer: (message: unknown) =>
        JSON.stringify(message).includes('vc99')
          ? Promise.resolve({ success: 0, msg: 'other', result: [] } as const)
          : waiting.promise,
    };
    const deps = { polls, clock: systemClock, timeoutMs: 10_000 };
    const answer = createAnswerRequest(deps, { signal: testSignal() });
    const request = (hostname: string) => answer(Buffer.from(JSON.stringify({ ...ABOUT, hostname })));
    const hanging = Array.from({ length: 128 }, () => request('vc01'));
    expect(await request('vc01')).toContain('vc01 has 128 polls in hand; ask again later');
    expect(await request('vc99')).toContain('other');
    waiting.resolve({ success: 0, msg: 'at last', result: [] });
    expect(new Set(await Promise.all(hanging)).size).toBe(1);
    expect(await request('vc01')).toContain('at last');
  });
});

const closing = <S extends { close(): void }>(socket: S) => ({
  socket,
  [Symbol.dispose]: () => socket.close(),
});
