import { once } from 'node:events';
import { createServer } from 'node:net';
import { generate } from 'selfsigned';
import { describe, expect, it } from 'vitest';
import { makeIdentity } from '../../../lib/demo/vcenter/certificate.ts';
import { type Clock, systemClock } from '../../../lib/platform/clock.ts';
import { DeadlineError } from '../../../lib/platform/errors.ts';
import { createLineLog, silentLog } from '../../../lib/platform/log.ts';
import { sha256Of } from '../../../lib/platform/tls.ts';
import {
  createPushgateway,
  type Pushgateway,
  type PushgatewayOptions,
} from '../../../lib/sinks/pushgateway/client.ts';
import { type Answer, answer, hang, reset, startGateway } from './gateway.ts';

const GROUP = { job: 'vsweep_services', instance: 'vc01.example.org' };
const PATH = '/metrics/job/vsweep_services/instance/vc01.example.org';
const TEXT = '# HELP esxi_x ü\n# TYPE esxi_x gauge\nesxi_x 1\n';
const CHUNKS = [Buffer.from(TEXT)];
const ATTEMPT_MS = 15_000;
const never = () => ({ signal: new AbortController().signal });

/** Pauses pass at once and are noted; the limit of an attempt passes when `endAttempt` says so. */
function createTestClock(): Clock & { readonly pauses: number[]; endAttempt(): void } {
  const pauses: number[] = [];
  let limit = Promise.withResolvers<void>();
  return {
    pauses,
    endAttempt() {
      limit.resolve();
      limit = Promise.withResolvers();
    },
    now: () => 0,
    monotonic: () => 0,
    async sleep(ms, { signal }) {
      signal.throwIfAborted();
      if (ms !== ATTEMPT_MS) {
        pauses.push(ms);
        return;
      }
      await Promise.race([limit.promise, once(signal, 'abort')]);
      signal.throwIfAborted();
    },
  };
}

function connect(url: string, options: Partial<PushgatewayOptions> = {}) {
  const clock = createTestClock();
  const deps = { gzip: true, clock, log: silentLog, random: () => 0.5, attemptMs: ATTEMPT_MS };
  return { clock, gateway: createPushgateway({ url, ...deps, ...options }) };
}

describe('put', () => {
  it('sends one gzip PUT to the path of the group', async () => {
    await using peer = await startGateway([answer(200)]);
    await connect(peer.url).gateway.put(GROUP, CHUNKS, never());
    expect(peer.seen).toMatchObject([
      {
        method: 'PUT',
        path: PATH,
        text: TEXT,
        headers: {
          'user-agent': 'vsweep',
          'content-encoding': 'gzip',
          'content-type': 'text/plain; version=0.0.4; charset=utf-8',
        },
      },
    ]);
    expect(peer.seen[0]?.headers.authorization).toBeUndefined();
  });

  it('sends plain text without gzip', async () => {
    await using peer = await startGateway([answer(202)]);
    await connect(peer.url, { gzip: false }).gateway.put(GROUP, CHUNKS, never());
    expect(peer.seen[0]?.headers['content-encoding']).toBeUndefined();
    expect(peer.seen[0]?.headers['content-length']).toBe(String(Buffer.byteLength(TEXT)));
    expect(peer.seen[0]?.text).toBe(TEXT);
  });

  it('keeps the path of the URL and encodes the group', async () => {
    await using peer = await startGateway([answer(200)]);
    const { gateway } = connect(`${peer.url}/push/gw//`);
    await gateway.put({ job: 'a/b', instance: 'vc 1%ü?' }, CHUNKS, never());
    expect(peer.seen[0]?.path).toBe('/push/gw/metrics/job@base64/YS9i/instance/vc%201%25%C3%BC%3F');
  });

  it('proves itself by basic auth', async () => {
    await using peer = await startGateway([answer(200)]);
    const credentials = { username: 'push', password: 'pä:ss' };
    await connect(peer.url, { credentials }).gateway.put(GROUP, CHUNKS, never());
    const expected = `Basic ${Buffer.from('push:pä:ss').toString('base64')}`;
    expect(peer.seen[0]?.headers.authorization).toBe(expected);
  });

  it.each(['http', 'https'] as const)('leaves no connection open over %s, well or not', async (scheme) => {
    const made =
      scheme === 'https' ? await makeIdentity({ clock: systemClock, addresses: ['127.0.0.1'] }) : undefined;
    await using peer = await startGateway([answer(200), answer(400), answer(202)], made);
    const { gateway } = connect(
      peer.url,
      made === undefined ? {} : { tls: { sha256: [sha256Of(made.cert)] } },
    );
    await gateway.put(GROUP, CHUNKS, never());
    await expect(gateway.put(GROUP, CHUNKS, never())).rejects.toMatchObject({ code: 'inconsistent' });
    await gateway.delete(GROUP, never());
    expect(peer.seen).toHaveLength(3);
    await expect.poll(() => peer.connections()).toBe(0);
  });

  it('repeats no secret that the gateway repeats in the words behind its status or in what it says', async () => {
    const echo: Answer = (response, { headers: { authorization = '' } }) => {
      const heard = `${authorization} tops3cret`;
      response.writeHead(400, heard).end(heard);
    };
    await using peer = await startGateway([echo]);
    const credentials = { username: 'push', password: 'tops3cret' };
    const failure = await connect(peer.url, { credentials })
      .gateway.put(GROUP, CHUNKS, never())
      .catch((error: unknown) => String(error));
    expect(failure).toContain('the Pushgateway answered 400. ');
    expect(failure).not.toContain('tops3cret');
    expect(failure).not.toContain(peer.seen[0]?.headers.authorization?.slice('Basic '.length));
  });

  it('shows what the gateway said to a 400 and does not repeat it', async () => {
    await using peer = await startGateway([
      answer(400, 'pushed metrics are\ninconsistent: \u001b[31m esxi_x'),
    ]);
    const { clock, gateway } = connect(peer.url);
    await expect(gateway.put(GROUP, CHUNKS, never())).rejects.toMatchObject({
      name: 'PushError',
      code: 'inconsistent',
      status: 400,
      retryable: false,
      message: expect.stringMatching(
        /^PUT http:.*: the Pushgateway answered 400 Bad Request: pushed metrics are inconsistent: \[31m esxi_x\. .*push\.gzip: false/,
      ),
    });
    expect([peer.seen.length, clock.pauses.length]).toEqual([1, 0]);
  });

  it.each([
    ['PUT', (gateway: Pushgateway) => gateway.put(GROUP, CHUNKS, never())],
    ['DELETE', (gateway: Pushgateway) => gateway.delete(GROUP, never())],
    ['GET', (gateway: Pushgateway) => gateway.list(never())],
  ])('takes no web page that answers a %s with 200 for a success, and asks once', async (method, ask) => {
    const page = answer(200, '<html>Please log in</html>', { 'content-type': 'text/html' });
    await using peer = await startGateway([page], undefined, { answersLists: true });
    const { gateway, clock } = connect(peer.url);
    await expect(ask(gateway)).rejects.toMatchObject({
      code: 'page',
      status: 200,
      message: expect.stringMatching(
        new RegExp(`^${method} http:.* answered 200 with a web page, .* Check push\\.url`),
      ),
    });
    expect([peer.seen.length, clock.pauses.length]).toEqual([1, 0]);
  });

  it('asks again when the answer to a push was cut off, because it may have said that it refused', async () => {
    const cut: Answer = (response) => {
      response.writeHead(200, { 'content-length': 100 }).write('pushed');
      response.socket?.end();
    };
    await using peer = await startGateway([cut, answer(200)]);
    await connect(peer.url).gateway.put(GROUP, CHUNKS, never());
    expect(peer.seen).toHaveLength(2);
  });

  it.each([
    'Client sent an HTTP request to an HTTPS server.\n',
    '<center>The plain HTTP request was sent to HTTPS port</center>',
    "You're speaking plain HTTP to an SSL-enabled server port.<br />",
  ])('says of a port of HTTPS that the url is to have it: %j', async (text) => {
    await using peer = await startGateway([answer(400, text)]);
    await expect(connect(peer.url).gateway.put(GROUP, CHUNKS, never())).rejects.toMatchObject({
      message: expect.stringMatching(/[^.]\. Write push\.url with https\.$/),
    });
  });

  it('does not blame gzip when none was used', async () => {
    await using peer = await startGateway([answer(400)]);
    await expect(
      connect(peer.url, { gzip: false }).gateway.put(GROUP, CHUNKS, never()),
    ).rejects.toMatchObject({
      message: expect.stringMatching(
        /400 Bad Request\. Nothing of this request was stored\. .*clash with another group\.$/,
      ),
    });
  });

  it('quotes at most 1,000 characters of an endless answer, and does not wait for its end', async () => {
    await using peer = await startGateway([
      (response) => {
        response.writeHead(400).write('x'.repeat(100_000));
      },
    ]);
    const failure = await connect(peer.url)
      .gateway.put(GROUP, CHUNKS, never())
      .catch((error: unknown) => error);
    expect(
      String(failure)
        .match(/x+/g)
        ?.map((run) => run.length),
    ).toContain(1_000);
    expect(String(failure).length).toBeLessThan(1_500);
  });

  it.each([
    [301, 'status', 'redirects'],
    [401, 'credentials', 'push.credentials'],
    [403, 'credentials', 'push.credentials'],
    [404, 'not-found', 'push.url'],
    [405, 'not-found', 'push.url'],
    [413, 'too-large', 'limit'],
    [415, 'inconsistent', 'push.gzip: false'],
    [499, 'status', 'redirects'],
  ])('does not repeat a %i, and says what to do', async (status, code, remedy) => {
    await using peer = await startGateway([answer(status, '', { location: '/elsewhere' })]);
    const credentials = { username: 'push', password: 'tops3cret' };
    const failure = connect(peer.url, { credentials }).gateway.put(GROUP, CHUNKS, never());
    await expect(failure).rejects.toMatchObject({ code, status, message: expect.stringContaining(remedy) });
    await expect(failure).rejects.not.toThrow(/tops3cret/);
    expect(peer.seen).toHaveLength(1);
  });

  it.each([
    ['a 503', answer(503, 'starting')],
    ['a 429', answer(429)],
    ['a reset connection', reset],
  ])('repeats after %s, with the whole text', async (_what, fault) => {
    await using peer = await startGateway([fault, answer(200)]);
    const { clock, gateway } = connect(peer.url);
    await gateway.put(GROUP, CHUNKS, never());
    expect(peer.seen.map(({ text }) => text)).toEqual([TEXT, TEXT]);
    expect(clock.pauses).toEqual([500]);
  });

  it('gives up after three attempts, with pauses that double, and logs those that it repeats', async () => {
    await using peer = await startGateway([answer(500, 'broken')]);
    const lines: string[] = [];
    const log = createLineLog({ write: (line) => lines.push(line), level: 'warn' });
    const { clock, gateway } = connect(peer.url, { log });
    await expect(gateway.put(GROUP, CHUNKS, never())).rejects.toMatchObject({ code: 'busy', status: 500 });
    expect(peer.seen).toHaveLength(3);
    expect(clock.pauses).toEqual([500, 1_000]);
    expect(lines).toEqual([expect.stringContaining('broken'), expect.stringContaining('broken')]);
  });

  it.each([
    [0, [250, 500]],
    [0.999, [749.5, 1_499]],
  ])('spreads the pauses by half to either side: random %d', async (random, pauses) => {
    await using peer = await startGateway([answer(500)]);
    const { clock, gateway } = connect(peer.url, { random: () => random });
    await expect(gateway.put(GROUP, CHUNKS, never())).rejects.toThrow();
    expect(clock.pauses).toEqual(pauses);
  });

  it('names the fault and the way when nobody listens', async () => {
    const peer = await startGateway([hang]);
    await peer[Symbol.asyncDispose]();
    await expect(connect(peer.url).gateway.put(GROUP, CHUNKS, never())).rejects.toMatchObject({
      code: 'network',
      retryable: true,
      message: expect.stringMatching(/ECONNREFUSED.*push\.url/),
    });
  });

  it('ends an attempt that hangs after its own limit and repeats it', async () => {
    await using peer = await startGateway([hang, answer(200)]);
    const { clock, gateway } = connect(peer.url);
    const first = peer.nextRequest();
    const pushed = gateway.put(GROUP, CHUNKS, never());
    await first;
    clock.endAttempt();
    await pushed;
    expect(peer.seen).toHaveLength(2);
  });

  it('says so when every attempt hung', async () => {
    await using peer = await startGateway([hang]);
    const { clock, gateway } = connect(peer.url);
    const failure = gateway.put(GROUP, CHUNKS, never()).catch((error: unknown) => error);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await peer.nextRequest();
      clock.endAttempt();
    }
    expect(await failure).toMatchObject({
      code: 'timeout',
      message: expect.stringContaining('no answer within 15 s'),
    });
  });

  it('ends with the reason of the signal while the gateway hangs, and repeats nothing', async () => {
    await using peer = await startGateway([hang]);
    const lines: string[] = [];
    const log = createLineLog({ write: (line) => lines.push(line), level: 'warn' });
    const { clock, gateway } = connect(peer.url, { log });
    const stop = new AbortController();
    const first = peer.nextRequest();
    const failure = gateway.put(GROUP, CHUNKS, { signal: stop.signal }).catch((error: unknown) => error);
    await first;
    const reason = new DeadlineError('the run');
    stop.abort(reason);
    expect(await failure).toBe(reason);
    expect([peer.seen.length, clock.pauses.length, lines.length]).toEqual([1, 0, 0]);
  });

  it('connects to nobody when the signal has aborted already', async () => {
    await using peer = await startGateway([answer(200)]);
    const reason = new DeadlineError('the run');
    const failure = connect(peer.url).gateway.put(GROUP, CHUNKS, { signal: AbortSignal.abort(reason) });
    await expect(failure).rejects.toBe(reason);
    expect(peer.seen).toEqual([]);
  });

  it('refuses a group without a job', async () => {
    const { gateway } = connect('http://127.0.0.1:9');
    await expect(gateway.put({ job: '', instance: 'x' }, CHUNKS, never())).rejects.toMatchObject({
      code: 'group',
    });
  });
});

describe('delete', () => {
  it('deletes exactly the group and takes 202 for success', async () => {
    await using peer = await startGateway([answer(202)]);
    await connect(peer.url).gateway.delete(GROUP, never());
    expect(peer.seen).toMatchObject([{ method: 'DELETE', path: PATH, text: '' }]);
  });

  it('is repeated like a push', async () => {
    await using peer = await startGateway([answer(503), answer(202)]);
    await connect(peer.url).gateway.delete(GROUP, never());
    expect(peer.seen).toHaveLength(2);
  });
});

describe('list', () => {
  const LISTS = { answersLists: true };
  const groups = (text: string) =>
    JSON.stringify({
      status: 'success',
      data: [{ labels: { job: 'a', instance: text }, last_push_successful: true }],
    });

  it('reads all groups of the gateway, however long they are', async () => {
    const long = 'x'.repeat(100_000);
    await using peer = await startGateway([answer(503), answer(200, groups(long))], undefined, LISTS);
    const { gateway } = connect(`${peer.url}/gw`, {
      credentials: { username: 'push', password: 'tops3cret' },
    });
    expect(await gateway.list(never())).toEqual([{ job: 'a', instance: long, lastPushSuccessful: true }]);
    expect(peer.seen[1]).toMatchObject({ method: 'GET', path: '/gw/api/v1/metrics', text: '' });
    expect(peer.seen[1]?.headers.authorization).toMatch(/^Basic /);
  });

  it('believes no list that broke off', async () => {
    const broken: Answer = (response) => {
      response.writeHead(200, { 'content-length': 1_000 });
      response.write(groups('x'), () => response.destroy());
    };
    await using peer = await startGateway([broken], undefined, LISTS);
    await expect(connect(peer.url).gateway.list(never())).rejects.toMatchObject({
      code: 'malformed',
      message: `GET ${peer.url}/api/v1/metrics: the answer was cut off, or is longer than 256 MB.`,
    });
  });
});

describe('trust', () => {
  const identity = generate([{ name: 'commonName', value: 'gateway' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  }).then((made) => ({ key: made.private, cert: made.cert }));

  it('pushes to the pinned certificate, and to one of a given issuer', async () => {
    const { key, cert } = await identity;
    await using peer = await startGateway([answer(200)], { key, cert });
    await connect(peer.url, { tls: { sha256: [sha256Of(cert)] } }).gateway.put(GROUP, CHUNKS, never());
    await connect(peer.url, { tls: { ca: cert } }).gateway.put(GROUP, CHUNKS, never());
    expect(peer.seen.map(({ text }) => text)).toEqual([TEXT, TEXT]);
  });

  it('sends no byte of a request to another certificate, and tries it once', async () => {
    const { key, cert } = await identity;
    await using peer = await startGateway([answer(200)], { key, cert });
    const tls = { sha256: ['AB'.repeat(32)] };
    const { clock, gateway } = connect(peer.url, { tls });
    await expect(gateway.put(GROUP, CHUNKS, never())).rejects.toMatchObject({
      name: 'PushError',
      code: 'tls',
      retryable: false,
      message: expect.stringContaining(sha256Of(cert)),
    });
    expect([peer.seen.length, clock.pauses.length]).toEqual([0, 0]);
  });

  it('refuses a malformed pin before any push', () => {
    expect(() => connect('https://127.0.0.1:9', { tls: { sha256: ['AB:CD'] } })).toThrow(
      expect.objectContaining({ code: 'pin-malformed' }),
    );
  });
});

describe('createPushgateway', () => {
  it.each([
    'ftp://gw',
    'gateway:9091',
    'nonsense',
    'http://push@gw',
    'http://:tops3cret@gw',
    'http://push:tops3cret@gw',
  ])('refuses the URL %s', (url) => {
    expect(() => connect(url)).toThrow(
      expect.objectContaining({ code: 'url', message: expect.not.stringContaining('tops3cret') }),
    );
    expect(() => connect(url)).toThrow(/^push\.url .* http or https .*push\.credentials/);
  });

  it('takes a peer that speaks no HTTP for a network fault', async () => {
    const server = createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as import('node:net').AddressInfo;
    try {
      await expect(
        connect(`http://127.0.0.1:${port}`).gateway.put(GROUP, CHUNKS, never()),
      ).rejects.toMatchObject({ code: 'network' });
    } finally {
      server.close();
    }
  });
});
