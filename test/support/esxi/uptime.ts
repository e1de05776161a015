import type { MetricRow } from '../../../lib/catalogue/row.ts';
import { probed } from '../../../lib/catalogue/sources/probe.ts';
import { collector } from '../../../lib/collectors/collector.ts';
import { type Probe, probeError } from '../../../lib/esxi/session/probe.ts';

/** A second probe, as a contributor would write it: how long a host has been up, in days. */
export const uptime: Probe<number> = {
  name: 'uptime',
  seconds: 4,
  keeps: { lines: 3 },
  commands: () => [{ key: 'uptime', argv: ['uptime'] }],
  parse(answers) {
    const said = answers.get('uptime')?.stdout ?? '';
    // "02:07:21 up 23 days, 4:01, load average: …"; in its first day a host says "up 4:01" or "up 7 min".
    const up = /\bup (?:(\d{1,5}) days?, )?/.exec(said);
    if (up === null) throw probeError('output', 'uptime printed no time');
    return Number(up[1] ?? 0);
  },
};

const UPTIME: readonly MetricRow[] = [
  {
    name: 'esxi_uptime_days',
    help: 'Whole days since the host was started',
    unit: 'number',
    kind: 'host',
    source: probed(uptime, (days) => ({ points: [{ labels: [], value: days }], warnings: [] })),
    labels: [],
    preset: 'esxi_exporter',
    privilege: 'login by ssh',
    since: '6.5',
  },
];

export const uptimeCollector = collector('uptime', UPTIME);
