import type { Contestant, Missing } from './clients.ts';
import type { Measured } from './measured.ts';
import type { Peer, Row } from './row.ts';

/** Every run of one contestant, or why there are none. */
export type Entry = { readonly name: string; readonly runs: readonly Measured[] } | Missing;

/** Lets all run in turn, round by round, so that a slow moment of the machine meets each of them. */
export async function runContest<Name extends string>(
  contestants: Readonly<Record<Name, Contestant | Missing>>,
  { rounds }: { rounds: number },
): Promise<Record<Name, Entry>> {
  const entries = Object.entries<Contestant | Missing>(contestants).map(([key, contestant]) => ({
    key,
    contestant,
    runs: [] as Measured[],
  }));
  for (let round = 0; round < rounds; round += 1) {
    for (const { contestant, runs } of entries) if ('run' in contestant) runs.push(await contestant.run());
  }
  const named = entries.map(({ key, contestant, runs }) => {
    const { name } = contestant;
    return [key, 'missing' in contestant ? contestant : { name, runs }] as const;
  });
  return Object.fromEntries(named) as Record<Name, Entry>;
}

/** A row of wall time in seconds. */
export function timeRow(what: string, ours: Entry, peer?: Entry, target?: Row['target']): Row {
  const seconds = ({ ms }: Measured) => ms / 1_000;
  return {
    what,
    unit: 's',
    ours: runsOf(ours, seconds),
    ...(peer === undefined ? {} : { peer: toPeer(peer, seconds) }),
    ...(target === undefined ? {} : { target }),
  };
}

/** A row of the client's CPU for one host, in milliseconds. */
export function cpuRow(what: string, ours: Entry, peer: Entry, hosts: number): Row {
  const perHost = ({ cpuMs }: Measured) => cpuMs / hosts;
  return { what, unit: 'ms', ours: runsOf(ours, perHost), peer: toPeer(peer, perHost) };
}

/** A row of the client's CPU for the whole work, in seconds. */
export function cpuTimeRow(what: string, ours: Entry, peer: Entry): Row {
  const seconds = ({ cpuMs }: Measured) => cpuMs / 1_000;
  return { what, unit: 's', ours: runsOf(ours, seconds), peer: toPeer(peer, seconds) };
}

/** A row of the peak memory of the clients' processes. */
export function memoryRow(what: string, ours: Entry, peer: Entry, target?: Row['target']): Row {
  const peak = ({ rssMb = Number.NaN }: Measured) => rssMb;
  const row: Row = { what, unit: 'MB', ours: runsOf(ours, peak), peer: toPeer(peer, peak) };
  return target === undefined ? row : { ...row, target };
}

function runsOf(entry: Entry, read: (run: Measured) => number): number[] {
  return 'missing' in entry ? [] : entry.runs.map(read);
}

const toPeer = (entry: Entry, read: (run: Measured) => number): Peer =>
  'missing' in entry ? entry : { name: entry.name, runs: runsOf(entry, read) };
