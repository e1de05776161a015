import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../lib/platform/log.ts';
import { PushError } from '../../../lib/sinks/http/errors.ts';
import type { PeerWords } from '../../../lib/sinks/http/faults.ts';
import { createHttpLink, type HttpLinkOptions, type SendOptions } from '../../../lib/sinks/http/http-link.ts';
import { createMemoryPeer, type MemoryAnswer } from '../../support/memory-peer.ts';

const { signal } = new AbortController();
const WORDS: PeerWords = {
  name: 'the peer',
  short: 'the peer',
  section: 'x',
  isSuccess: ({ text }) => text === '',
};
const answer =
  (status: number, text = '', headers: Record<string, string> = {}): MemoryAnswer =>
  (response) =>
    void response.writeHead(status, headers).end(text);
const hang: MemoryAnswer = () => undefined;

/** The limit of an attempt passes only where a test says so; pauses between two pass at once. */
function fakeClock({ limit = 15_000, isOver = false } = {}) {
  const pauses: number[] = [];
  const clock = {
    now: () => 0,
    monotonic: () => 0,
    async sleep(ms: number, { signal: ended }: { signal: AbortSignal }) {
      if (ms !== limit) return void pauses.push(ms);
      if (isOver) return;
      await new Promise((_, reject) => ended.addEventListener('abort', () => reject(ended.reason)));
    },
  };
  return { clock, pauses };
}
const { clock } = fakeClock();
const linkOf = (options: Partial<HttpLinkOptions> = {}, words = WORDS) =>
  createHttpLink({ url: 'http://p/base/', clock, log: silentLog, random: () => 0.5, ...options }, words);

/** One request to a peer that answers so. */
function send(
  answers: readonly MemoryAnswer[],
  options: Partial<HttpLinkOptions> = {},
  { method = 'POST', ...sending }: Partial<SendOptions> & { method?: 'POST' | 'GET' } = {},
) {
  const { agent, seen } = createMemoryPeer(...answers);
  const sent = method === 'GET' ? {} : { body: Buffer.from('body') };
  const request = { method, headers: { 'content-type': 'text/x' }, ...sent };
  return { answered: linkOf(options).send('/path?q=1', request, { signal, agent, ...sending }), seen };
}

describe('the address of a destination', () => {
  it.each(['p', 'ftp://p/', 'http://me@p/', 'http://:pw@p/', ''])('is not %j', (url) => {
    expect(() => linkOf({ url })).toThrow(
      expect.objectContaining({
        code: 'url',
        message:
          'x.url must be an http or https URL without user name and password; those go into x.credentials.',
      }),
    );
  });

  it.each([
    ['http://p', 'http://p'],
    ['http://p/', 'http://p'],
    ['https://P:8443/a/b///', 'https://p:8443/a/b'],
    ['http://p/a?token=1', 'http://p/a'],
  ])('of %s is %s', (url, base) => {
    expect(linkOf({ url }).base).toBe(base);
  });

  it('is of https where a client certificate is to be shown, and trusts what can be read', () => {
    const identity = { pem: 'pem' };
    expect(() => linkOf({ identity })).toThrow(
      expect.objectContaining({
        code: 'url',
        message:
          'x.credentials hold a private key, for a client certificate, but x.url is http, which has none. Write https, or a password.',
      }),
    );
    expect(() => linkOf({ url: 'https://p', tls: { ca: 'no PEM' } })).toThrow(
      expect.objectContaining({ name: 'TlsTrustError' }),
    );
    expect(linkOf({ tls: { ca: 'no PEM' } }).base).toBe('http://p/base');
  });
});

describe('a request', () => {
  const own = { 'content-type': 'text/x', 'content-length': '4', 'user-agent': 'vsweep' };
  it.each<[Partial<HttpLinkOptions>, object]>([
    [{}, own],
    [{ credentials: { username: 'u', password: 'p' } }, { ...own, authorization: 'Basic dTpw' }],
    [{ token: 'abc' }, { ...own, authorization: 'Bearer abc' }],
    [
      { token: 'abc', tokenHeader: 'API-Key', headers: { tenant: 'one' } },
      { ...own, 'api-key': 'abc', tenant: 'one' },
    ],
    [
      { sign: async ({ headers, body }) => ({ ...headers, authorization: `signed ${body?.length}` }) },
      { ...own, authorization: 'signed 4' },
    ],
  ])('with %j has these headers, and what its sender gave it', async (options, headers) => {
    const { answered, seen } = send([answer(200)], options);
    expect(await answered).toMatchObject({ status: 200, text: '' });
    expect(seen).toEqual([
      {
        method: 'POST',
        path: '/base/path?q=1',
        headers: { host: 'p', connection: 'close', ...headers },
        body: Buffer.from('body'),
      },
    ]);
  });

  it.each<[string, MemoryAnswer, object]>([
    ['of 300', answer(300), { code: 'status', status: 300 }],
    ['of a page', answer(200, '<html>'), { code: 'page', status: 200 }],
    [
      'of something else',
      answer(200, 'hello'),
      {
        code: 'stranger',
        message:
          'POST http://p/base/path: answered 200: hello. The peer does not answer so, so something else did and nothing was stored. Check x.url, and any proxy in front of it.',
      },
    ],
    [
      'that is cut off',
      (response, _request, socket) => {
        response.writeHead(200, { 'content-length': '10' }).write('a');
        setImmediate(() => socket.destroy());
      },
      {
        code: 'network',
        message:
          'POST http://p/base/path: no answer: it was cut off. Check x.url and the network path to it.',
      },
    ],
  ])('fails by an answer %s', async (_what, answering, error) => {
    await expect(send([answering], {}, { attempts: 1 }).answered).rejects.toMatchObject(error);
  });

  it('takes 299 for a success, and of a read every body but a page', async () => {
    expect(await send([answer(299)]).answered).toMatchObject({ status: 299 });
    expect(await send([answer(200, 'hello')], {}, { method: 'GET' }).answered).toMatchObject({
      text: 'hello',
      bodyEnd: 'whole',
    });
    await expect(send([answer(200, '<html>')], {}, { method: 'GET' }).answered).rejects.toMatchObject({
      code: 'page',
    });
  });

  it('is tried three times, as often as the link says, or as the request does', async () => {
    for (const [options, sending, times] of [
      [{}, {}, 3],
      [{ attempts: 2 }, {}, 2],
      [{ attempts: 2 }, { attempts: 4 }, 4],
    ] as const) {
      const failed: unknown[] = [];
      let asked = 0;
      const { answered, seen } = send([answer(503)], options, {
        ...sending,
        onFailed: ({ status }) => failed.push(status),
        beforeAttempt: async () => {
          asked += 1;
        },
      });
      await expect(answered).rejects.toMatchObject({ code: 'busy', status: 503 });
      expect([seen.length, failed, asked]).toEqual([times, Array(times).fill(503), times]);
    }
  });

  it('is not sent where what comes before an attempt rejects, which is told to nobody as a failed one', async () => {
    const failed: unknown[] = [];
    const { answered, seen } = send(
      [answer(200)],
      {},
      {
        beforeAttempt: () => Promise.reject(new Error('another run')),
        onFailed: (error) => failed.push(error),
      },
    );
    await expect(answered).rejects.toThrow('another run');
    expect([seen, failed]).toEqual([[], []]);
  });

  it.each([
    [{}, 15_000, '15 s'],
    [{ attemptMs: 2_500 }, 2_500, '2.5 s'],
  ])('with %j has %i ms for each attempt', async (options, limit, said) => {
    const over = fakeClock({ limit, isOver: true });
    const { answered } = send([hang], { ...options, clock: over.clock }, { attempts: 1 });
    await expect(answered).rejects.toMatchObject({
      code: 'timeout',
      message: `POST http://p/base/path: no answer within ${said}. Check the load of the peer and the network path to it.`,
    });
  });

  it('ends with the reason of its caller', async () => {
    const stop = new AbortController();
    const { answered } = send([() => stop.abort(new Error('over'))], {}, { signal: stop.signal });
    await expect(answered).rejects.toThrow('over');
  });

  it('leaves the connections of its caller open', async () => {
    const { agent } = createMemoryPeer(answer(200));
    let destroyed = 0;
    agent.destroy = () => {
      destroyed += 1;
    };
    await linkOf().send('/', { method: 'POST' }, { signal, agent });
    expect(destroyed).toBe(0);
  });
});

describe('what a peer repeats', () => {
  it('is left out where it is a secret that it was told, also one of a signature', async () => {
    const link = linkOf({
      credentials: { username: 'u', password: 'hunter2' },
      sign: async ({ headers }) => ({
        ...headers,
        authorization: 'x Signature=00ff',
        'x-amz-security-token': 'tok',
      }),
    });
    expect(['hunter2', 'dTpodW50ZXIy', '00ff', 'fine'].map(link.withoutSecrets)).toEqual([
      '',
      '',
      '00ff',
      'fine',
    ]);
    const { agent } = createMemoryPeer(answer(400, 'got 00ff'));
    const failed = link.send('/', { method: 'POST' }, { signal, agent });
    await expect(failed).rejects.toThrow(/answered 400 Bad Request\. /);
    expect(['00ff', 'tok'].map(link.withoutSecrets)).toEqual(['', '']);
  });

  it('is told otherwise, with what to do', async () => {
    const error = await send([answer(401, 'no')]).answered.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PushError);
    expect(error).toMatchObject({
      retryable: false,
      message: 'POST http://p/base/path: the peer answered 401 Unauthorized: no. Check x.credentials.',
    });
  });
});
