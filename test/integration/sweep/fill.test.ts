import { describe, expect, it } from 'vitest';
import { pollUntil } from '../../support/peers/poll-until.ts';
import { type Answer, answer, type Gateway, hang, startGateway } from '../sinks/gateway.ts';
import { expectDocumented } from './faults/expect-documented.ts';
import { begin, CPU, expectEachOnce, MINUTE, run, type Sample, STEP, withPeers } from './fill-peers.ts';

const samplesIn = ({ seen }: Gateway, metric = CPU): Sample[] =>
  seen.flatMap(({ text }) =>
    [...text.matchAll(new RegExp(`^(${metric}\\{[^}]*\\}) (\\S+) (\\d+)$`, 'gm'))].map(
      ([, series = '', value, time]) => ({ series, value: Number(value), time: Number(time) }),
    ),
  );

describe('a sweep with samples: all', () => {
  it('delivers every sample of 20 s once, at its time, also after an outage and after a delivery that failed', async () => {
    let isAway = false;
    const takes: Answer = (...args) => answer(isAway ? 500 : 204)(...args);
    await using sink = await startGateway([takes]);
    await using gateway = await startGateway([answer(200)]);
    const more = { victoriaMetrics: { url: sink.url }, push: { url: gateway.url } };
    await withPeers({ hosts: 3, more }, async (peers) => {
      const first = await run(peers);
      expect(first, first.errors).toMatchObject({ exitCode: 0 });
      expectEachOnce(samplesIn(sink), { series: 3, spanMs: STEP });
      for (const minutes of [3, 3, 25]) {
        peers.clock.advance(minutes * MINUTE);
        expect(await run(peers)).toMatchObject({ exitCode: 0, problems: [] });
      }
      expectEachOnce(samplesIn(sink), { series: 3, spanMs: 31 * MINUTE });
      isAway = true;
      peers.clock.advance(3 * MINUTE);
      const { exitCode, problems, reasons } = await run(peers);
      expectDocumented('a destination of samples with times is down for a run', {
        exitCode,
        told: problems,
        vcenter: Object.keys(reasons),
        ssh: [],
        pushed: '',
      });
      isAway = false;
      const before = samplesIn(sink).length;
      peers.clock.advance(3 * MINUTE);
      const last = await run(peers);
      expect(last).toMatchObject({
        exitCode: 0,
        deliveries: [
          { sink: 'pushgateway', outcome: 'delivered' },
          {
            sink: 'victoriametrics',
            outcome: 'delivered',
            filled: { sent: expect.any(Number), dropped: { old: 0, ahead: 0, refused: 0 } },
          },
        ],
      });
      // Of both runs, because the destination took nothing of the first one.
      expect(samplesIn(sink).length - before).toBeGreaterThanOrEqual(3 * 17);
      // A sink without times has the newest sample of each series in each run.
      for (const { text } of gateway.seen) {
        expect(text).not.toMatch(/ \d{13}$/m);
        expect(text.match(new RegExp(`^${CPU}\\{`, 'gm'))).toHaveLength(3);
      }
    });
  }, 240_000);

  it('leaves neither a gap nor a duplicate where a run is killed between two batches', async () => {
    let hangsFrom = Number.POSITIVE_INFINITY;
    let fills = 0;
    const takes: Answer = (response, request) => {
      fills += 1;
      if (fills > hangsFrom) hang(response, request);
      else answer(204)(response, request);
    };
    await using sink = await startGateway([takes]);
    const more = { victoriaMetrics: { url: sink.url } };
    // 150 hosts with 38 counters and 9 samples: three batches.
    await withPeers({ hosts: 150, more }, async (peers) => {
      expect(await run(peers)).toMatchObject({ exitCode: 0 });
      peers.clock.advance(3 * MINUTE);
      const before = fills;
      // The first request has what has no times of its own.
      hangsFrom = before + 2;
      const { child, ended } = begin(peers);
      await pollUntil('the second batch is on its way', () => fills > hangsFrom || undefined, {
        timeoutMs: 120_000,
        everyMs: 10,
      });
      child.kill('SIGKILL');
      await ended;
      // It was sent, and the destination did not take it.
      sink.seen.splice(sink.seen.length - 1);
      hangsFrom = Number.POSITIVE_INFINITY;
      peers.clock.advance(3 * MINUTE);
      expect(await run(peers)).toMatchObject({ exitCode: 0, problems: [] });
      for (const metric of [CPU, 'vmware_host_net_usage_average'])
        expectEachOnce(samplesIn(sink, metric), { series: 150, spanMs: 6 * MINUTE });
    });
  }, 240_000);
});
