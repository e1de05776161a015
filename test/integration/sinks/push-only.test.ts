import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../lib/platform/clock.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { createPushOnlySink } from '../../../lib/sinks/pushgateway/push-only-sink.ts';
import { answer, type Gateway, startGateway } from './gateway.ts';

const GROUP = { job: 'vsweep_inventory', instance: 'vc/01' };
const SERIES = {
  group: GROUP,
  families: [
    {
      definition: { name: 'esxi_x', help: 'x', labels: ['hostsystem'] },
      samples: [{ metric: 'esxi_x', labels: ['esx1'], value: 1, timeMs: 1_767_225_600_000 }],
    },
  ],
  validUntil: 0,
};
const running = { signal: new AbortController().signal, holdsLease: async () => true };

/** Pauses between two attempts pass at once, the limit of an attempt never. */
async function pauseOnly(ms: number, { signal }: { signal: AbortSignal }) {
  if (ms < 15_000) return;
  await new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
  );
}

const sinkOf = (peer: Gateway, { gzip = true } = {}) =>
  createPushOnlySink({
    open: async () => ({ url: `${peer.url}/api/v1/import/prometheus` }),
    retry: { clock: { ...systemClock, sleep: pauseOnly }, log: silentLog, random: () => 0 },
    gzip,
  });

describe('the sink of a destination that takes pushes and keeps no groups', () => {
  it.each([
    [200, true],
    [202, false],
    [204, true],
  ])(
    'posts to the path of the group, with times, and takes %i without a body for a success',
    async (status, gzip) => {
      await using peer = await startGateway([answer(status)]);
      expect(await sinkOf(peer, { gzip }).deliver(SERIES, running)).toBe('delivered');
      expect(peer.seen).toMatchObject([
        {
          method: 'POST',
          path: '/api/v1/import/prometheus/metrics/job/vsweep_inventory/instance@base64/dmMvMDE',
          text: '# HELP esxi_x x\n# TYPE esxi_x gauge\nesxi_x{hostsystem="esx1"} 1 1767225600000\n',
        },
      ]);
      expect(peer.seen[0]?.headers['content-encoding']).toBe(gzip ? 'gzip' : undefined);
    },
  );

  it('deletes nothing: an empty push would be answered with success', async () => {
    await using peer = await startGateway([answer(204)]);
    expect(await sinkOf(peer).forget(GROUP, running)).toBe(false);
    expect(peer.seen).toEqual([]);
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
    const lost = { ...running, holdsLease: async () => false };
    expect(await sinkOf(peer).deliver(SERIES, lost)).toBe('lease-lost');
    expect(peer.seen).toEqual([]);
  });

  it.each([
    [200, 'OK', 'stranger', /Check push\.url/],
    [400, 'cannot parse', 'inconsistent', /Its log names what it could not read/],
    [404, '', 'not-found', /of VictoriaMetrics http:\/\/<host>:8428\/api\/v1\/import\/prometheus/],
  ])('says of an answer of %i %j what to do', async (status, text, code, message) => {
    await using peer = await startGateway([answer(status, text)]);
    await expect(sinkOf(peer).deliver(SERIES, running)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });
});
