import { VsweepError } from '../platform/errors.ts';

export type MetricsErrorCode =
  | 'unknown-metric'
  | 'label-count'
  | 'not-finite'
  | 'bad-time'
  | 'bad-name'
  | 'duplicate-definition'
  | 'conflicting-definition';

/** Samples that do not fit their definitions: a fault of the code that made them, never of the fleet. */
export class MetricsError extends VsweepError<MetricsErrorCode> {
  readonly metric: string;

  constructor(code: MetricsErrorCode, options: { metric: string; message: string }) {
    super(`metric ${options.metric}: ${options.message}`, { code });
    this.metric = options.metric;
  }
}
