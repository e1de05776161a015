import type { ServiceReading } from './service-reading.ts';

const SAYS_STOPPED =
  /\b(?:is )?(?:not|no longer) (?:\w+ )?(?:running|started)\b|\bis stopped\b|\blogin disabled\b|(?:^|[:\s])stopped\.?\s*$/gi;
const SAYS_RUNNING = /\bis (?:\w+ )?running\b|\blogin enabled\b|(?:^|[:\s])(?:running|started)\.?\s*$/i;
/** The script did not tell: sfcbd's `This operation is not supported.`, a usage line, an error of the shell. */
const DID_NOT_TELL = /\bnot supported\b|\busage:|\bnot found\b|\bno such\b|\bdenied\b|\bcannot\b/i;

const STOPPED_CODES: readonly number[] = [1, 3];

/**
 * What an init script's `status` says, by its text (folded to one line) and its exit code. The text wins: VMware
 * documents no exit codes, and esxi-exporter, whose alerts must not change, went by the text alone. The display name
 * in front of `is running` is not compared, because it often differs from the script's name (nsx-opsagent prints
 * `opsAgent is running`). Only where no text came, or one that says neither, the usual codes decide: 0 running,
 * 3 stopped, and 1 stopped when the script printed nothing. Text that says both is not understood.
 */
export function judgeServiceStatus(text: string, code: number | 'timeout'): ServiceReading['state'] {
  if (code === 'timeout') return 'unknown';
  const withoutStopped = text.replace(SAYS_STOPPED, ' ');
  const saysStopped = withoutStopped !== text;
  const saysRunning = SAYS_RUNNING.test(withoutStopped);
  if (saysStopped && saysRunning) return 'unknown';
  if (saysRunning) return 'running';
  if (saysStopped) return 'stopped';
  if (code === 127) return 'absent';
  if (DID_NOT_TELL.test(text)) return 'unknown';
  if (code === 0) return 'running';
  if (code === 3 || (text.trim() === '' && STOPPED_CODES.includes(code))) return 'stopped';
  return 'unknown';
}
