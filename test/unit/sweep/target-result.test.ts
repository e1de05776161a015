import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COLLECTORS } from '../../../lib/collectors/registry.ts';
import { printExposition } from '../../../lib/metrics/encode-exposition.ts';
import { ofMetrics } from '../../../lib/metrics/sourced-samples.ts';
import {
  FAILED_REASONS,
  failed,
  type Outcome,
  ok,
  printOutcome,
  SKIPPED_REASONS,
  skipped,
} from '../../../lib/sweep/outcome.ts';
import type { MergedHost } from '../../../lib/sweep/result/merge-hosts.ts';
import { SELF_METRICS } from '../../../lib/sweep/result/self-metrics.ts';
import { type CollectedTarget, toTargetResult } from '../../../lib/sweep/result/target-result.ts';
import { lintDefinitions } from '../../../tools/lint-definitions.ts';
import { type ParsedSeries, parseExposition } from '../../support/exposition.ts';
import { batchHost, listedHost, T0 } from './builders.ts';

const RUN = {
  sweep: 'services',
  target: { name: 'vc01' },
  everyMs: 60_000,
  startedAt: T0,
  lastSuccessAt: T0 - 60_000,
  sinks: { pushgateway: { ok: false, deliveredAt: T0 - 120_000 }, textfile: { ok: true, deliveredAt: T0 } },
  legacyNames: false,
  stateUp: true,
};

const mergedHost = (number: number, ssh: Outcome, vcenter: Outcome = ok): MergedHost => ({
  host: batchHost(number),
  outcomes: { vcenter, ssh },
  details: [],
});
const collected = (
  hosts: readonly MergedHost[],
  changes: Partial<CollectedTarget> = {},
): CollectedTarget => ({
  listed: {
    source: 'fresh',
    list: { listedAt: T0, hosts: hosts.map((_, index) => listedHost(index)), unreadable: [], sites: {} },
  },
  merged: {
    hosts,
    kinds: [],
    samples: ofMetrics([]),
    collectors: [{ collector: 'ssh-services', success: true, durationMs: 5 }],
    warnings: [],
    tooLarge: false,
    failedLogouts: 0,
    missed: new Map(),
    pinned: 0,
  },
  collectors: COLLECTORS,
  overSsh: true,
  problems: [],
  ...changes,
});
async function resultOf(target: CollectedTarget, run: Parameters<typeof toTargetResult>[0] = RUN) {
  const { summary, families } = toTargetResult(run, target, T0 + 2_500);
  const series = parseExposition(printExposition(families));
  const values = (name: string) => series.filter((one) => one.name === name);
  return { summary, values };
}
const hostCounts = (series: readonly ParsedSeries[]) =>
  Object.fromEntries(
    series.map(({ labels, value }) => [
      `${labels['path']} ${labels['outcome']}${labels['reason'] === '' ? '' : `(${labels['reason']})`}`,
      value,
    ]),
  );

describe('the metrics of vsweep itself', () => {
  it('are well formed and known by one name over all collectors', () => {
    const all = [...COLLECTORS.flatMap(({ metrics }) => metrics), ...SELF_METRICS];
    expect(lintDefinitions(all)).toEqual([]);
  });
});

describe('toTargetResult', () => {
  it('tells when the run began, how long it took and when the last good one was', async () => {
    const { summary, values } = await resultOf(collected([mergedHost(1, ok)]));
    const read = (name: string) => values(name).map(({ value }) => value);
    expect(read('vsweep_sweep_last_run_timestamp_seconds')).toEqual([T0 / 1_000]);
    expect(read('vsweep_sweep_last_success_timestamp_seconds')).toEqual([T0 / 1_000]);
    expect(values('vsweep_sink_up').map(({ labels, value }) => [labels['sink'], value])).toEqual([
      ['pushgateway', 0],
      ['textfile', 1],
    ]);
    expect(read('vsweep_sink_last_delivery_timestamp_seconds')).toEqual([T0 / 1_000 - 120, T0 / 1_000]);
    expect(read('vsweep_sweep_duration_seconds')).toEqual([2.5]);
    expect(read('vsweep_target_up')).toEqual([1]);
    expect(read('vsweep_host_list_age_seconds')).toEqual([2.5]);
    expect(summary).toMatchObject({ status: 'swept', listing: 'fresh', durationMs: 2_500 });
  });

  it('tells of each sink that takes times how many samples it took of the run before, and how many it never gets', async () => {
    const filled = { sent: 18, dropped: { old: 1, ahead: 2, refused: 0 } };
    const sinks = { pushgateway: { ok: true }, victoriametrics: { ok: true, deliveredAt: T0, filled } };
    const { values } = await resultOf(collected([]), { ...RUN, sinks });
    expect(values('vsweep_sink_timed_samples').map(({ labels, value }) => [labels['sink'], value])).toEqual([
      ['victoriametrics', 18],
    ]);
    expect(
      values('vsweep_sink_dropped_samples').map(({ labels, value }) => [labels['reason'], value]),
    ).toEqual([
      ['old', 1],
      ['ahead', 2],
      ['refused', 0],
    ]);
  });

  it('tells the interval, so that an alert can count runs that did not come', async () => {
    const { values } = await resultOf(collected([]));
    expect(values('vsweep_sweep_interval_seconds')).toMatchObject([{ value: 60 }]);
  });

  it('says whether the state table was read and written, also as far as a worker could tell', async () => {
    const up = async (hosts: readonly MergedHost[], stateUp: boolean) =>
      (await resultOf(collected(hosts), { ...RUN, stateUp }))
        .values('vsweep_state_up')
        .map(({ value }) => value);
    expect(await up([mergedHost(1, ok)], true)).toEqual([1]);
    expect(await up([mergedHost(1, ok)], false)).toEqual([0]);
    expect(await up([mergedHost(1, ok), mergedHost(2, skipped('state'))], true)).toEqual([0]);
    // The key of a host was accepted or forgotten during the run: the table did all that was asked of it.
    expect(await up([mergedHost(1, ok), mergedHost(2, skipped('hostkey-unknown'))], true)).toEqual([1]);
  });

  it('says whether hosts accept the credential, and nothing when nothing is known of it', async () => {
    const told = async (credential: CollectedTarget['credential']) =>
      (await resultOf(collected([mergedHost(1, ok)], { credential })))
        .values('vsweep_credential_ok')
        .map(({ labels, value }) => [labels['credential'], value]);
    expect(await told({ id: 'secret:esxi', ok: true })).toEqual([['secret:esxi', 1]]);
    expect(await told({ id: 'secret:esxi', ok: false })).toEqual([['secret:esxi', 0]]);
    expect(await told(undefined)).toEqual([]);
  });

  it('counts the sessions that workers left to their time-out, 0 when there is none', async () => {
    const target = collected([mergedHost(1, ok)]);
    const merged = { ...target.merged, failedLogouts: 3 };
    expect((await resultOf({ ...target, merged })).values('vsweep_logouts_failed')).toMatchObject([
      { value: 3, labels: { sweep: 'services', vcenter: 'vc01' } },
    ]);
    expect((await resultOf(target)).values('vsweep_logouts_failed')).toMatchObject([{ value: 0 }]);
  });

  it('counts the hosts that are left alone after a refusal, and not those at which another process is', async () => {
    const counted = async (hosts: readonly MergedHost[]) =>
      (await resultOf(collected(hosts))).values('vsweep_accounts_blacklisted').map(({ value }) => value);
    expect(await counted([mergedHost(1, ok), mergedHost(2, skipped('other-process'))])).toEqual([0]);
    const left = skipped('blacklist');
    expect(await counted([mergedHost(1, left), mergedHost(2, left), mergedHost(3, failed('auth'))])).toEqual([
      2,
    ]);
  });

  it('keeps the time of the last success when nothing came of this run', async () => {
    const { values } = await resultOf(collected([mergedHost(1, failed('dns'), failed('target'))]));
    expect(values('vsweep_sweep_last_success_timestamp_seconds')).toMatchObject([{ value: T0 / 1_000 - 60 }]);
  });

  it('says of a target without any list that it is down, and nothing of hosts: that would read as none', async () => {
    const dark = { source: 'none', list: undefined } as const;
    const { summary, values } = await resultOf(collected([], { listed: dark, problems: ['no route'] }));
    expect(values('vsweep_target_up')).toMatchObject([{ value: 0 }]);
    expect(values('vsweep_hosts')).toEqual([]);
    expect(values('vsweep_host_list_age_seconds')).toEqual([]);
    expect(summary).toMatchObject({ status: 'unlisted', problems: ['no route'] });
  });

  it('is down but counts hosts when the last list stands in, whose age it tells', async () => {
    const list = { listedAt: T0 - 3_600_000, hosts: [listedHost(1)], unreadable: [], sites: {} };
    const { values } = await resultOf(
      collected([mergedHost(1, ok, failed('target'))], { listed: { source: 'last', list } }),
    );
    expect(values('vsweep_target_up')).toMatchObject([{ value: 0 }]);
    expect(values('vsweep_host_list_age_seconds')).toMatchObject([{ value: 3_602.5 }]);
    expect(hostCounts(values('vsweep_hosts'))).toEqual({
      'vcenter ok': 0,
      'vcenter failed(target)': 1,
      'ssh ok': 1,
    });
  });

  it('counts hosts whose name nobody knows on both paths', async () => {
    const list = { listedAt: T0, hosts: [listedHost(1)], unreadable: ['host-9'], sites: {} };
    const { summary, values } = await resultOf(
      collected([mergedHost(1, ok)], { listed: { source: 'fresh', list } }),
    );
    expect(hostCounts(values('vsweep_hosts'))).toEqual({
      'vcenter ok': 1,
      'vcenter failed(unreadable)': 1,
      'ssh ok': 1,
      'ssh failed(unreadable)': 1,
    });
    expect(summary.hosts.map(({ name }) => name)).toEqual(['esx1.example.org', 'host-9']);
  });

  it('gives esxi_ssh_up 1 to hosts that answered, 0 for failures of the host, and none where nobody can tell', async () => {
    const own = ['worker', 'deadline', 'session', 'target', 'unreadable', 'result-too-large'];
    const outcomes = [ok, ...FAILED_REASONS.map(failed), ...SKIPPED_REASONS.map(skipped)];
    const { values } = await resultOf(
      collected(outcomes.map((outcome, index) => mergedHost(index, outcome))),
    );
    const up = new Map(values('esxi_ssh_up').map(({ labels, value }) => [labels['hostsystem'], value]));
    const told = outcomes.map((outcome, index) => [printOutcome(outcome), up.get(`esx${index}.example.org`)]);
    const expected = outcomes.map((outcome) => {
      if (outcome.kind === 'ok') return ['ok', 1];
      const isOfHost = outcome.kind === 'failed' && !own.includes(outcome.reason);
      return [printOutcome(outcome), isOfHost ? 0 : undefined];
    });
    expect(told).toEqual(expected);
  });

  it('drops and counts a second host of the same name: the gateway would refuse the whole push', async () => {
    const twin = (number: number): MergedHost => ({
      ...mergedHost(number, ok),
      host: batchHost(number, { name: 'twin' }),
    });
    const { summary, values } = await resultOf(collected([twin(1), twin(2)]));
    expect(values('esxi_ssh_up')).toHaveLength(1);
    expect(values('vsweep_duplicate_samples')).toMatchObject([{ value: 1 }]);
    expect(summary.droppedDuplicates).toBe(1);
  });

  it('conserves hosts: on each path hosts = ok + failed + skipped, in the summary and in the metric', async () => {
    const outcome = fc.oneof(
      fc.constant(ok),
      fc.constantFrom(...FAILED_REASONS).map(failed),
      fc.constantFrom(...SKIPPED_REASONS).map(skipped),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(outcome, outcome)), fc.nat(3), async (pairs, nameless) => {
        const hosts = pairs.map(([vcenter, ssh], index) => mergedHost(index, ssh, vcenter));
        const list = {
          listedAt: T0,
          hosts: [],
          unreadable: Array.from({ length: nameless }, (_, index) => `gone-${index}`),
          sites: {},
        };
        const { summary, values } = await resultOf(collected(hosts, { listed: { source: 'fresh', list } }));
        for (const path of ['vcenter', 'ssh'] as const) {
          const { ok: good = 0, failed: bad = 0, skipped: left = 0, hosts: all } = summary.paths[path] ?? {};
          expect(all).toBe(pairs.length + nameless);
          expect(good + bad + left).toBe(all);
          const counted = values('vsweep_hosts').filter(({ labels }) => labels['path'] === path);
          expect(counted.reduce((sum, { value }) => sum + value, 0)).toBe(all);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('adds the names of the first esxi-exporter only when it is asked to', async () => {
    const target = collected([
      mergedHost(1, ok),
      mergedHost(2, skipped('blacklist')),
      mergedHost(3, skipped('lockdown')),
      mergedHost(4, skipped('other-process')),
    ]);
    const [without, withThem] = [
      await resultOf(target),
      await resultOf(target, { ...RUN, legacyNames: true }),
    ];
    expect(without.values('esxi_online_state')).toEqual([]);
    expect(
      withThem.values('esxi_online_state').map(({ labels, value }) => [labels['hostsystem'], value]),
    ).toEqual([
      [batchHost(1).name, 1],
      [batchHost(2).name, 0],
    ]);
    expect(withThem.values('esxi_ssh_up')).toEqual(without.values('esxi_ssh_up'));
  });

  it('says by an old name which hosts are active in NetBox, once anything is known of it', async () => {
    const hosts = [mergedHost(1, ok), mergedHost(2, skipped('netbox'))];
    const verdict = { up: true, known: undefined, asks: 'active', problems: [] } as const;
    const known = { verdict, unmatched: [batchHost(2).name], sites: {} };
    const matches = new Map([[batchHost(1).moref, { by: 'name', site: 'qa' } as const]]);
    const ofNetbox = async (netbox: CollectedTarget['netbox']) => {
      const { values } = await resultOf(collected(hosts, { netbox }), { ...RUN, legacyNames: true });
      return values('esxi_online_state')
        .filter(({ labels }) => labels['origin'] === 'netbox')
        .map(({ labels, value }) => `${labels['vcenter']} ${labels['hostsystem']} ${value}`);
    };
    expect(await ofNetbox({ ...known, matches })).toEqual([
      `vc01 ${batchHost(1).name} 1`,
      `vc01 ${batchHost(2).name} 0`,
    ]);
    expect(await ofNetbox({ ...known, matches: undefined })).toEqual([]);
    expect(await ofNetbox(undefined)).toEqual([]);
  });
});

describe('what a run says of NetBox', () => {
  const hosts = [1, 2, 3].map((number) => mergedHost(number, ok));
  const told = async (netbox: CollectedTarget['netbox']) => {
    const { values } = await resultOf(collected(hosts, { netbox }));
    const read = (name: string) => values(name).map(({ value }) => value);
    return {
      up: read('vsweep_netbox_up'),
      age: read('vsweep_netbox_age_seconds'),
      devices: read('vsweep_netbox_devices'),
      matched: read('vsweep_netbox_hosts'),
    };
  };
  const match = (by: 'name' | 'address') => ({ by, site: 'qa' }) as never;

  it('has the age of the answer, its devices, and how hosts were found in it', async () => {
    const known = { readAt: T0 - 60_000, devices: [{}, {}, {}, {}] } as never;
    const matches = new Map([
      ['host-1', match('name')],
      ['host-2', match('name')],
    ]);
    const verdict = { up: true, known, asks: 'active', problems: [] } as const;
    const all = await told({ verdict, matches, unmatched: ['esx3'], sites: {} });
    expect(all).toMatchObject({ up: [1], age: [62.5], devices: [4] });
    expect(all.matched.toSorted().at(-1)).toBe(2);
    expect(all.matched.at(-1), 'found by nothing').toBe(1);
  });

  it('never has a negative age, and none where nothing is known', async () => {
    const later = { readAt: T0 + 60_000, devices: [] } as never;
    const verdict = { up: false, known: later, asks: 'all', problems: [] } as const;
    expect(await told({ verdict, matches: new Map(), unmatched: [], sites: {} })).toMatchObject({
      up: [0],
      age: [0],
    });
    const nothing = {
      verdict: { ...verdict, known: undefined },
      matches: undefined,
      unmatched: [],
      sites: {},
    };
    expect(await told(nothing)).toEqual({ up: [0], age: [], devices: [], matched: [] });
    expect(await told(undefined)).toEqual({ up: [], age: [], devices: [], matched: [] });
  });
});

describe('the hosts of a summary', () => {
  it('stand in the order of morefs, by their numbers, whichever batch they came in; those without a name last', async () => {
    const hosts = [10, 2, 33, 1].map((number) => mergedHost(number, ok));
    const target = collected(hosts);
    const { list } = target.listed;
    const listed = { ...target.listed, list: list && { ...list, unreadable: ['host-5'] } };
    const { summary } = await resultOf({ ...target, listed });
    expect(summary.hosts.map(({ moref }) => moref)).toEqual([
      'host-1',
      'host-2',
      'host-10',
      'host-33',
      'host-5',
    ]);
  });
});

describe('what a summary says of ssh', () => {
  const summaryOf = async (
    changes: Partial<CollectedTarget>,
    run: Partial<Parameters<typeof toTargetResult>[0]> = {},
  ) => {
    const target = collected([mergedHost(1, ok), mergedHost(2, skipped('netbox'))], changes);
    return (await resultOf(target, { ...RUN, ...run })).summary;
  };

  it('has the verdict on the credential, where there is one', async () => {
    const credential = { id: 'env:ESXI', ok: false };
    expect(await summaryOf({ credential })).toMatchObject({ credential });
    expect(await summaryOf({})).not.toHaveProperty('credential');
  });

  it('counts the host keys that were pinned, those of earlier runs that nobody told of too', async () => {
    const { merged } = collected([]);
    const pinned = { merged: { ...merged, pinned: 2 } };
    expect(await summaryOf(pinned)).toMatchObject({ hostKeysPinned: 2 });
    expect(await summaryOf(pinned, { untoldPins: 3 })).toMatchObject({ hostKeysPinned: 5 });
    expect(await summaryOf({ ...pinned, overSsh: false }, { untoldPins: 3 })).not.toHaveProperty(
      'hostKeysPinned',
    );
  });

  it('says why NetBox keeps a host from being asked, and nothing of it at a host that was asked', async () => {
    const detailsBy = async (asks: 'active' | 'none') => {
      const verdict = { up: asks === 'active', known: undefined, asks, problems: [] };
      const { hosts } = await summaryOf({
        netbox: { verdict, unmatched: [], sites: {}, matches: undefined },
      });
      return hosts.map(({ details }) => details);
    };
    expect(await detailsBy('none')).toEqual([
      [],
      ['ssh: NetBox is down, and netbox.whenDown is collect-none'],
    ]);
    expect(await detailsBy('active')).toEqual([
      [],
      ['ssh: NetBox has no device with its name or address among those that netbox.filter selects'],
    ]);
  });

  it('says in one line on how many hosts ssh is off, and nothing where it is on', async () => {
    const warningsOf = async (...outcomes: Outcome[]) => {
      const hosts = outcomes.map((outcome, index) => mergedHost(index, outcome));
      return (await resultOf(collected(hosts))).summary.warnings;
    };
    const off = skipped('ssh-disabled');
    expect(await warningsOf(off, ok, off)).toEqual([{ text: 'ssh is off on 2 of 3 hosts', count: 1 }]);
    expect(await warningsOf(off, off)).toEqual([
      { text: 'ssh is off on 2 of 2 hosts: start TSM-SSH, or leave out ssh-services', count: 1 },
    ]);
    expect(await warningsOf(ok, skipped('lockdown'))).toEqual([]);
  });
});

describe('the warning about hosts that NetBox does not know', () => {
  const verdict = { up: true, known: undefined, asks: 'active', problems: [] } as const;
  const warningsOf = async (count: number) => {
    const unmatched = Array.from({ length: count }, (_, index) => `esx${index}`);
    const netbox = { verdict, unmatched, sites: {}, matches: undefined };
    return (await resultOf(collected([mergedHost(1, ok)], { netbox }))).summary.warnings;
  };

  it('names twenty of them, and counts all', async () => {
    expect(await warningsOf(0)).toEqual([]);
    const [twenty] = await warningsOf(20);
    expect(twenty).toMatchObject({ count: 20, text: expect.stringMatching(/ esx0, .*, esx19$/) });
    const [more] = await warningsOf(21);
    expect(more).toMatchObject({ count: 21, text: expect.stringMatching(/ esx0, .*, esx19 and 1 more$/) });
  });
});

describe('objects of other kinds', () => {
  const items = [1, 2].map((number) => ({ moref: `domain-c${number}`, name: `c${number}`, facts: {} }));
  const countOf = async (kinds: CollectedTarget['merged']['kinds']) => {
    const target = collected([]);
    const { summary } = await resultOf({
      ...target,
      listed: { ...target.listed, others: new Map([['cluster', { items, unreadable: ['domain-c9'] }]]) },
      merged: { ...target.merged, kinds },
    });
    return summary.kinds?.['cluster'];
  };

  it('that had only to be listed are ok, and those without a name are unreadable', async () => {
    expect(await countOf([])).toMatchObject({ hosts: 3, ok: 2, failed: 1 });
  });

  it('that were read are what became of that', async () => {
    const outcomes = [ok, failed('worker')];
    expect(await countOf([{ kind: 'cluster', outcomes }])).toMatchObject({ hosts: 3, ok: 1, failed: 2 });
  });
});
