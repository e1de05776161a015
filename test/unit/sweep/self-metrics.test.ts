import { describe, expect, it } from 'vitest';
import { FAILED_REASONS, failed, ok, SKIPPED_REASONS, skipped } from '../../../lib/sweep/outcome.ts';
import type { NetboxPlan } from '../../../lib/sweep/plan/netbox-plan.ts';
import {
  type RunFacts,
  SELF_METRICS,
  toSelfSamples,
  toSshUpSample,
} from '../../../lib/sweep/result/self-metrics.ts';

const NOW = 1_700_000_100_000;
/** Of a run of which nothing is known but that it was. */
const BARE: RunFacts = {
  sweep: 's',
  vcenter: 'vc1',
  startedAt: NOW - 2_500,
  now: NOW,
  everyMs: 300_000,
  lastSuccessAt: undefined,
  up: false,
  stateUp: false,
  credential: undefined,
  netbox: undefined,
  listedAt: undefined,
  outcomes: {},
  kinds: [],
  droppedDuplicates: 0,
  leftoverSessions: undefined,
  failedLogouts: 0,
  hostKeysPinned: undefined,
  collectors: [],
  own: [],
};
/** The samples as lines, without the labels that all of them have. */
const linesOf = (changes: Partial<RunFacts> = {}) =>
  toSelfSamples({ ...BARE, ...changes }).map(({ metric, labels, value }) => {
    expect(labels.slice(0, 2)).toEqual(['s', 'vc1']);
    return [metric.replace(/^vsweep_/, ''), ...labels.slice(2).map((one) => one || '-'), value].join(' ');
  });
const BARE_LINES = [
  'sweep_last_run_timestamp_seconds 1700000097.5',
  'sweep_interval_seconds 300',
  'sweep_duration_seconds 2.5',
  'target_up 0',
  'state_up 0',
  'duplicate_samples 0',
  'logouts_failed 0',
];
/** What is there besides, or otherwise than, of a bare run. */
const more = (changes: Partial<RunFacts>) => linesOf(changes).filter((line) => !BARE_LINES.includes(line));

describe('what a run says of itself', () => {
  it('is little where nothing is known: a number that nobody knows is absent, not 0', () => {
    expect(linesOf()).toEqual(BARE_LINES);
  });

  it.each<[string, Partial<RunFacts>, readonly string[]]>([
    ['when it succeeded last', { lastSuccessAt: 1_500 }, ['sweep_last_success_timestamp_seconds 1.5']],
    ['that it is up', { up: true, stateUp: true }, ['target_up 1', 'state_up 1']],
    ['no negative duration, after the clock was set back', { now: 0 }, ['sweep_duration_seconds 0']],
    ['whether the credential is accepted', { credential: { id: 'c', ok: true } }, ['credential_ok c 1']],
    ['whether the credential is refused', { credential: { id: 'c', ok: false } }, ['credential_ok c 0']],
    ['what it dropped', { droppedDuplicates: 3 }, ['duplicate_samples 3']],
    ['sessions', { leftoverSessions: 0, failedLogouts: 2 }, ['sessions_leftover 0', 'logouts_failed 2']],
    ['keys that it pinned', { hostKeysPinned: 0 }, ['hostkeys_pinned 0']],
    [
      'how collectors did; nothing of success where nobody can tell',
      {
        collectors: [
          { collector: 'a', success: true, durationMs: 1_500 },
          { collector: 'b', success: false, durationMs: 0 },
          { collector: 'c', success: undefined, durationMs: 1 },
        ],
      },
      [
        'collector_success a 1',
        'collector_duration_seconds a 1.5',
        'collector_success b 0',
        'collector_duration_seconds b 0',
        'collector_duration_seconds c 0.001',
      ],
    ],
    [
      'how own metrics did',
      { own: [{ metric: 'm', samples: 4, missing: 1 }] },
      ['own_samples m 4', 'own_missing m 1'],
    ],
    [
      'how the sinks took the run before',
      {
        sinks: {
          down: { ok: false },
          well: { ok: true, deliveredAt: 2_500 },
          filled: { ok: true, filled: { sent: 7, dropped: { old: 1, ahead: 2 } } },
        },
      },
      [
        'sink_up down 0',
        'sink_up well 1',
        'sink_last_delivery_timestamp_seconds well 2.5',
        'sink_up filled 1',
        'sink_timed_samples filled 7',
        'sink_dropped_samples filled old 1',
        'sink_dropped_samples filled ahead 2',
      ],
    ],
    ['how old the list is', { listedAt: NOW - 1_500 }, ['host_list_age_seconds 1.5']],
    ['no negative age of a list', { listedAt: NOW + 1 }, ['host_list_age_seconds 0']],
    [
      'its hosts by path, outcome and reason, and its objects; ok also where there is none',
      {
        listedAt: NOW,
        outcomes: {
          ssh: [failed('auth'), skipped('blacklist'), failed('auth'), skipped('lockdown')],
          vcenter: [ok, ok],
        },
        kinds: [{ kind: 'vm', outcomes: [failed('unreadable')] }],
      },
      [
        'host_list_age_seconds 0',
        'hosts vcenter ok - 2',
        'hosts ssh ok - 0',
        'hosts ssh failed auth 2',
        'hosts ssh skipped blacklist 1',
        'hosts ssh skipped lockdown 1',
        'objects host vcenter ok - 2',
        'objects host ssh ok - 0',
        'objects host ssh failed auth 2',
        'objects host ssh skipped blacklist 1',
        'objects host ssh skipped lockdown 1',
        'objects vm vcenter ok - 0',
        'objects vm vcenter failed unreadable 1',
        'accounts_blacklisted 1',
      ],
    ],
    ['nothing of hosts without a list', { outcomes: { ssh: [ok] } }, []],
  ])('has %s', (_what, changes, lines) => {
    expect(more(changes)).toEqual(lines);
  });

  it('has what is known of NetBox: that it is down alone where no answer is kept, else its age and how hosts were found', () => {
    const verdict = (up: boolean, known?: object) => ({ up, known, asks: 'all', problems: [] });
    const netbox = (plan: object) => ({
      netbox: { unmatched: [], sites: {}, ...plan } as unknown as NetboxPlan,
    });
    expect(more(netbox({ verdict: verdict(false) }))).toEqual(['netbox_up 0']);
    const known = { readAt: NOW - 60_000, devices: [1, 2, 3] };
    expect(more(netbox({ verdict: verdict(true, known) }))).toEqual(['netbox_up 1']);
    const matches = new Map([
      ['a', { by: 'name' }],
      ['b', { by: 'address' }],
      ['c', { by: 'name' }],
    ]);
    const whole = netbox({ verdict: verdict(true, known), matches, unmatched: ['x'] });
    expect(more(whole)).toEqual([
      'netbox_up 1',
      'netbox_age_seconds 60',
      'netbox_devices 3',
      'netbox_hosts name 2',
      'netbox_hosts address 1',
      'netbox_hosts short-name 0',
      'netbox_hosts none 1',
    ]);
    expect(more({ ...whole, now: 0 })).toContain('netbox_age_seconds 0');
  });

  it('is of metrics that are defined, with as many labels each', () => {
    const labels = new Map(SELF_METRICS.map((one) => [one.name, one.labels.length]));
    const samples = toSelfSamples({
      ...BARE,
      listedAt: NOW,
      lastSuccessAt: 1,
      outcomes: { ssh: [ok] },
      credential: { id: 'c', ok: true },
      sinks: { s: { ok: true, deliveredAt: 1, filled: { sent: 1, dropped: { old: 1 } } } },
      leftoverSessions: 1,
      hostKeysPinned: 1,
      collectors: [{ collector: 'a', success: true, durationMs: 1 }],
      own: [{ metric: 'm', samples: 4, missing: 1 }],
    });
    for (const sample of samples)
      expect([sample.metric, sample.labels.length]).toEqual([sample.metric, labels.get(sample.metric)]);
  });
});

describe('esxi_ssh_up', () => {
  it('is 1 for a host that answered, 0 for one that did not, and absent where vsweep is why or nobody asked', () => {
    const of = { vcenter: 'vc1', site: 'north', hostsystem: 'esx1' };
    expect(toSshUpSample(of, ok)).toEqual({
      metric: 'esxi_ssh_up',
      labels: ['vc1', 'north', 'esx1'],
      value: 1,
    });
    const down = FAILED_REASONS.filter((reason) => toSshUpSample(of, failed(reason))?.value === 0);
    expect(down).toEqual([
      'dns',
      'connection-refused',
      'timeout',
      'banner',
      'auth',
      'hostkey',
      'exec-timeout',
      'output',
    ]);
    const others = [
      undefined,
      ...FAILED_REASONS.filter((reason) => !down.includes(reason)).map(failed),
      ...SKIPPED_REASONS.map(skipped),
    ];
    for (const outcome of others) expect(toSshUpSample(of, outcome)).toBeUndefined();
  });
});
