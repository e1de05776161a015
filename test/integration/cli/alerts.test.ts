import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { THEMES } from '../../../lib/monitoring/alerts/alert.ts';
import { vsweep } from './vsweep-command.ts';

const run = (...args: string[]) => vsweep('.', 'alerts', ...args);
const groupsIn = (text: string) => (parse(text).groups as { name: string }[]).map(({ name }) => name);

describe('vsweep alerts', () => {
  it('prints all rules, or those of some subjects, as one rule file', async () => {
    expect(groupsIn((await run()).output)).toEqual(THEMES);
    expect(groupsIn((await run('vms', 'hosts')).output)).toEqual(['hosts', 'vms']);
  });

  it('takes thresholds and the place of runbooks', async () => {
    const { output } = await run(
      'datastores',
      '--set',
      'datastore_full_percent=7',
      '--set',
      'datastore_low_percent=9',
      '--runbooks',
      'https://wiki.example.org/',
    );
    expect(output).toContain('capacity_size < 7');
    expect(output).toContain('capacity_size < 9) >= 7');
    expect(output).toContain('runbook_url: https://wiki.example.org/VsphereDatastoreFull.md');
    const json = await run(
      ...[
        'datastores',
        '--set',
        'datastore_full_percent=7',
        '--json',
        '--runbooks',
        'https://wiki.example.org',
      ],
    );
    expect(JSON.parse(json.output)[1]).toMatchObject({
      theme: 'datastores',
      name: 'VsphereDatastoreFull',
      severity: 'critical',
      for: '10m',
      fires: 'a datastore has less than 7 % free for 10 minutes',
      runbook: 'https://wiki.example.org/VsphereDatastoreFull.md',
    });
  });

  it.each([
    [['disks'], 'vsweep, hosts, vms'],
    [['--set', 'datastore_ful_percent=7'], 'did you mean'],
    [['--set', 'datastore_low_percent=5'], 'VsphereDatastoreLow could never fire'],
    [['--set', 'memory=0s'], 'write memory=7d'],
    [['--set', 'datastore_full_percent=010'], 'write datastore_full_percent=10'],
    [['--set', 'datastore_full_percent=seven'], 'write datastore_full_percent=10'],
  ])('exits 2 for %j, and says what to write', async (args, message) => {
    const { exitCode, errors } = await run(...args);
    expect([exitCode, errors]).toEqual([2, expect.stringContaining(message)]);
  });
});
