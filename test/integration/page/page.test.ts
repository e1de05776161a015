import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Admission } from '../../../lib/page/admission.ts';
import { EMPTY_BOARD } from '../../../lib/page/board.ts';
import { createPage } from '../../../lib/page/page.ts';
import { NO_SURROUNDINGS, toPageModel } from '../../../lib/page/page-model.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const asset = (name: string) =>
  readFileSync(new URL(`../../../lib/page/assets/${name}`, import.meta.url), 'utf8');
/** What every answer says to a browser. */
const SAFE = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** A page behind a server, whose model has the number of times that it was made as its version. */
async function servePage({
  admission = { of: 'loopback' },
  show,
}: {
  admission?: Admission;
  show?: (text: string) => string;
} = {}) {
  const clock = createManualClock();
  let made = 0;
  let isBroken = false;
  const page = createPage({
    admission,
    clock,
    model: () => {
      if (isBroken) throw new Error('no model');
      made += 1;
      return toPageModel(EMPTY_BOARD, NO_SURROUNDINGS, {
        version: `v${made}`,
        sweeps: [],
        targets: [{ name: 'vc\u202e01', site: 'lab' }],
      });
    },
    ...(show === undefined ? {} : { show }),
  });
  const server = createServer((asked, response) => {
    if (!page.answer(asked.url ?? '', asked, response)) response.writeHead(404).end('of somebody else');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  onTestFinished(() => {
    page[Symbol.dispose]();
    server.closeAllConnections();
    server.close();
  });
  const open = async (path: string, { method = 'GET', headers = {} }: Asked = {}) => {
    const asked = request({ host: '127.0.0.1', port, path, method, headers });
    asked.end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    return response;
  };
  return {
    page,
    clock,
    breakModel: () => {
      isBroken = true;
    },
    open,
    async get(path: string, asked?: Asked) {
      const response = await open(path, asked);
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      const { date: _, connection: _c, 'keep-alive': _k, ...headers } = response.headers;
      return { status: response.statusCode, headers, body: Buffer.concat(chunks) };
    },
  };
}

interface Asked {
  readonly method?: string;
  readonly headers?: IncomingHttpHeaders;
}

/** The next text that arrives on a stream of events. */
async function nextText(response: IncomingMessage): Promise<string> {
  const [chunk] = await once(response, 'data');
  return String(chunk);
}

const versionOf = ({ body }: { body: Buffer }) => JSON.parse(body.toString('utf8')).version;

describe('the page of vsweep run', () => {
  it.each([
    ['/', 'page.html', 'text/html; charset=utf-8'],
    ['/page.css', 'page.css', 'text/css; charset=utf-8'],
    ['/page.js', 'page.js', 'text/javascript; charset=utf-8'],
  ])('answers %s with %s, and with what keeps other code and other sites away', async (path, file, type) => {
    const { get } = await servePage();
    const { status, headers, body } = await get(path);
    expect(status).toBe(200);
    expect(body.toString('utf8')).toBe(asset(file));
    expect(headers).toEqual({ ...SAFE, 'content-type': type, 'content-length': String(body.length) });
  });

  it('leaves any other path to whoever serves it', async () => {
    const { get } = await servePage({ admission: { of: 'nobody' } });
    expect(await get('/metrics')).toMatchObject({ status: 404, body: Buffer.from('of somebody else') });
  });

  it.each([
    [
      { of: 'nobody' },
      403,
      'vsweep listens for other machines, and the page has no token. Set exporter.token in vsweep.yaml, or exporter.listen to "127.0.0.1:9666". /metrics and /healthz need none.\n',
      {},
    ],
    [
      { of: 'token', token: 'secret' },
      401,
      'The password is the token of exporter.token in vsweep.yaml; any user name will do.\n',
      { 'www-authenticate': 'Basic realm="vsweep", charset="UTF-8"' },
    ],
    [
      { of: 'loopback' },
      403,
      'Without exporter.token the page is shown only under a name of this machine, such as http://127.0.0.1:9666/, and by no proxy.\n',
      {},
    ],
  ] as const)(
    'refuses whoever may not see it, and says what to do: %j',
    async (admission, status, why, more) => {
      const { get } = await servePage({ admission });
      for (const path of ['/', '/page.css', '/page.js', '/page.json', '/events']) {
        const answer = await get(path, { headers: { host: 'other.example.org' } });
        expect(answer, path).toEqual({
          status,
          headers: {
            ...SAFE,
            'content-type': 'text/plain; charset=utf-8',
            'content-length': String(Buffer.byteLength(why)),
            ...more,
          },
          body: Buffer.from(why),
        });
      }
    },
  );

  it('sends its data as JSON, packed for whoever takes that', async () => {
    const { get } = await servePage();
    const plain = await get('/page.json');
    expect(plain.headers).toEqual({
      ...SAFE,
      'content-type': 'application/json',
      'content-length': String(plain.body.length),
      vary: 'accept-encoding',
    });
    const packed = await get('/page.json', { headers: { 'accept-encoding': 'br, GZIP;q=0.5' } });
    expect(packed.headers).toEqual({
      ...plain.headers,
      'content-length': String(packed.body.length),
      'content-encoding': 'gzip',
    });
    expect(gunzipSync(packed.body)).toEqual(plain.body);
  });

  it('shows every text in the form that is given, without one in a form that holds nothing unseen', async () => {
    const { get } = await servePage({ show: (text) => text.toUpperCase() });
    const { targets, sweeps } = JSON.parse((await get('/page.json')).body.toString('utf8'));
    expect(targets).toEqual([{ name: 'VC\u202e01', site: 'LAB', clusters: [] }]);
    expect(sweeps).toEqual([]);
    const { get: getSafe } = await servePage();
    expect((await getSafe('/page.json')).body.toString('utf8')).not.toContain('\u202e');
  });

  it('makes its data once for all who ask, and again after a run and after five seconds', async () => {
    const { get, clock, page } = await servePage();
    const versions: string[] = [];
    const ask = async () => void versions.push(versionOf(await get('/page.json')));
    await ask();
    clock.advance(4_999);
    await ask();
    clock.advance(1);
    await ask();
    await ask();
    page.changed();
    await ask();
    expect(versions).toEqual(['v1', 'v1', 'v2', 'v2', 'v3']);
  });

  it('ends the connection of whoever asks for data that cannot be made, and serves the others', async () => {
    const { get, breakModel } = await servePage();
    breakModel();
    await expect(get('/page.json')).rejects.toThrow('socket hang up');
    expect((await get('/')).status).toBe(200);
  });
});

describe('the events of the page', () => {
  it('begin with the state as it is, then tell each change and every 15 seconds that it is still here', async () => {
    const { open, page, clock } = await servePage();
    page.changed();
    const events = await open('/events');
    expect(events.statusCode).toBe(200);
    expect(events.headers).toMatchObject({ ...SAFE, 'content-type': 'text/event-stream' });
    expect(await nextText(events)).toBe('retry: 3000\ndata: 1\n\n');
    page.changed();
    expect(await nextText(events)).toBe('data: 2\n\n');
    expect(clock.nextInMs()).toBe(15_000);
    for (const _ of ['first', 'second']) {
      clock.advance(15_000);
      expect(await nextText(events)).toBe(': still here\n\n');
    }
  });

  it('are not opened by HEAD, which would never end', async () => {
    const { get } = await servePage();
    expect(await get('/events', { method: 'HEAD' })).toMatchObject({
      status: 200,
      headers: { ...SAFE, 'content-type': 'text/event-stream', 'content-length': '0' },
      body: Buffer.alloc(0),
    });
  });

  it('have room for 20, and again for one when one leaves', async () => {
    const { open, get, page } = await servePage();
    const all = await Promise.all(Array.from({ length: 20 }, () => open('/events')));
    expect(all.map(({ statusCode }) => statusCode)).toEqual(all.map(() => 200));
    expect(await get('/events')).toMatchObject({ status: 503, headers: { ...SAFE, 'content-length': '0' } });
    await Promise.all(all.map(nextText));
    all[0]?.destroy();
    let late = await open('/events');
    while (late.statusCode === 503) late = await open('/events');
    expect(await nextText(late)).toContain('data: 0');
    page.changed();
    expect(await nextText(late)).toBe('data: 1\n\n');
  });

  it('end with the page, and keep no timer', async () => {
    const { open, page, clock } = await servePage();
    const events = await open('/events');
    await nextText(events);
    page[Symbol.dispose]();
    await expect(once(events, 'end')).rejects.toThrow('aborted');
    expect(clock.sleepers()).toBe(0);
  });

  it('end for whoever does not read, so that nothing piles up', async () => {
    const { open, page } = await servePage();
    const events = await open('/events');
    await nextText(events);
    events.pause();
    const ended = once(events, 'error');
    // Far more than the buffers of both sockets take; without the limit it would all be kept.
    for (let told = 0; told < 500_000 && !events.destroyed; told += 1) {
      page.changed();
      if (told % 5_000 === 0) await new Promise(setImmediate);
    }
    events.resume();
    expect(await ended).toMatchObject([{ code: 'ECONNRESET' }]);
  });
});
