import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { createProbeRecords, probeSink } from '../../../../lib/cli/doctor/engine/probe-sink.ts';
import { systemClock } from '../../../../lib/platform/clock.ts';
import { silentLog } from '../../../../lib/platform/log.ts';
import { createPushgateway } from '../../../../lib/sinks/pushgateway/client.ts';
import { createPushgatewaySink } from '../../../../lib/sinks/pushgateway/pushgateway-sink.ts';
import { createTextfileSink } from '../../../../lib/sinks/textfile/textfile-sink.ts';
import { createVictoriaMetricsSink } from '../../../../lib/sinks/victoria-metrics/victoria-metrics-sink.ts';
import { createTemporaryFolder } from '../../../support/peers/temporary-folder.ts';
import { answer, type Gateway, hang, reset, startGateway } from '../../sinks/gateway.ts';

const { signal } = new AbortController();
/** Pauses pass at once; the limit of an attempt never does. */
const clock = {
  ...systemClock,
  async sleep(ms: number, { signal: ended }: { signal: AbortSignal }) {
    if (ms < 15_000) return;
    await new Promise((_, reject) =>
      ended.addEventListener('abort', () => reject(ended.reason), { once: true }),
    );
  },
};
const retry = { clock, log: silentLog, random: () => 0 };

const pushgateway = (peer: Pick<Gateway, 'url'>) =>
  createPushgatewaySink({
    gateway: createPushgateway({ url: peer.url, gzip: true, ...retry }),
    groups: createProbeRecords().groups,
    log: silentLog,
  });
const GROUP_PATH = '/metrics/job/vsweep_doctor/instance/probe';

describe('the probe of a Pushgateway', () => {
  it('puts one series in a group of its own, and deletes the group', async () => {
    const listed = { labels: { job: 'vsweep_doctor', instance: 'probe' }, last_push_successful: true };
    const list = answer(200, JSON.stringify({ status: 'success', data: [listed] }));
    await using peer = await startGateway([answer(202), list, answer(202)], undefined, {
      answersLists: true,
    });
    expect(await probeSink(pushgateway(peer), { now: 0, signal })).toBe('deleted');
    expect(peer.seen).toMatchObject([
      { method: 'PUT', path: GROUP_PATH, text: expect.stringMatching(/\nvsweep_doctor_probe 1\n$/) },
      { method: 'GET' },
      { method: 'DELETE', path: GROUP_PATH, text: '' },
    ]);
  });

  it('deletes the group when the answer to the PUT is lost, and fails with what the PUT failed with', async () => {
    await using peer = await startGateway([reset, reset, reset, answer(202)]);
    await expect(probeSink(pushgateway(peer), { now: 0, signal })).rejects.toThrow(/^PUT .*: no answer: /);
    expect(peer.seen.map(({ method }) => method)).toEqual(['PUT', 'PUT', 'PUT', 'DELETE']);
  });

  it('fails when the series is taken and not deleted: it would be scraped for ever', async () => {
    await using peer = await startGateway([answer(202), answer(403)]);
    await expect(probeSink(pushgateway(peer), { now: 0, signal })).rejects.toThrow(
      /^DELETE .*Check push\.credentials/,
    );
  });

  it('ends when its signal aborts, whatever the gateway does', async () => {
    await using peer = await startGateway([hang]);
    const stop = new AbortController();
    const probing = probeSink(pushgateway(peer), { now: 0, signal: stop.signal });
    await peer.nextRequest();
    stop.abort(new Error('enough'));
    await expect(probing).rejects.toThrow('enough');
  });
});

describe('the probe of VictoriaMetrics', () => {
  it('imports one series and says that it stays: the import has no deletion', async () => {
    await using peer = await startGateway([answer(204)]);
    const sink = createVictoriaMetricsSink({
      open: async () => ({ url: peer.url }),
      retry,
      maxBackfillMs: 0,
    });
    expect(await probeSink(sink, { now: 0, signal })).toBe('kept');
    expect(peer.seen).toMatchObject([
      { method: 'POST', text: expect.stringMatching(/\nvsweep_doctor_probe 1\n$/) },
    ]);
  });
});

describe('the probe of a textfile', () => {
  const textfile = (folder: string) =>
    createTextfileSink({
      folder,
      groups: createProbeRecords().groups,
      clock: systemClock,
      log: silentLog,
      randomId: () => '1',
    });

  it('writes a file and deletes it', async () => {
    await using folder = await createTemporaryFolder('probe');
    expect(await probeSink(textfile(folder.path), { now: 0, signal })).toBe('deleted');
    expect(await readdir(folder.path)).toEqual([]);
  });

  it('says what to do where the folder is missing, as a delivery does', async () => {
    await using folder = await createTemporaryFolder('probe');
    const sink = textfile(`${folder.path}/no`);
    await expect(probeSink(sink, { now: 0, signal })).rejects.toThrow(/is no folder\. Create it/);
  });
});
