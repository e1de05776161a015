import { answerOf, type Probe, probeError } from '../session/probe.ts';

/**
 * Whether the host has lost its boot device: /bootbank then leads to /tmp, and what is changed is gone after the next
 * start (KB 2149444).
 */
export const bootbank: Probe<{ readonly isLost: boolean }> = {
  name: 'bootbank',
  seconds: 6,
  keeps: { lines: 4 },
  commands: () => [{ key: 'path', argv: ['readlink', '-f', '/bootbank'] }],
  parse(answers) {
    const path = answerOf(answers, 'path').stdout.trim();
    if (!path.startsWith('/')) throw probeError('output', '"readlink -f /bootbank" printed no path');
    return { isLost: path === '/tmp' || path.startsWith('/tmp/') };
  },
};
