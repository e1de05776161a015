import { describe, expect, it } from 'vitest';
import type { Family } from '../../../lib/metrics/family.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { createLineLog } from '../../../lib/platform/log.ts';
import {
  createRemoteWriteSink,
  type RemoteWriteDeps,
} from '../../../lib/sinks/remote-write/remote-write-sink.ts';
import type { RunSeries } from '../../../lib/sinks/sink.ts';
import { createChunkedValues } from '../../../lib/state/chunked-value.ts';
import { createSeriesListStore } from '../../../lib/state/stores/series-lists.ts';
import { createMemoryTable } from '../../support/world/memory-table.ts';
import { type Answering, type Receiver, startReceiver, took } from './receiver.ts';

const T0 = Date.UTC(2026, 10, 29, 12);
const GROUP = { job: 'vsweep_inventory', instance: 'vc01' };
const running = { signal: new AbortController().signal, holdsLease: async () => true };

/** `<metric> <host>[@time]`: a sample of value 1. */
const familiesOf = (...samples: readonly string[]): Family[] =>
  Array.from(
    Map.groupBy(samples, (text) => text.split(' ')[0] ?? ''),
    ([metric, own]) => ({
      definition: { name: metric, help: `About ${metric}.`, labels: ['host'] },
      samples: own.map((text) => {
        const [host = '', time] = (text.split(' ')[1] ?? '').split('@');
        return { metric, labels: [host], value: 1, ...(time === undefined ? {} : { timeMs: Number(time) }) };
      }),
    }),
  );
const runOf = (...samples: readonly string[]): RunSeries => ({
  group: GROUP,
  families: familiesOf(...samples),
  validUntil: 0,
});

const answer =
  (status: number, text = '', headers: Record<string, string> = {}): Answering =>
  (response) =>
    void response.writeHead(status, headers).end(text);
const cutAfterItLanded: Answering = (_response, _request, { socket }) => void socket.resetAndDestroy();

function createWorld(
  peer: Receiver,
  more: Partial<RemoteWriteDeps> & { open?: never } = {},
  opened: object = {},
) {
  const table = createMemoryTable();
  const slept: number[] = [];
  let now = T0;
  let passLimit: () => void = () => undefined;
  const lines: string[] = [];
  const clock = {
    ...systemClock,
    now: () => now,
    async sleep(ms: number, { signal }: { signal: AbortSignal }) {
      // The limit of an attempt passes when a test says so, and pauses between two pass at once.
      if (ms !== 15_000) return void slept.push(ms);
      await new Promise<void>((resolve, reject) => {
        passLimit = resolve;
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
    },
  };
  let generations = 0;
  const randomId = () => {
    generations += 1;
    return `g${generations}`;
  };
  const values = () => createChunkedValues({ table, now: () => now, randomId });
  const groups: string[] = [];
  const sink = () =>
    createRemoteWriteSink({
      open: async () => ({ url: peer.url, ...opened }),
      retry: {
        clock,
        log: createLineLog({ write: (line) => void lines.push(line), level: 'info' }),
        random: () => 0.5,
      },
      records: createSeriesListStore({ table, values: values() }),
      maxBackfillMs: 3_600_000,
      groups: { record: async ({ job, instance }) => void groups.push(`${job} ${instance}`) },
      ...more,
    });
  return {
    sink,
    table,
    slept,
    lines,
    groups,
    passLimit: () => passLimit(),
    tick: () => {
      now += 60_000;
    },
  };
}

describe('the sink of remote write', () => {
  it('sends all samples of a run at one time, in batches, over one connection, and what metrics mean', async () => {
    await using peer = await startReceiver([took]);
    const { sink, groups } = createWorld(peer, { maxSamples: 2, externalLabels: { cluster: 'lab' } });
    expect(await sink().deliver(runOf('a h1', 'a h2', 'b h1'), running)).toBe('delivered');
    expect(peer.points()).toEqual([
      [`a{cluster=lab,host=h1} 1@${T0}`, `a{cluster=lab,host=h2} 1@${T0}`],
      [`b{cluster=lab,host=h1} 1@${T0}`],
    ]);
    expect(
      peer.seen.map(({ write }) => write.metadata.map(({ metric_family_name: name, help }) => [name, help])),
    ).toEqual([
      [],
      [],
      [
        ['a', 'About a.'],
        ['b', 'About b.'],
      ],
    ]);
    expect(peer.connections).toBe(1);
    expect(groups).toEqual(['vsweep_inventory vc01']);
    expect(peer.seen[0]).toMatchObject({
      path: '/api/v1/write',
      headers: {
        'content-type': 'application/x-protobuf',
        'content-encoding': 'snappy',
        'x-prometheus-remote-write-version': '0.1.0',
        'user-agent': 'vsweep',
      },
    });
  });

  it('marks what the run before had and this one has not, also in another process, and each once', async () => {
    await using peer = await startReceiver([took]);
    const { sink, tick, lines } = createWorld(peer);
    await sink().deliver(runOf('a h1', 'a h2', 'own x'), running);
    tick();
    await sink().deliver(runOf('a h1'), running);
    tick();
    await sink().deliver(runOf('a h1'), running);
    expect(peer.points().map((batch) => batch.map((text) => text.replace(/@.*/, '')))).toEqual([
      ['a{host=h1} 1', 'a{host=h2} 1', 'own{host=x} 1'],
      ['a{host=h1} 1'],
      ['a{host=h2} NaN', 'own{host=x} NaN'],
      ['a{host=h1} 1'],
    ]);
    expect(lines).toEqual([]);
  });

  it('marks no series of a metric whose samples are appended, nor any time after', async () => {
    await using peer = await startReceiver([took]);
    const { sink, tick } = createWorld(peer);
    await sink().deliver(runOf('counter h1', 'a h1'), running);
    for (const series of [runOf('a h2'), runOf('a h2')]) {
      tick();
      await sink().deliver({ ...series, appended: new Set(['counter']) }, running);
    }
    expect(peer.points().flatMap((batch) => batch.map((text) => text.replace(/@.*/, '')))).toEqual([
      'counter{host=h1} 1',
      'a{host=h1} 1',
      'a{host=h2} 1',
      'a{host=h1} NaN',
      'a{host=h2} 1',
    ]);
  });

  it('marks nothing that goes on under other label names, and keeps the list although markers are refused', async () => {
    await using peer = await startReceiver([
      took,
      took,
      took,
      answer(400, 'duplicate sample for timestamp'),
      took,
    ]);
    const { sink, tick } = createWorld(peer);
    const vm = (labels: string[], ...rows: string[][]): RunSeries => ({
      ...runOf(),
      families: [
        {
          definition: { name: 'a', help: '', labels },
          samples: rows.map((row) => ({ metric: 'a', labels: row, value: 1 })),
        },
      ],
    });
    await sink().deliver(vm(['host', 'dc'], ['h1', ''], ['h2', 'd'], ['gone', '']), running);
    tick();
    await sink().deliver(vm(['team', 'dc', 'host'], ['', '', 'h1'], ['', 'd', 'h2']), running);
    tick();
    await sink().deliver(vm(['team', 'dc', 'host'], ['', '', 'h1'], ['', 'd', 'h2']), running);
    const told = peer.points().map((batch) => batch.map((text) => text.replace(/@.*/, '')));
    const goingOn = ['a{host=h1} 1', 'a{dc=d,host=h2} 1'];
    expect(told).toEqual([[...goingOn, 'a{host=gone} 1'], goingOn, ['a{host=gone} NaN'], goingOn]);
  });

  it('sends what metrics mean once and last, whatever the destination makes of it', async () => {
    const busy = answer(429, '', { 'retry-after': '50' });
    await using peer = await startReceiver([
      (response, request, socket) =>
        (request.write.metadata.length > 0 ? busy : took)(response, request, socket),
    ]);
    const { sink, slept, lines } = createWorld(peer);
    await sink().deliver(runOf('a h1', 'a h2'), running);
    expect(await sink().deliver(runOf('a h1'), running)).toBe('delivered');
    expect(slept).toEqual([]);
    expect(peer.seen.map(({ write }) => write.metadata.length)).toEqual([0, 1, 0, 0, 1]);
    expect(lines.join('\n')).toMatch(/did not take what metrics mean/);
  });

  it('asks a destination once to end a group that is forgotten, and forgets one that is refused', async () => {
    await using peer = await startReceiver([took, took, answer(503), answer(400, 'out of order sample')]);
    const { sink } = createWorld(peer);
    await sink().deliver(runOf('a h1'), running);
    await expect(sink().forget(GROUP, running)).rejects.toMatchObject({ status: 503 });
    expect(peer.seen).toHaveLength(3);
    await expect(sink().forget(GROUP, running)).rejects.toMatchObject({ status: 400 });
    expect(await sink().forget(GROUP, running)).toBe(false);
  });

  it('ends all series of a group that is forgotten, and knows nothing of it then', async () => {
    await using peer = await startReceiver([took]);
    const { sink, table } = createWorld(peer);
    await sink().deliver(runOf('a h1'), running);
    expect(await sink().forget(GROUP, running)).toBe(true);
    expect(peer.points().at(-1)).toEqual([expect.stringMatching(/^a\{host=h1\} NaN@/)]);
    expect(await table.query({ pk: 'series#vsweep_inventory#vc01' }, running)).toEqual([]);
    expect(await sink().forget(GROUP, running)).toBe(false);
  });

  it('marks nothing after a delivery that failed, and makes up for it when one succeeds', async () => {
    await using peer = await startReceiver([took, took, answer(400, 'out of order sample'), took]);
    const { sink, tick } = createWorld(peer);
    await sink().deliver(runOf('a h1', 'a h2'), running);
    tick();
    await expect(sink().deliver(runOf('a h1'), running)).rejects.toThrow('out of order sample');
    tick();
    await sink().deliver(runOf('a h1'), running);
    expect(peer.points().at(-1)).toEqual([expect.stringMatching(/^a\{host=h2\} NaN@/)]);
  });

  it('delivers although its list cannot be read, and says that nothing was marked', async () => {
    await using peer = await startReceiver([took]);
    const records = {
      read: async () => Promise.reject(new Error('no state')),
      write: async () => Promise.reject(new Error('written without having been read')),
      remove: async () => undefined,
    };
    const { sink, lines } = createWorld(peer, { records });
    expect(await sink().deliver(runOf('a h1'), running)).toBe('delivered');
    expect(lines.join('\n')).toMatch(/list of series could not be read.*no state/);
    expect(lines.join('\n')).not.toMatch(/written without/);
  });

  it('waits as long as a busy destination asks, and as long as it thinks best when that says nothing', async () => {
    const inSeconds = answer(429, '', { 'retry-after': '7' });
    const inDate = answer(503, '', { 'retry-after': new Date(T0 + 9_000).toUTCString() });
    await using peer = await startReceiver([inSeconds, inDate, answer(500), took]);
    const { sink, slept } = createWorld(peer);
    expect(await sink().deliver(runOf('a h1'), running)).toBe('delivered');
    expect(slept.map((ms) => Math.round(ms / 1_000))).toEqual([7, 9, 2]);
    const [first, second] = peer.seen;
    expect(first?.body.equals(second?.body as Buffer)).toBe(true);
  });

  it('never repeats what is refused, goes on with the rest, and says what was refused and why', async () => {
    const refusal = `out of order sample tops3cret\u001b[31m ${'x'.repeat(5_000)}`;
    await using peer = await startReceiver([answer(400, refusal), took]);
    const credentials = { username: 'u', password: 'tops3cret' };
    const { sink } = createWorld(peer, { maxSamples: 1 }, { credentials });
    const error = await sink()
      .deliver(runOf('a h1', 'a h2'), running)
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'inconsistent', status: 400 });
    expect((error as Error).message).toMatch(
      /answered 400 Bad Request.*It had 1 samples of 1 series, from a\{host="h1",instance="vc01",job="vsweep_inventory"\} on\. 1 of 2 requests were refused\.$/,
    );
    for (const hidden of ['tops3cret', '\u001b']) expect((error as Error).message).not.toContain(hidden);
    expect((error as Error).message.length).toBeLessThan(2_000);
    expect(peer.points()).toHaveLength(2);
  });

  it.each([
    ['was cut off', cutAfterItLanded],
    ['is that of a proxy that lost it', answer(504)],
  ])(
    'says of "out of order" that an attempt before may have landed, if the answer to that %s',
    async (_what, lost) => {
      await using peer = await startReceiver([lost, answer(400, 'out of order sample'), took]);
      const samples = runOf(`a h1@${T0 - 20_000}`, `a h1@${T0}`);
      await expect(createWorld(peer).sink().timed?.append(samples, running)).rejects.toMatchObject({
        status: 400,
        mayBeThere: true,
      });
    },
  );

  it.each([
    ['was never lost', [answer(429), answer(400, 'out of order sample')], [`a h1@${T0 - 1}`, `a h1@${T0}`]],
    ['says that nothing was taken', [answer(503), answer(400, 'too old')], [`a h1@${T0 - 1}`, `a h1@${T0}`]],
    ['is of another kind', [cutAfterItLanded, answer(400, 'bad label')], [`a h1@${T0 - 1}`, `a h1@${T0}`]],
    // The same value at the same time is no fault for any receiver, so this is of somebody else's sample.
    ['has one sample a series', [cutAfterItLanded, answer(400, 'out of order sample')], ['a h1']],
  ])('takes a refusal for one where the answer before it %s', async (_what, answers, samples) => {
    await using peer = await startReceiver([...answers, took]);
    await expect(
      createWorld(peer)
        .sink()
        .deliver(runOf(...samples), running),
    ).rejects.toMatchObject({ status: 400, mayBeThere: false });
  });

  it('ends at a page, at missing rights and at a wrong path, each with what to do', async () => {
    for (const [status, text, message] of [
      [200, '<html>Log in</html>', /a web page.*Check remoteWrite\.url/],
      [403, '', /aps:RemoteWrite/],
      [404, '', /--web\.enable-remote-write-receiver/],
    ] as const) {
      await using peer = await startReceiver([answer(status, text)]);
      const { sink } = createWorld(peer, { maxSamples: 1 });
      await expect(sink().deliver(runOf('a h1', 'a h2'), running)).rejects.toThrow(message);
      expect(peer.seen).toHaveLength(1);
    }
  });

  it('sends nothing more once another run took the lease, and leaves the list to that run', async () => {
    await using peer = await startReceiver([took]);
    const { sink, table } = createWorld(peer, { maxSamples: 1 });
    let asked = 0;
    const holdsLease = async () => {
      asked += 1;
      return asked < 2;
    };
    expect(await sink().deliver(runOf('a h1', 'a h2'), { ...running, holdsLease })).toBe('lease-lost');
    expect(peer.points()).toHaveLength(1);
    expect(await table.query({ pk: 'series#vsweep_inventory#vc01' }, running)).toEqual([]);
  });

  it('ends with its signal, between two attempts too, and closes its connection', async () => {
    const ending = new AbortController();
    const over = new Error('over');
    await using peer = await startReceiver([
      (response) => {
        response.writeHead(503).end();
        ending.abort(over);
      },
    ]);
    const { sink } = createWorld(peer);
    await expect(sink().deliver(runOf('a h1'), { ...running, signal: ending.signal })).rejects.toBe(over);
    expect(peer.seen).toHaveLength(1);
  });

  it('is not held up by an answer without an end, which is a success by its status', async () => {
    await using peer = await startReceiver([
      (response) => {
        response.writeHead(200);
        const more = () => {
          while (!response.destroyed && response.write('x'.repeat(65_536)));
        };
        response.on('drain', more);
        more();
      },
    ]);
    expect(await createWorld(peer).sink().deliver(runOf('a h1'), running)).toBe('delivered');
  });

  it('gives up on a destination that never answers when an attempt has had its time, and asks again', async () => {
    await using peer = await startReceiver([() => undefined, took]);
    const { sink, passLimit } = createWorld(peer);
    const delivering = sink().deliver(runOf('a h1'), running);
    await expect.poll(() => peer.seen.length, { timeout: 60_000 }).toBe(1);
    passLimit();
    expect(await delivering).toBe('delivered');
    expect(peer.points()).toHaveLength(2);
  });

  it('keeps the query of its url, and shows nothing of it', async () => {
    await using peer = await startReceiver([answer(400, 'unknown: tops3cret/1')]);
    const { sink } = createWorld(peer, {}, { url: `${peer.url}?key=tops3cret%2F1` });
    const error = (await sink()
      .deliver(runOf('a h1'), running)
      .catch((reason: unknown) => reason)) as Error;
    expect(peer.seen.map(({ path }) => path)).toEqual(['/api/v1/write?key=tops3cret%2F1']);
    expect(error.message).toMatch(
      /^POST http:.*\/api\/v1\/write: the destination of remote write answered 400/,
    );
    expect(error.message).not.toContain('tops3cret');
  });

  it('proves itself with a token where it has one', async () => {
    await using peer = await startReceiver([took]);
    await createWorld(peer, {}, { token: 'abc' }).sink().deliver(runOf('a h1'), running);
    expect(peer.seen[0]?.headers.authorization).toBe('Bearer abc');
  });

  it('holds no more of a run than a batch: a batch is sent before the next sample is made', async () => {
    await using peer = await startReceiver([took]);
    const { sink } = createWorld(peer, { maxSamples: 2 });
    const requestsBefore: number[] = [];
    const made = familiesOf('a h1', 'a h2', 'a h3', 'a h4', 'a h5')[0] as Family;
    const samples = {
      length: made.samples.length,
      at: (index: number) => made.samples.at(index),
      *[Symbol.iterator]() {
        for (const sample of made.samples) {
          requestsBefore.push(peer.seen.length);
          yield sample;
        }
      },
    };
    await sink().deliver({ ...runOf(), families: [{ ...made, samples, isTimed: false }] }, running);
    // The third is looked at to find that the first two are a batch.
    expect(requestsBefore.slice(0, 5)).toEqual([0, 0, 0, 1, 1]);
  });
});
