import { describe, expect, it } from 'vitest';
import { SSH_SERVICES } from '../../../lib/catalogue/host.ts';
import { collect, withServices } from './subjects.ts';

describe('ssh-services', () => {
  it('reads 0 in the old metric for everything that is not running', () => {
    const { samples } = collect(
      SSH_SERVICES,
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
    expect(collect(SSH_SERVICES, withServices('esx01', {}))).toEqual({ samples: [], warnings: [] });
  });
});
