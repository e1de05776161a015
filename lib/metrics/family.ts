import type { List } from './list.ts';

/** What a metric is called, means and is labelled with. It is a gauge, because a run has no memory, if nothing else is said. */
export interface MetricDefinition {
  readonly name: string;
  readonly help: string;
  /** Label names, in the order in which samples give their values. */
  readonly labels: readonly string[];
  /** Of what the state keeps over runs. */
  readonly type?: 'counter';
}

/** One series with its value: `labels` are the values in the order of the definition's label names. */
export interface Sample {
  readonly metric: string;
  readonly labels: readonly string[];
  readonly value: number;
  /** Milliseconds since the epoch, when it was measured; absent: by this run. A sink without times takes the newest. */
  readonly timeMs?: number;
}

/** A metric with its samples, ready to be encoded. */
export interface Family {
  readonly definition: MetricDefinition;
  readonly samples: List<Sample>;
  /** Whether any sample has a time, where somebody has looked at all of them. */
  readonly isTimed?: boolean;
  /** Of a family with times: the managed object of each sample, by its id. */
  readonly sources?: List<string>;
}
