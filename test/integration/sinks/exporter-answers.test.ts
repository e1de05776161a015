import { once } from 'node:events';
import * as http from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../lib/platform/clock.ts';
import { createLineLog } from '../../../lib/platform/log.ts';
import { createExporter, type ExporterOptions } from '../../../lib/sinks/exporter/exporter.ts';
import { exporterSink } from '../../../lib/sinks/exporter/exporter-sink.ts';

const { signal } = new AbortController();
const clock: Clock = { now: () => 1_000, monotonic: () => 1_000, sleep: async () => undefined };

async function start(options: Partial<ExporterOptions> = {}) {
  const lines: string[] = [];
  const exporter = createExporter({
    listen: { host: '127.0.0.1', port: 0 },
    clock,
    log: createLineLog({ write: (line) => lines.push(line), level: 'warn' }),
    status: () => ({ version: '1.2.3', sweeps: [] }),
    ...options,
  });
  const { url } = await exporter.start({ signal });
  const send = (path: string, more: http.RequestOptions = {}) =>
    http.request(url + path, { agent: false, ...more }).end();
  const ask = async (path: string, more: http.RequestOptions = {}) => {
    const [response] = (await once(send(path, more), 'response')) as [http.IncomingMessage];
    return { status: response.statusCode, headers: response.headers, body: await buffer(response) };
  };
  return { url, exporter, lines, send, ask, [Symbol.asyncDispose]: () => exporter[Symbol.asyncDispose]() };
}

const RUN = {
  group: { job: 'inventory', instance: 'vc1' },
  families: [
    {
      definition: { name: 'esxi_x', help: 'help', labels: ['host'] },
      samples: [{ metric: 'esxi_x', labels: ['h1'], value: 1 }],
    },
  ],
  validUntil: 2_000,
};
const TEXT = '# HELP esxi_x help\n# TYPE esxi_x gauge\nesxi_x{host="h1"} 1\n';
const holding = { signal, holdsLease: async () => false };

describe('the exporter as a sink', () => {
  it('shows a run without a lease, and withdraws it once', async () => {
    await using peer = await start();
    const sink = exporterSink(peer.exporter);
    expect([sink.name, await sink.deliver(RUN, holding)]).toEqual(['exporter', 'delivered']);
    expect(String((await peer.ask('/metrics?target=vc1')).body)).toBe(TEXT);
    expect(await sink.forget(RUN.group, { signal })).toBe(true);
    expect(await sink.forget(RUN.group, { signal })).toBe(false);
    expect((await peer.ask('/metrics?target=vc1')).status).toBe(404);
  });
});

describe('a scrape', () => {
  it('is answered packed or not, with the length of either, also to HEAD', async () => {
    await using peer = await start({ processText: async () => 'up 1\n' });
    await exporterSink(peer.exporter).deliver(RUN, holding);
    const whole = `${TEXT}\nup 1\n`;
    const plain = await peer.ask('/metrics');
    const packed = await peer.ask('/metrics', { headers: { 'accept-encoding': 'gzip' } });
    expect([String(plain.body), String(gunzipSync(packed.body))]).toEqual([whole, whole]);
    for (const [one, headers] of [
      [plain, {}],
      [packed, { 'accept-encoding': 'gzip' }],
    ] as const) {
      expect(one.headers['content-length']).toBe(String(one.body.length));
      const head = await peer.ask('/metrics', { method: 'HEAD', headers });
      expect([head.status, head.headers['content-length'], head.body.length]).toEqual([
        200,
        String(one.body.length),
        0,
      ]);
    }
    expect(packed.headers['content-encoding']).toBe('gzip');
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect([plain.headers.vary, packed.headers.vary]).toEqual(['accept-encoding', 'accept-encoding']);
  });

  it.each([
    ['x-gzip', true],
    ['br,\tgzip\t', true],
    ['gzip ; q=1', true],
    ['gzip;q=0.001', true],
    ['gzip;q=0.000', false],
    ['GZIP;Q=0', false],
    ['gzip;q=0 , br', false],
    ['gzip;q=00', true],
    ['gzipped', false],
    ['my-gzip', false],
    ['gzip;level=1', false],
    ['identity', false],
  ])('of who accepts %j is packed: %s', async (accepted, isPacked) => {
    await using peer = await start();
    const { headers } = await peer.ask('/metrics', { headers: { 'accept-encoding': accepted } });
    expect(headers['content-encoding']).toBe(isPacked ? 'gzip' : undefined);
  });

  it('is one of the eight youngest, whatever else is asked meanwhile', async () => {
    const { promise: isOver, resolve: end } = Promise.withResolvers<void>();
    let begun = 0;
    await using peer = await start({
      processText: async () => {
        begun += 1;
        await isOver;
        return '';
      },
    });
    const ended: (number | string | undefined)[] = [];
    const scrapes = [];
    for (let index = 0; index < 9; index += 1) {
      const scrape = peer.send('/metrics');
      scrapes.push(
        once(scrape, 'response').then(
          ([response]) => {
            response.resume();
            ended[index] = response.statusCode;
          },
          (error) => {
            ended[index] = error.code;
          },
        ),
      );
      await expect.poll(() => begun).toBe(index + 1);
    }
    for (let index = 0; index < 9; index += 1) expect((await peer.ask('/healthz')).status).toBe(200);
    expect(ended).toEqual(['ECONNRESET']);
    end();
    await Promise.all(scrapes);
    expect(ended).toEqual(['ECONNRESET', ...Array(8).fill(200)]);
  });
});

describe('another page', () => {
  it('is asked for by its path and read only; else the exporter answers', async () => {
    const asked: (string | undefined)[] = [];
    await using peer = await start({
      answerPage(path, request, response) {
        asked.push(`${request.method} ${path}`);
        if (path === '/page') response.end('page');
        return path === '/page';
      },
    });
    const answers = [];
    for (const [path, method] of [
      ['/page?x', 'GET'],
      ['/page', 'HEAD'],
      ['/page', 'POST'],
      ['/other', 'GET'],
      ['/metrics', 'GET'],
      ['/healthz', 'OPTIONS'],
    ] as const) {
      const { status, body } = await peer.ask(path, { method });
      answers.push([status, String(body)]);
    }
    expect(answers).toEqual([
      [200, 'page'],
      [200, ''],
      [404, 'Not found. See /.\n'],
      [404, 'Not found. See /.\n'],
      [200, ''],
      [405, 'Only GET and HEAD.\n'],
    ]);
    expect(asked).toEqual(['GET /page', 'HEAD /page', 'GET /other', 'GET /metrics']);
  });

  it('keeps its connection for five seconds', async () => {
    await using peer = await start();
    const agent = new http.Agent({ keepAlive: true });
    const { headers } = await peer.ask('/healthz', { agent });
    agent.destroy();
    expect(headers).toMatchObject({ 'keep-alive': 'timeout=5', 'x-content-type-options': 'nosniff' });
  });
});

describe('a fault', () => {
  it('of what tells of the process is logged, and costs the scrape nothing else', async () => {
    const failing = new Error('no /proc here');
    await using peer = await start({ processText: () => Promise.reject(failing) });
    expect(String((await peer.ask('/metrics')).body)).toBe('');
    expect(peer.lines).toEqual([
      'warn  the metrics of this process are left out of a scrape error="no /proc here"',
    ]);
  });

  it('of its start names the address that is taken, and what to do', async () => {
    await using peer = await start();
    const port = Number(new URL(peer.url).port);
    await expect(start({ listen: { host: '127.0.0.1', port } })).rejects.toMatchObject({
      code: 'listen',
      message: `The exporter cannot listen on 127.0.0.1 port ${port}: listen EADDRINUSE: address already in use 127.0.0.1:${port}. Choose another address or port in exporter.listen, or stop the process that uses it.`,
    });
  });
});
