import type { DemoHost } from '../../../lib/demo/fleet.ts';
import { printExposition } from '../../../lib/metrics/encode-exposition.ts';
import type { Family } from '../../../lib/metrics/family.ts';
import { printOutcome } from '../../../lib/sweep/outcome.ts';
import type { RunSummary } from '../../../lib/sweep/result/summary.ts';

/** Metrics whose values are times, ages or durations. */
const OF_TIME = /^(vsweep_\w+_seconds(?:\{.*\})) .+$/;

/**
 * Every series that a run of the demo pushes, and its summary, as text that is the same for each run: without help,
 * messages, the folder, and what is of the moment. The healthy hosts are told by the first of them; one that differs from it has
 * lines of its own.
 */
export async function toGolden(
  { summary, families }: { summary: RunSummary; families: readonly Family[] },
  { hosts, folder }: { hosts: readonly DemoHost[]; folder: string },
): Promise<string> {
  const healthy = hosts.filter(({ story }) => story === '').map(({ name }) => name);
  const [first = ''] = healthy;
  const asFirst = (text: string) =>
    healthy.reduce((line, name) => line.replaceAll(`"${name}"`, `"${first}"`), text);
  const lines = printExposition(families)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('# HELP'))
    .map((line) => asFirst(line.replace(OF_TIME, '$1 T')));
  const text = [...countEqual(lines), '', ...summary.targets.flatMap(printTarget), ''].join('\n');
  return text.replaceAll(folder, '');

  function printTarget(target: RunSummary['targets'][number]): string[] {
    const { hosts: outcomes, problems, warnings, durationMs: _ofTheMoment, ...rest } = target;
    const counts = { exitCode: summary.exitCode, problems: problems.length, warnings: warnings.length };
    const printed = outcomes.map(
      (host) =>
        `${healthy.includes(host.name) ? first : host.name}: ` +
        Object.entries(host.outcomes)
          .map(([path, outcome]) => `${path} ${printOutcome(outcome)}`)
          .join(', '),
    );
    return [JSON.stringify({ ...rest, ...counts }, undefined, 2), ...countEqual(printed)];
  }
}

function countEqual(lines: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return Array.from(counts, ([line, count]) =>
    count === 1 ? line : `${line} (of ${count} hosts)`,
  ).toSorted();
}
