import type { MetricRow } from '../../catalogue/row.ts';
import type { SweptOwn } from '../../config/own-metrics.ts';
import { OWN_COLLECTOR } from '../../config/own-sweeps.ts';
import { type Collector, collector } from '../collector.ts';
import { compileCommand } from './compile-command.ts';
import { compileCounter } from './compile-counter.ts';
import { compileEach, compileProperty } from './compile-property.ts';
import { type CompileOwn, type NamedOwn, type OwnSource, ownSourceOf } from './own-kind.ts';
import { tagRows } from './tag-rows.ts';

/** How metrics of each source become rows. */
const COMPILERS: { readonly [Source in OwnSource]: CompileOwn } = {
  property: compileProperty,
  each: compileEach,
  counter: compileCounter,
  esxcli: compileCommand,
  ssh: compileCommand,
};

/** The row of one metric; undefined for one that the check refuses. */
export function compileOwn(own: NamedOwn): MetricRow | undefined {
  const source = ownSourceOf(own.metric);
  return source === undefined ? undefined : COMPILERS[source](own);
}

const compiled = new WeakMap<SweptOwn, Collector>();

/** The own metrics of a sweep as a collector; the same one each time, because rows are compared by identity. */
export function ownCollector(own: SweptOwn | undefined): Collector | undefined {
  if (own === undefined) return undefined;
  const known = compiled.get(own);
  if (known !== undefined) return known;
  const rows = Object.entries(own.metrics).flatMap(
    ([name, metric]) => compileOwn({ name, metric, preset: own.preset }) ?? [],
  );
  const made = collector(OWN_COLLECTOR, [
    ...rows,
    ...tagRows(
      own,
      rows.map(({ kind }) => kind),
    ),
  ]);
  compiled.set(own, made);
  return made;
}
