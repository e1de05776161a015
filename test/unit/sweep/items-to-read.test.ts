import { describe, expect, it } from 'vitest';
import { OVERALL_STATUS, SSH_SERVICES } from '../../../lib/catalogue/host.ts';
import type { MetricRow } from '../../../lib/catalogue/row.ts';
import { collector } from '../../../lib/collectors/collector.ts';
import { whyUnread } from '../../../lib/sweep/plan/items-to-read.ts';

const [row] = OVERALL_STATUS;
const ofMachines = collector('machines', [{ ...(row as MetricRow), kind: 'vm', preset: 'vmware_exporter' }]);
const ofHosts = collector('overall-status', OVERALL_STATUS);
const bySsh = collector('ssh-services', SSH_SERVICES);

describe('hosts that no batch read', () => {
  it.each([
    ['had not to be read where a sweep asks them only', [bySsh], 'fresh', 'not-needed'],
    [
      'had not to be read where a sweep reads objects of another kind',
      [ofMachines, bySsh],
      'fresh',
      'not-needed',
    ],
    [
      'failed where a row is about them, because their target gave no session',
      [ofMachines, ofHosts],
      'fresh',
      'failed',
    ],
    [
      'failed where the target could not be listed, even if a sweep asks them only',
      [bySsh],
      'last',
      'failed',
    ],
    ['failed where there is no list at all', [bySsh], 'none', 'failed'],
  ] as const)('%s', (_, collectors, source, unread) => {
    expect(whyUnread(collectors, { source })).toBe(unread);
  });
});
