import { describe, expect, it } from 'vitest';
import { services } from '../../../../lib/esxi/probes/services.ts';
import type { CommandAnswer } from '../../../../lib/esxi/session/probe.ts';

const stateOf = (
  answer: Partial<CommandAnswer>,
  asked: Parameters<typeof services.commands>[0]['services'][number] = 'snmpd',
) => {
  const whole = { code: 0, stdout: '', stderr: '', ...answer };
  const name = typeof asked === 'string' ? asked : asked.name;
  return services.parse(new Map([[name, whole]]), { services: [asked] })[0]?.state;
};

describe('the probe of services', () => {
  it('asks the init script of each service, in the order of the configuration, and each once', () => {
    const asked = { services: ['vpxa', { name: 'quiet', silentMeansRunning: true }, 'hostd', 'vpxa'] };
    expect(services.commands(asked)).toEqual([
      { key: 'vpxa', argv: ['/etc/init.d/vpxa', 'status'] },
      { key: 'quiet', argv: ['/etc/init.d/quiet', 'status'] },
      { key: 'hostd', argv: ['/etc/init.d/hostd', 'status'] },
    ]);
  });

  it('gives the states in the order of the configuration, whatever the order of the answers', () => {
    const said = (code: number, stdout: string) => ({ code, stdout, stderr: '' });
    const answers = new Map([
      ['nsx-opsagent', said(3, 'opsAgent is not running')],
      ['nsxa', said(127, '')],
      ['hostd', said(0, 'hostd is running.\n')],
    ]);
    expect(services.parse(answers, { services: ['hostd', 'nsxa', 'nsx-opsagent'] })).toEqual([
      { service: 'hostd', state: 'running' },
      { service: 'nsxa', state: 'absent' },
      { service: 'nsx-opsagent', state: 'stopped' },
    ]);
  });

  it('goes by stderr only where stdout has no word', () => {
    expect(stateOf({ stdout: 'snmpd is not running\n', stderr: 'the helper is running\n' })).toBe('stopped');
    expect(stateOf({ stdout: '\n \u0085\n', stderr: 'snmpd is running\n' })).toBe('running');
    expect(stateOf({ stderr: 'Traceback (most recent call last):\nValueError\n' })).toBe('unknown');
  });

  it('takes what is no printable ASCII for one space, and keeps lines apart', () => {
    expect(stateOf({ stdout: 'snmpd is\t\u00e9\u001b[0m\rrunning' })).toBe('unknown');
    expect(stateOf({ stdout: 'snmpd is\t\u00e9\r running' })).toBe('running');
    expect(stateOf({ stdout: 'a helper is not\nrunning: snmpd is running' })).toBe('running');
  });

  it('vouches for a silent script only where the configuration says so', () => {
    expect(stateOf({})).toBe('unknown');
    expect(stateOf({}, { name: 'quiet', silentMeansRunning: true })).toBe('running');
    expect(stateOf({}, { name: 'quiet', silentMeansRunning: false })).toBe('unknown');
  });

  it('calls a service whose script was killed on the host unknown', () => {
    expect(stateOf({ code: 'timeout', stdout: 'snmpd is running' })).toBe('unknown');
  });
});
