import { answerOf, type Probe, probeError } from '../session/probe.ts';

/** Whether hostd answers esxcli. Its init script prints "running" also for one that hangs. */
export const hostd: Probe<boolean> = {
  name: 'hostd',
  seconds: 6,
  keeps: { lines: 20 },
  anyEnd: true,
  commands: () => [{ key: 'hostname', argv: ['esxcli', 'system', 'hostname', 'get'], shape: 'object' }],
  parse(answers) {
    const { code, cli } = answerOf(answers, 'hostname');
    if (cli === undefined || cli.program === 'none')
      throw probeError('output', 'the host has no esxcli that answers');
    return cli.program === 'esxcli' && code === 0;
  },
};
