import { COLLECTORS } from '../../../lib/collectors/registry.ts';
import type { DemoHost } from '../../../lib/demo/fleet.ts';
import type { Family } from '../../../lib/metrics/family.ts';
import { failed, parseOutcome } from '../../../lib/sweep/outcome.ts';
import type { HostSummary } from '../../../lib/sweep/result/summary.ts';
import { parseExposition } from '../exposition.ts';
import { ESTATE_SWEEP } from './demo-estate.ts';
import type { Dynamodb } from './dynamodb.ts';

/** What the last run kept in the table: the outcomes of every host, by name and path. */
export async function keptOutcomes(
  { state }: Dynamodb,
  target: string,
  hosts: readonly DemoHost[],
): Promise<HostSummary[]> {
  const last = await state.runs.readLast(ESTATE_SWEEP, target, { signal: new AbortController().signal });
  return Object.entries(last?.outcomes ?? {}).map(([moref, printed]) => {
    const [vcenter = failed('unreadable'), ssh = failed('unreadable')] = printed.split(' ').map(parseOutcome);
    const name = hosts.find((host) => host.vcenter.moref === moref)?.vcenter.name ?? moref;
    return { moref, name, outcomes: { vcenter, ssh }, details: [] };
  });
}

/** The families of the collectors, from the text of a push. */
export function pushedFamilies(text: string): Family[] {
  const series = parseExposition(text);
  return COLLECTORS.flatMap(({ metrics }) => metrics).map((definition) => ({
    definition,
    samples: series
      .filter(({ name }) => name === definition.name)
      .map(({ labels, value }) => ({
        metric: definition.name,
        labels: definition.labels.map((label) => labels[label] ?? ''),
        value,
      })),
  }));
}
