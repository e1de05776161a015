import { once } from 'node:events';
import * as http from 'node:http';
import { connect, type Socket } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Family } from '../../../lib/metrics/family.ts';
import type { Clock } from '../../../lib/platform/clock.ts';
import { DeadlineError } from '../../../lib/platform/errors.ts';
import { createLineLog } from '../../../lib/platform/log.ts';
import { createExporter, type Exporter } from '../../../lib/sinks/exporter/exporter.ts';
import { parseExposition } from '../../support/exposition.ts';

const family = (hostsystem: string, value = 1): Family => ({
  definition: { name: 'esxi_x', help: 'help', labels: ['hostsystem'] },
  samples: [{ metric: 'esxi_x', labels: [hostsystem], value }],
});

const never = () => ({ signal: new AbortController().signal });

const SWEEP = { name: 'services', everyMs: 60_000, broken: 0 };

describe('createExporter', () => {
  let now: number;
  let stuck: boolean;
  let lines: string[];
  let exporter: Exporter;
  let url: string;
  const clock: Clock = { now: () => now, monotonic: () => now, sleep: async () => undefined };
  const create = (port = 0, host = '127.0.0.1') =>
    createExporter({
      targets: ['vc1', 'vc2'],
      listen: { host, port },
      clock,
      log: createLineLog({ write: (line) => lines.push(line), level: 'warn' }),
      status: () => ({ version: '1.2.3', sweeps: [{ ...SWEEP, isStuck: stuck, isBroken: false }] }),
    });

  beforeEach(async () => {
    now = 1_000;
    stuck = false;
    lines = [];
    exporter = create();
    ({ url } = await exporter.start(never()));
  });
  afterEach(async () => {
    await exporter[Symbol.asyncDispose]();
  });

  async function ask(path: string, method = 'GET') {
    const request = http.request(url + path, { method, agent: false }).end();
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    return { status: response.statusCode, headers: response.headers, text: await readText(response) };
  }

  it('serves the groups as one exposition with the type that Prometheus expects', async () => {
    exporter.publish('a', { families: [family('esx01')], validUntil: 2_000 });
    exporter.publish('b', { families: [family('esx02\n"ü"')], validUntil: 2_000 });
    const { status, headers, text } = await ask('/metrics?collect=x?y');
    expect([status, headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
    expect(headers).toMatchObject({
      'content-length': String(Buffer.byteLength(text)),
      'x-content-type-options': 'nosniff',
    });
    expect(parseExposition(text).map(({ labels }) => labels.hostsystem)).toEqual(['esx01', 'esx02\n"ü"']);
  });

  it('answers for one target by ?target=, as vmware_exporter did, without what is of the process', async () => {
    exporter.publish('inventory/vc1', { families: [family('esx01')], validUntil: 2_000 });
    exporter.publish('inventory/vc2', { families: [family('esx02')], validUntil: 2_000 });
    for (const query of [
      'target=vc2',
      'section=default&target=vc2',
      'vsphere_host=vc2',
      'section=esx&target=VC2&x=%',
    ]) {
      const { status, text } = await ask(`/metrics?${query}`);
      expect([status, parseExposition(text).map(({ labels }) => labels.hostsystem)]).toEqual([
        200,
        ['esx02'],
      ]);
    }
    expect(parseExposition((await ask('/metrics?section=default')).text)).toHaveLength(2);
    expect(await ask('/metrics?target=vc3')).toMatchObject({
      status: 404,
      text: 'No run on that target yet, or no such target.\n',
    });
    expect(await ask('/metrics?section=lab')).toMatchObject({
      status: 400,
      text: expect.stringContaining('?target='),
    });
  });

  it('leaves out a group that is no longer valid', async () => {
    exporter.publish('a', { families: [family('esx01')], validUntil: 2_000 });
    now = 1_999;
    expect((await ask('/metrics')).text).toContain('esx01');
    now = 2_000;
    expect(await ask('/metrics')).toMatchObject({ status: 200, text: '' });
  });

  it('answers HEAD with the headers of GET and no body', async () => {
    exporter.publish('a', { families: [family('esx01')], validUntil: 2_000 });
    const length = (await ask('/metrics')).headers['content-length'];
    expect(await ask('/metrics', 'HEAD')).toMatchObject({
      status: 200,
      text: '',
      headers: { 'content-length': length },
    });
  });

  it('says whether it is healthy, and what it does, as it is now', async () => {
    expect(await ask('/healthz')).toMatchObject({
      status: 200,
      text: 'ok\n',
      headers: { 'content-type': 'text/plain; charset=utf-8' },
    });
    const landing = await ask('/');
    expect(landing).toMatchObject({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' } });
    for (const part of ['href="metrics"', 'href="healthz"', 'vsweep 1.2.3', '<td>services<td>60 s']) {
      expect(landing.text).toContain(part);
    }
    stuck = true;
    expect(await ask('/healthz')).toMatchObject({
      status: 503,
      text: 'no run of sweep services has ended for more than 180 s\n',
    });
  });

  it.each([
    ['/nothing', 'GET', 404, 'Not found. See /.\n'],
    ['/metrics/job/x', 'PUT', 404, 'Not found. See /.\n'],
    ['/metrics', 'POST', 405, 'Only GET and HEAD.\n'],
    ['/', 'DELETE', 405, 'Only GET and HEAD.\n'],
  ])('answers %s by %s with %i', async (path, method, status, text) => {
    const { headers, ...reply } = await ask(path, method);
    expect(reply).toEqual({ status, text });
    expect(headers.allow).toBe(status === 405 ? 'GET, HEAD' : undefined);
  });

  const open = async (from = '127.0.0.1') => {
    const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', localAddress: from });
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  };
  const openMany = async (count: number, from?: string) =>
    await Promise.all(Array.from({ length: count }, () => open(from)));

  it('holds 100 connections and ends the oldest for the next one, so that it says whether it is healthy', async () => {
    for (const socket of await openMany(3)) {
      socket.end();
      await once(socket, 'close');
    }
    const held: Socket[] = [];
    for (const address of [2, 3, 4, 5]) held.push(...(await openMany(25, `127.0.0.${address}`)));
    const ended = once(held[0] as Socket, 'close');
    expect(await ask('/healthz')).toMatchObject({ status: 200, text: 'ok\n' });
    await ended;
    expect(held.filter(({ destroyed }) => !destroyed)).toHaveLength(99);
    for (const socket of held) socket.destroy();
  });

  it('holds 30 connections of one address, so that one which opens many costs no other its own', async () => {
    const other = await open('127.0.0.2');
    const greedy = await openMany(30, '127.0.0.3');
    const ended = once(greedy[0] as Socket, 'close');
    greedy.push(await open('127.0.0.3'));
    await ended;
    expect(greedy.filter(({ destroyed }) => !destroyed)).toHaveLength(30);
    expect(other.destroyed).toBe(false);
    for (const socket of [other, ...greedy]) socket.destroy();
  });

  it('ends who has not sent the whole header after 2 s', async () => {
    const slow = await open();
    slow.write('GET /metrics HTTP/1.1\r\nHost:');
    const [answer] = await once(slow, 'data');
    expect(String(answer)).toContain('408 Request Timeout');
    await once(slow, 'close');
  });

  it('sends one buffer to all, and ends the oldest of more than 8 who ask for the metrics and never read', async () => {
    const many = Array.from({ length: 40_000 }, (_, n) => ({
      metric: 'esxi_x',
      labels: [`${'x'.repeat(300)}${n}`],
      value: n,
    }));
    exporter.publish('a', { families: [{ ...family('esx01'), samples: many }], validUntil: 2_000 });
    const { text } = await ask('/metrics');
    const before = process.memoryUsage().arrayBuffers;
    const greedy: Socket[] = [];
    const beGreedy = async (times: number) => {
      for (let n = 0; n < times; n += 1) {
        const socket = await open();
        socket.pause();
        socket.write('GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
        greedy.push(socket);
      }
    };
    const readWhole = async (sockets: readonly Socket[]) => {
      for (const socket of sockets) socket.resume();
      const whole = await Promise.all(
        sockets.map(async (socket) => (await readText(socket).catch(() => '')).endsWith(text)),
      );
      return whole.filter((one) => one).length;
    };
    await beGreedy(20);
    expect(await ask('/metrics')).toMatchObject({ status: 200, text });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(6 * text.length);
    expect(await readWhole(greedy.splice(0))).toBeLessThanOrEqual(8);
    // Who asks for something else ends none of them.
    await beGreedy(8);
    await ask('/healthz');
    expect(await readWhole(greedy)).toBe(8);
  });

  it('refuses headers above its limit', async () => {
    const request = http
      .request(`${url}/metrics`, { headers: { 'x-long': 'x'.repeat(9_000) }, agent: false })
      .end();
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(431);
  });

  it.each([
    ['gzip', 'gzip'],
    ['br, GZIP;q=0.5', 'gzip'],
    ['*', 'gzip'],
    ['gzip;q=0', undefined],
    ['gzip; q=0.0, br', undefined],
    ['deflate', undefined],
    ['', undefined],
  ])('sends who accepts "%s" its metrics as %s, and tells both the same', async (accepted, coding) => {
    exporter.publish('a', { families: [family('esx01')], validUntil: 2_000 });
    const response = await fetch(`${url}/metrics`, { headers: { 'accept-encoding': accepted } });
    expect(response.headers.get('content-encoding') ?? undefined).toBe(coding);
    expect(response.headers.get('vary')).toBe('accept-encoding');
    expect(await response.text()).toBe((await ask('/metrics')).text);
  });

  it('adds the text of the process to each scrape, as it is then', async () => {
    let scrapes = 0;
    await using other = createExporter({
      listen: { host: '127.0.0.1', port: 0 },
      clock,
      log: createLineLog({ write: (line) => lines.push(line), level: 'warn' }),
      status: () => ({ version: '1.2.3', sweeps: [] }),
      processText: async () => {
        scrapes += 1;
        return `# TYPE scrapes gauge\nscrapes ${scrapes}\n`;
      },
    });
    const { url: at } = await other.start(never());
    const scrape = async () =>
      parseExposition(await (await fetch(`${at}/metrics`)).text()).map(({ name, value }) => [name, value]);
    expect(await scrape()).toEqual([['scrapes', 1]]);
    other.publish('a', { families: [family('esx01')], validUntil: 2_000 });
    expect(await scrape()).toEqual([
      ['esxi_x', expect.any(Number)],
      ['scrapes', 2],
    ]);
  });

  it('serves what was published when a metric of the process throws, and logs that', async () => {
    const lines: string[] = [];
    await using other = createExporter({
      listen: { host: '127.0.0.1', port: 0 },
      clock,
      log: createLineLog({ write: (line) => lines.push(line), level: 'warn' }),
      status: () => ({ version: '1.2.3', sweeps: [] }),
      processText: () => {
        throw new Error('no /proc here');
      },
    });
    const { url: at } = await other.start(never());
    other.publish('a', { families: [family('esx01')], validUntil: 2_000 });
    const response = await fetch(`${at}/metrics`);
    expect(response.status).toBe(200);
    expect(parseExposition(await response.text()).map(({ name }) => name)).toEqual(['esxi_x']);
    expect(lines.join()).toContain('no /proc here');
  });

  it('answers 500 and logs when a publication cannot be encoded, and recovers with the next one', async () => {
    const { definition } = family('esx01', 1);
    const unlabelled = { definition, samples: [{ metric: definition.name, labels: [], value: 1 }] };
    exporter.publish('a', { families: [unlabelled], validUntil: 2_000 });
    expect(await ask('/metrics')).toMatchObject({
      status: 500,
      text: 'The metrics could not be encoded; see the log of vsweep.\n',
    });
    expect(lines.join()).toContain('esxi_x');
    exporter.publish('a', { families: [family('esx01')], validUntil: 2_000 });
    expect((await ask('/metrics')).status).toBe(200);
  });

  it('says who cannot listen where, and what to do', async () => {
    const port = Number(new URL(url).port);
    await using second = create(port);
    await expect(second.start(never())).rejects.toMatchObject({
      name: 'ExporterError',
      code: 'listen',
      message: expect.stringMatching(
        new RegExp(`127\\.0\\.0\\.1 port ${port}.*EADDRINUSE.*another address or port`),
      ),
    });
  });

  it('does not start under a signal that has aborted', async () => {
    await using second = create(Number(new URL(url).port));
    const reason = new DeadlineError('the start');
    await expect(second.start({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it('holds no port when the signal aborts before it listens', async () => {
    const port = Number(new URL(url).port);
    await exporter[Symbol.asyncDispose]();
    await using second = create(port);
    const stop = new AbortController();
    const failure = second.start({ signal: stop.signal }).catch((error: unknown) => error);
    const reason = new DeadlineError('the start');
    stop.abort(reason);
    expect(await failure).toBe(reason);
    await using third = create(port);
    expect(await third.start(never())).toEqual({ url });
  });

  it('goes on when the signal of its start aborts later', async () => {
    await using second = create();
    const stop = new AbortController();
    const started = await second.start({ signal: stop.signal });
    stop.abort(new DeadlineError('the start'));
    expect((await fetch(`${started.url}/healthz`)).status).toBe(200);
  });

  it('writes an IPv6 address as a URL does', async () => {
    await using second = create(0, '::1');
    expect((await second.start(never())).url).toMatch(/^http:\/\/\[::1\]:\d+$/);
  });

  it('ends connections that are open when it is disposed, and can be disposed twice', async () => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    const ended = new Promise((resolve) => socket.once('close', resolve));
    socket.write('GET /metrics HTTP/1.1\r\n');
    await exporter[Symbol.asyncDispose]();
    await exporter[Symbol.asyncDispose]();
    await ended;
    await expect(ask('/metrics')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
