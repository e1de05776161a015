import { messageOf } from '../../platform/errors.ts';
import { printable, SshError } from '../errors.ts';
import { readAnswers, type WholeAnswer } from './answers.ts';
import { type Probe, type ProbeCommand, type ProbeSettings, printProbe, probeError } from './probe.ts';
import { buildScript, PIECE_BYTES, type ScriptedCommand, TAIL_PIECES } from './script.ts';

/** A probe of the session that gave no reading. */
export interface FailedProbe {
  readonly probe: string;
  /** Names no host. */
  readonly why: string;
  readonly error: SshError;
}

/** What the output of a session says. */
export interface SessionReading {
  /** By the names of the probes that were answered. */
  readonly readings: ReadonlyMap<string, unknown>;
  readonly failed: readonly FailedProbe[];
  /** What the script found missing on the host, and what follows from it. */
  readonly warnings: readonly string[];
}

/** The probes of a sweep, made ready for all hosts of a batch. */
export interface PreparedProbes {
  /** More than all commands may print, and 8 MB at most; a host that prints more is cut off, and what it answered by then counts. */
  readonly maxOutputBytes: number;
  /** The command of the session, with a nonce of its own. */
  script(nonce: string): string;
  /** `ended`: why the session ended before its command did. What was answered by then counts. Never throws. */
  read(output: string, nonce: string, ended?: SshError): SessionReading;
}

/** Kept of the session's time for the start of the script and for what it prints when a command was killed. */
const SESSION_SECONDS = 2;
/** A greeting, and what a shell may say besides. */
const BASE_BYTES = 64 * 1024;
/** `@@<nonce> <label> 1 ` and the end of the line. */
const MARK_BYTES = 180;
const RECORD_BYTES = 4_096;
/** A host needs 20 s of its processor for so much. */
const MAX_SESSION_BYTES = 8 * 1024 * 1024;
const LONGEST_NONCE = 'n'.repeat(64);

/** A probe whose commands cannot be made, or that no script may hold beside those before it, has failed on all hosts. */
export function prepareProbes(
  probes: readonly Probe[],
  settings: ProbeSettings,
  { sessionMs }: { readonly sessionMs: number },
): PreparedProbes {
  const commands: AskedCommand[] = [];
  const asked = probes.map((probe): AskedProbe => {
    try {
      const own = script(probe, settings, { sessionMs, before: commands });
      buildScript([...commands, ...own], LONGEST_NONCE);
      commands.push(...own);
      return { probe, commands: own };
    } catch (error) {
      const why = `its commands cannot be made: ${messageOf(error)}`;
      return { probe, commands: [], unasked: probeError('output', why, error) };
    }
  });
  return {
    maxOutputBytes: Math.min(
      MAX_SESSION_BYTES,
      commands.reduce(
        (sum, { lines, each: { most } = { most: 1 } }) =>
          sum + most * (RECORD_BYTES + lines * (PIECE_BYTES + MARK_BYTES)),
        BASE_BYTES,
      ),
    ),
    script: (nonce) => buildScript(commands, nonce),
    read(output, nonce, ended) {
      const { answers, lacks, cli } = readAnswers(output, nonce, commands);
      const readings = new Map<string, unknown>();
      const failed: FailedProbe[] = [];
      for (const one of asked) {
        const found = readProbe(one, answers, { settings, ended, characters: output.length });
        if (found.kind === 'read') readings.set(one.probe.name, found.reading);
        else failed.push({ probe: one.probe.name, why: found.why, error: found.error });
      }
      return {
        readings,
        failed,
        warnings: [
          ...Array.from(lacks, (tool) => `the host has no ${tool}: ${FOLLOWS[tool]}`),
          ...(cli?.program === 'localcli' ? [HOSTD_IS_SILENT] : []),
          ...(cli?.program === 'none' ? [NO_ESXCLI] : []),
        ],
      };
    },
  };
}

interface AskedCommand extends ScriptedCommand, ProbeCommand {}

interface AskedProbe {
  readonly probe: Probe;
  readonly commands: readonly AskedCommand[];
  /** Why it has no commands. */
  readonly unasked?: SshError;
}

const FOLLOWS: Readonly<Record<string, string>> = {
  setsid: 'processes of a command that hangs are killed only after the other commands',
  sleep: 'a command that hangs cannot be ended, and has no result when the time of the session is over',
};

const HOSTD_IS_SILENT =
  'esxcli got no answer from hostd, so localcli was asked; run on the host: /etc/init.d/hostd status';
const NO_ESXCLI =
  'neither esxcli nor localcli answers "system hostname get", so no check by esxcli has a result; run both on the host';

/** So many commands of esxcli run at the same time, besides those of slow probes. All of them ask hostd. */
const LANES = 3;

/** Commands in turn on some lanes; those of a slow probe on a lane of its own. */
function laneOf(probe: Probe, commands: readonly ScriptedCommand[]): number {
  const lanes = commands.flatMap(({ lane }) => lane ?? []);
  if (probe.isSlow) return Math.max(LANES - 1, ...lanes) + 1;
  return lanes.filter((lane) => lane < LANES).length % LANES;
}

function script(
  probe: Probe,
  settings: ProbeSettings,
  { sessionMs, before }: { sessionMs: number; before: readonly ScriptedCommand[] },
): AskedCommand[] {
  const left = Math.floor(sessionMs / 1_000) - SESSION_SECONDS;
  const seconds = Math.max(1, Math.min(probe.seconds, left));
  const lines = probe.keeps === 'tail' ? 0 : probe.keeps.lines;
  const ofSlow = laneOf(probe, before);
  const all: AskedCommand[] = [];
  for (const command of probe.commands(settings)) {
    const lane = probe.isSlow ? ofSlow : laneOf(probe, [...before, ...all]);
    const label = `${probe.name}/${command.key}`;
    all.push({ ...command, label, seconds, lines, ...(command.shape !== undefined && { lane }) });
  }
  return all;
}

type Found =
  | { readonly kind: 'read'; readonly reading: unknown }
  | { readonly kind: 'failed'; readonly why: string; readonly error: SshError };

function readProbe(
  { probe, commands, unasked }: AskedProbe,
  all: ReadonlyMap<string, WholeAnswer>,
  {
    settings,
    ended,
    characters,
  }: { settings: ProbeSettings; ended: SshError | undefined; characters: number },
): Found {
  if (unasked !== undefined) return { kind: 'failed', why: unasked.message, error: named(probe, unasked) };
  const answers = new Map<string, WholeAnswer>();
  const missing: AskedCommand[] = [];
  for (const command of commands) {
    const answer = all.get(command.label);
    if (answer === undefined) missing.push(command);
    else answers.set(command.key, answer);
  }
  if (missing.length > 0 && ended !== undefined)
    return {
      kind: 'failed',
      why: WHY_ENDED[ended.code] ?? 'the session failed before its result',
      error: ended,
    };
  try {
    if (missing.length > 0) throw incomplete(missing, { all, characters });
    for (const [key, answer] of answers) {
      const command = commands.find((one) => one.key === key);
      if (probe.anyEnd !== true && command !== undefined) checkEnd(command, answer);
    }
    return { kind: 'read', reading: probe.parse(answers, settings) };
  } catch (error) {
    const failed = error instanceof SshError ? error : probeError('output', messageOf(error), error);
    return { kind: 'failed', why: failed.message, error: named(probe, failed) };
  }
}

const WHY_ENDED: { readonly [code: string]: string } = {
  'exec-timeout': 'the time of the session was over before its result',
  timeout: 'the run stopped before its result',
};

const named = (probe: Probe, error: SshError): SshError =>
  probeError(
    error.code === 'exec-timeout' ? 'exec-timeout' : 'output',
    `${printProbe(probe)}: ${error.message}`,
    error,
  );

function incomplete(
  missing: readonly AskedCommand[],
  { all, characters }: { all: ReadonlyMap<string, unknown>; characters: number },
): SshError {
  const keys = missing.map(({ key }) => key);
  const what =
    all.size === 0
      ? `the output cannot be parsed: none of its ${characters} characters is a line of a probe`
      : `the output is incomplete: it has no result for ${keys.slice(0, 5).join(', ')}${keys.length > 5 ? ' …' : ''}`;
  const command = missing[0]?.argv.join(' ');
  return probeError('output', `${what}. Run on the host: ${command}, and check the account's shell`);
}

/** Throws unless the command did what it was run for. */
function checkEnd(
  { argv, seconds, lines, each }: AskedCommand,
  { code, isOver, stdout, stderr }: WholeAnswer,
): void {
  const command = argv.join(' ');
  if (code === 'timeout')
    throw probeError(
      'exec-timeout',
      `"${command}" did not end in ${seconds} s and was killed; run it on the host`,
    );
  if (code === 127 && stdout === '') throw probeError('output', `the host has no ${argv[0]}`);
  if (each !== undefined && code !== 0)
    throw probeError('output', `"${argv[0]} ${each.list}" ended with code ${code}`);
  if (isOver && each === undefined) {
    const kept = `${lines === 0 ? TAIL_PIECES : lines} lines of ${PIECE_BYTES} bytes`;
    throw probeError('output', `"${command}" printed more than ${kept}`);
  }
  if (code !== 0) {
    const said = printable(stderr.trim() || stdout.trim());
    throw probeError('output', `"${command}" ended with code ${code}${said === '' ? '' : `: ${said}`}`);
  }
}
