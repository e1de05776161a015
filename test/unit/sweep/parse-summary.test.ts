import { describe, expect, it } from 'vitest';
import { parseSummary } from '../../../lib/sweep/result/parse-summary.ts';
import type { RunSummary } from '../../../lib/sweep/result/summary.ts';

const PATH = { hosts: 3, ok: 1, failed: 1, skipped: 1, reasons: { ok: 1, 'failed(auth)': 1 } };
const SUMMARY: RunSummary = {
  runId: 'run-1',
  sweep: 'services',
  scheduledAt: 1,
  startedAt: 2,
  endedAt: 3,
  exitCode: 3,
  targets: [
    {
      target: 'vc01',
      status: 'swept',
      listing: 'fresh',
      problems: ['p'],
      paths: { vcenter: PATH, ssh: PATH },
      kinds: { vm: PATH },
      hosts: [
        {
          moref: 'host-1',
          name: 'esx01',
          outcomes: { vcenter: { kind: 'ok' }, ssh: { kind: 'failed', reason: 'auth' } },
          details: ['d'],
        },
        {
          moref: 'host-2',
          name: 'esx02',
          outcomes: { ssh: { kind: 'skipped', reason: 'poweredoff' } },
          details: [],
        },
      ],
      credential: { id: 'env:X', ok: false },
      hostKeysPinned: 2,
      warnings: [{ text: 'w', count: 4 }],
      samples: 5,
      droppedDuplicates: 6,
      deliveries: [
        {
          sink: 'otlp',
          outcome: 'delivered',
          filled: { sent: 1, dropped: { old: 2, ahead: 3, refused: 4 } },
        },
        { sink: 'pushgateway', outcome: 'failed' },
        { sink: 'exporter', outcome: 'lease-lost' },
      ],
      durationMs: 7.5,
    },
  ],
};
const [TARGET] = SUMMARY.targets;
const [HOST] = TARGET?.hosts ?? [];
const withTarget = (changes: object) => ({ ...SUMMARY, targets: [{ ...TARGET, ...changes }] });
const withHost = (changes: object) => withTarget({ hosts: [{ ...HOST, ...changes }] });

describe('the summary of a run that was done elsewhere', () => {
  it('is as it was written', () => {
    expect(parseSummary(JSON.parse(JSON.stringify(SUMMARY)))).toEqual(SUMMARY);
    const { kinds: _, credential: __, hostKeysPinned: ___, ...least } = TARGET ?? {};
    const small = { ...SUMMARY, exitCode: 0, targets: [{ ...least, paths: {}, hosts: [], deliveries: [] }] };
    expect(parseSummary(small)).toEqual(small);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['an error of Lambda', { errorMessage: 'x', errorType: 'Error' }],
    ['an exit code that there is not', { ...SUMMARY, exitCode: 2 }],
    ['a status that there is not', withTarget({ status: 'done' })],
    ['a listing that there is not', withTarget({ listing: 'old' })],
    ['half a host', withTarget({ samples: 1.5 })],
    ['fewer than none', withTarget({ droppedDuplicates: -1 })],
    ['a path without its counts', withTarget({ paths: { ssh: { hosts: 3 } } })],
    ['a kind without its counts', withTarget({ kinds: { vm: {} } })],
    ['a count of a reason that is a text', withTarget({ kinds: { vm: { ...PATH, reasons: { ok: '1' } } } })],
    ['a failure without a reason', withHost({ outcomes: { ssh: { kind: 'failed' } } })],
    ['a reason that there is not', withHost({ outcomes: { ssh: { kind: 'skipped', reason: 'auth' } } })],
    ['an outcome that there is not', withHost({ outcomes: { vcenter: { kind: 'fine' } } })],
    ['a host without details', withHost({ details: undefined })],
    ['a delivery that there is not', withTarget({ deliveries: [{ sink: 'a', outcome: 'done' }] })],
    [
      'a back-fill without its counts',
      withTarget({
        deliveries: [{ sink: 'a', outcome: 'failed', filled: { sent: 1, dropped: { old: 1 } } }],
      }),
    ],
    ['a verdict that is none', withTarget({ credential: { id: 'a', ok: 'yes' } })],
    ['a warning without its count', withTarget({ warnings: [{ text: 'w' }] })],
  ])('is none where it has %s', (_, value) => {
    expect(parseSummary(value)).toBeUndefined();
  });
});
