import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Board, EMPTY_BOARD, MAX_RUNS, withRun } from '../../../lib/page/board.ts';
import { failed, type Outcome, ok, skipped } from '../../../lib/sweep/outcome.ts';
import { notSwept, type RunSummary, type TargetSummary } from '../../../lib/sweep/result/summary.ts';

const outcomes: Readonly<Record<string, Outcome>> = {
  ok,
  failed: failed('auth'),
  skipped: skipped('lockdown'),
};

interface Seen {
  readonly sweep?: string;
  readonly status?: TargetSummary['status'];
  /** By managed object id, the outcome on the path ssh. */
  readonly hosts: Readonly<Record<string, string>>;
}

function run(startedAt: number, { sweep = 'services', status = 'swept', hosts }: Seen): RunSummary {
  const target: TargetSummary = {
    ...notSwept('vc01', 'lease', []),
    status,
    hosts: Object.entries(hosts).map(([moref, outcome]) => ({
      moref,
      name: `esx-${moref}`,
      outcomes: { ssh: outcomes[outcome] ?? ok },
      details: outcome === 'ok' ? [] : [`${moref} is ${outcome}`],
    })),
  };
  return {
    runId: '',
    sweep,
    scheduledAt: startedAt,
    startedAt,
    endedAt: startedAt,
    exitCode: 0,
    targets: [target],
  };
}

const boardAfter = (...runs: readonly Seen[]): Board =>
  runs.reduce((board, seen, index) => withRun(board, run(1_000 * (index + 1), seen)), EMPTY_BOARD);

const standing = (board: Board, moref: string, sweep = 'services') =>
  board.hosts['vc01']?.[moref]?.standings[sweep]?.ssh;

describe('the board of runs', () => {
  it('says since when a host is as it is, and that it may be for longer where no run saw it otherwise', () => {
    const board = boardAfter(
      { hosts: { a: 'ok', b: 'failed' } },
      { hosts: { a: 'failed', b: 'failed' } },
      {
        hosts: { a: 'failed', b: 'failed' },
      },
    );
    expect(standing(board, 'a')).toEqual({ outcome: 'failed(auth)', since: 2_000, orLonger: false });
    expect(standing(board, 'b')).toEqual({ outcome: 'failed(auth)', since: 1_000, orLonger: true });
  });

  it.each(['lease', 'unlisted', 'stopped', 'duplicate'] as const)(
    'keeps the hosts of a target over which a run did not go: %s',
    (status) => {
      const board = boardAfter({ hosts: { a: 'failed' } }, { status, hosts: {} });
      expect(standing(board, 'a')?.outcome).toBe('failed(auth)');
      expect(board.sweeps[0]?.runs.map((one) => one.status)).toEqual(['swept', status]);
    },
  );

  it('forgets a host that a run does not see any more, unless another sweep sees it', () => {
    const board = boardAfter(
      { hosts: { a: 'ok', b: 'ok' } },
      { sweep: 'checks', hosts: { b: 'failed' } },
      { hosts: {} },
    );
    expect(Object.keys(board.hosts['vc01'] ?? {})).toEqual(['b']);
    expect(standing(board, 'b')).toBeUndefined();
    expect(board.hosts['vc01']?.['b']).toMatchObject({ details: { checks: ['b is failed'] } });
    expect(standing(board, 'b', 'checks')?.outcome).toBe('failed(auth)');
  });

  it.each(['constructor', '__proto__', 'toString'])('takes a host whose id is %s as any other', (moref) => {
    const hosts = JSON.parse(`{ "${moref}": "failed" }`);
    const board = boardAfter({ hosts }, { hosts }, { sweep: 'constructor', hosts });
    const host = Object.values(board.hosts['vc01'] ?? {})[0];
    expect(host?.moref).toBe(moref);
    expect(Object.keys(host?.standings ?? {})).toEqual(['services', 'constructor']);
  });

  it('has of each sweep on each target what became of its runs, and of the last one what there is to tell', () => {
    const path = { hosts: 6, ok: 3, failed: 2, skipped: 1, reasons: {} };
    const target = (name: string): TargetSummary => ({
      ...notSwept(name, 'lease', [`${name} is busy`]),
      status: 'swept',
      durationMs: 7,
      paths: { vcenter: path, ssh: { ...path, ok: 1, failed: 4 } },
      warnings: [
        { text: 'once', count: 1 },
        { text: 'often', count: 2 },
      ],
      deliveries: [{ sink: 'push', outcome: 'failed', error: 'secret' } as never],
    });
    const both = { ...run(1_000, { hosts: {} }), targets: [target('vc01'), target('vc02')] };
    const board = withRun(withRun(EMPTY_BOARD, both), {
      ...both,
      startedAt: 2_000,
      targets: [target('vc02')],
    });
    const of = (name: string, ...startedAt: readonly number[]) => ({
      sweep: 'services',
      target: name,
      runs: startedAt.map((at) => ({
        startedAt: at,
        durationMs: 7,
        status: 'swept',
        ok: 4,
        failed: 6,
        skipped: 2,
      })),
      problems: [`${name} is busy`],
      warnings: ['once', 'often (2 times)'],
      deliveries: [{ sink: 'push', outcome: 'failed' }],
    });
    expect(board.sweeps).toEqual([of('vc01', 1_000), of('vc02', 1_000, 2_000)]);
  });

  it('keeps a bounded line of runs, the newest of them', () => {
    const board = boardAfter(...Array.from({ length: MAX_RUNS + 5 }, () => ({ hosts: {} })));
    expect(board.sweeps[0]?.runs).toHaveLength(MAX_RUNS);
    expect(board.sweeps[0]?.runs.at(-1)?.startedAt).toBe((MAX_RUNS + 5) * 1_000);
  });

  it('has after any runs exactly the hosts that some sweep saw last, with the outcomes that it saw', () => {
    const hosts = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('ok', 'failed', 'skipped'));
    const seen = fc.record({ sweep: fc.constantFrom('services', 'checks'), hosts });
    void fc.assert(
      fc.property(fc.array(seen, { maxLength: 12 }), (runs) => {
        const board = boardAfter(...runs);
        const last = (sweep: string) => runs.findLast((one) => one.sweep === sweep)?.hosts ?? {};
        const expected = new Set([...Object.keys(last('services')), ...Object.keys(last('checks'))]);
        expect(new Set(Object.keys(board.hosts['vc01'] ?? {}))).toEqual(expected);
        for (const sweep of ['services', 'checks']) {
          for (const moref of expected) {
            const kind = standing(board, moref, sweep)?.outcome.split('(')[0];
            expect(kind).toBe(last(sweep)[moref]);
          }
        }
      }),
    );
  });
});
