import { describe, expect, it } from 'vitest';
import { judgeServiceStatus } from '../../../lib/esxi/service-status.ts';

describe('judgeServiceStatus', () => {
  it.each([
    ['hostd is running.', 0],
    ['vpxa is running', 0],
    ['opsAgent is running', 0],
    ['net-lbt is running', 0],
    ['openwsmand is running', 0],
    ['netCP agent service is running', 0],
    ['sfcbd is running ', 0],
    ['SSH login enabled', 0],
    ['ESXi shell login enabled', 0],
    ['Running', 0],
    ['ntpd: Running.', 0],
    ['net-lbt started', 0],
  ])('reads %j as running', (text, code) => {
    expect(judgeServiceStatus(text, code)).toBe('running');
  });

  it.each([
    ['hostd is not running.', 3],
    ['vmdkops-opsd is not running', 1],
    ['sensord is not running', 0],
    ['hostd is not currently running', 3],
    ['hostd is no longer running', 1],
    ['SSH login disabled', 1],
    ['net-lbt stopped', 0],
    ['Stopped.', 3],
  ])('reads %j as stopped', (text, code) => {
    expect(judgeServiceStatus(text, code)).toBe('stopped');
  });

  it('lets the text win over an exit code that contradicts it, because no code is documented', () => {
    expect(judgeServiceStatus('hostd is running.', 1)).toBe('running');
    expect(judgeServiceStatus('hostd is running.', 141)).toBe('running');
    expect(judgeServiceStatus('hostd is not running.', 0)).toBe('stopped');
  });

  it('reads a missing script as absent', () => {
    expect(judgeServiceStatus('', 127)).toBe('absent');
    expect(judgeServiceStatus('sh: /etc/init.d/nsxa: not found', 127)).toBe('absent');
  });

  it.each([
    ['This operation is not supported. Please use /etc/init.d/sfcbd-watchdog start', 0],
    ['Usage: snmpd {start|stop|restart}', 1],
    ['sh: cannot open /var/run/x.pid', 3],
    ['something else', 1],
    ['', 2],
    ['', 137],
    ['hostd is running. hostd-probe is not running', 0],
  ])('does not guess at %j with code %i', (text, code) => {
    expect(judgeServiceStatus(text, code)).toBe('unknown');
  });

  it('knows nothing of a check that was killed, whatever it had printed', () => {
    expect(judgeServiceStatus('hostd is running.', 'timeout')).toBe('unknown');
  });

  it('goes by the usual codes where the text says neither', () => {
    expect(judgeServiceStatus('', 0)).toBe('running');
    expect(judgeServiceStatus('pid 2099', 0)).toBe('running');
    expect(judgeServiceStatus('', 1)).toBe('stopped');
    expect(judgeServiceStatus('pid file is stale', 3)).toBe('stopped');
  });
});
