import { answerOf, type Probe, probeError } from '../session/probe.ts';

/** What is counted, by the name of its series. grep runs on the host, so that no line of the log leaves it. */
export const LOG_PATTERNS = {
  all_paths_down: 'All Paths Down|APD',
  permanent_device_loss: 'permanent(ly)? (device loss|inaccessible)|PDL',
  lost_access: 'Lost access to volume',
  path_failed: 'NMP: .*(failed|Path .* is down)',
  nfs_lock: 'NFSLock: ',
  latency: 'performance has deteriorated',
  nic_hang: 'NetDev watchdog|transmit timed out|NIC Link is Down',
} as const;

const LOG = '/var/run/log/vmkernel.log';

/** Lines of the present vmkernel.log that match. The log is rotated: a number falls back. */
export const vmkernelLog: Probe<readonly (readonly [pattern: string, lines: number])[]> = {
  name: 'vmkernel-log',
  seconds: 8,
  keeps: 'tail',
  anyEnd: true,
  commands: () =>
    Object.entries(LOG_PATTERNS).map(([key, pattern]) => ({
      key,
      argv: ['grep', '-c', '-E', pattern, LOG] as const,
    })),
  parse(answers) {
    return Object.keys(LOG_PATTERNS).map((key) => {
      const { code, stdout } = answerOf(answers, key);
      if (code === 'timeout') throw probeError('exec-timeout', `grep of ${LOG} did not end`);
      // grep ends with 1 where no line matches, and with 2 where it cannot read the file.
      if ((code !== 0 && code !== 1) || !/^\d{1,9}$/.test(stdout.trim()))
        throw probeError('output', `${LOG} cannot be read: grep ended with code ${code}`);
      return [key, Number(stdout.trim())] as const;
    });
  },
};
