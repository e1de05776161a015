import type { LastRun } from '../state/stores/runs.ts';
import { PATHS, type Path } from '../sweep/outcome.ts';
import { parseOutcomes } from '../sweep/result/outcome-changes.ts';
import { formatTable } from './format-table.ts';
import { readNamedHosts } from './named-hosts.ts';
import type { StateWork } from './open-state.ts';

/** What the record of a run has of one host. */
export interface RecordedHost {
  readonly sweep: string;
  readonly target: string;
  readonly moref: string;
  readonly name: string;
  readonly outcomes: { readonly [P in Path]?: string };
  /** When that run began: milliseconds since the epoch. */
  readonly startedAt: number;
}

/**
 * The hosts of the last runs, with an outcome of `wanted` on any path; all without one. Names are those of the stored host
 * lists: the record of a run has managed object ids, because names are long. Nobody is asked.
 */
export async function readRecordedHosts(
  runs: readonly { readonly sweep: string; readonly target: string; readonly last: LastRun | undefined }[],
  { wanted }: { wanted: readonly string[] },
  { state, loaded, signal }: StateWork,
): Promise<RecordedHost[]> {
  const named = await readNamedHosts(state, loaded, { signal });
  const names = new Map(named.map(({ target, moref, name }) => [JSON.stringify([target, moref]), name]));
  return runs
    .flatMap(({ sweep, target, last }) =>
      Object.entries(last?.outcomes ?? {}).map(([moref, text]) => ({
        sweep,
        target,
        moref,
        name: names.get(JSON.stringify([target, moref])) ?? moref,
        outcomes: parseOutcomes(text),
        startedAt: last?.startedAt ?? 0,
      })),
    )
    .filter(
      ({ outcomes }) => wanted.length === 0 || Object.values(outcomes).some((one) => isWanted(one, wanted)),
    );
}

/** `failed` is any failure. */
const isWanted = (outcome: string, wanted: readonly string[]): boolean =>
  wanted.some((one) => outcome === one || outcome.startsWith(`${one}(`));

export function printRecordedHosts(hosts: readonly RecordedHost[], width: number): string {
  const rows = hosts.map(({ sweep, target, name, outcomes }) => [
    sweep,
    target,
    name,
    ...PATHS.map((path) => outcomes[path] ?? ''),
  ]);
  return formatTable(['sweep', 'target', 'host', ...PATHS], rows, { width });
}
