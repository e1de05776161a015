/** What the exporter tells of the process that it serves for, beside the metrics. */
export interface ServiceStatus {
  readonly version: string;
  readonly sweeps: readonly SweepStatus[];
}

export interface SweepStatus {
  readonly name: string;
  readonly everyMs: number;
  /** No run ended for so long that the loop of the sweep must be stuck; see `isMissing`. */
  readonly isStuck: boolean;
  /** For as long no run ended otherwise than by an internal error. */
  readonly isBroken: boolean;
  /** Runs that threw, since the process started. */
  readonly broken: number;
  readonly lastRun?: {
    /** Milliseconds since the epoch. */
    readonly startedAt: number;
    readonly durationMs: number;
    readonly exitCode: number;
    /** Target -> what became of it, in a few words. */
    readonly targets: Readonly<Record<string, string>>;
  };
}

/** Runs that may be missing: a run ends within its interval, and one that is late does not make the process ill. */
const MISSED = 3;

/** `lastAt`: when a run ended; before the first one, the start of the process. Both by a clock that nobody sets. */
export const isMissing = ({ lastAt, everyMs }: { lastAt: number; everyMs: number }, now: number): boolean =>
  now - lastAt > MISSED * everyMs;

/** For a load balancer or a supervisor: 503 is a process that has to be restarted, whatever the fleet is like. */
export function toHealth({ sweeps }: ServiceStatus): { readonly status: 200 | 503; readonly text: string } {
  const ill = sweeps.filter(({ isStuck, isBroken }) => isStuck || isBroken);
  if (ill.length === 0) return { status: 200, text: 'ok\n' };
  const lines = ill.map(({ name, everyMs, isStuck }) => {
    const wanting = isStuck ? 'ended' : 'ended without an internal error';
    return `no run of sweep ${name} has ${wanting} for more than ${(MISSED * everyMs) / 1_000} s\n`;
  });
  return { status: 503, text: lines.join('') };
}

/** The page at `/`, for a person who found the port. */
export function toLandingPage({ version, sweeps }: ServiceStatus): string {
  const rows = sweeps.map(
    (sweep) => `<tr><td>${escapeHtml(sweep.name)}<td>${sweep.everyMs / 1_000} s${describeLastRun(sweep)}`,
  );
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>vsweep</title>
<h1>vsweep ${escapeHtml(version)}</h1>
<ul><li><a href="metrics">metrics</a><li><a href="healthz">healthz</a></ul>
<table>
<tr><th>sweep<th>every<th>last run<th>duration<th>exit code<th>targets
${rows.join('\n')}
</table>
</html>
`;
}

function describeLastRun({ lastRun, broken, isStuck: stuck }: SweepStatus): string {
  const notes = [stuck ? 'STUCK' : '', broken > 0 ? `${broken} runs ended by an internal error` : ''].filter(
    (note) => note !== '',
  );
  if (lastRun === undefined) return `<td>not yet<td><td><td>${notes.join(', ')}`;
  const targets = Object.entries(lastRun.targets).map(([name, text]) => `${name}: ${text}`);
  const began = new Date(lastRun.startedAt).toISOString();
  const seconds = (lastRun.durationMs / 1_000).toFixed(1);
  const told = [...targets, ...notes].map(escapeHtml).join('<br>');
  return `<td>${began}<td>${seconds} s<td>${lastRun.exitCode}<td>${told}`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
