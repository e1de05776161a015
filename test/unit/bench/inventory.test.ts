import { describe, expect, it } from 'vitest';
import { rowsOf } from '../../../bench/groups/inventory.ts';

const measured = (seconds: number) => ({
  ms: seconds * 1_000,
  cpuMs: 100,
  rssMb: 100,
  series: 10,
  bytes: 10,
});
const targetsOf = (seconds: { warm: number; download: number; exporter: number }) =>
  rowsOf({
    ours: { name: 'vsweep', runs: [measured(2 * seconds.warm)] },
    warm: { name: 'vsweep', runs: [measured(seconds.warm)] },
    download: { name: 'download', runs: [measured(seconds.download)] },
    exporter: { name: 'vmware_exporter', runs: [measured(seconds.exporter)] },
  }).flatMap(({ what, peer, target }) => (what.endsWith('warm') ? [[peer?.name, target]] : []));

describe('the time of a whole inventory, in a process that swept before', () => {
  it('is to be a tenth of that of vmware_exporter where the download leaves room for it', () => {
    expect(targetsOf({ warm: 6, download: 5, exporter: 60 })).toEqual([
      ['vmware_exporter', { atMost: 0.1, of: 'peer' }],
      ['download', undefined],
    ]);
  });

  it('is to be 1.3 times that of the download where that alone takes more than a tenth', () => {
    expect(targetsOf({ warm: 8, download: 6.1, exporter: 60 })).toEqual([
      ['vmware_exporter', undefined],
      ['download', { atMost: 1.3, of: 'peer' }],
    ]);
  });
});
