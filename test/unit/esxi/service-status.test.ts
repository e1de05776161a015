import { describe, expect, it } from 'vitest';
import { judgeServiceStatus } from '../../../lib/esxi/service-status.ts';
import { INIT_SCRIPT_TEXTS } from './init-script-texts.ts';

describe('judgeServiceStatus', () => {
  it.each(INIT_SCRIPT_TEXTS)(
    'finds $service of ESXi $version $truth: $text, $code',
    ({ text, code, truth }) => {
      expect(judgeServiceStatus(text, code)).toBe(truth);
    },
  );

  it.each([
    ['hostd is running.', 0],
    ['hostd is already running', 0],
    ['hostd is running. However, it is either hung or still initializing', 0],
    ['sfcbd is running ', 0],
    ['SSH login enabled', 0],
    ['hostd is not responding but is running', 0],
  ])('reads %j as running', (text, code) => {
    expect(judgeServiceStatus(text, code)).toBe('running');
  });

  it.each([
    ['hostd is not currently running', 3],
    ['hostd is not currently up and running', 3],
    ['hostd is no longer running', 1],
    ['hostd is not yet running', 1],
    ['hostd is not in state running', 3],
    ['hostd is NOT RUNNING', 3],
    ["ntpd isn't running", 1],
    ["hostd doesn't appear to be running", 3],
    ["hostd ain't started.", 3],
    ['hostd daemon has not been started', 1],
    ['hostd could not be started', 1],
    ['hostd never started', 1],
    ['hostd is neither running', 1],
    ['hostd has stopped running', 1],
    ['No hostd process running', 1],
    ['no hostd process is running', 1],
    ['hostd: no process running', 3],
    ['nobody is running', 1],
    ['sensord is not running', 0],
    ['SSH login disabled', 1],
    ['net-lbt stopped', 0],
    ['Stopped.', 3],
    ['hostd is dead, vpxa running', 3],
    ['Hostd status: down. Watchdog running', 3],
    ['hostd down (was: running)', 3],
    ['pid file is stale', 3],
    ['', 3],
    ['', 1],
    [' \n', 1],
  ])('reads %j with code %i as stopped', (text, code) => {
    expect(judgeServiceStatus(text, code)).toBe('stopped');
  });

  it.each([
    'running',
    'started',
    'Running.',
    'ntpd: Running.',
    'net-lbt started',
    'hostd was running',
    'vpxa, running',
  ])('takes %j at the end of a text for no proof, whatever the code', (text) => {
    const states = [0, 1, 2, 3].map((code) => judgeServiceStatus(text, code));
    expect(states).toEqual(['unknown', 'unknown', 'unknown', 'stopped']);
  });

  it('lets the text win over an exit code that contradicts it, because no code is documented', () => {
    expect(judgeServiceStatus('hostd is running.', 1)).toBe('running');
    expect(judgeServiceStatus('hostd is running.', 141)).toBe('running');
    expect(judgeServiceStatus('hostd is not running.', 0)).toBe('stopped');
  });

  it('believes what is enabled only with code 0', () => {
    expect(judgeServiceStatus('SSH login is started', 1)).toBe('unknown');
    expect(judgeServiceStatus('DCUI login is enabled', 3)).toBe('stopped');
  });

  it('reads a missing script as absent', () => {
    expect(judgeServiceStatus('', 127)).toBe('absent');
  });

  it.each([
    ['', 0],
    ['pid 2099', 0],
    ['sh: cannot open /var/run/x.pid', 3],
    ['hostd failed; cannot be started', 1],
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

  describe('of a service that is listed with silentMeansRunning', () => {
    const judge = (text: string, code: number) =>
      judgeServiceStatus(text, code, { silentMeansRunning: true });

    it('takes code 0 for running where the text says neither', () => {
      expect(judge('', 0)).toBe('running');
      expect(judge('pid 2099', 0)).toBe('running');
    });

    it('goes by the text, by other codes and by a script that did not tell as ever', () => {
      expect(judge('x is not running', 0)).toBe('stopped');
      expect(judge('', 1)).toBe('stopped');
      expect(judge('', 3)).toBe('stopped');
      expect(judge('', 2)).toBe('unknown');
      expect(judge('This operation is not supported.', 0)).toBe('unknown');
      expect(judge('', 127)).toBe('absent');
    });
  });
});
