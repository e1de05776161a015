import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ESXI_PASSWORD, toVcenterHost } from '../small-fleet.ts';
import type { FaultCase } from './fault-case.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const never = { signal: new AbortController().signal };
const OTHER = {
  vcenter: 'ok',
  ssh: 'skipped(other-target)',
  pushed: [],
  exitCode: 0,
  remedy: 'nothing',
} as const;
const WHOLE = { ...OTHER, ssh: 'ok', message: '' } as const;

export const RUN_CASES: readonly FaultCase[] = [
  { fault: 'the clock jumps a day ahead', ...WHOLE, make: ({ fleet }) => fleet.clock.advance(DAY_MS) },
  { fault: 'the clock jumps a day back', ...WHOLE, make: ({ fleet }) => fleet.clock.advance(-DAY_MS) },
  {
    fault: 'a host in two vCenters',
    ...OTHER,
    message: '',
    hit: ['vc2/host-1'],
    make: ({ other }) => other.setHosts([toVcenterHost(3), toVcenterHost(1)]),
  },
  {
    fault: 'two hosts of one name in a vCenter',
    ...OTHER,
    pushed: ['vsweep_duplicate_samples 2'],
    message: '',
    hit: ['vc1/host-2'],
    make: ({ vcenter }) =>
      vcenter.setHosts([toVcenterHost(1), toVcenterHost(2, { vcenter: { name: 'esx1' } })]),
  },
  {
    fault: 'a vCenter that is listed twice, by two names',
    ...OTHER,
    message: '',
    hit: ['vc2/host-1', 'vc2/host-2'],
    make: ({ fleet, vcenter }) =>
      fleet.configure({
        targetKeys: { vc2: { url: `"${vcenter.url}"`, tls: `{ sha256: ["${vcenter.sha256}"] }` } },
      }),
  },
  {
    fault: 'another process is connected to a host',
    ...OTHER,
    ssh: 'skipped(other-process)',
    pushed: ['vsweep_accounts_blacklisted 0'],
    exitCode: 3,
    message: 'ssh: no login was tried: another process is connected to this host; the next run tries again',
    hit: ['vc1/host-1'],
    async make({ fleet }) {
      await using other = await fleet.open();
      const until = fleet.clock.now() + MINUTE_MS;
      await other.state.accounts.beginDial('vsweep', fleet.addressOf(1), { until }, never);
    },
    async after({ fleet }) {
      await using other = await fleet.open();
      await other.state.accounts.endDial('vsweep', fleet.addressOf(1), never);
    },
  },
  {
    fault: 'the credential for ssh cannot be read',
    ...OTHER,
    ssh: 'failed(worker)',
    exitCode: 3,
    message: 'ssh: The credential file:… cannot be read: ENOENT: …. Check its path and its owner.',
    hit: ['vc1/host-1', 'vc1/host-2', 'vc2/host-3'],
    make: ({ fleet }) => rm(join(fleet.folder, 'esxi.yaml')),
    after: ({ fleet }) =>
      writeFile(join(fleet.folder, 'esxi.yaml'), `username: vsweep\npassword: ${ESXI_PASSWORD}\n`, {
        mode: 0o600,
      }),
  },
];
