/** What one metric was of one object. */
export interface Tried {
  readonly target: string;
  readonly object: string;
  readonly moref: string;
  readonly raw: Readonly<Record<string, unknown>>;
  /** As they would be pushed. */
  readonly series: readonly string[];
  readonly warnings: readonly string[];
}
