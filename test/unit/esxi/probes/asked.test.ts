import { describe, expect, it } from 'vitest';
import { PROBES } from '../../../../lib/esxi/probes/registry.ts';
import { prepareProbes } from '../../../../lib/esxi/session/prepare-probes.ts';

const SETTINGS = { services: ['hostd'] };
const NONCE = 'n0nceN0nce';

/**
 * As the script of a session has them. `ask`: label, seconds, lines that are kept (0: the last four), command. `cli`, which
 * asks esxcli or localcli: lane, shape and columns, then as `ask`. `each`: behind the lines the most names that are asked,
 * the field of the name, a condition, the list.
 */
const ASKED = `
ask services/hostd 8 0 '/etc/init.d/hostd' 'status'
ask ntp/peers 6 64 'ntpq' '-pn'
ask bootbank/path 6 4 'readlink' '-f' '/bootbank'
ask core-dumps/files 6 400 'ls' '-1' '/var/core'
ask account-failures/tally-root 6 100 'pam_tally2' '--user' 'root'
ask account-failures/faillock-root 6 100 'faillock' '--user' 'root'
ask account-failures/tally-vpxuser 6 100 'pam_tally2' '--user' 'vpxuser'
ask account-failures/faillock-vpxuser 6 100 'faillock' '--user' 'vpxuser'
ask vmkernel-log/all_paths_down 8 0 'grep' '-c' '-E' 'All Paths Down|APD' '/var/run/log/vmkernel.log'
ask vmkernel-log/permanent_device_loss 8 0 'grep' '-c' '-E' 'permanent(ly)? (device loss|inaccessible)|PDL' '/var/run/log/vmkernel.log'
ask vmkernel-log/lost_access 8 0 'grep' '-c' '-E' 'Lost access to volume' '/var/run/log/vmkernel.log'
ask vmkernel-log/path_failed 8 0 'grep' '-c' '-E' 'NMP: .*(failed|Path .* is down)' '/var/run/log/vmkernel.log'
ask vmkernel-log/nfs_lock 8 0 'grep' '-c' '-E' 'NFSLock: ' '/var/run/log/vmkernel.log'
ask vmkernel-log/latency 8 0 'grep' '-c' '-E' 'performance has deteriorated' '/var/run/log/vmkernel.log'
ask vmkernel-log/nic_hang 8 0 'grep' '-c' '-E' 'NetDev watchdog|transmit timed out|NIC Link is Down' '/var/run/log/vmkernel.log'
cli 0 object hostd/hostname 6 20 'system' 'hostname' 'get'
cli 0 list=AcceptanceLevel,Name,Version vibs/list 10 1000 'software' 'vib' 'list'
cli 0 object core-dump-target/partition 8 40 'system' 'coredump' 'partition' 'get'
cli 0 list adapter-errors/stats 8 400 'storage' 'core' 'adapter' 'stats' 'get'
cli 1 list=State storage-paths/paths 8 4200 'storage' 'core' 'path' 'list'
cli 1 list=Path advanced-settings/changed 8 2000 'system' 'settings' 'advanced' 'list' '-d'
cli 1 object core-dump-target/file 8 40 'system' 'coredump' 'file' 'get'
each 2 object nic-errors/stats 8 60 16 'Name' '-' 'network nic list' 'network' 'nic' 'stats' 'get' '-n'
cli 2 list ramdisks/list 8 100 'system' 'visorfs' 'ramdisk' 'list'
cli 2 object core-dump-target/network 8 40 'system' 'coredump' 'network' 'get'
each 3 list disk-smart/smart 10 100 32 'Device' 'IsLocal.boolean=true' 'storage core device list' 'storage' 'core' 'device' 'smart' 'get' '-d'
each 4 object nvme-health/log 10 60 32 'HBAName' '-' 'nvme device list' 'nvme' 'device' 'log' 'smart' 'get' '-A'
cli 5 list ipmi-sensors/list 60 1000 'hardware' 'ipmi' 'sdr' 'list'
cli 6 list ipmi-events/list 60 6000 'hardware' 'ipmi' 'sel' 'list'
`.trim();

const ofSession = prepareProbes(PROBES, SETTINGS, { sessionMs: 120_000 });

describe('all probes together', () => {
  it('ask a host exactly this, for so long, and keep so much of it', () => {
    const asked = ofSession
      .script(NONCE)
      .split('\n')
      .filter((line) => /^(?:ask|cli|each) [^(]*\//.test(line));
    expect(asked.join('\n')).toBe(ASKED);
  });

  it('fail by a command that ends with an error, except those that judge it themselves', () => {
    expect(PROBES.filter(({ anyEnd }) => anyEnd).map(({ name }) => name)).toEqual([
      'services',
      'hostd',
      'ntp',
      'core-dumps',
      'account-failures',
      'vmkernel-log',
      'core-dump-target',
    ]);
  });
});
