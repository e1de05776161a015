import { describe, expect, it } from 'vitest';
import { judgeServiceStatus } from '../../../lib/esxi/service-status.ts';

/** What the text alone says: code 2 says nothing by itself. */
const judge = (text: string, code = 2) => judgeServiceStatus(text, code);

describe('the words of an init script', () => {
  it.each([
    'x not running',
    'x not a b c d running',
    'x not a-b_c running',
    'x not started',
    "x isn't up running",
    'no longer running',
    'x never started',
    'neither x nor y running',
    'no running',
    'none running',
    'nobody is running',
    'nothing a b is running',
    'nothing a-b running',
    'x is stopped',
    'x has stopped',
    'login disabled',
    'x login is disabled',
    'observer disabled',
    'observer is disabled',
    'stopped',
    'x stopped',
    'x:stopped.',
    'x: stopped. \n',
    'X IS STOPPED',
  ])('say that it is stopped: %j', (text) => {
    expect(judge(text)).toBe('stopped');
  });

  it.each([
    'x is running',
    'x is still running',
    'X IS Running',
    'x is running. y is not running',
    'not there but is running',
    'not x is running',
  ])('say that something runs: %j', (text) => {
    expect(judge(text)).not.toBe('stopped');
  });

  it.each([
    'x not a b c d e running',
    'knot running',
    'x not runningx',
    'x not startedx',
    'x not  running',
    'not, running',
    'noone running',
    'nothing a b c running',
    'no runningx',
    'uno running',
    'xis stopped by y',
    'x is stoppedx',
    'has stoppedx',
    'xhas stopped it',
    'login disabledx',
    'xlogin disabled',
    'login was disabled',
    'unstopped',
    'stopped by whom',
    'stopped..',
    'this running',
    'x is very still running',
    'x is  running',
    'x is runningx',
  ])('say neither: %j', (text) => {
    expect(judge(text)).toBe('unknown');
  });

  it.each(['x is started', 'login enabled', 'login is enabled', 'observer enabled', 'observer is ENABLED'])(
    'say with code 0 that it is switched on: %j',
    (text) => {
      expect(judge(text, 0)).toBe('running');
      expect(judge(text, 2)).toBe('unknown');
    },
  );

  it.each([
    'xis started',
    'x is startedx',
    'xlogin enabled',
    'login enabledx',
    'login was enabled',
    'x enabled',
  ])('do not say with code 0 that it is switched on: %j', (text) => {
    expect(judge(text, 0)).toBe('unknown');
  });

  it.each([
    ['x not supported', 'unknown'],
    ['usage: x', 'unknown'],
    ['x not found', 'unknown'],
    ['no such file', 'unknown'],
    ['denied', 'unknown'],
    ['cannot open', 'unknown'],
    ['USAGE: x', 'unknown'],
    ['knot supported', 'stopped'],
    ['not supportedx', 'stopped'],
    ['xusage:', 'stopped'],
    ['usage', 'stopped'],
    ['knot found', 'stopped'],
    ['not foundx', 'stopped'],
    ['xno such', 'stopped'],
    ['no suchx', 'stopped'],
    ['xdenied', 'stopped'],
    ['deniedx', 'stopped'],
    ['xcannot', 'stopped'],
    ['cannotx', 'stopped'],
  ])('leave code 3 what it means, unless the script did not tell: %j is %s', (text, state) => {
    expect(judge(text, 3)).toBe(state);
  });

  it('count wherever they stand, and each of them', () => {
    expect(judge('a is stopped. b is stopped')).toBe('stopped');
    expect(judge('a is not running. b is stopped. c is running')).toBe('unknown');
    expect(judge('vpxa is stopped', 127)).toBe('stopped');
    expect(judge('sh: not found', 127)).toBe('absent');
  });
});
