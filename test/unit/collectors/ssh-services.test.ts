import { describe, expect, it } from 'vitest';
import { sshServices } from '../../../lib/collectors/ssh-services.ts';
import { expectGolden } from './golden.ts';
import { withServices } from './subjects.ts';

describe('ssh-services', () => {
  it('gives the labels and values of esxi-exporter, and every state by the name of the script', async () => {
    await expectGolden(sshServices, [
      withServices('esx01.example.org', {
        hostd: 'running',
        vpxa: 'stopped',
        'nsx-opsagent': 'running',
        nsxa: 'absent',
        SSH: 'unknown',
      }),
      withServices('esx02.example.org', { hostd: 'stopped' }),
    ]);
  });

  it('reads 0 in the old metric for everything that is not running', () => {
    const { samples } = sshServices.collect(
      withServices('esx01', { a: 'stopped', b: 'absent', c: 'unknown' }),
    );
    const old = samples.filter(({ metric }) => metric === 'esxi_critical_service_status');
    expect(old.map(({ labels, value }) => [labels.at(-1), value])).toEqual([
      ['a', 0],
      ['b', 0],
      ['c', 0],
    ]);
  });

  it('has no sample for a host without configured services', () => {
    expect(sshServices.collect(withServices('esx01', {}))).toEqual({ samples: [], warnings: [] });
  });
});
