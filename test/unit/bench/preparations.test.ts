import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeBatch } from '../../../bench/made-batch.ts';
import { collectorOf, machineResult, machines, rowsOf } from '../../../bench/made-machines.ts';
import { SERVICES } from '../../../bench/simulated-fleet.ts';
import { askServices, toSshOrder } from '../../../bench/ssh-order.ts';
import { writeSweepFolder } from '../../../bench/sweep-folder.ts';
import { SSH_SERVICES } from '../../../lib/catalogue/host.ts';
import { loadConfig } from '../../../lib/cli/load-config.ts';
import { collector } from '../../../lib/collectors/collector.ts';
import { decodeBatchResult, encodeBatchResult } from '../../../lib/sweep/batch.ts';
import { mergeBatches } from '../../../lib/sweep/result/merge.ts';
import { nameItems } from '../../../lib/sweep/result/named-items.ts';

const TARGET = { name: 'vc-bench.example.org', site: 'qa-de-1a' };

describe('what the benchmarks prepare', () => {
  it('is, of a batch of hosts, two series a service and host, and passes the contract of batches', () => {
    const { hosts, result } = makeBatch(1, { hosts: 3, services: 4 });
    const read = decodeBatchResult(encodeBatchResult(result, { does: 'ask' }));
    const { samples } = mergeBatches(
      { asked: [{ hosts, result: { status: 'fulfilled', value: read } }], read: [] },
      {
        collectors: [collector('ssh-services', SSH_SERVICES)],
        overSsh: true,
        unread: 'not-needed',
        named: nameItems(TARGET, { hosts, listed: [], others: new Map() }),
      },
    );
    expect(samples).toHaveLength(2 * 3 * 4);
  });

  it('is, of a slice of machines, a series a row and machine, and passes the contract of batches', () => {
    const [items, rows] = [machines(5), rowsOf(7)];
    const read = decodeBatchResult(encodeBatchResult(machineResult(0, items, rows), { does: 'read' }));
    const { samples } = mergeBatches(
      {
        asked: [],
        read: [
          {
            kind: 'vm',
            morefs: items.map(({ moref }) => moref),
            result: { status: 'fulfilled', value: read },
          },
        ],
      },
      {
        collectors: [collectorOf(rows)],
        overSsh: false,
        unread: 'not-needed',
        named: nameItems(TARGET, {
          hosts: [],
          listed: [],
          others: new Map([['vm', { items, unreadable: [] }]]),
        }),
      },
    );
    expect(samples).toHaveLength(5 * 7);
  });

  it('is, of a sweep, a folder whose configuration has no fault and names each host’s address', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vsweep-bench-'));
    try {
      await writeSweepFolder(folder, {
        vcenter: { url: 'https://127.0.0.1:8443/sdk', sha256: 'AB:'.repeat(31).concat('CD'), user: 'vsweep' },
        ssh,
      });
      const { config } = await loadConfig(join(folder, 'vsweep.yaml'));
      expect(Object.values(config.esxi?.overrides ?? {})).toEqual(['127.61.1.1:2222', '127.61.1.2:2222']);
      expect(config.sweeps.map(({ collectors }) => collectors)).toEqual([['overall-status', 'ssh-services']]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('is, of ssh clients, a command that asks for every service', () => {
    const { command } = toSshOrder(ssh);
    for (const service of SERVICES) expect(command).toContain(service);
    expect(askServices().maxOutputBytes).toBeGreaterThan(0);
  });
});

const ssh = { addresses: ['127.61.1.1', '127.61.1.2'], port: 2222, user: 'root', password: 'pw' };
