import type { ServiceReading } from './service-reading.ts';

/** A negation and at most four words between it and the verb: `is not running`, `doesn't appear to be running`. */
const SAYS_STOPPED = new RegExp(
  [
    String.raw`(?:\bnot|n't|\bno longer|\bnever|\bneither)(?: (?!is\b|but\b)[\w-]+){0,4} (?:running|started)\b`,
    String.raw`\b(?:no|none|nobody|nothing)(?: [\w-]+){0,2}(?: is)? running\b`,
    String.raw`\bis stopped\b|\bhas stopped\b|\b(?:login|observer) (?:is )?disabled\b`,
    String.raw`(?:^|[:\s])stopped\.?\s*$`,
  ].join('|'),
  'gi',
);
/** The words of a process that is there. A bare `running` or `started` at the end of a text is no proof. */
const SAYS_RUNNING = /\bis (?:\w+ )?running\b/i;
/** What SSH, DCUI, ESXShell and vsanObserver print, which switch something on and have no process. */
const SAYS_ENABLED = /\bis started\b|\b(?:login|observer) (?:is )?enabled\b/i;
/** The script did not tell: sfcbd's `This operation is not supported.`, a usage line, an error of the shell. */
const DID_NOT_TELL = /\bnot supported\b|\busage:|\bnot found\b|\bno such\b|\bdenied\b|\bcannot\b/i;

/**
 * What an init script's `status` says, by its text and its exit code. The text wins: VMware documents no exit codes,
 * and esxi-exporter, whose alerts must not change, read the text alone. The display name in front of `is running` is
 * not compared, because it often differs from the script's name (nsx-opsagent prints `opsAgent is running`). Text
 * that says both is not understood.
 *
 * Where the text says neither, the exit code shows at most that a service is stopped: 3, or 1 without a word. Code 0
 * shows nothing, because ntpd, slpd, snmpd and wsman of ESXi 6.7 exit so where they are not configured, unless
 * `silentMeansRunning` vouches for the script.
 */
export function judgeServiceStatus(
  text: string,
  code: number | 'timeout',
  { silentMeansRunning = false }: { silentMeansRunning?: boolean } = {},
): ServiceReading['state'] {
  if (code === 'timeout') return 'unknown';
  const withoutStopped = text.replace(SAYS_STOPPED, ' ');
  const saysStopped = withoutStopped !== text;
  const saysRunning = SAYS_RUNNING.test(withoutStopped) || (code === 0 && SAYS_ENABLED.test(withoutStopped));
  if (saysStopped && saysRunning) return 'unknown';
  if (saysRunning) return 'running';
  if (saysStopped) return 'stopped';
  if (code === 127) return 'absent';
  if (DID_NOT_TELL.test(text)) return 'unknown';
  if (code === 0) return silentMeansRunning ? 'running' : 'unknown';
  return code === 3 || (code === 1 && text.trim() === '') ? 'stopped' : 'unknown';
}
