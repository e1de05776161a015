import { describe, expect, it } from 'vitest';
import type { Family } from '../../../lib/metrics/family.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import {
  createVictoriaMetricsSink,
  importPath,
} from '../../../lib/sinks/victoria-metrics/victoria-metrics-sink.ts';
import { answer, type Gateway, reset, startGateway } from './gateway.ts';

const FAMILIES: Family[] = [
  {
    definition: { name: 'esxi_x', help: 'x', labels: ['hostsystem'] },
    samples: [
      { metric: 'esxi_x', labels: ['esx1'], value: 1, timeMs: 1_767_225_600_000 },
      { metric: 'esxi_x', labels: ['esx1'], value: 2, timeMs: 1_767_225_620_000 },
      { metric: 'esxi_x', labels: ['esx2'], value: 3 },
    ],
  },
];
const SERIES = {
  group: { job: 'vsweep_inventory', instance: 'vc01.example.org' },
  families: FAMILIES,
  validUntil: 0,
};
const running = { signal: new AbortController().signal, holdsLease: async () => true };
const clock = { ...systemClock, sleep: async () => undefined };

const sinkOf = (peer: Gateway, more: object = {}) =>
  createVictoriaMetricsSink({
    open: async () => ({ url: `${peer.url}/insert/0/prometheus/`, ...more }),
    retry: { clock: { ...clock, sleep: pauseOnly }, log: silentLog, random: () => 0 },
    maxBackfillMs: 3_600_000,
  });
/** The limit of an attempt never passes, and pauses between two pass at once. */
async function pauseOnly(ms: number, { signal }: { signal: AbortSignal }) {
  if (ms < 15_000) return;
  await new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
  );
}

describe('the sink of VictoriaMetrics', () => {
  it('posts the series with their times, and the labels of the group beside them', async () => {
    await using peer = await startGateway([answer(204)]);
    const credentials = { username: 'vsweep', password: 'tops3cret' };
    expect(await sinkOf(peer, { credentials }).deliver(SERIES, running)).toBe('delivered');
    expect(peer.seen).toMatchObject([
      {
        method: 'POST',
        path:
          '/insert/0/prometheus/api/v1/import/prometheus' +
          '?extra_label=job%3Dvsweep_inventory&extra_label=instance%3Dvc01.example.org',
        headers: {
          'content-encoding': 'gzip',
          'content-type': 'text/plain; version=0.0.4; charset=utf-8',
          authorization: `Basic ${Buffer.from('vsweep:tops3cret').toString('base64')}`,
        },
        text:
          '# HELP esxi_x x\n# TYPE esxi_x gauge\n' +
          'esxi_x{hostsystem="esx1"} 1 1767225600000\nesxi_x{hostsystem="esx1"} 2 1767225620000\nesxi_x{hostsystem="esx2"} 3\n',
      },
    ]);
  });

  it('writes each label as it is, whatever it holds', () => {
    const path = importPath({ job: 'a&b=c', instance: 'vc 1/ü\uD800' });
    const labels = new URL(path, 'http://vm').searchParams.getAll('extra_label');
    expect(labels).toEqual(['job=a&b=c', 'instance=vc 1/ü\uFFFD']);
  });

  it('does not send again what another run, which took the lease meanwhile, has newer', async () => {
    await using peer = await startGateway([answer(503), answer(204)]);
    let asked = 0;
    const holdsLease = async () => {
      asked += 1;
      return asked < 2;
    };
    expect(await sinkOf(peer).deliver(SERIES, { ...running, holdsLease })).toBe('lease-lost');
    expect(peer.seen).toHaveLength(1);
  });

  it('sends nothing for a run that lost its lease', async () => {
    await using peer = await startGateway([answer(204)]);
    expect(await sinkOf(peer).deliver(SERIES, { ...running, holdsLease: async () => false })).toBe(
      'lease-lost',
    );
    expect(peer.seen).toEqual([]);
  });

  it.each([
    [
      400,
      'cannot parse line',
      'inconsistent',
      1,
      /answered 400 Bad Request: cannot parse line\. Its log names the line/,
    ],
    [404, '', 'not-found', 1, /Check victoriaMetrics\.url: without \/api\/v1\/import\/prometheus/],
    [401, '', 'credentials', 1, /Check victoriaMetrics\.credentials\.$/],
    [
      200,
      '<html>Log in</html>',
      'page',
      1,
      /a web page, so it was not VictoriaMetrics .* Check victoriaMetrics\.url/,
    ],
    [503, '', 'busy', 3, /Check the health and log of VictoriaMetrics\.$/],
  ])(
    'says of an answer of %i %j what to do, and asks as often as it helps',
    async (status, text, code, times, message) => {
      await using peer = await startGateway([answer(status, text)]);
      await expect(sinkOf(peer).deliver(SERIES, running)).rejects.toMatchObject({
        code,
        message: expect.stringMatching(message),
      });
      expect(peer.seen).toHaveLength(times);
    },
  );

  it('sends the same again when the connection was cut, as a repeated sample is the same sample', async () => {
    await using peer = await startGateway([reset, answer(204)]);
    expect(await sinkOf(peer).deliver(SERIES, running)).toBe('delivered');
    expect(peer.seen.map(({ text }) => text)).toEqual([peer.seen[0]?.text, peer.seen[0]?.text]);
    expect(peer.seen).toHaveLength(2);
  });
});
