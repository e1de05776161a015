import { describe, expect, it } from 'vitest';
import { PROBES } from '../../../../lib/esxi/probes/registry.ts';
import type { CommandAnswer } from '../../../../lib/esxi/session/probe.ts';
import { each, failureOf, said } from './answers.ts';

const HUNG = said('', { code: 'timeout' });
const MISSING = said('', { code: 127 });
const FAILED = said('Error', { code: 1 });

describe('a probe', () => {
  it.each<[string, Record<string, CommandAnswer>, string, string]>([
    ['account-failures', {}, 'output', 'neither pam_tally2 nor faillock says how often logins failed'],
    ['bootbank', { path: said('') }, 'output', '"readlink -f /bootbank" printed no path'],
    ['bootbank', { path: said('tmp/x') }, 'output', '"readlink -f /bootbank" printed no path'],
    ['core-dump-target', {}, 'output', '"esxcli system coredump" failed for each target'],
    ['core-dumps', { files: HUNG }, 'exec-timeout', '"ls /var/core" did not end'],
    ['core-dumps', { files: FAILED }, 'output', '"ls /var/core" ended with code 1'],
    [
      'disk-smart',
      { smart: each({ disk: HUNG }) },
      'exec-timeout',
      'a disk did not answer "esxcli storage core device smart get"',
    ],
    [
      'hostd',
      { hostname: said('', { cli: { program: 'none', format: 'none' } }) },
      'output',
      'the host has no esxcli that answers',
    ],
    [
      'nic-errors',
      { stats: each({ vmnic0: FAILED, vmnic1: HUNG }) },
      'output',
      '"esxcli network nic stats get" failed on all of 2 NICs',
    ],
    ['ntp', { peers: HUNG }, 'exec-timeout', '"ntpq -pn" did not end; run it on the host'],
    ['ntp', { peers: MISSING }, 'output', 'the host has no ntpq'],
    ['ntp', { peers: FAILED }, 'output', '"ntpq -pn" printed no table of peers'],
    [
      'nvme-health',
      { log: each({ vmhba1: FAILED, vmhba2: FAILED, vmhba3: FAILED }) },
      'output',
      '"esxcli nvme device log smart get" failed on all of 3 adapters',
    ],
    ['vibs', { list: said('') }, 'output', '"esxcli software vib list" names no package'],
    [
      'vmkernel-log',
      { all_paths_down: HUNG },
      'exec-timeout',
      'grep of /var/run/log/vmkernel.log did not end',
    ],
    [
      'vmkernel-log',
      { all_paths_down: MISSING },
      'output',
      '/var/run/log/vmkernel.log cannot be read: grep ended with code 127',
    ],
  ])('%s says why it has no reading', (name, answers, code, message) => {
    const probe = PROBES.find((one) => one.name === name);
    expect(probe && failureOf(probe, answers)).toEqual({ code, message });
  });
});
