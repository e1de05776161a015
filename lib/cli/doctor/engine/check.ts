import type { Verdict } from '../verdicts/verdict.ts';

/** One thing that can be right or wrong by itself. */
export interface Check {
  /** What is looked at: `tls`, `login`. */
  readonly name: string;
  /** Of what: a target, a host, a sink. */
  readonly subject: string;
  /** Checks that must have passed before; it is not made where one of them is red or was not made itself. */
  readonly after?: readonly Check[];
  /** The longest that it may take. Default 15 s. */
  readonly ms?: number;
  /**
   * Whether it logs in by what records each login: it is waited for, also past its deadline or when all is stopped, because
   * the state is closed after it. It ends by its signal.
   */
  readonly logsIn?: true;
  /** The colour of its line where it has no answer in time. Default red. */
  readonly late?: 'yellow';
  /** Asked after it ran: whether those behind it may be made. Default: no line of it is red. */
  passed?(): boolean;
  /** What it throws is red, with the message of the error as the reason. */
  run(options: { signal: AbortSignal }): Promise<Verdict | readonly Verdict[]>;
}

/** A verdict as it is printed. */
export interface Line extends Verdict {
  readonly check: string;
  readonly subject: string;
}
