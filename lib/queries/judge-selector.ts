import { nearestName } from '../platform/nearest-name.ts';
import {
  type AskedSeries,
  type Finding,
  type Notes,
  printList,
  type Result,
  UNKNOWN,
  type World,
} from './judgement.ts';
import type { KnownSeries } from './known-series.ts';
import { isBroken, mayMatch } from './matches.ts';
import type { Matcher, Query } from './promql.ts';
import { NONE } from './value-range.ts';
import { hasVariable } from './variables.ts';

type Selector = Extract<Query, { kind: 'selector' }>;

/** Names that begin so are of vSphere, whoever emits them: vmware_exporter, OpenTelemetry, esxi-exporter, telegraf, vrops-exporter. */
const OF_VSPHERE = /^(?:vmware|vcenter|esxi|vsweep|vsphere|vrops)_/;

/** One vector of an expression: whose it is, and whether its matchers can select anything. */
export function judgeSelector({ name, matchers }: Selector, notes: Notes): Result {
  const { world, series, findings } = notes;
  findings.push(...refusalsOf(name, matchers));
  if (name === undefined || hasVariable(name)) {
    series.push({ name: name === undefined ? '{…}' : '$variable', from: 'variable' });
    return UNKNOWN;
  }
  const from = ownerOf(name, world);
  series.push({ name, from });
  // A recording rule may use a name of vsweep's, also one of another preset: what it records is not known.
  if (from === 'recording rule') return UNKNOWN;
  const known = world.known.get(name);
  if (known === undefined) {
    if (from === 'nobody') findings.push(unknownName(name, world));
    return UNKNOWN;
  }
  if (known.requires !== undefined)
    findings.push({ kind: 'not-configured', message: `${name} is emitted with ${known.requires}` });
  const faults = matchers.flatMap((matcher) => faultOf(matcher, known, world));
  const faulty = faults.length > 0 ? faults : impossibleTogether(matchers, known);
  findings.push(...faulty);
  return {
    values: faulty.some(({ kind }) => kind === 'selects-nothing') ? NONE : known.values,
    labels: new Set([...known.labels, ...world.added]),
    isScalar: false,
    sources: [known],
    isDecided: known.isInfo && matchers.some(({ label }) => label in known.closed),
  };
}

/** What the grammar allows, and Prometheus refuses together with the whole file. */
function refusalsOf(name: string | undefined, matchers: readonly Matcher[]): Finding[] {
  const broken = matchers.filter(isBroken).map(({ label, operator, value }): Finding => {
    const message = `Prometheus refuses it: ${label}${operator}"${value}" is no regular expression of RE2`;
    return { kind: 'unreadable', message };
  });
  const selectsAll = name === undefined && matchers.every((one) => !isBroken(one) && mayMatch(one, ''));
  if (!selectsAll || matchers.some(({ value }) => hasVariable(value))) return broken;
  return [
    {
      kind: 'unreadable',
      message: 'Prometheus refuses it: braces without a name need a matcher that is not empty',
    },
  ];
}

function ownerOf(name: string, { known, recorded }: World): AskedSeries['from'] {
  if (recorded.has(name)) return 'recording rule';
  if (known.has(name)) return 'vsweep';
  return OF_VSPHERE.test(name) ? 'nobody' : 'other exporter';
}

function unknownName(name: string, { known }: World): Finding {
  const other = otherNameOf(name, known);
  if (other !== undefined) return { kind: 'other-name', message: `${name} is ${other} here` };
  const near = nearestName(name, known.keys());
  const hint = near === undefined ? '`vsweep metrics list` shows all series' : `the nearest name is ${near}`;
  return { kind: 'never-emitted', message: `vsweep never emits ${name}; ${hint}` };
}

/** The same value under another name: telegraf's `vsphere_vm_cpu_ready_summation`, or a name in other letters. */
function otherNameOf(name: string, known: World['known']): string | undefined {
  const [, kind, counter] = /^vsphere_(vm|host|cluster|datastore)_(\w+)$/.exec(name) ?? [];
  const ofCounter = kind === undefined ? undefined : `vmware_${kind}_${counter}`;
  if (ofCounter !== undefined && known.has(ofCounter)) return ofCounter;
  const lower = name.toLowerCase();
  return known.keys().find((one) => one.toLowerCase() === lower);
}

/** What one matcher alone makes impossible. */
function faultOf(matcher: Matcher, { name, labels, closed }: KnownSeries, { added }: World): Finding[] {
  const { label, operator, value } = matcher;
  if (added.has(label) || hasVariable(label)) return [];
  const text = `${label}${operator}"${value}"`;
  if (!labels.includes(label)) {
    if (!hasVariable(value) && mayMatch(matcher, '')) return [];
    const kind = hasVariable(value) ? 'no-such-label' : 'selects-nothing';
    const shown = hasVariable(value) ? label : text;
    return [{ kind, message: `${name} has no label ${label} (${shown}); its labels: ${printList(labels)}` }];
  }
  const words = closed[label];
  if (words === undefined || words.some((word) => mayMatch(matcher, word))) return [];
  return [
    {
      kind: 'selects-nothing',
      message: `${name}{${text}} selects nothing: ${label} is one of ${printList(words.filter((word) => word !== ''))}`,
    },
  ];
}

/** Matchers of one label that each select something, and nothing together. */
function impossibleTogether(matchers: readonly Matcher[], { name, closed }: KnownSeries): Finding[] {
  return [...Map.groupBy(matchers, ({ label }) => label)].flatMap(([label, ofLabel]): Finding[] => {
    // A label that has to be one text is that text or none; of any other value nothing is known.
    const wanted = ofLabel.find(({ operator, value }) => operator === '=' && !hasVariable(value));
    const words = wanted === undefined ? closed[label] : [wanted.value];
    if (words === undefined || words.some((word) => ofLabel.every((one) => mayMatch(one, word)))) return [];
    return [{ kind: 'selects-nothing', message: `${name}: no ${label} fits all its matchers` }];
  });
}
