import { createHash } from 'node:crypto';
import type { OwnMetricConfig, SweptOwn } from '../../config/own-metrics.ts';
import { checkEsxcli } from '../../esxi/commands/check-esxcli.ts';
import { whyNoSshCommand } from '../../esxi/commands/check-ssh.ts';
import { type EsxcliRecord, readEsxcli } from '../../esxi/esxcli/read-output.ts';
import { answerOf, type Probe, type ProbeCommand, probeError } from '../../esxi/session/probe.ts';
import { PIECE_BYTES } from '../../esxi/session/script.ts';

/** What a command of the configuration said. */
export type OwnReading =
  | { readonly kind: 'rows'; readonly rows: readonly EsxcliRecord[] }
  | { readonly kind: 'text'; readonly lines: readonly string[] };

const DEFAULT_SECONDS = 8;
/** Of a list of esxcli, of an object, and of text. */
const MAX_PIECES = { list: 6_000, object: 400, text: 12_000 } as const;
const MAX_LINES = 10_000;
const MAX_LINE = 4_096;

/**
 * The probe of a metric's command; undefined for a metric without one, and for one that the check refuses. Metrics of the
 * same command have the same probe, by its name: the host is asked once.
 */
export function ownProbeOf(metric: OwnMetricConfig): Probe<OwnReading> | undefined {
  const { esxcli, ssh, each, timeout: seconds = DEFAULT_SECONDS } = metric;
  if (ssh !== undefined && whyNoSshCommand(ssh) === undefined)
    return probeOf({ key: 'text', argv: toArgv(ssh) }, { seconds, pieces: MAX_PIECES.text }, readText);
  const checked = esxcli === undefined ? undefined : checkEsxcli(esxcli);
  if (checked === undefined || typeof checked === 'string') return undefined;
  const shape = each === true || metric.count !== undefined ? 'list' : 'object';
  return probeOf(
    { key: 'rows', argv: checked.argv, shape },
    { seconds, pieces: MAX_PIECES[shape] },
    readRows,
  );
}

/** Each once, by name, with the metrics that are made of it: nobody wrote its own name. */
export function ownProbes(own: SweptOwn | undefined): readonly Probe[] {
  const probes = new Map<string, { probe: Probe; metrics: string[] }>();
  for (const [metric, written] of Object.entries(own?.metrics ?? {})) {
    const probe = ownProbeOf(written);
    if (probe === undefined) continue;
    const known = probes.get(probe.name) ?? { probe, metrics: [] };
    known.metrics.push(metric);
    probes.set(probe.name, known);
  }
  return Array.from(probes.values(), ({ probe, metrics }) => ({ ...probe, of: listed(metrics) }));
}

const MAX_NAMED = 3;

const listed = (metrics: readonly string[]): string => {
  const more = metrics.length - MAX_NAMED;
  return `${metrics.slice(0, MAX_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
};

const toArgv = ([program = '', ...args]: readonly string[]): ProbeCommand['argv'] => [program, ...args];

function probeOf(
  command: ProbeCommand,
  { seconds, pieces }: { seconds: number; pieces: number },
  read: (stdout: string) => OwnReading,
): Probe<OwnReading> {
  const of = JSON.stringify([command, seconds]);
  return {
    // A sweep and a worker that do not have the same configuration do not have the same names.
    name: `own-${createHash('sha256').update(of).digest('hex').slice(0, 12)}`,
    seconds,
    keeps: { lines: pieces },
    anyEnd: true,
    commands: () => [command],
    parse(answers) {
      const { code, stdout, isOver } = answerOf(answers, command.key);
      const said = command.argv.join(' ');
      if (code === 'timeout')
        throw probeError(
          'exec-timeout',
          `"${said}" did not end in ${seconds} s and was killed; run it on the host`,
        );
      if (code === 127 && stdout === '') throw probeError('output', `the host has no ${command.argv[0]}`);
      // grep ends with 1 where nothing matches.
      if (code !== 0 && !(command.argv[0] === 'grep' && code === 1))
        throw probeError('output', `"${said}" ended with code ${code}; run it on the host`);
      // The newest lines of a log are the last ones.
      if (isOver)
        throw probeError(
          'output',
          `"${said}" printed more than ${pieces} lines of ${PIECE_BYTES} bytes, so the last ones are missing; ask for less, as by a lower tail -n or by grep -c`,
        );
      return read(stdout);
    },
  };
}

const readRows = (stdout: string): OwnReading => ({ kind: 'rows', rows: readEsxcli(stdout).records });

function readText(stdout: string): OwnReading {
  const lines = stdout.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return { kind: 'text', lines: lines.slice(-MAX_LINES).map((line) => line.slice(0, MAX_LINE)) };
}
