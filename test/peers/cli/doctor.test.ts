import { expect, it } from 'vitest';
import { printRules } from '../../../lib/monitoring/alerts/rule-files.ts';
import { paste } from '../../integration/cli/doctor/paste.ts';
import { doctor } from '../../integration/cli/doctor/run-doctor.ts';
import { vsweep } from '../../integration/cli/vsweep-command.ts';
import { describeWithPeers } from '../../support/peers/peer-requirements.ts';
import { pollUntil } from '../../support/peers/poll-until.ts';
import { startPrometheus } from '../../support/peers/prometheus.ts';
import { startSweptFleet } from '../../support/peers/swept-fleet.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';

const prometheusYaml = (address: string, honours: boolean) => `
global: { scrape_interval: 1s, scrape_timeout: 1s }
rule_files: [rules.yml]
scrape_configs:
  - job_name: push
    honor_labels: ${honours}
    static_configs: [{ targets: ["${address}"] }]
`;

describeWithPeers(
  ['vcsim', 'sshd', 'pushgateway', 'prometheus'],
  'vsweep doctor against vcsim, OpenSSH, a Pushgateway and Prometheus',
  () => {
    it('is green where all is well, and red at what Prometheus does to the labels and does not load', async () => {
      await using fleet = await startSweptFleet({
        network: 123,
        hostsPerCluster: 2,
        services: { hostd: 'running', vpxa: 'running' },
      });
      await using scratch = await createTemporaryFolder('doctor');
      const { host, address } = { host: fleet.hosts[0], address: fleet.pushgateway.address };
      const place = { folder: scratch.path, env: fleet.env };
      const config = ['--config', fleet.configFile];

      // It lists the hosts, and logs in to none whose key nobody accepted.
      const first = await doctor(place, ...config);
      expect(first.of('ssh login')).toEqual([expect.stringMatching(/^yellow: not checked: no host has/)]);
      expect((await vsweep(place, 'hostkey', 'scan', '--accept', '--all', ...config)).exitCode).toBe(0);
      const before = await doctor(place, ...config);
      // The one thing that govmomi's simulator does not know: it has no QueryDateTime.
      const unknown = /^yellow clock hosts of vc01\.example\.org: no host told its time/;
      expect(before.notGreen()).toEqual([expect.stringMatching(unknown)]);
      expect(before.exitCode).toBe(0);
      expect(before.of('ssh login')).toEqual([
        `green: logged in to ${host?.name}, and its shell answered the commands`,
      ]);
      expect(await fleet.vcsim.openSessions('vsweep')).toBe(0);
      const groups = await (await fetch(`${fleet.pushgateway.url}/api/v1/metrics`)).json();
      expect(groups).toMatchObject({ data: [] });

      await using renaming = await startPrometheus({ config: prometheusYaml(address, false) });
      // It takes some seconds to know its targets.
      const wrong = await pollUntil(
        'Prometheus knows its targets',
        async () => {
          const now = await doctor(place, ...config, '--prometheus', renaming.url);
          return now.of('prometheus scrape')[0]?.startsWith('red') ? now : undefined;
        },
        { timeoutMs: 120_000, everyMs: 1_000 },
      );
      expect(wrong.of('prometheus scrape')).toEqual([
        expect.stringMatching(/^red: the job push scrapes the Pushgateway without honor_labels/),
      ]);
      expect(wrong.of('prometheus rules')).toEqual([
        expect.stringMatching(/^red: no alert of vsweep is loaded/),
      ]);
      expect(wrong.of('prometheus groups')).toEqual([
        expect.stringMatching(/^yellow: 1 of 1 groups have no series/),
      ]);
      expect(
        await paste(`${wrong.command('prometheus rules')?.replace(' > vsweep.rules.yml', '')}`, scratch.path),
      ).toContain('alert:');

      expect((await vsweep(place, 'sweep', 'services', ...config)).exitCode).toBe(0);
      await using right = await startPrometheus({
        config: prometheusYaml(address, true),
        rules: printRules(['vsweep']),
      });
      const found = await pollUntil(
        'everything else is green',
        async () => {
          const now = await doctor(place, ...config, '--prometheus', right.url);
          return now.notGreen().length === 1 ? now : undefined;
        },
        { timeoutMs: 120_000, everyMs: 1_000 },
      );
      expect(found.notGreen()).toEqual([expect.stringMatching(unknown)]);
      expect(found.of('prometheus groups')).toEqual(['green: all 1 groups have series']);
    }, 400_000);
  },
);
