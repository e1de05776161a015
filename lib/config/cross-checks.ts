import type { ConfigIssue } from './errors.ts';
import { sayNoEventType } from './event-types.ts';
import { sayNoCollector } from './unknown-keys.ts';
import { sayNone } from './unknown-names.ts';
import { TIMED_SINKS, type WellFormed } from './well-formed.ts';

/** What the configuration must know of the collectors: which exist, which ask hosts by ssh, and which vCenter. */
export interface KnownCollectors {
  readonly names: readonly string[];
  readonly overSsh: readonly string[];
  readonly overVcenter: readonly string[];
  /** Those that have a metric under the names of a preset. */
  readonly byPreset?: Readonly<Record<string, readonly string[]>>;
  /** Those that have real-time counters. */
  readonly realtime?: readonly string[];
  /** Holds `metrics.own` against the vSphere API; the functions of a deployment, which checked it, have not the code. */
  readonly checkOwn?: (raw: Readonly<Record<string, unknown>>) => readonly ConfigIssue[];
  /** The classes of events of the vSphere API; asked only if there is one to be checked. */
  readonly eventClasses?: () => readonly string[];
}

/** The rules between values. Runs on whatever was well formed, so that all faults come at once. */
export function crossCheck(config: WellFormed, collectors: KnownCollectors): ConfigIssue[] {
  return [
    ...repeatedNames('targets', config.targets ?? []),
    ...repeatedAliases(config.targets ?? []),
    ...repeatedNames('sweeps', config.sweeps),
    ...unknownNames(config, collectors),
    ...withoutMetrics(config, collectors),
    ...unknownEventTypes(config, collectors),
    ...samplesInVain(config, collectors),
    ...targetsWithoutLogin(config, collectors),
    ...sharedTargets(config, collectors),
  ];
}

/** The targets that a sweep goes over: those it names, else all. */
export function targetsOfSweep<Target extends { readonly name: string }>(
  sweep: { readonly targets?: readonly (string | undefined)[] | undefined },
  config: { readonly targets: readonly Target[] },
): Target[] {
  return config.targets.filter(({ name }) => sweep.targets === undefined || sweep.targets.includes(name));
}

/** Every target of every sweep. */
export const sweptTargets = (config: {
  readonly sweeps: readonly { readonly name: string; readonly targets?: readonly string[] | undefined }[];
  readonly targets: readonly { readonly name: string }[];
}): { readonly sweep: string; readonly target: string }[] =>
  config.sweeps.flatMap((sweep) =>
    targetsOfSweep(sweep, config).map(({ name }) => ({ sweep: sweep.name, target: name })),
  );

/** The Pushgateway groups that the sweeps push to: job from the sweep, instance from the target. */
export function groupsOf(config: {
  readonly sweeps: readonly { readonly job: string; readonly targets?: readonly string[] | undefined }[];
  readonly targets: readonly { readonly name: string }[];
}): { readonly job: string; readonly instance: string }[] {
  return config.sweeps.flatMap((sweep) =>
    targetsOfSweep(sweep, config).map(({ name }) => ({ job: sweep.job, instance: name })),
  );
}

function repeatedNames(section: string, entries: readonly { name: string | undefined }[]): ConfigIssue[] {
  const seen = new Set<string>();
  return entries.flatMap(({ name }, index) => {
    if (name === undefined) return [];
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    return [
      { path: `${section}[${index}].name`, message: `"${name}" is used twice; give each its own name` },
    ];
  });
}

/** A poll asks by a target's name or alias, and must reach the same one whatever stands first. */
function repeatedAliases(targets: NonNullable<WellFormed['targets']>): ConfigIssue[] {
  const seen = new Set(targets.map(({ name }) => name));
  return targets.flatMap(({ aliases }, index) =>
    aliases.flatMap((alias, at) => {
      if (alias === undefined || !seen.has(alias)) {
        seen.add(alias);
        return [];
      }
      const message = `"${alias}" is the name or an alias of a target already; use each only once`;
      return [{ path: `targets[${index}].aliases[${at}]`, message }];
    }),
  );
}

function unknownNames({ targets, sweeps }: WellFormed, collectors: KnownCollectors): ConfigIssue[] {
  const names = new Set(targets?.map(({ name }) => name));
  // A target without a usable name may be the one that is meant.
  const allNamed = targets !== undefined && !names.has(undefined);
  const known = [...names].filter((name) => name !== undefined);
  return sweeps.flatMap((sweep, index) => [
    ...sweep.collectors.flatMap((name, at) =>
      name === undefined || collectors.names.includes(name)
        ? []
        : [
            {
              path: `sweeps[${index}].collectors[${at}]`,
              message: sayNoCollector(name, collectors.names),
            },
          ],
    ),
    ...(sweep.targets ?? []).flatMap((name, at) =>
      name === undefined || !allNamed || names.has(name)
        ? []
        : [
            {
              path: `sweeps[${index}].targets[${at}]`,
              message: sayNone('target', name, known),
            },
          ],
    ),
  ]);
}

/** A collector without any metric under the chosen names is refused: nothing that it reads would be pushed. */
function withoutMetrics(
  { sweeps, presets }: WellFormed,
  { names, byPreset }: KnownCollectors,
): ConfigIssue[] {
  if (presets === undefined || presets.length === 0) return [];
  const useful = new Set(presets.flatMap((preset) => byPreset?.[preset] ?? names));
  return sweeps.flatMap((sweep, index) =>
    sweep.collectors.flatMap((name, at) =>
      name === undefined || useful.has(name) || !names.includes(name)
        ? []
        : [
            {
              path: `sweeps[${index}].collectors[${at}]`,
              message: `"${name}" has no metric under the names of ${presets.join(' and ')}; leave it out, or write metrics: { preset: [vmware_exporter, otel] }`,
            },
          ],
    ),
  );
}

function unknownEventTypes({ eventTypes }: WellFormed, { eventClasses }: KnownCollectors): ConfigIssue[] {
  if (eventClasses === undefined) return [];
  return eventTypes.flatMap((type, index) => {
    const message = type === undefined ? undefined : sayNoEventType(type, eventClasses);
    return message === undefined ? [] : [{ path: `events.types[${index}]`, message }];
  });
}

const AN_HOUR_MS = 3_600_000;

/** All samples are wanted where nobody takes them, where there are none, or less often than vSphere keeps them. */
function samplesInVain(
  { sweeps, takesTimes }: WellFormed,
  { realtime = [] }: KnownCollectors,
): ConfigIssue[] {
  return sweeps.flatMap(({ wantsAllSamples, collectors, everyMs = 0 }, index) => {
    if (!wantsAllSamples) return [];
    const path = `sweeps[${index}].samples`;
    const hasCounters = collectors.some((name) => name === undefined || realtime.includes(name));
    return [
      ...(takesTimes
        ? []
        : [
            {
              path,
              message: `no sink keeps samples by their times; write newest, or add one of ${TIMED_SINKS.join(', ')}`,
            },
          ]),
      ...(hasCounters
        ? []
        : [
            {
              path,
              message: `no collector of the sweep has real-time counters; leave it out, or add one of ${realtime.join(', ')}`,
            },
          ]),
      ...(everyMs > AN_HOUR_MS
        ? [{ path, message: 'vSphere keeps samples for an hour; write an "every" of at most 1h' }]
        : []),
    ];
  });
}

/** Without credentials the hosts have to be known otherwise, and there is nothing to ask vCenter with. */
function targetsWithoutLogin(
  { targets = [], sweeps }: WellFormed,
  { overVcenter }: KnownCollectors,
): ConfigIssue[] {
  const without = new Set(targets.flatMap((target) => (target.hasCredentials ? [] : (target.name ?? []))));
  return [
    ...targets.flatMap(({ hasCredentials, hasHosts }, index) =>
      hasCredentials || hasHosts ? [] : [{ path: `targets[${index}].credentials`, message: NO_CREDENTIALS }],
    ),
    ...sweeps.flatMap((sweep, index) => {
      const asking = sweep.collectors.find((name) => name !== undefined && overVcenter.includes(name));
      const asked = [...without].find((name) => sweep.targets?.includes(name) ?? true);
      if (asking === undefined || asked === undefined) return [];
      const message = `"${asking}" asks vCenter, but target "${asked}" has no credentials; give it some, or leave it out in "targets"`;
      return [{ path: `sweeps[${index}].collectors`, message }];
    }),
  ];
}

const NO_CREDENTIALS =
  'write one of { secret: <name> }, { env: <PREFIX> } and { file: <path> }, or list "hosts" that are asked by ssh only';

/** Two sweeps may not share a Pushgateway group: they would undo each other's work. By ssh they take turns on a target. */
function sharedTargets(config: WellFormed, collectors: KnownCollectors): ConfigIssue[] {
  const names = new Set(config.targets?.flatMap(({ name }) => name ?? []));
  const targets = [...names].map((name) => ({ name }));
  const issues: ConfigIssue[] = [];
  const groups = new Map<string, string>();
  config.sweeps.forEach((sweep, index) => {
    const usesSsh = sweep.collectors.some((name) => name !== undefined && collectors.overSsh.includes(name));
    const called = sweep.name ?? `sweeps[${index}]`;
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
      if (sweep.job !== undefined) groups.set(group, called);
    }
  });
  return issues;
}
