import { expect, it } from 'vitest';
import { describeDifferences, introduceDemo } from '../../../lib/cli/demo.ts';

it('the demo is introduced by its page, a command that asks it, and the story of each host that has one', () => {
  const hosts = [
    { name: 'esx01', story: '' },
    { name: 'esx02', story: 'hostd stopped' },
    { name: 'esx03', story: 'in lockdown' },
  ];
  const of = { url: 'http://127.0.0.1:9666', everyMs: 15_000, config: '/tmp/demo/vsweep.yaml' };
  expect(introduceDemo(hosts, of).split('\n')).toEqual([
    '3 simulated ESXi hosts behind a simulated vCenter, swept every 15 s.',
    'Page: http://127.0.0.1:9666/, metrics: http://127.0.0.1:9666/metrics (Ctrl-C ends it).',
    'Other commands ask it while it runs: vsweep metrics try vmware_host_power_state --config /tmp/demo/vsweep.yaml',
    'Simulated faults:',
    '',
    '  esx02  hostd stopped',
    '  esx03  in lockdown',
  ]);
});

it('the first twenty differences between outcomes and fleet have a line each, and the others are counted', () => {
  const differences = Array.from({ length: 22 }, (_, at) => `host ${at}`);
  const told = differences.slice(0, 20).map((one) => `unexpected: ${one}`);
  expect(describeDifferences([])).toEqual([]);
  expect(describeDifferences(differences.slice(0, 20))).toEqual(told);
  expect(describeDifferences(differences)).toEqual([...told, '… and 2 more differences']);
});
