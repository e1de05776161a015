import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exitCodeOf, inColour, printCounts, printLine } from '../../../../lib/cli/doctor/print-lines.ts';
import { printMargin } from '../../../../lib/cli/doctor/verdicts/account.ts';
import { judgeCertificate } from '../../../../lib/cli/doctor/verdicts/certificate.ts';
import { judgeClock, judgeClocks } from '../../../../lib/cli/doctor/verdicts/clock.ts';
import { judgeDevices } from '../../../../lib/cli/doctor/verdicts/devices.ts';
import { judgeDisk } from '../../../../lib/cli/doctor/verdicts/disk.ts';
import { judgeKeys } from '../../../../lib/cli/doctor/verdicts/host-keys.ts';
import { judgePrivileges } from '../../../../lib/cli/doctor/verdicts/privileges.ts';
import { judgeGroups, judgeRules, judgeScrape } from '../../../../lib/cli/doctor/verdicts/prometheus.ts';
import type { Verdict } from '../../../../lib/cli/doctor/verdicts/verdict.ts';

const NOW = Date.UTC(2026, 10, 29);
const DAY = 86_400_000;
const print = ({ colour, reason }: Verdict) => `${colour}: ${reason}`;

describe('the end of a certificate', () => {
  it.each<[number | undefined, boolean, RegExp]>([
    [NOW + 31 * DAY, true, /^green: the certificate is trusted and ends on 2026-12-30$/],
    [NOW + 30 * DAY - 1, false, /^yellow: the certificate ends on 2026-12-28, in 29 days\. Renew it$/],
    [
      NOW + DAY,
      true,
      /^yellow: .* in 1 day\. Renew it, and add the fingerprint of the new one to tls\.sha256 before$/,
    ],
    [NOW, true, /^yellow: the certificate ended on 2026-11-29 and is accepted only because it is pinned/],
    [undefined, true, /^green: .*its end cannot be read$/],
  ])('%s, pinned %s', (endsAt, isPinned, expected) => {
    expect(print(judgeCertificate({ endsAt, now: NOW, isPinned }))).toMatch(expected);
  });
});

describe('clocks', () => {
  it.each([
    [2_000, 0, /^green/],
    [-2_001, 0, /^yellow: its clock is 2\.0 s behind this machine\./],
    [2_900, 2_000, /^green/],
    [-599_999, 0, /^yellow/],
    [600_000, 0, /^red: its clock is 600 s ahead of this machine, more than single sign-on tolerates/],
  ])('that are off by %s ms, told in %s ms', (offsetMs, roundTripMs, expected) => {
    expect(print(judgeClock({ offsetMs, roundTripMs }))).toMatch(expected);
  });

  it('of several hosts: the worst decides, and those without an answer are named', () => {
    const clock = (host: string, offsetMs: number) => ({ host, offsetMs, roundTripMs: 0 });
    expect(print(judgeClocks([clock('a', 1), clock('b', -700_000)], { unread: [], hosts: 40 }))).toMatch(
      /^red: b: its clock is 700 s behind .* \(2 of 40 hosts asked\)$/,
    );
    expect(print(judgeClocks([clock('a', 1)], { unread: ['c'], hosts: 2 }))).toMatch(
      /^yellow: .*without an answer: c\)$/,
    );
    expect(print(judgeClocks([], { unread: [], hosts: 2 }))).toMatch(/^green: not asked/);
    expect(print(judgeClocks([], { unread: ['c'], hosts: 1 }))).toMatch(/^yellow: no host told its time/);
  });
});

describe('privileges', () => {
  const role = {
    byGlobalPermission: ['tags'],
    groups: [{ group: 'SystemConfiguration.ReadOnly' as const, collectors: ['appliance'] }],
  };
  const needed = new Map([
    ['System.Read', ['vms']],
    ['Global.Licenses', ['vcenter']],
  ]);
  it('are a line each that is lacking, with the collectors that need it', () => {
    const lines = judgePrivileges(needed, { held: new Set(), role, command: 'vsweep role' });
    expect(lines.map(print)).toEqual([
      'red: the account lacks System.Read on the root folder, for vms. Add it to its role, propagated',
      'yellow: the account lacks Global.Licenses on the root folder, for vcenter. Add it to its role, propagated',
    ]);
    expect(lines.every(({ command }) => command === 'vsweep role')).toBe(true);
  });
  it('that are all there are one line, which says what could not be checked', () => {
    expect(judgePrivileges(needed, { held: new Set(needed.keys()), role, command: '' }).map(print)).toEqual([
      'green: the account has all 2 privileges that its collectors need; not checked: the global permission for tags, the group SystemConfiguration.ReadOnly for appliance',
    ]);
  });
});

describe('host keys', () => {
  it.each([
    [{ hosts: 3, accepted: 3, unknown: 'refuse' }, 'green'],
    [{ hosts: 3, accepted: 1, unknown: 'refuse' }, 'yellow'],
    [{ hosts: 3, accepted: 0, unknown: 'refuse' }, 'red'],
    [{ hosts: 3, accepted: 0, unknown: 'trust-first' }, 'green'],
    [{ hosts: 3, accepted: 0, unknown: 'unset' }, 'yellow'],
    [{ hosts: 0, accepted: 0, unknown: 'refuse' }, 'yellow'],
  ] as const)('%j is %s', (counts, colour) => {
    expect(judgeKeys(counts, 'scan').colour).toBe(colour);
  });
});

describe('the margin of an account', () => {
  const history = { user: 'u', address: 'a', refusals: 2, refusedVersions: ['v', 'v'] };
  it.each([
    [undefined, { allowed: true }, 'no refused login counts against it'],
    [
      { ...history, refusals: 1 },
      { allowed: true },
      '1 refused login counts against it; another login may be tried',
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
      { allowed: false, reason: 'blacklist', opens: 'new-version' },
      '2 refused logins count against it; no login is tried before the credential changes',
    ],
  ] as const)('%#: is told', (known, permission, expected) => {
    expect(printMargin(known, permission)).toBe(expected);
  });
});

describe('the disk of the state', () => {
  const disk = (mb: number, freeInodes?: number) =>
    judgeDisk({ freeBytes: mb * 1024 * 1024, freeInodes, folder: '/s' }).colour;
  it.each([
    [512, undefined, 'green'],
    [511, undefined, 'yellow'],
    [64, 5, 'yellow'],
    [63, 5, 'red'],
    [10_000, 0, 'red'],
  ])('%s MB and %s inodes are %s', (mb, inodes, colour) => {
    expect(disk(mb, inodes)).toBe(colour);
  });
});

describe('devices of NetBox', () => {
  it('none is yellow, some are green, and those that cannot be understood are told', () => {
    expect(judgeDevices({ devices: 0, faulty: 0, apiVersion: '4.5' }).colour).toBe('yellow');
    expect(print(judgeDevices({ devices: 1, faulty: 0, apiVersion: '4.5' }))).toBe(
      'green: netbox.filter selects 1 active device (API 4.5)',
    );
    expect(print(judgeDevices({ devices: 2, faulty: 3, apiVersion: undefined }))).toMatch(
      /^yellow: .*3 more/,
    );
  });
});

describe("Prometheus' side", () => {
  const scraped = { what: 'the Pushgateway', host: 'gw:9091', bringsLabels: true };
  const up = { scrapePool: 'push', scrapeUrl: 'http://gw:9091/metrics', health: 'up', lastError: '' };
  it.each([
    [
      [up],
      [{ job_name: 'push', honor_labels: true }],
      /^green: the job push scrapes the Pushgateway with honor_labels$/,
    ],
    [[up], [{ job_name: 'push', honor_labels: false }], /^red: the job push .*Write honor_labels: true/],
    [
      [{ ...up, health: 'down', lastError: 'refused' }],
      [{ job_name: 'push', honor_labels: true }],
      /^red: .*cannot scrape .*\(down\): refused/,
    ],
    [
      [{ ...up, scrapeUrl: 'nonsense' }],
      [],
      /^yellow: no target of Prometheus is the Pushgateway at gw:9091/,
    ],
  ])('the scrape: %#', (targets, scrapes, expected) => {
    expect(print(judgeScrape(scraped, { targets, scrapes }))).toMatch(expected);
  });

  it('groups: all there, some missing with the command that fills one, and labels that were renamed', () => {
    const wanted = [
      { job: 'j', instance: 'a' },
      { job: 'j', instance: 'b' },
    ];
    const fill = ({ instance }: { instance: string }) => `fill ${instance}`;
    expect(judgeGroups(wanted, wanted, fill).colour).toBe('green');
    expect(judgeGroups(wanted, wanted.slice(0, 1), fill)).toMatchObject({
      colour: 'yellow',
      command: 'fill b',
    });
    expect(judgeGroups(wanted, [{ job: 'push', exported_job: 'j' }], fill)).toMatchObject({
      colour: 'red',
      reason: expect.stringContaining('lacks honor_labels: true'),
    });
  });

  it('rules: none, some, broken ones, all', () => {
    const rules = (...named: [string, string][]) => ({
      groups: [{ rules: named.map(([name, health]) => ({ name, health, type: 'alerting' })) }],
    });
    const judge = (...named: [string, string][]) => print(judgeRules(['A', 'B'], rules(...named), 'c'));
    expect(judge()).toMatch(/^red: no alert of vsweep is loaded/);
    expect(judge(['A', 'ok'])).toMatch(/^yellow: 1 of 2 alerts are not loaded: B/);
    expect(judge(['A', 'ok'], ['B', 'err'])).toMatch(/^red: the alert B cannot be evaluated/);
    expect(judge(['A', 'ok'], ['B', 'ok'])).toBe('green: all 2 alerts on vsweep are loaded');
  });
});

describe('the print of a line', () => {
  it('has one line and the command below, in colour where wanted, and no control character of a peer', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (reason, command) => {
        const printed = printLine({ check: 'c', subject: 's', colour: 'red', reason, command });
        expect(printed.split('\n')).toHaveLength(2);
        expect(printed.replace('\n', '')).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
      }),
    );
    const line = { check: 'c', subject: 's', colour: 'green', reason: 'r' } as const;
    expect(printLine(line)).toBe('green   c s: r');
    expect(inColour(printLine(line))).toBe('\x1b[32mgreen\x1b[39m   c s: r');
  });

  it('counts colours, and red alone makes the exit code 1', () => {
    const line = (colour: Verdict['colour']) => ({ check: 'c', subject: 's', colour, reason: 'r' });
    expect(printCounts([line('green'), line('red'), line('green')])).toBe('2 green, 0 yellow, 1 red');
    expect(exitCodeOf([line('green'), line('yellow')])).toBe(0);
    expect(exitCodeOf([line('green'), line('red')])).toBe(1);
  });
});
