import type { ConfigIssue } from '../../config/errors.ts';
import { type OwnMetricConfig, ownMetric } from '../../config/own-metrics.ts';
import { everyOf, OWN_COLLECTOR, ownSweepName } from '../../config/own-sweeps.ts';
import { toFields, wellFormedParts } from '../../config/well-formed.ts';
import { PatternError } from '../../platform/re2.ts';
import { checkEsxcliMetric, checkSshMetric } from './check-command.ts';
import { checkCounter } from './check-counter.ts';
import { checkEach, checkProperty } from './check-property.ts';
import { type NamedOwn, OWN_SOURCES, type OwnFault, type OwnSource, ownSourcesOf } from './own-kind.ts';
import { compileOwnPattern } from './own-pattern.ts';
import { whyNoName } from './reserved-names.ts';

/** What a metric of each source may say; everything else is a fault. */
const FIELDS: { readonly [Source in OwnSource]: readonly (keyof OwnMetricConfig)[] } = {
  property: ['labels', 'states', 'test', 'scale', 'divide', 'unset', 'every', 'type', 'help'],
  each: ['value', 'labels', 'states', 'test', 'scale', 'divide', 'unset', 'max', 'every', 'type', 'help'],
  counter: ['test', 'scale', 'instances', 'interval', 'every', 'help'],
  esxcli: [
    ...(['each', 'value', 'labels', 'states', 'test', 'count', 'scale', 'divide', 'unset'] as const),
    ...(['max', 'timeout', 'every', 'type', 'help'] as const),
  ],
  ssh: ['test', 'count', 'scale', 'timeout', 'every', 'type', 'help'],
};

/** What each source is held against. */
const CHECKS: { readonly [Source in OwnSource]: (own: NamedOwn) => readonly OwnFault[] } = {
  property: checkProperty,
  each: checkEach,
  counter: checkCounter,
  esxcli: checkEsxcliMetric,
  ssh: checkSshMetric,
};

/**
 * Every fault of `metrics.own` that its shape does not tell: names, paths, types, counters, what goes together, and
 * whether any sweep collects it. Nothing is asked. Whatever of a metric is well formed is checked, so that all faults
 * come at once.
 */
export function checkOwn(raw: Readonly<Record<string, unknown>>): readonly ConfigIssue[] {
  const written = toFields(raw['metrics']);
  const own = toFields(written['own']);
  const preset = wellFormedParts(raw).presets?.[0] === 'otel' ? 'otel' : 'vmware_exporter';
  const faults = Object.entries(own).flatMap(([name, entry]) => {
    const { metric, isWhole } = wellFormed(entry);
    return faultsOf({ name, metric, preset }, { isWhole }).map(
      ({ at, message }): ConfigIssue => ({
        path: at === '' ? `metrics.own.${name}` : `metrics.own.${name}.${at}`,
        message,
      }),
    );
  });
  return [...faults, ...withoutEsxi(raw, own), ...withoutSweep(raw, own)];
}

/** Commands are asked of hosts by ssh, for which the section `esxi` has the account. */
function withoutEsxi(
  raw: Readonly<Record<string, unknown>>,
  own: Readonly<Record<string, unknown>>,
): ConfigIssue[] {
  if (raw['esxi'] !== undefined) return [];
  return Object.entries(own).flatMap(([name, entry]): ConfigIssue[] => {
    const { esxcli, ssh } = toFields(entry);
    if (esxcli === undefined && ssh === undefined) return [];
    const path = `metrics.own.${name}.${esxcli === undefined ? 'ssh' : 'esxcli'}`;
    return [{ path, message: 'asks hosts by ssh, but there is no section "esxi"; add one with credentials' }];
  });
}

/** The faults of one metric. */
export function faultsOf(
  own: NamedOwn,
  { isWhole = true }: { readonly isWhole?: boolean } = {},
): readonly OwnFault[] {
  const { name, metric } = own;
  const nameFault = whyNoName(name, metric);
  const faults: OwnFault[] = nameFault === undefined ? [] : [{ at: '', message: nameFault }];
  const named = ownSourcesOf(metric);
  const [source] = named;
  if (source === undefined || named.length > 1) {
    // What was left out as malformed may be the source.
    if (named.length > 1 || isWhole)
      faults.push({
        at: '',
        message: `write exactly one of ${OWN_SOURCES.join(', ')}${named.length === 0 ? '' : `; there are ${named.join(' and ')}`}`,
      });
    return [...faults, ...patternFaults(metric)];
  }
  return [
    ...faults,
    ...misplaced(source, metric),
    ...patternFaults(metric),
    ...togetherFaults(metric),
    ...CHECKS[source](own),
  ];
}

/** The fields of an entry that are of their shape: a fault in one hides no fault of another. */
function wellFormed(entry: unknown): { readonly metric: OwnMetricConfig; readonly isWhole: boolean } {
  const fields = toFields(entry);
  const whole = ownMetric.safeParse(fields);
  if (whole.success) return { metric: whole.data, isWhole: true };
  const faulty = new Set<PropertyKey | undefined>(
    whole.error.issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys : issue.path.slice(0, 1),
    ),
  );
  const rest = Object.entries(fields).filter(([key]) => !faulty.has(key));
  return { metric: ownMetric.safeParse(Object.fromEntries(rest)).data ?? {}, isWhole: false };
}

const misplaced = (source: OwnSource, metric: OwnMetricConfig): OwnFault[] =>
  (Object.keys(metric) as (keyof OwnMetricConfig)[])
    .filter((key) => metric[key] !== undefined && !FIELDS[source].includes(key))
    .filter((key) => !(OWN_SOURCES as readonly string[]).includes(key) || metric[key] === true)
    .map((key) => ({ at: key, message: `does not go with ${source}; leave it out` }));

function patternFaults({ test, count }: OwnMetricConfig): OwnFault[] {
  return [
    ...(test?.matches === undefined ? [] : patternFault('test.matches', test.matches)),
    ...(count === undefined ? [] : patternFault('count', count)),
  ];
}

function patternFault(at: string, pattern: string): OwnFault[] {
  try {
    compileOwnPattern(pattern);
    return [];
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    return [{ at, message: error.message }];
  }
}

function togetherFaults({
  states,
  test,
  count,
  scale,
  divide,
  unset,
  value,
  type,
}: OwnMetricConfig): OwnFault[] {
  const said = Object.entries({ states, test, count }).flatMap(([key, one]) =>
    one === undefined ? [] : [key],
  );
  const numeric = Object.entries({ scale, divide }).flatMap(([key, one]) => (one === undefined ? [] : [key]));
  return [
    ...(said.length > 1 ? [{ at: said[1] ?? '', message: `goes without ${said[0]}; keep one of them` }] : []),
    ...(said.length > 0 || value === 1
      ? numeric.map((at) => ({ at, message: `does not go with ${said[0] ?? 'value: 1'}; leave it out` }))
      : []),
    ...(type === 'counter' && (said.length > 0 || divide !== undefined || value === 1)
      ? [
          {
            at: 'type',
            message: `a counter is a number that grows, and ${said[0] ?? (value === 1 ? 'value: 1' : 'divide')} makes none; leave type out`,
          },
        ]
      : []),
    ...(states !== undefined && unset !== undefined
      ? [{ at: 'unset', message: 'does not go with states; leave it out' }]
      : []),
    ...(states !== undefined && new Set(states).size < states.length
      ? [{ at: 'states', message: 'a word is there twice; leave one of them out' }]
      : []),
    ...(test !== undefined && Object.values(test).every((one) => one === undefined)
      ? [{ at: 'test', message: 'write one of equals, matches, above and below' }]
      : []),
    ...(value === 1 && said.length > 0
      ? [{ at: 'value', message: `goes without ${said[0]}; keep one of them` }]
      : []),
  ];
}

/** A metric that no sweep collects, and a sweep that collects none. */
function withoutSweep(
  raw: Readonly<Record<string, unknown>>,
  own: Readonly<Record<string, unknown>>,
): ConfigIssue[] {
  const { sweeps } = wellFormedParts(raw);
  const metrics = Object.entries(own).map(([name, entry]) => ({
    name,
    every: everyOf(wellFormed(entry).metric),
  }));
  const shared = metrics.filter(({ every }) => every === undefined);
  const isNamed = sweeps.some(({ collectors }) => collectors.includes(OWN_COLLECTOR));
  const made = new Set(metrics.map(({ every }) => every && ownSweepName(every)));
  const jobs = new Set(Array.from(made, (one) => one && `vsweep_${one}`));
  const names = shared.map(({ name }) => name);
  return [
    ...(shared.length > 0 && !isNamed
      ? [
          {
            path: 'metrics.own',
            message: `no sweep collects ${names.slice(0, 3).join(', ')}${names.length > 3 ? ' …' : ''}; add ${OWN_COLLECTOR} to the collectors of a sweep, or write every: 15m at the metric`,
          },
        ]
      : []),
    ...withoutCredentials(raw, own),
    ...sweeps.flatMap(({ name, collectors, job }, index): ConfigIssue[] => [
      ...(job !== undefined && job !== `vsweep_${name}` && jobs.has(job)
        ? [
            {
              path: `sweeps[${index}].job`,
              message: `"${job}" is the job of the sweep of own metrics with that interval; choose another`,
            },
          ]
        : []),
      ...(shared.length === 0 && collectors.includes(OWN_COLLECTOR)
        ? [
            {
              path: `sweeps[${index}].collectors[${collectors.indexOf(OWN_COLLECTOR)}]`,
              message: `there is no metric without "every" in metrics.own; leave ${OWN_COLLECTOR} out, or write one`,
            },
          ]
        : []),
      ...(name !== undefined && made.has(name)
        ? [
            {
              path: `sweeps[${index}].name`,
              message: `"${name}" is the sweep of own metrics with that interval; choose another name`,
            },
          ]
        : []),
    ]),
  ];
}

/** Metrics of vCenter with an interval of their own, where no target has a login to one; others are told by their sweep. */
function withoutCredentials(
  raw: Readonly<Record<string, unknown>>,
  own: Readonly<Record<string, unknown>>,
): ConfigIssue[] {
  const { targets } = wellFormedParts(raw);
  if (targets === undefined || targets.some(({ hasCredentials }) => hasCredentials)) return [];
  return Object.entries(own).flatMap(([name, entry]) => {
    const { metric } = wellFormed(entry);
    const isCommand = metric.esxcli !== undefined || metric.ssh !== undefined;
    if (isCommand || everyOf(metric) === undefined) return [];
    const message = 'asks vCenter, but no target has credentials; give one some';
    return [{ path: `metrics.own.${name}`, message }];
  });
}
