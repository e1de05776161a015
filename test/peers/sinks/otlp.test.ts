import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { createDemoFleet } from '../../../lib/demo/fleet.ts';
import type { Family } from '../../../lib/metrics/family.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { isRefusal } from '../../../lib/sinks/http/errors.ts';
import { createOtlpSink } from '../../../lib/sinks/otlp/otlp-sink.ts';
import { PROOF, startTarget } from '../../integration/vsphere/demo-target.ts';
import { parseExposition } from '../../support/exposition.ts';
import { type OtlpReceiver, startOtlpReceiver } from '../../support/peers/otlp-receiver.ts';
import { describeWithPeers } from '../../support/peers/peer-requirements.ts';
import { promQuery } from '../../support/peers/prometheus.ts';
import { runVsweep } from '../../support/peers/run-vsweep.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';

const GROUP = { job: 'vsweep "inventory", 1', instance: 'vc=01/x' };
const options = () => ({ signal: AbortSignal.timeout(60_000), holdsLease: async () => true });
const sinkOf = (receiver: OtlpReceiver, maxPoints = 5_000) =>
  createOtlpSink({
    open: async () => ({ url: receiver.otlpUrl }),
    retry: { clock: systemClock, log: silentLog, random: Math.random },
    maxPoints,
    maxBackfillMs: 3_000_000,
  });
const keyOf = ({ labels, value }: { labels: Readonly<Record<string, string>>; value: number }) =>
  JSON.stringify([Object.entries(labels).toSorted(), value]);

/** All series of the last minutes. */
const stored = async ({ url }: OtlpReceiver) => await promQuery(url, '{__name__=~".+"}');

describeWithPeers(['otlp-receiver'], 'the sink of OTLP and the receiver of Prometheus 3', () => {
  it('stores of the demo fleet the names, labels and values that Prometheus reads in a text', async () => {
    await using folder = await createTemporaryFolder('otlp');
    await using receiver = await startOtlpReceiver();
    await using vcenter = await startTarget({ hosts: createDemoFleet().map((host) => host.vcenter) });
    const target = { url: vcenter.url, credentials: { file: 'vc.yaml' }, tls: { sha256: [vcenter.sha256] } };
    const config = {
      targets: ['vc01', 'vc02'].map((name) => ({ name, ...target })),
      sweeps: [{ name: 'inventory', every: '1m', collectors: ['hosts', 'vms'] }],
      state: { path: 'state' },
      otlp: { url: receiver.otlpUrl },
      textfile: { path: 'prom' },
    };
    await writeFile(join(folder.path, 'vsweep.yaml'), stringify(config));
    await writeFile(join(folder.path, 'vc.yaml'), stringify(PROOF), { mode: 0o600 });
    const files = join(folder.path, 'prom');
    await mkdir(files);
    const { exitCode, stderr } = await runVsweep(['sweep', 'inventory'], { cwd: folder.path });
    expect(exitCode, stderr).toBe(0);
    const texts = await Promise.all(
      (await readdir(files)).map((file) => readFile(join(files, file), 'utf8')),
    );
    const printed = texts.flatMap(parseExposition).map(({ name, labels, value }) =>
      // An empty label is none to Prometheus.
      keyOf({
        labels: {
          __name__: name,
          ...Object.fromEntries(Object.entries(labels).filter(([, text]) => text !== '')),
        },
        value,
      }),
    );
    expect(printed.length).toBeGreaterThan(500);
    expect((await stored(receiver)).map(keyOf).toSorted()).toEqual(printed.toSorted());
  }, 240_000);

  it('keeps what a counter is, odd labels, and a series that goes over several requests', async () => {
    await using receiver = await startOtlpReceiver();
    const end = Math.floor(Date.now() / 20_000) * 20_000;
    const times = [end - 40_000, end - 20_000, end];
    const families: Family[] = [
      {
        definition: { name: 'vmware_events_total', help: 'events', labels: ['type'], type: 'counter' },
        samples: [{ metric: 'vmware_events_total', labels: ['VmFailoverFailed'], value: 3 }],
      },
      {
        definition: { name: 'vmware_host_cpu_usage_percent', help: 'ä "x"\n', labels: ['host', 'cluster'] },
        samples: [
          ...times.map((timeMs, value) => ({
            metric: 'vmware_host_cpu_usage_percent',
            labels: ['esx "1"\\\n\u{1F600}', ''],
            value,
            timeMs,
          })),
          { metric: 'vmware_host_cpu_usage_percent', labels: ['esx2', 'c/1'], value: 9 },
        ],
      },
    ];
    const series = { group: GROUP, families, validUntil: 0 };
    const sink = sinkOf(receiver, 2);
    expect(await sink.deliver(series, options())).toBe('delivered');
    expect((await stored(receiver)).map(keyOf).toSorted()).toEqual(
      [
        { labels: { __name__: 'vmware_events_total', type: 'VmFailoverFailed', ...GROUP }, value: 3 },
        {
          labels: { __name__: 'vmware_host_cpu_usage_percent', host: 'esx "1"\\\n\u{1F600}', ...GROUP },
          value: 2,
        },
        {
          labels: { __name__: 'vmware_host_cpu_usage_percent', host: 'esx2', cluster: 'c/1', ...GROUP },
          value: 9,
        },
      ]
        .map(keyOf)
        .toSorted(),
    );
    const points = await pointsOf(receiver, 'vmware_host_cpu_usage_percent{host!="esx2"}[5m]');
    expect(points).toEqual(times.map((time, value) => [time / 1_000, String(value)]));
  }, 240_000);

  it('takes the same samples again, and says which it will never take', async () => {
    await using receiver = await startOtlpReceiver();
    const end = Math.floor(Date.now() / 20_000) * 20_000;
    const seriesAt = (timeMs: number) => ({
      group: GROUP,
      families: [
        {
          definition: { name: 'esxi_x', help: 'x', labels: [] },
          samples: [{ metric: 'esxi_x', labels: [], value: 1, timeMs }],
        },
      ],
      validUntil: 0,
    });
    const append = sinkOf(receiver).timed?.append;
    expect(await append?.(seriesAt(end), options())).toBe('delivered');
    expect(await append?.(seriesAt(end), options())).toBe('delivered');
    const error: unknown = await append?.(seriesAt(end - 20_000), options()).catch(
      (thrown: unknown) => thrown,
    );
    expect(isRefusal(error)).toBe(true);
    expect(error).toMatchObject({ message: expect.stringContaining('1 of 1 samples were not taken') });
    expect(await pointsOf(receiver, 'esxi_x[5m]')).toEqual([[end / 1_000, '1']]);
  }, 240_000);
});

async function pointsOf({ url }: OtlpReceiver, selector: string): Promise<[number, string][]> {
  const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(selector)}`, {
    signal: AbortSignal.timeout(30_000),
  });
  const { data } = (await response.json()) as { data: { result: { values: [number, string][] }[] } };
  return data.result.flatMap(({ values }) => values);
}
