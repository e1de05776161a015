import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../lib/platform/clock.ts';
import { silentLog } from '../../lib/platform/log.ts';
import { readPerfCounters, shortNameOf } from '../../lib/vsphere/performance/perf-counter.ts';
import { login } from '../../lib/vsphere/session/session.ts';
import { startVcsim } from '../../test/support/peers/vcsim.ts';

/** Writes lib/vsphere/performance/counter-table.ts out of what vcsim has, which was recorded of a vCenter: see CONTRIBUTING.md. */
const TABLE = join(import.meta.dirname, '../../lib/vsphere/performance/counter-table.ts');

await using vcsim = await startVcsim({ hostsPerCluster: 1 });
const signal = AbortSignal.timeout(60_000);
await using session = await login(
  { name: 'vcsim', url: vcsim.url, tls: { sha256: [vcsim.sha256] } },
  { username: vcsim.user, password: vcsim.password },
  { clock: systemClock, log: silentLog, userAgent: 'vsweep' },
  { signal },
);
const { all } = await readPerfCounters(session, { signal });
const lines = all.map((one) => [shortNameOf(one), one.unit.key, one.level, one.perDeviceLevel].join(' '));
writeFileSync(
  TABLE,
  '/** Made by tools/vim25/pack-counters.ts: name, unit, statistics level, and level of its instances. */\n' +
    `export const COUNTER_TABLE = \`\n${[...new Set(lines)].toSorted().join('\n')}\n\`;\n`,
);
