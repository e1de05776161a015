import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { demoStatistic } from '../../../lib/demo/vcenter/performance-manager.ts';
import {
  begin,
  CPU,
  expectEachOnce,
  MINUTE,
  type Peers,
  run,
  type Sample,
  withPeers,
} from '../../integration/sweep/fill-peers.ts';
import { describeWithPeers } from '../../support/peers/peer-requirements.ts';
import { pollUntil } from '../../support/peers/poll-until.ts';
import { type Prometheus, startPrometheus } from '../../support/peers/prometheus.ts';
import { startVictoriaMetrics, type VictoriaMetrics } from '../../support/peers/victoria-metrics.ts';

/** `cpu.usage.average` of the simulated vCenter. */
const CPU_KEY = 2_002;
const NO_SCRAPES = 'global: { scrape_interval: 1m }\n';

/** Every sample that a Prometheus has of a metric; of a time it has one. */
async function samplesOfPrometheus({ url }: Prometheus, { clock }: Peers, metric = CPU): Promise<Sample[]> {
  const query = new URLSearchParams({ query: `${metric}[100m]`, time: String(clock.now() / 1_000) });
  const response = await fetch(`${url}/api/v1/query?${query}`, { signal: AbortSignal.timeout(30_000) });
  const { data } = (await response.json()) as {
    data: { result: { metric: Record<string, string>; values: [number, string][] }[] };
  };
  return data.result.flatMap(({ metric: labels, values }) =>
    values.map(([time, value]) => ({
      series: JSON.stringify(labels),
      value: Number(value),
      time: Math.round(time * 1_000),
    })),
  );
}

/** Every sample that a VictoriaMetrics has of a metric, as often as it has it. */
async function samplesOfVictoriaMetrics(vm: VictoriaMetrics): Promise<Sample[]> {
  await vm.flush();
  const response = await fetch(`${vm.url}/api/v1/export?match[]=${CPU}&reduce_mem_usage=1`, {
    signal: AbortSignal.timeout(30_000),
  });
  const lines = (await response.text()).split('\n').filter((line) => line !== '');
  return lines
    .flatMap((line) => {
      const { metric, values, timestamps } = JSON.parse(line);
      const series = JSON.stringify(metric);
      return values.map((value: number, index: number) => ({ series, value, time: timestamps[index] }));
    })
    .sort((one, other) => one.time - other.time);
}

/** Stands before a destination, and hands requests on. The answer to one that `keepsBack` names never comes. */
async function startProxy(url: string, keepsBack: () => Promise<boolean>) {
  let kept = 0;
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const { 'content-type': type = '', 'content-encoding': encoding = '' } = request.headers;
    const version = { 'x-prometheus-remote-write-version': '0.1.0' };
    const headers = { 'content-type': type, 'content-encoding': encoding, ...version };
    const answered = await fetch(url, { method: 'POST', headers, body });
    const text = await answered.text();
    if (await keepsBack()) kept += 1;
    else response.writeHead(answered.status).end(text);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    kept: () => kept,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const receiver = (prometheus: Prometheus) => `${prometheus.url}/api/v1/write`;
const startReceiver = () =>
  startPrometheus({ config: NO_SCRAPES, args: ['--web.enable-remote-write-receiver'] });

describeWithPeers(['prometheus'], 'a Prometheus that gets every sample of 20 s', () => {
  it('shows every sample of runs 3 minutes apart and of an outage once, with the value that the host had', async () => {
    await using prometheus = await startReceiver();
    await withPeers({ hosts: 3, more: { remoteWrite: { url: receiver(prometheus) } } }, async (peers) => {
      const first = await run(peers);
      expect(first, first.errors).toMatchObject({ exitCode: 0 });
      for (const minutes of [3, 3, 30, 3]) {
        peers.clock.advance(minutes * MINUTE);
        const { exitCode, problems, errors } = await run(peers);
        expect({ exitCode, problems }, errors).toEqual({ exitCode: 0, problems: [] });
      }
      const samples = await samplesOfPrometheus(prometheus, peers);
      expectEachOnce(samples, { series: 3, spanMs: 39 * MINUTE });
      for (const { series, value, time } of samples) {
        const { host_name: name } = JSON.parse(series);
        const moref = `host-${/\d+/.exec(name)?.[0]}`;
        expect(value).toBe(demoStatistic({ type: 'HostSystem', value: moref }, { key: CPU_KEY }, time));
      }
    });
  }, 240_000);

  it('has neither a gap nor a refused sample where a run is killed with a request that was taken', async () => {
    await using prometheus = await startReceiver();
    let taken = async (): Promise<number> => 0;
    /** Of the samples of counters; from the second request with some on no answer is handed on. */
    let [keepsFrom, requests] = [Number.POSITIVE_INFINITY, 0];
    await using proxy = await startProxy(receiver(prometheus), async () => {
      if ((await taken()) > keepsFrom) requests += 1;
      return requests > 1;
    });
    await withPeers({ hosts: 60, more: { remoteWrite: { url: proxy.url } } }, async (peers) => {
      taken = async () => (await samplesOfPrometheus(prometheus, peers)).length;
      expect(await run(peers)).toMatchObject({ exitCode: 0 });
      peers.clock.advance(3 * MINUTE);
      keepsFrom = await taken();
      const { child, ended } = begin(peers);
      await pollUntil('an answer is kept back', () => proxy.kept() > 0 || undefined, {
        timeoutMs: 120_000,
        everyMs: 5,
      });
      child.kill('SIGKILL');
      await ended;
      [keepsFrom, requests] = [Number.POSITIVE_INFINITY, 0];
      peers.clock.advance(3 * MINUTE);
      const next = await run(peers);
      expect(next, next.errors).toMatchObject({
        exitCode: 0,
        problems: [],
        deliveries: [{ outcome: 'delivered', filled: { dropped: { old: 0, ahead: 0, refused: 0 } } }],
      });
      for (const metric of [CPU, 'vmware_host_net_usage_average'])
        expectEachOnce(await samplesOfPrometheus(prometheus, peers, metric), {
          series: 60,
          spanMs: 6 * MINUTE,
        });
    });
  }, 240_000);
});

describeWithPeers(['victoria-metrics'], 'a VictoriaMetrics that gets every sample of 20 s', () => {
  it('has every sample of runs 3 minutes apart and of an outage once', async () => {
    await using vm = await startVictoriaMetrics();
    await withPeers({ hosts: 3, more: { victoriaMetrics: { url: vm.url } } }, async (peers) => {
      expect(await run(peers)).toMatchObject({ exitCode: 0 });
      for (const minutes of [3, 30, 3]) {
        peers.clock.advance(minutes * MINUTE);
        expect(await run(peers)).toMatchObject({ exitCode: 0, problems: [] });
      }
      expectEachOnce(await samplesOfVictoriaMetrics(vm), { series: 3, spanMs: 36 * MINUTE });
    });
  }, 240_000);
});
