import type { EsxiConfig } from '../../config/schema.ts';
import { SshError } from '../errors.ts';
import type { Cli, EachOf } from './cli.ts';

/** What the configuration says to probes. */
export type ProbeSettings = Pick<EsxiConfig, 'services'>;

/** One read-only command on a host: an argument list, never shell text. */
export interface ProbeCommand {
  /** Names it within its probe: letters, digits, `_`, `.`, `-`. */
  readonly key: string;
  /** A file by its path, or a program on the host's PATH, and its arguments. Where it is missing, the code is 127. */
  readonly argv: readonly [program: string, ...args: string[]];
  /**
   * Of `esxcli`: what it answers. The session asks in a format that the host has, and localcli where hostd does not answer;
   * at most three such commands run at the same time. lib/esxi/esxcli reads the answer.
   */
  readonly shape?: 'list' | 'object';
  /** Of a list: no other columns leave the host, such as `Name,Version`. */
  readonly columns?: string;
  /** Of `esxcli`: asked for each name of a list, which is the last argument. */
  readonly each?: EachOf;
}

/** How a command ended, and what of its output was kept; bytes that are no UTF-8 are U+FFFD. */
export interface CommandAnswer {
  /** `timeout`: it was killed on the host. */
  readonly code: number | 'timeout';
  readonly stdout: string;
  readonly stderr: string;
  /** It printed more than the probe keeps: the rest is not in `stdout`. */
  readonly isOver?: boolean;
  /** Of a command of esxcli: what answered it. */
  readonly cli?: Cli;
  /** Of a command that was asked for each name of a list. Its own code is that of the list. */
  readonly each?: readonly { readonly name: string; readonly answer: CommandAnswer }[];
}

/**
 * Commands on a host and what their answers mean. All probes of a sweep run side by side in one session of a host, the
 * commands of a probe too; what one of them does costs no other one its answer (ADR 0042).
 */
export interface Probe<Reading = unknown> {
  /** Lower case, digits and `-`. It stands in batch requests and warnings. */
  readonly name: string;
  /** Whose command it is, where messages do not call it by its name: metrics of a configuration. */
  readonly of?: string;
  /** How long each of its commands may take; the host kills it then. Less where the session has less. */
  readonly seconds: number;
  /** Its commands of esxcli keep no other probe waiting: they have a lane of their own. */
  readonly isSlow?: true;
  /**
   * What is kept of stdout, in lines of at most 200 bytes (a longer one counts as several): the last four, where the
   * last words matter; or so many from the first on, and more of them fail the probe. Of stderr the last four.
   */
  readonly keeps: 'tail' | { readonly lines: number };
  /**
   * The answer of a command counts however it ended, also where more was printed than is kept: `parse` judges it. Otherwise
   * a time-out, a missing program, a code but 0 or more lines fail the probe.
   */
  readonly anyEnd?: true;
  /** At most 128 in all probes of a session. */
  commands(settings: ProbeSettings): readonly ProbeCommand[];
  /**
   * Pure. Has an answer of each command, by its key. What it throws fails the probe, by its message, which names no host:
   * equal ones are counted.
   */
  parse(answers: ReadonlyMap<string, CommandAnswer>, settings: ProbeSettings): Reading;
}

/** `parse` has one of each command. */
export function answerOf(answers: ReadonlyMap<string, CommandAnswer>, key: string): CommandAnswer {
  const answer = answers.get(key);
  if (answer === undefined) throw new TypeError(`no answer of ${key}`);
  return answer;
}

/** As messages call it. */
export const printProbe = ({ name, of }: Pick<Probe, 'name' | 'of'>): string =>
  of === undefined ? `the probe ${name}` : `the command of ${of}`;

/** Why a probe gave no reading, in words that name no host. The login is not in question. */
export const probeError = (code: 'exec-timeout' | 'output', message: string, cause?: unknown): SshError =>
  new SshError(message, { code, loggedIn: true, cause });
