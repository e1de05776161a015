import type { Collector } from '../../collectors/collector.ts';
import { ownCollector } from '../../collectors/own/compile-own.ts';
import { findCollector } from '../../collectors/registry.ts';
import { OWN_COLLECTOR } from '../../config/own-sweeps.ts';
import type { Config, SweepConfig, TargetConfig } from '../../config/schema.ts';
import { BatchError } from '../errors.ts';

/** What the configuration says of a sweep on a target. */
export interface TargetSettings {
  readonly sweep: SweepConfig;
  readonly target: TargetConfig;
  readonly collectors: readonly Collector[];
}

/** Throws BatchError when the configuration does not know the names: the two sides run with different ones. */
export function targetSettings(config: Config, names: { sweep: string; target: string }): TargetSettings {
  const sweep = config.sweeps.find(({ name }) => name === names.sweep);
  const target = config.targets.find(({ name }) => name === names.target);
  if (sweep === undefined || target === undefined) {
    const missing = sweep === undefined ? `sweep "${names.sweep}"` : `target "${names.target}"`;
    throw new BatchError(
      `the worker's configuration has no ${missing}; deploy the sweep function and its workers together`,
    );
  }
  return { sweep, target, collectors: collectorsOf(sweep) };
}

/** Those of the registry, and the own metrics of the configuration as one of them. */
export function collectorsOf(sweep: Pick<SweepConfig, 'collectors' | 'own'>): Collector[] {
  return sweep.collectors
    .map((name) => (name === OWN_COLLECTOR ? ownCollector(sweep.own) : findCollector(name)))
    .filter((collector) => collector !== undefined);
}
