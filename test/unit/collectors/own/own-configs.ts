import { parse } from 'yaml';
import { CHECKED_COLLECTORS } from '../../../../lib/collectors/checked-collectors.ts';
import { inspectConfig } from '../../../../lib/config/check-config.ts';
import type { Config } from '../../../../lib/config/schema.ts';

/** A configuration whose one sweep collects the own metrics of `metrics`. */
const withMetrics = (metrics: string): Record<string, unknown> => ({
  targets: [{ name: 'vc01.example.org', credentials: { env: 'VC' } }],
  sweeps: [{ name: 'inventory', every: '5m', collectors: ['own'] }],
  metrics: parse(metrics) as unknown,
});

/** The faults of own metrics, each with its path below `metrics`. */
export function faultsIn(metrics: string, more: object = {}): string[] {
  const { issues } = inspectConfig({ ...withMetrics(metrics), ...more }, CHECKED_COLLECTORS);
  return issues.map(({ path, message }) => `${path.replace(/^metrics\./, '')}: ${message}`);
}

export function configWith(metrics: string, more: object = {}): Config {
  const { config, issues } = inspectConfig({ ...withMetrics(metrics), ...more }, CHECKED_COLLECTORS);
  if (config === undefined)
    throw new Error(issues.map(({ path, message }) => `${path}: ${message}`).join('\n'));
  return config;
}
