import { expect, it } from 'vitest';
import { createProcessMetrics } from '../../../lib/cli/process-metrics.ts';
import { VERSION } from '../../../lib/cli/version.ts';

const linesOf = async (metrics: ReturnType<typeof createProcessMetrics>, prefix: string) =>
  (await metrics.text()).split('\n').filter((line) => line.startsWith(prefix));

it('tells the build, and counts requests, sessions and polls', async () => {
  const metrics = createProcessMetrics();
  expect(await linesOf(metrics, 'vsweep_')).toEqual([`vsweep_build_info{version="${VERSION}"} 1`]);
  const { observe } = metrics;
  observe.opened('vc01');
  observe.opened('vc01');
  observe.called('vc01');
  observe.called('vc01');
  observe.called('vc02');
  observe.closed('vc01');
  metrics.countPoll(true);
  metrics.countPoll(false);
  metrics.countPoll(true);
  expect((await linesOf(metrics, 'vsweep_')).slice(1)).toEqual([
    'vsweep_vcenter_requests_total{target="vc01"} 2',
    'vsweep_vcenter_requests_total{target="vc02"} 1',
    'vsweep_vcenter_sessions{target="vc01"} 1',
    'vsweep_polls_total{outcome="ok"} 2',
    'vsweep_polls_total{outcome="failed"} 1',
  ]);
});

it('has the metrics of the process that docs/metrics.md names', async () => {
  const text = await createProcessMetrics().text();
  for (const name of [
    'process_cpu_seconds_total',
    'process_resident_memory_bytes',
    'nodejs_heap_size_used_bytes',
    'process_open_fds',
    'nodejs_gc_duration_seconds',
    'nodejs_eventloop_lag_p99_seconds',
  ])
    expect(text).toContain(`# TYPE ${name} `);
});
