import { describe, expect, it } from 'vitest';
import { printSummary, toJson } from '../../../lib/cli/print-summary.ts';
import { failed, ok, skipped } from '../../../lib/sweep/outcome.ts';
import { notSwept, type RunSummary, type TargetSummary } from '../../../lib/sweep/result/summary.ts';

const WIDE = Number.POSITIVE_INFINITY;
const swept = (changes: Partial<TargetSummary> = {}): TargetSummary => ({
  ...notSwept('vc1', 'unlisted', []),
  status: 'swept',
  listing: 'fresh',
  samples: 7,
  deliveries: [{ sink: 'pushgateway', outcome: 'delivered' }],
  ...changes,
});
const run = (...targets: TargetSummary[]): RunSummary => ({
  runId: 'run-1',
  sweep: 'services',
  scheduledAt: 0,
  startedAt: Date.UTC(2026, 0, 1),
  endedAt: Date.UTC(2026, 0, 1) + 1_260,
  exitCode: 3,
  targets,
});
const linesOf = (target: TargetSummary) => printSummary(run(target), WIDE).split('\n').slice(2);
const host = (number: number, changes: Partial<TargetSummary['hosts'][number]> = {}) => ({
  moref: `host-${number}`,
  name: `esx${number}`,
  outcomes: { vcenter: ok, ssh: failed('auth') },
  details: [],
  ...changes,
});

describe('printSummary', () => {
  it('says which run it was, and its exit code where it is that of the command', () => {
    const { exitCode: _left, ...withoutCode } = run();
    expect(printSummary(run(), WIDE)).toBe('sweep services at 2026-01-01T00:00:00.000Z, 1.3 s, exit code 3');
    expect(printSummary(withoutCode, WIDE)).toBe('sweep services at 2026-01-01T00:00:00.000Z, 1.3 s');
  });

  it('begins each target after an empty line', () => {
    expect(
      printSummary(run(swept(), swept({ target: 'vc2' })), WIDE)
        .split('\n')
        .slice(1),
    ).toEqual([
      '',
      'vc1: listed; 7 samples of hosts, delivered to pushgateway',
      '',
      'vc2: listed; 7 samples of hosts, delivered to pushgateway',
    ]);
  });

  it.each([
    ['duplicate', /^vc1: .*already completed/],
    ['stopped', /^vc1: stopped by a signal; nothing was delivered$/],
    ['lease', /^vc1: skipped: another run of this sweep is under way; see it by: vsweep lease list$/],
  ] as const)('says why a run did not go over a target: %s', (status, line) => {
    expect(linesOf(notSwept('vc1', status, ['a problem']))).toEqual([expect.stringMatching(line)]);
  });

  it.each([
    [
      { listing: 'last' },
      /^vc1: NOT LISTED; .* last known host list; 7 samples of hosts, delivered to pushgateway$/,
    ],
    [{ listing: 'none' }, /^vc1: NOT LISTED, .* no host list from the last 24 h is known; 7 samples/],
    [
      { deliveries: [{ sink: 'pushgateway', outcome: 'failed' }] },
      /samples of hosts, NOT DELIVERED to pushgateway$/,
    ],
    [
      { deliveries: [{ sink: 'pushgateway', outcome: 'lease-lost' }] },
      /samples of hosts, not delivered to pushgateway, because another run took the lease$/,
    ],
    [{ deliveries: [] }, /samples of hosts, no push configured$/],
    [
      { listing: 'none', status: 'unlisted' },
      /^vc1: NOT LISTED, and no host list from the last 24 h is known; delivered to pushgateway$/,
    ],
    [
      { listing: 'none', status: 'unlisted', deliveries: [] },
      /^vc1: NOT LISTED, and no host list from the last 24 h is known$/,
    ],
    [{ deliveries: [{ sink: 'stdout', outcome: 'delivered' }] }, /samples of hosts, delivered to stdout$/],
  ] as const)('says whence the hosts are, and what became of the samples: %j', (changes, line) => {
    expect(linesOf(swept(changes))).toEqual([expect.stringMatching(line)]);
  });

  it('has counts by path, the hosts that are not ok with the reason first, warnings, and problems last', () => {
    const target = swept({
      problems: ['vCenter is slow'],
      warnings: [
        { text: 'once', count: 1 },
        { text: 'often', count: 2 },
      ],
      paths: {
        vcenter: { hosts: 3, ok: 3, failed: 0, skipped: 0, reasons: { ok: 3 } },
        ssh: { hosts: 3, ok: 1, failed: 1, skipped: 1, reasons: {} },
      },
      hosts: [
        host(1, { details: ['ssh: root@10.0.0.1:22: refused.\n  Check it', 'and more'] }),
        host(2, { outcomes: { vcenter: ok, ssh: ok } }),
        host(3, { outcomes: { ssh: skipped('lockdown') } }),
        host(4, { outcomes: { vcenter: failed('target') } }),
        host(5, { details: ['no ssh: root@10.0.0.1:22: refused'] }),
      ],
    });
    expect(linesOf(target)).toEqual([
      'vc1: listed; 7 samples of hosts, delivered to pushgateway',
      'path     hosts  ok  failed  skipped',
      'vcenter  3      3   0       0',
      'ssh      3      1   1       1',
      '',
      'host  vcenter         ssh                reason',
      'esx1  ok              failed(auth)       refused. Check it; and more (root@10.0.0.1:22)',
      'esx3  -               skipped(lockdown)',
      'esx4  failed(target)  -',
      'esx5  ok              failed(auth)       no ssh: root@10.0.0.1:22: refused',
      '',
      '  warning: once',
      '  warning: often (2 times)',
      '',
      'problem: vCenter is slow',
    ]);
  });

  it('says of which target a problem is where there are several', () => {
    const text = printSummary(run(swept({ problems: ['slow'] }), swept({ target: 'vc2' })), WIDE);
    expect(text.split('\n').at(-1)).toBe('problem: vc1: slow');
  });

  it('shows 40 rows, and says how many more hosts there are', () => {
    const different = (count: number) =>
      swept({ hosts: Array.from({ length: count }, (_, n) => host(n, { details: [`ssh: reason ${n}`] })) });
    expect(linesOf(different(40)).at(-1)).toMatch(/^esx39 /);
    expect(linesOf(different(43)).slice(-2)).toEqual([
      expect.stringMatching(/^esx39 /),
      '… and 3 more hosts that are not ok; --json has all',
    ]);
  });

  it('folds hosts of one outcome and one reason, wherever they were asked, and says how to see their names', () => {
    const hosts = Array.from({ length: 26 }, (_, n) =>
      host(n, { details: [`ssh: root@10.0.0.${n}:22: connection refused`] }),
    );
    expect(linesOf(swept({ hosts: [...hosts, host(99)] })).slice(-5)).toEqual([
      '',
      'host      vcenter  ssh           reason',
      '26 hosts  ok       failed(auth)  connection refused',
      'esx99     ok       failed(auth)',
      'their names: --json, or vsweep status --hosts --outcome failed --outcome skipped',
    ]);
  });

  it('has no column of a path on which no host was asked, and none of reasons where none is known', () => {
    const hosts = Array.from({ length: 5 }, (_, n) => host(n, { outcomes: { vcenter: failed('target') } }));
    expect(linesOf(swept({ hosts })).slice(-4, -1)).toEqual([
      '',
      'host     vcenter',
      '5 hosts  failed(target)',
    ]);
  });

  it('prints a detail that a few hosts have once, and puts these hosts together', () => {
    const lost = { details: ['ssh: its worker was lost'] };
    const hosts = [
      host(1, lost),
      host(2, { details: ['ssh: refused'] }),
      host(3, lost),
      host(4),
      host(5, lost),
    ];
    expect(linesOf(swept({ hosts })).slice(-5)).toEqual([
      'esx1  ok       failed(auth)  ssh: its worker was lost',
      'esx3  ok       failed(auth)  as above',
      'esx5  ok       failed(auth)  as above',
      'esx2  ok       failed(auth)  ssh: refused',
      'esx4  ok       failed(auth)',
    ]);
  });

  it('has a line for each cell where hosts without reasons do not fit beside each other', () => {
    expect(
      printSummary(run(swept({ hosts: [host(1)] })), 20)
        .split('\n')
        .slice(-3),
    ).toEqual(['host: esx1', 'vcenter: ok', 'ssh: failed(auth)']);
  });

  it('wraps what to do for a terminal, and cuts nothing', () => {
    const words = Array.from({ length: 60 }, (_, n) => `word${n}`).join(' ');
    const lines = printSummary(run(swept({ hosts: [host(1, { details: [words] })] })), 80).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(lines.join(' ').replaceAll(/ +/g, ' ')).toContain(words);
  });
});

describe('toJson', () => {
  it('prints outcomes as text, and what else there is to tell', () => {
    const summary = run(swept({ hosts: [host(1)] }));
    const told = JSON.parse(toJson(summary, { metrics: 'text' }));
    expect(told).toMatchObject({ runId: 'run-1', exitCode: 3, metrics: 'text' });
    expect(told.targets[0].hosts).toEqual([
      { moref: 'host-1', name: 'esx1', outcomes: { vcenter: 'ok', ssh: 'failed(auth)' }, details: [] },
    ]);
    expect(JSON.parse(toJson(summary))).not.toHaveProperty('metrics');
  });
});
