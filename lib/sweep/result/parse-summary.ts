import * as z from 'zod';
import { FAILED_REASONS, type Outcome, SKIPPED_REASONS } from '../outcome.ts';
import { DELIVERY_OUTCOMES, RUN_EXIT_CODES, type RunSummary, type TargetSummary } from './summary.ts';

const count = z.int().min(0);
const text = z.string();

const outcome: z.ZodType<Outcome> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ok') }),
  z.object({ kind: z.literal('failed'), reason: z.enum(FAILED_REASONS) }),
  z.object({ kind: z.literal('skipped'), reason: z.enum(SKIPPED_REASONS) }),
]);

const path = z.object({
  hosts: count,
  ok: count,
  failed: count,
  skipped: count,
  reasons: z.record(text, count),
});

const filled = z.object({
  sent: count,
  dropped: z.object({ old: count, ahead: count, refused: count }),
});

const target: z.ZodType<TargetSummary> = z.object({
  target: text,
  status: z.enum(['swept', 'lease', 'duplicate', 'unlisted', 'stopped']),
  listing: z.enum(['fresh', 'last', 'none']),
  problems: z.array(text),
  paths: z.object({ vcenter: path.exactOptional(), ssh: path.exactOptional() }),
  kinds: z.record(text, path).exactOptional(),
  hosts: z.array(
    z.object({
      moref: text,
      name: text,
      outcomes: z.object({ vcenter: outcome.exactOptional(), ssh: outcome.exactOptional() }),
      details: z.array(text),
    }),
  ),
  credential: z.object({ id: text, ok: z.boolean() }).optional(),
  hostKeysPinned: count.optional(),
  warnings: z.array(z.object({ text, count })),
  samples: count,
  droppedDuplicates: count,
  deliveries: z.array(
    z.object({ sink: text, outcome: z.enum(DELIVERY_OUTCOMES), filled: filled.exactOptional() }),
  ),
  durationMs: z.number(),
});

const summary: z.ZodType<RunSummary> = z.object({
  runId: text,
  sweep: text,
  scheduledAt: z.number(),
  startedAt: z.number(),
  endedAt: z.number(),
  exitCode: z.literal(RUN_EXIT_CODES),
  targets: z.array(target),
});

/** The summary of a run that was done elsewhere, or undefined when this is none: Lambda bounds its size, 6 MB. */
export function parseSummary(value: unknown): RunSummary | undefined {
  const parsed = summary.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}
