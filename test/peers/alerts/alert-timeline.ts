import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { stringify } from 'yaml';
import { THEMES, type Theme } from '../../../lib/monitoring/alerts/alert.ts';
import { printRules } from '../../../lib/monitoring/alerts/rule-files.ts';
import type { ParsedSeries } from '../../support/exposition.ts';
import { findProgram } from '../../support/peers/peer-requirements.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';

/** What Prometheus scrapes again and again for some minutes. */
export interface Phase {
  readonly minutes: number;
  readonly series: readonly ParsedSeries[];
  /** Whether runs go on meanwhile, so that their times are later with each minute; true by default. */
  readonly runsGoOn?: boolean;
  /** The names of the alerts that fire at its end. */
  readonly firing: readonly string[];
}

/** Times of runs; other times, such as the end of a certificate, stay. */
const IS_RUN = /^vsweep_sweep_last_(?:run|success)_timestamp_seconds$|^push_(?:failure_)?time_seconds$/;
const IS_TIME = /_timestamp_seconds$|^push_(?:failure_)?time_seconds$/;

/**
 * Plays the phases one after the other to the real rules, and holds what fires at the end of each against what should.
 * promtool begins at the time 0, so that times of a run are moved there.
 */
export async function expectFiring(
  phases: readonly Phase[],
  themes: readonly Theme[] = THEMES,
): Promise<void> {
  await using folder = await createTemporaryFolder('alerts');
  await writeFile(join(folder.path, 'rules.yml'), printRules(themes));
  const ends = phases.map((_, at) => minutesOf(phases.slice(0, at + 1)) - 1);
  const test = {
    rule_files: ['rules.yml'],
    evaluation_interval: '1m',
    tests: [
      {
        interval: '1m',
        input_series: toInputSeries(phases),
        promql_expr_test: phases.map(({ firing }, at) => ({
          expr: 'group by (alertname) (ALERTS{alertstate="firing"})',
          eval_time: `${ends[at]}m`,
          exp_samples: firing.toSorted().map((name) => ({ labels: `{alertname="${name}"}`, value: 1 })),
        })),
      },
    ],
  };
  await writeFile(join(folder.path, 'test.yml'), stringify(test));
  const args = ['test', 'rules', 'test.yml'];
  const { status, stdout, stderr } = spawnSync(findProgram('promtool') ?? '', args, { cwd: folder.path });
  expect(`${stdout}${stderr}`).toContain('SUCCESS');
  expect(status).toBe(0);
}

const minutesOf = (phases: readonly Phase[]): number => phases.reduce((sum, { minutes }) => sum + minutes, 0);

/** Prometheus' text of a series, which is the same in every phase that has it. */
const keyOf = ({ name, labels }: ParsedSeries): string =>
  `${name}{${Object.entries(labels)
    .filter(([, value]) => value !== '')
    .toSorted()
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`)
    .join(',')}}`;

function toInputSeries(phases: readonly Phase[]) {
  const byKey = phases.map(({ series }) => new Map(series.map((one) => [keyOf(one), one])));
  const keys = new Set(byKey.flatMap((one) => [...one.keys()]));
  return Array.from(keys, (series) => ({
    series,
    values: phases
      .map((phase, at) => printValues(byKey[at]?.get(series), phase, minutesOf(phases.slice(0, at))))
      .join(' '),
  }));
}

function printValues(
  one: ParsedSeries | undefined,
  { minutes, series, runsGoOn = true }: Phase,
  start: number,
): string {
  if (one === undefined) return `_x${minutes}`;
  if (!IS_TIME.test(one.name)) return `${one.value}+0x${minutes - 1}`;
  const now = Math.max(...series.filter(({ name }) => IS_RUN.test(name)).map(({ value }) => value), 0);
  if (!IS_RUN.test(one.name)) return `${one.value - now}+0x${minutes - 1}`;
  // One that never came stays at its zero, which is long ago.
  const value = one.value === 0 ? 0 : one.value - now + 60 * start;
  return `${value}+${runsGoOn && one.value > 0 ? 60 : 0}x${minutes - 1}`;
}
