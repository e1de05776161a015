import { channel } from 'node:diagnostics_channel';
import { Agent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { generate } from 'selfsigned';
import { describe, expect, it } from 'vitest';
import { exchange, type HttpRequest } from '../../../lib/platform/http-exchange.ts';
import { freePort } from '../../support/peers/free-port.ts';
import { type Answer, answer, hang, reset, startGateway } from '../sinks/gateway.ts';

const never = { signal: new AbortController().signal };

const requestOf = (url: string): HttpRequest => ({
  method: 'GET',
  url: new URL('/a?b=c', url),
  headers: {},
  agent: new Agent(),
});

/** One exchange with a server that answers so. */
async function exchangeWith(reply: Answer, request: Partial<HttpRequest> = {}) {
  await using gateway = await startGateway([reply]);
  return { response: await exchange({ ...requestOf(gateway.url), ...request }, never), seen: gateway.seen };
}

describe('exchange', () => {
  it('sends a request with its headers and gives back the answer', async () => {
    const { response, seen } = await exchangeWith(answer(404, 'grüezi', { 'x-server': 'it' }), {
      headers: { accept: 'text/plain' },
    });
    expect(response).toMatchObject({
      status: 404,
      statusText: 'Not Found',
      text: 'grüezi',
      bodyEnd: 'whole',
      headers: { 'x-server': 'it' },
    });
    expect(seen).toMatchObject([
      { method: 'GET', path: '/a?b=c', text: '', headers: { accept: 'text/plain' } },
    ]);
    expect(seen[0]?.headers).not.toHaveProperty('content-length');
  });

  it.each([
    ['PUT', Buffer.from('grüezi'), '7', 'grüezi'],
    ['DELETE', undefined, '0', ''],
  ] as const)('says how long what it sends is: %s', async (method, body, length, text) => {
    const { seen } = await exchangeWith(answer(200), { method, ...(body && { body }) });
    expect(seen).toMatchObject([{ method, text, headers: { 'content-length': length } }]);
  });

  it('speaks TLS to a url that says so', async () => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }]);
    await using gateway = await startGateway([answer(200, 'hello')], { key, cert });
    const agent = new TlsAgent({ ca: cert, checkServerIdentity: () => undefined });
    const request = { ...requestOf(gateway.url), agent };
    expect(await exchange(request, never)).toMatchObject({ status: 200, text: 'hello' });
    agent.destroy();
  });

  it.each([
    [5, 'whole', 'hello'],
    [4, 'too-large', 'hell'],
  ])('reads %d bytes at most', async (maxBodyBytes, bodyEnd, text) => {
    const { response } = await exchangeWith(answer(200, 'hello'), { maxBodyBytes });
    expect(response).toMatchObject({ bodyEnd, text });
  });

  it('reads no more than a message about a fault needs where nobody says how much', async () => {
    const long = 'x'.repeat(8_192);
    expect((await exchangeWith(answer(500, long))).response).toMatchObject({ bodyEnd: 'whole', text: long });
    expect((await exchangeWith(answer(500, `${long}y`))).response).toMatchObject({
      bodyEnd: 'too-large',
      text: long,
    });
  });

  it('hands on what came of a body that ends half-way', async () => {
    const half: Answer = (response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('half', () => response.destroy());
    };
    expect((await exchangeWith(half)).response).toMatchObject({
      status: 200,
      bodyEnd: 'cut-off',
      text: 'half',
    });
  });

  it('hands on what came of a body whose connection is reset', async () => {
    const half: Answer = (response) => {
      response.writeHead(500, { 'content-length': 100 });
      response.write('half', () => setImmediate(() => response.socket?.resetAndDestroy()));
    };
    expect((await exchangeWith(half)).response).toMatchObject({ status: 500, bodyEnd: 'cut-off' });
  });

  it.each([
    ['reset', reset, 'ECONNRESET'],
    [
      'not answered by HTTP',
      ((response) => void response.socket?.end('no\r\n\r\n')) as Answer,
      'HPE_INVALID',
    ],
  ])("rejects with Node's own error when it is %s", async (_how, reply, code) => {
    await expect(exchangeWith(reply)).rejects.toMatchObject({ code: expect.stringContaining(code) });
  });

  it("rejects with Node's own error when nobody listens", async () => {
    const request = requestOf(`http://127.0.0.1:${await freePort()}`);
    await expect(exchange(request, never)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('exchange, when its signal aborts', () => {
  it('sends nothing when that was before', async () => {
    await using gateway = await startGateway([answer(200)]);
    const aborted = { signal: AbortSignal.abort('before') };
    await expect(exchange(requestOf(gateway.url), aborted)).rejects.toBe('before');
    expect(await gateway.connections()).toBe(0);
  });

  it('rejects with its reason before the answer begins, and leaves no connection', async () => {
    await using gateway = await startGateway([hang]);
    const controller = new AbortController();
    const asked = gateway.nextRequest();
    const given = exchange(requestOf(gateway.url), controller).catch((error: unknown) => error);
    await asked;
    controller.abort('enough');
    expect(await given).toBe('enough');
    await expect.poll(() => gateway.connections()).toBe(0);
  });

  it('rejects with its reason while the body comes, and leaves no connection', async () => {
    await using gateway = await startGateway([(response) => void response.writeHead(200).write('half')]);
    const controller = new AbortController();
    const begun = Promise.withResolvers<unknown>();
    const heads = channel('http.client.response.finish');
    heads.subscribe(begun.resolve);
    const given = exchange(requestOf(gateway.url), controller).catch((error: unknown) => error);
    await begun.promise;
    heads.unsubscribe(begun.resolve);
    controller.abort('enough');
    expect(await given).toBe('enough');
    await expect.poll(() => gateway.connections()).toBe(0);
  });

  it('does not wait for a connection that is not made yet', async () => {
    await using gateway = await startGateway([hang]);
    const agent = new Agent({ maxSockets: 1 });
    const first = new AbortController();
    const asked = gateway.nextRequest();
    const request = { ...requestOf(gateway.url), agent };
    const holds = exchange(request, first).catch((error: unknown) => error);
    await asked;
    const second = new AbortController();
    const waits = exchange(request, second).catch((error: unknown) => error);
    second.abort('enough');
    expect(await waits).toBe('enough');
    expect(gateway.seen).toHaveLength(1);
    first.abort('over');
    expect(await holds).toBe('over');
    agent.destroy();
  });

  it('does not wait for a connection that is never made, to ask before it sends', async () => {
    // As of an agent that looks for a way, such as through a proxy.
    const agent = Object.assign(new Agent(), { createConnection: () => undefined });
    const controller = new AbortController();
    const request = { ...requestOf('http://127.0.0.1:9'), agent };
    const given = exchange(request, { signal: controller.signal, beforeSent: async () => undefined });
    setImmediate(() => controller.abort('enough'));
    await expect(given).rejects.toBe('enough');
  });
});
