import type { Contestant, Missing } from './clients.ts';
import type { Measured } from './measured.ts';
import type { Peer, Row } from './row.ts';

/** Every run of one contestant, or why there are none. */
export type Entry<M = Measured> = { readonly name: string; readonly runs: readonly M[] } | Missing;

/** Lets all run in turn, round by round, so that a slow moment of the machine meets each of them. */
export async function runContest<Name extends string, M = Measured>(
  contestants: Readonly<Record<Name, Contestant<M> | Missing>>,
  { rounds }: { rounds: number },
): Promise<Record<Name, Entry<M>>> {
  const entries = Object.entries<Contestant<M> | Missing>(contestants).map(([key, contestant]) => ({
    key,
    contestant,
    runs: [] as M[],
  }));
  for (let round = 0; round < rounds; round += 1) {
    for (const { contestant, runs } of entries) if ('run' in contestant) runs.push(await contestant.run());
  }
  const named = entries.map(({ key, contestant, runs }) => {
    const { name } = contestant;
    return [key, 'missing' in contestant ? contestant : { name, runs }] as const;
  });
  return Object.fromEntries(named) as Record<Name, Entry<M>>;
}

/** What a row says of the runs: a figure that `read` takes of each. */
export interface Figure<M> extends Pick<Row, 'what' | 'unit'> {
  readonly read: (run: M) => number;
  readonly target?: Row['target'] | undefined;
}

/** A row of one figure, ours beside the peer's. */
export function figureRow<M>({ what, unit, read, target }: Figure<M>, ours: Entry<M>, peer?: Entry<M>): Row {
  return {
    what,
    unit,
    ours: runsOf(ours, read),
    ...(peer === undefined ? {} : { peer: toPeer(peer, read) }),
    ...(target === undefined ? {} : { target }),
  };
}

/** A row of wall time in seconds. */
export function timeRow(what: string, ours: Entry, peer?: Entry, target?: Row['target']): Row {
  return figureRow({ what, unit: 's', read: ({ ms }) => ms / 1_000, target }, ours, peer);
}

/** A row of the client's CPU for one host, in milliseconds. */
export function cpuRow(what: string, ours: Entry, peer: Entry, hosts: number): Row {
  return figureRow({ what, unit: 'ms', read: ({ cpuMs }) => cpuMs / hosts }, ours, peer);
}

/** A row of the client's CPU for the whole work, in seconds. */
export function cpuTimeRow(what: string, ours: Entry, peer: Entry): Row {
  return figureRow({ what, unit: 's', read: ({ cpuMs }) => cpuMs / 1_000 }, ours, peer);
}

/** A row of the peak memory of the clients' processes. */
export function memoryRow(what: string, ours: Entry, peer: Entry, target?: Row['target']): Row {
  const read = ({ rssMb = Number.NaN }: Measured) => rssMb;
  return figureRow({ what, unit: 'MB', read, target }, ours, peer);
}

function runsOf<M>(entry: Entry<M>, read: (run: M) => number): number[] {
  return 'missing' in entry ? [] : entry.runs.map(read);
}

const toPeer = <M>(entry: Entry<M>, read: (run: M) => number): Peer =>
  'missing' in entry ? entry : { name: entry.name, runs: runsOf(entry, read) };
