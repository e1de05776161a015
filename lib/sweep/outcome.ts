/** What became of one host in one run on one path. The reasons are closed lists: a new one is added here. */
export const PATHS = ['vcenter', 'ssh'] as const;
export type Path = (typeof PATHS)[number];

/** The path on which what a reader needs has outcomes. */
export const PATH_OF = { read: 'vcenter', ask: 'ssh', sweep: 'vcenter', merge: 'vcenter' } as const;

export const FAILED_REASONS = [
  'dns',
  'connection-refused',
  'timeout',
  'banner',
  'auth',
  'hostkey',
  'exec-timeout',
  'output',
  'session',
  'worker',
  'deadline',
  'target',
  'unreadable',
  'result-too-large',
] as const;
export type FailedReason = (typeof FAILED_REASONS)[number];

export const SKIPPED_REASONS = [
  'poweredoff',
  'standby',
  'lockdown',
  'maintenance',
  'ssh-disabled',
  'netbox',
  'blacklist',
  'suspended',
  'allowance',
  'state',
  'other-target',
  'other-process',
  'hostkey-unknown',
] as const;
export type SkippedReason = (typeof SKIPPED_REASONS)[number];

export type Outcome =
  | { readonly kind: 'ok' }
  | { readonly kind: 'failed'; readonly reason: FailedReason }
  | { readonly kind: 'skipped'; readonly reason: SkippedReason };

export const ok: Outcome = { kind: 'ok' };
export const failed = (reason: FailedReason): Outcome => ({ kind: 'failed', reason });
export const skipped = (reason: SkippedReason): Outcome => ({ kind: 'skipped', reason });

/** `ok`, `failed(auth)`, `skipped(lockdown)`: the form in tables, summaries and messages. */
export function printOutcome(outcome: Outcome): string {
  return outcome.kind === 'ok' ? 'ok' : `${outcome.kind}(${outcome.reason})`;
}

/** The outcome that `printOutcome` printed, or undefined. */
export function parseOutcome(text: string): Outcome | undefined {
  if (text === 'ok') return ok;
  const [, kind, reason] = /^(failed|skipped)\(([a-z-]+)\)$/.exec(text) ?? [];
  if (kind === 'failed') {
    const known = FAILED_REASONS.find((one) => one === reason);
    return known && failed(known);
  }
  const known = SKIPPED_REASONS.find((one) => one === reason);
  return known && skipped(known);
}

/** Counts of one path. The law of conservation: hosts = ok + failed + skipped. */
export interface PathCounts {
  readonly hosts: number;
  readonly ok: number;
  readonly failed: number;
  readonly skipped: number;
}

export function countOutcomes(outcomes: Iterable<Outcome>): PathCounts {
  const counts = { hosts: 0, ok: 0, failed: 0, skipped: 0 };
  for (const outcome of outcomes) {
    counts.hosts += 1;
    counts[outcome.kind] += 1;
  }
  return counts;
}
