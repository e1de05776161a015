import { describe, expect, it } from 'vitest';
import { OVERALL_STATUS, SSH_SERVICES } from '../../../lib/catalogue/host.ts';
import type { MetricRow } from '../../../lib/catalogue/row.ts';
import { collector } from '../../../lib/collectors/collector.ts';
import { itemsToRead, whyUnread } from '../../../lib/sweep/plan/items-to-read.ts';

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

describe('itemsToRead', () => {
  const host = { moref: 'host-1', name: 'esx1', facts: {} };
  const machine = { moref: 'vm-1', name: 'm1', facts: {} };
  const others = new Map([
    ['vm', { items: [machine, { ...machine, moref: 'vm-2', type: 'Template' }] }],
  ] as const);
  const listed = { list: { hosts: [host] }, others };

  it('are the hosts of the list and the listed objects of each other kind that a row needs, with their types', () => {
    expect(itemsToRead([ofHosts, ofMachines, bySsh], listed)).toEqual([
      { kind: 'host', items: [['HostSystem', 'host-1']] },
      {
        kind: 'vm',
        items: [
          ['VirtualMachine', 'vm-1'],
          ['Template', 'vm-2'],
        ],
      },
    ]);
  });

  it('are none of a kind that no row needs, that was not listed, or of which there is none', () => {
    expect(itemsToRead([bySsh], listed)).toEqual([]);
    expect(itemsToRead([ofHosts, ofMachines], { list: undefined })).toEqual([]);
    expect(
      itemsToRead([ofMachines], { list: { hosts: [host] }, others: new Map([['vm', { items: [] }]]) }),
    ).toEqual([]);
  });
});
