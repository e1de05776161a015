import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openContainer } from '../../../lib/cli/container.ts';
import { loadConfig } from '../../../lib/cli/load-config.ts';
import { checkDemoRun } from '../../../lib/demo/check-demo-run.ts';
import { startDemoFleet } from '../../../lib/demo/start-demo-fleet.ts';
import type { Family } from '../../../lib/metrics/family.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { createHeldSeries } from '../../../lib/sinks/stdout/held-series.ts';
import type { HostSummary } from '../../../lib/sweep/result/summary.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { expectConserved } from '../sweep/small-fleet.ts';
import { toGolden } from './golden-run.ts';

/** All that a run pushes and prints. A change of it is one that operators see. */
const GOLDEN = '../../fixtures/demo/first-run.txt';

const running = { signal: new AbortController().signal };

describe('the demo fleet', () => {
  it('comes out as it was built and announced, first and later, series by series, and a host that does not is found', {
    timeout: 180_000,
  }, async () => {
    await using fleet = await startDemoFleet({ pace: 'unhurried' });
    await using folder = await createTemporaryFolder('demo');
    for (const [name, text] of Object.entries(fleet.files)) {
      await writeFile(join(folder.path, name), text, { mode: 0o600 });
    }
    const held = createHeldSeries();
    const loaded = await loadConfig(join(folder.path, 'vsweep.yaml'));
    await using container = await openContainer(
      { loaded, env: {}, clock: systemClock, log: silentLog, push: false, sinks: [held] },
      running,
    );
    const differencesOf = async ({ isFirst }: { isFirst: boolean }) => {
      const [sweep] = loaded.config.sweeps;
      if (sweep === undefined) throw new RangeError('the demo has no sweep');
      const summary = await container.runSweep({ sweep }, running);
      expectConserved(summary);
      expect(fleet.vcenter.sessions()).toBe(0);
      if (isFirst)
        await expect(
          await toGolden({ summary, families: held.families() }, { hosts: fleet.hosts, folder: folder.path }),
        ).toMatchFileSnapshot(GOLDEN);
      const hosts = summary.targets.flatMap((target) => target.hosts);
      if (isFirst) {
        const run = { hosts, families: held.families() };
        const healthy = shownOf('esx01.example.org', run);
        for (const { name, story } of fleet.hosts)
          expect([name, shownOf(name, run) === healthy], story).toEqual([name, story === '']);
      }
      return checkDemoRun(fleet.hosts, { hosts, families: held.families() }, { isFirst });
    };
    expect(await differencesOf({ isFirst: true })).toEqual([]);

    const [first, second, third] = fleet.hosts;
    fleet.esxi.setService(first?.address ?? '', 'hostd', 'stopped');
    await fleet.esxi.setBehaviour(second?.address ?? '', 'closed');
    fleet.vcenter.setHosts(fleet.hosts.filter((host) => host !== third).map(({ vcenter }) => vcenter));
    const found = await differencesOf({ isFirst: false });
    expect(found).toContain(`${first?.name}: hostd is 0, not 1`);
    expect(found).toContain(`${second?.name}: ssh is failed(connection-refused), not ok`);
    expect(found).toContain(`${third?.name}: vcenter is nothing, not ok`);
    expect(
      found.filter((line) => ![first, second, third].some((host) => line.startsWith(host?.name ?? ''))),
    ).toEqual([]);
  });
});

/** What a run shows of a host: its outcomes, and its samples without the labels that name it. */
function shownOf(
  name: string,
  { hosts, families }: { hosts: readonly HostSummary[]; families: readonly Family[] },
): string {
  const samples = families.flatMap(({ definition, samples }) =>
    Array.from(samples)
      .filter(({ labels }) => labels[definition.labels.indexOf('hostsystem')] === name)
      .map(({ metric, labels, value }) => [metric, labels.filter((label) => label !== name), value]),
  );
  return JSON.stringify([hosts.find((host) => host.name === name)?.outcomes, samples]);
}
