import { describe, expect, it } from 'vitest';
import { printMargin } from '../../../../lib/cli/doctor/verdicts/account.ts';
import { judgeCertificate } from '../../../../lib/cli/doctor/verdicts/certificate.ts';
import { judgeClock, judgeClocks } from '../../../../lib/cli/doctor/verdicts/clock.ts';
import { judgeDevices } from '../../../../lib/cli/doctor/verdicts/devices.ts';
import { judgeDisk } from '../../../../lib/cli/doctor/verdicts/disk.ts';
import { judgeKeys } from '../../../../lib/cli/doctor/verdicts/host-keys.ts';
import { judgePrivileges } from '../../../../lib/cli/doctor/verdicts/privileges.ts';
import { judgeSshLogin } from '../../../../lib/cli/doctor/verdicts/ssh-login.ts';
import { failed, ok, skipped } from '../../../../lib/sweep/outcome.ts';
import { printVerdict } from '../../../support/print-verdict.ts';

const NOW = Date.UTC(2026, 10, 29);
const DAY = 86_400_000;

describe('the end of a certificate', () => {
  const PINNED = 'Renew it, and add the fingerprint of the new one to tls.sha256 before';
  it.each<[number | undefined, boolean, string]>([
    [NOW + 31 * DAY, true, 'green: the certificate is trusted and ends on 2026-12-30'],
    [NOW + 30 * DAY, false, 'green: the certificate is trusted and ends on 2026-12-29'],
    [NOW + 30 * DAY - 1, false, 'yellow: the certificate ends on 2026-12-28, in 29 days. Renew it'],
    [NOW + DAY, true, `yellow: the certificate ends on 2026-11-30, in 1 day. ${PINNED}`],
    [NOW + DAY - 1, true, `yellow: the certificate ends on 2026-11-29, within a day. ${PINNED}`],
    [NOW + 1, false, 'yellow: the certificate ends on 2026-11-29, within a day. Renew it'],
    [
      NOW,
      true,
      `yellow: the certificate ended on 2026-11-29 and is accepted only because it is pinned. ${PINNED}`,
    ],
    [undefined, true, 'green: the certificate is trusted; its end cannot be read'],
  ])('%s, pinned %s', (endsAt, isPinned, expected) => {
    expect(printVerdict(judgeCertificate({ endsAt, now: NOW, isPinned }))).toBe(expected);
  });
});

describe('clocks', () => {
  const AGREES = 'green: its clock agrees with that of this machine';
  const NTP = 'Compare both with a time server (NTP)';
  it.each([
    [2_000, 0, AGREES],
    [2_001, 0, `yellow: its clock is 2.0 s ahead of this machine. ${NTP}`],
    [-2_001, 0, `yellow: its clock is 2.0 s behind this machine. ${NTP}`],
    [3_000, 2_000, AGREES],
    [3_001, 2_000, `yellow: its clock is 3.0 s ahead of this machine. ${NTP}`],
    [9_940, 0, `yellow: its clock is 9.9 s ahead of this machine. ${NTP}`],
    [10_000, 0, `yellow: its clock is 10 s ahead of this machine. ${NTP}`],
    [-599_999, 0, `yellow: its clock is 600 s behind this machine. ${NTP}`],
    [600_000, 0, `red: its clock is 600 s ahead of this machine, more than single sign-on tolerates. ${NTP}`],
  ])('that are off by %s ms, told in %s ms', (offsetMs, roundTripMs, expected) => {
    expect(printVerdict(judgeClock({ offsetMs, roundTripMs }))).toBe(expected);
  });

  const clock = (host: string, offsetMs: number) => ({ host, offsetMs, roundTripMs: 0 });
  it.each([
    [
      [clock('a', 1), clock('b', -700_000), clock('c', 5_000)],
      [],
      40,
      `red: b: its clock is 700 s behind this machine, more than single sign-on tolerates. ${NTP} (3 of 40 hosts asked)`,
    ],
    [
      [clock('a', 3_000)],
      ['c', 'd'],
      3,
      `yellow: a: its clock is 3.0 s ahead of this machine. ${NTP} (1 of 3 hosts asked; without an answer: c, d)`,
    ],
    [[clock('a', 1)], [], 2, 'green: their clocks agree with that of this machine (1 of 2 hosts asked)'],
    [
      [clock('a', 1)],
      ['c'],
      2,
      'yellow: the clocks of those that answered agree with that of this machine (1 of 2 hosts asked; without an answer: c)',
    ],
    [[], [], 2, 'green: not asked: no connected host has a date and time system'],
    [[], ['c'], 1, 'yellow: no host told its time (0 of 1 hosts asked; without an answer: c)'],
  ])(
    'of several hosts: the worst decides, and those without an answer are named (%#)',
    (clocks, unread, hosts, expected) => {
      expect(printVerdict(judgeClocks(clocks, { unread, hosts }))).toBe(expected);
    },
  );
});

describe('privileges', () => {
  const role = {
    byGlobalPermission: ['tags'],
    groups: [{ group: 'SystemConfiguration.ReadOnly' as const, collectors: ['appliance', 'backup'] }],
  };
  const needed = new Map([
    ['System.Read', ['vms', 'hosts']],
    ['Global.Licenses', ['vcenter']],
  ]);
  const judge = (held: readonly string[], of: Parameters<typeof judgePrivileges>[1]['role'] = role) =>
    judgePrivileges(needed, { held: new Set(held), role: of, command: 'vsweep role' }).map(printVerdict);

  it('are a line each that is lacking, with the collectors that need it', () => {
    const licenses =
      'yellow: the account lacks Global.Licenses on the root folder, for vcenter. Add it to its role, propagated | vsweep role';
    expect(judge([])).toEqual([
      'red: the account lacks System.Read on the root folder, for vms, hosts. Add it to its role, propagated | vsweep role',
      licenses,
    ]);
    expect(judge(['System.Read'])).toEqual([licenses]);
  });

  it('that are all there are one line, which says what could not be checked', () => {
    const all = 'green: the account has all 2 privileges that its collectors need';
    expect(judge([...needed.keys()])).toEqual([
      `${all}; not checked: the global permission for tags, the group SystemConfiguration.ReadOnly for appliance, backup`,
    ]);
    expect(judge([...needed.keys()], { byGlobalPermission: [], groups: [] })).toEqual([all]);
  });
});

describe('host keys', () => {
  it.each([
    [{ hosts: 3, accepted: 3, unknown: 'refuse' }, 'green: 3 of 3 hosts have an accepted key'],
    [
      { hosts: 3, accepted: 1, unknown: 'refuse' },
      'yellow: 1 of 3 hosts has an accepted key; nobody logs in to the others. Compare the keys and accept them | scan',
    ],
    [
      { hosts: 3, accepted: 0, unknown: 'refuse' },
      'red: 0 of 3 hosts have an accepted key; nobody logs in to the others. Compare the keys and accept them | scan',
    ],
    [
      { hosts: 3, accepted: 0, unknown: 'trust-first' },
      'green: 0 of 3 hosts have an accepted key; of the others the first key is trusted (esxi.hostKeys.unknown)',
    ],
    [
      { hosts: 3, accepted: 0, unknown: 'unset' },
      'yellow: 0 of 3 hosts have an accepted key; a run sends the password to the others whatever key they show, because esxi.hostKeys is not set. Write hostKeys: { unknown: refuse } under esxi first, then compare the keys and accept them | scan',
    ],
    [{ hosts: 1, accepted: 1, unknown: 'refuse' }, 'green: 1 of 1 host has an accepted key'],
    [{ hosts: 0, accepted: 0, unknown: 'refuse' }, 'yellow: no host of the target is asked by ssh'],
  ] as const)('counted as %j are judged "%s"', (counts, expected) => {
    expect(printVerdict(judgeKeys(counts, 'scan'))).toBe(expected);
  });
});

describe('the margin of an account', () => {
  const history = { user: 'u', address: 'a', refusals: 2, refusedVersions: ['v', 'v'] };
  const openAttempt = { id: 'x', version: 'v', at: NOW };
  it.each([
    [undefined, { allowed: true }, 'no refused login counts against it'],
    [{ ...history, refusals: 0 }, { allowed: true }, 'no refused login counts against it'],
    [
      { ...history, refusals: 1 },
      { allowed: true },
      '1 refused login counts against it; another login may be tried',
    ],
    [
      { ...history, openAttempt },
      { allowed: true },
      '3 refused logins count against it; another login may be tried',
    ],
    [
      history,
      { allowed: false, reason: 'blacklist', opens: 'time', until: NOW },
      '2 refused logins count against it; no login is tried before 2026-11-29T00:00:00.000Z',
    ],
    [
      history,
      { allowed: false, reason: 'blacklist', opens: 'lift' },
      '2 refused logins count against it; no login is tried before it is lifted',
    ],
    [
      history,
      { allowed: false, reason: 'blacklist', opens: 'new-version', until: NOW },
      '2 refused logins count against it; no login is tried before the credential changes',
    ],
  ] as const)('after %j, with the permission %j, has the message "%s"', (known, permission, expected) => {
    expect(printMargin(known as Parameters<typeof printMargin>[0], permission)).toBe(expected);
  });
});

describe('the disk of the state', () => {
  const MB = 1024 * 1024;
  const noInode =
    'red: no further file can be made on the disk of /s: it has no free inode. Delete files there';
  it.each([
    [512 * MB, undefined, 'green: 512 MB are free on the disk of /s'],
    [512 * MB - 1, undefined, 'yellow: 511 MB are free on the disk of /s. Free space there'],
    [64 * MB, 5, 'yellow: 64 MB are free on the disk of /s. Free space there'],
    [
      64 * MB - 1,
      5,
      'red: 63 MB are free on the disk of /s: refused logins and host keys may not be kept. Free space there',
    ],
    [10_000 * MB, 0, noInode],
  ])('%s bytes and %s inodes', (freeBytes, freeInodes, expected) => {
    expect(printVerdict(judgeDisk({ freeBytes, freeInodes, folder: '/s' }))).toBe(expected);
  });
});

describe('devices of NetBox', () => {
  it.each([
    [
      { devices: 0, faulty: 0, apiVersion: '4.5' },
      'yellow: netbox.filter selects no active device (API 4.5): no host would be asked by ssh. Correct netbox.filter, or give the token the right to see devices',
    ],
    [{ devices: 1, faulty: 0, apiVersion: '4.5' }, 'green: netbox.filter selects 1 active device (API 4.5)'],
    [
      { devices: 2, faulty: 3, apiVersion: undefined },
      'yellow: netbox.filter selects 2 active devices; 3 more cannot be understood and count as absent',
    ],
  ])('selected as %j are judged "%s"', (found, expected) => {
    expect(printVerdict(judgeDevices(found))).toBe(expected);
  });
});

describe('a login by ssh', () => {
  const judge = (
    outcome: Parameters<typeof judgeSshLogin>[0]['outcome'],
    details: readonly string[] = [],
    absent?: readonly string[],
  ) =>
    printVerdict(
      judgeSshLogin({ host: 'esx1', outcome, details, ...(absent && { absent }) }, (one) =>
        one.kind === 'ok' ? undefined : `mend ${one.reason}`,
      ),
    );

  it('that is taken is green, and yellow where scripts of services are absent', () => {
    expect(judge(ok)).toBe('green: logged in to esx1, and its shell answered the commands');
    expect(judge(ok, [], ['a is absent', 'b is absent'])).toBe(
      'yellow: logged in to esx1, but a is absent; b is absent',
    );
  });

  it('that fails is red and one that is not made yellow, each with what mends it', () => {
    expect(judge(failed('auth'), ['refused', 'again'])).toBe(
      'red: esx1: failed(auth): refused; again | mend auth',
    );
    expect(judge(skipped('blacklist'))).toBe(
      'yellow: esx1 was not asked: skipped(blacklist) | mend blacklist',
    );
  });
});
