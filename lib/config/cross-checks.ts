import type { ConfigIssue } from './errors.ts';
import type { Config, SweepConfig, TargetConfig } from './schema.ts';

/** What the configuration must know of the collectors: which exist, and which of them ask hosts by ssh. */
export interface KnownCollectors {
  readonly names: readonly string[];
  readonly overSsh: readonly string[];
}

/** What was well formed of a configuration; an entry with a fault of its own is undefined and keeps its place. */
export interface WellFormed {
  readonly targets?: readonly (TargetConfig | undefined)[];
  readonly sweeps?: readonly (SweepConfig | undefined)[];
  readonly hasEsxi: boolean;
}

/** The rules between values. Runs on whatever was well formed, so that all faults come at once. */
export function crossCheck(config: WellFormed, collectors: KnownCollectors): ConfigIssue[] {
  return [
    ...repeatedNames('targets', config.targets ?? []),
    ...repeatedNames('sweeps', config.sweeps ?? []),
    ...unknownNames(config, collectors),
    ...sharedTargets(config, collectors),
  ];
}

/** The targets that a sweep goes over: those it names, else all. */
export function targetsOfSweep(
  sweep: { readonly targets?: readonly string[] | undefined },
  config: Pick<Config, 'targets'>,
) {
  return config.targets.filter(({ name }) => sweep.targets === undefined || sweep.targets.includes(name));
}

function repeatedNames(section: string, entries: readonly ({ name: string } | undefined)[]): ConfigIssue[] {
  return entries.flatMap((entry, index) =>
    entry === undefined || entries.findIndex((one) => one?.name === entry.name) === index
      ? []
      : [
          {
            path: `${section}[${index}].name`,
            message: `"${entry.name}" is used twice; give each its own name`,
          },
        ],
  );
}

function unknownNames(config: WellFormed, collectors: KnownCollectors): ConfigIssue[] {
  return (config.sweeps ?? []).flatMap((sweep, index) => [
    ...(sweep?.collectors ?? []).flatMap((name, at) =>
      collectors.names.includes(name)
        ? []
        : [
            {
              path: `sweeps[${index}].collectors[${at}]`,
              message: `there is no collector "${name}"; there are ${collectors.names.join(', ')}`,
            },
          ],
    ),
    ...(sweep?.targets ?? []).flatMap((name, at) =>
      config.targets === undefined ||
      config.targets.some((target) => target === undefined || target.name === name)
        ? []
        : [
            {
              path: `sweeps[${index}].targets[${at}]`,
              message: `there is no target "${name}"; name one of "targets"`,
            },
          ],
    ),
  ]);
}

/** Two sweeps may share neither a Pushgateway group nor, by ssh, a target: they would undo each other's work. */
function sharedTargets(config: WellFormed, collectors: KnownCollectors): ConfigIssue[] {
  const targets = (config.targets ?? []).filter((target) => target !== undefined);
  const issues: ConfigIssue[] = [];
  const groups = new Map<string, string>();
  const overSsh = new Map<string, string>();
  config.sweeps?.forEach((sweep, index) => {
    if (sweep === undefined) return;
    const usesSsh = sweep.collectors.some((name) => collectors.overSsh.includes(name));
    if (usesSsh && !config.hasEsxi) {
      issues.push({
        path: `sweeps[${index}].collectors`,
        message: 'ask hosts by ssh, but there is no section "esxi"; add one with credentials',
      });
    }
    for (const { name } of targetsOfSweep(sweep, { targets })) {
      const group = JSON.stringify([sweep.job, name]);
      const sharer = groups.get(group);
      if (sharer !== undefined) {
        issues.push({
          path: `sweeps[${index}].job`,
          message: `"${sweep.job}" on target "${name}" is also pushed by sweep "${sharer}"; give each its own job`,
        });
      }
      groups.set(group, sweep.name);
      if (!usesSsh) continue;
      const other = overSsh.get(name);
      if (other !== undefined) {
        issues.push({
          path: `sweeps[${index}].collectors`,
          message: `target "${name}" is already asked by ssh in sweep "${other}"; only one sweep may log in to its hosts`,
        });
      }
      overSsh.set(name, sweep.name);
    }
  });
  return issues;
}
