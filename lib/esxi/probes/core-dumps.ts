import { answerOf, type Probe, probeError } from '../session/probe.ts';

/** How many dumps of a purple screen, and of programs that ended by a fault, the host keeps. */
export const coreDumps: Probe<{ readonly kernel: number; readonly programs: number }> = {
  name: 'core-dumps',
  seconds: 6,
  keeps: { lines: 400 },
  anyEnd: true,
  commands: () => [{ key: 'files', argv: ['ls', '-1', '/var/core'] }],
  parse(answers) {
    const { code, stdout, stderr } = answerOf(answers, 'files');
    const hasFolder = !/no such file/i.test(stderr);
    if (code === 'timeout') throw probeError('exec-timeout', '"ls /var/core" did not end');
    if (code !== 0 && hasFolder) throw probeError('output', `"ls /var/core" ended with code ${code}`);
    const files = stdout.split('\n').filter((name) => name !== '');
    return {
      kernel: files.filter((name) => name.startsWith('vmkernel-zdump')).length,
      programs: files.filter((name) => /-zdump/.test(name) && !name.startsWith('vmkernel-')).length,
    };
  },
};
