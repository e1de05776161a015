import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SshError } from '../../../lib/esxi/errors.ts';
import {
  buildServiceProbe,
  isServiceName,
  parseServiceProbe,
  printServiceLine,
  readServiceProbe,
} from '../../../lib/esxi/service-probe.ts';

const NONCE = 'n0nceN0nce';
const SERVICES = ['hostd', 'vpxa', 'nsx-opsagent'];
const lineOf = (service: string, code: number | 'timeout', text = '') =>
  printServiceLine(NONCE, service, { code, text });

describe('buildServiceProbe', () => {
  it.each(['', '-x', '../hostd', 'a b', 'a;reboot', 'a\nb', '$(reboot)', `a${'b'.repeat(64)}`])(
    'refuses the service name %j, which would be a piece of the script',
    (service) => {
      expect(isServiceName(service)).toBe(false);
      expect(() => buildServiceProbe(['hostd', service], NONCE)).toThrow('not a service name');
    },
  );

  it('refuses a nonce and a directory that a shell would read differently', () => {
    expect(() => buildServiceProbe(SERVICES, 'short')).toThrow('nonce');
    expect(() => buildServiceProbe(SERVICES, '$(reboot)')).toThrow('nonce');
    expect(() => buildServiceProbe(SERVICES, NONCE, { initDirectory: '/a b' })).toThrow('plain path');
  });

  it('is recognised again with its services and nonce, and nothing else is', () => {
    const command = buildServiceProbe(SERVICES, NONCE);
    expect(readServiceProbe(command)).toEqual({ services: SERVICES, nonce: NONCE });
    expect(readServiceProbe(`${command}reboot`)).toBeUndefined();
    expect(readServiceProbe('uptime')).toBeUndefined();
  });
});

describe('parseServiceProbe', () => {
  it('gives the states in the order asked, whatever the order of the lines', () => {
    const stdout = [
      lineOf('nsx-opsagent', 3, 'opsAgent is not running'),
      lineOf('hostd', 0, 'hostd is running.\n'),
      lineOf('vpxa', 127),
    ].join('');
    expect(parseServiceProbe(stdout, SERVICES, NONCE)).toEqual([
      { service: 'hostd', state: 'running' },
      { service: 'vpxa', state: 'absent' },
      { service: 'nsx-opsagent', state: 'stopped' },
    ]);
  });

  it('reads the exit code wherever the two processes that share the pipe put it', () => {
    const states = [`|3|vpxa is not running`, `vpxa is not running|3|`, `vpxa is not r|3|unning`].map(
      (rest) => parseServiceProbe(`@@${NONCE} vpxa ${rest}\n`, ['vpxa'], NONCE)[0]?.state,
    );
    expect(states).toEqual(['stopped', 'stopped', 'stopped']);
  });

  it('calls a service whose check was killed on the host unknown', () => {
    const [vpxa] = parseServiceProbe(lineOf('vpxa', 'timeout'), ['vpxa'], NONCE);
    expect(vpxa?.state).toBe('unknown');
  });

  it.each([
    '',
    `@@${NONCE} nsx-opsagent |0`,
    printServiceLine('another0nonce', 'nsx-opsagent', { code: 0, text: '' }),
  ])('fails when the line of one service is missing or cut off: %j', (rest) => {
    const stdout = `${lineOf('hostd', 0, 'hostd is running')}${lineOf('vpxa', 'timeout')}${rest}`;
    expect(() => parseServiceProbe(stdout, SERVICES, NONCE)).toThrow(
      expect.objectContaining({
        code: 'output',
        credentialSent: false,
        retryable: false,
        message: expect.stringContaining('nothing of nsx-opsagent'),
      }),
    );
  });

  it('finds a line after the greeting of a profile that does not end in a newline', () => {
    const [hostd] = parseServiceProbe(`Welcome! ${lineOf('hostd', 0, 'hostd is running')}`, ['hostd'], NONCE);
    expect(hostd?.state).toBe('running');
  });

  it('takes lines with another nonce for noise, and fails when there is nothing else', () => {
    const foreign = printServiceLine('another0nonce', 'hostd', { code: 0, text: 'hostd is running' });
    expect(() => parseServiceProbe(foreign, SERVICES, NONCE)).toThrow(SshError);
    expect(() => parseServiceProbe('', SERVICES, NONCE)).toThrow(
      expect.objectContaining({ code: 'output', credentialSent: false, retryable: false }),
    );
  });

  it('is not moved by what one service prints, be it lines of another service or any characters', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        lineOf('hostd', 3, 'hostd is not running'),
        `\n${lineOf('vpxa', 0)}`,
        '|0|',
        '\0\x1b[2J',
      ),
      fc
        .array(fc.constantFrom('@@', NONCE, ' ', 'hostd', '|', '0', '\n', 'is running', '\r'))
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(hostile, fc.nat(255), (text, code) => {
        const stdout =
          lineOf('nsx-opsagent', code, text) + lineOf('hostd', 0, 'hostd is running') + lineOf('vpxa', 3, '');
        const [hostd, vpxa, opsAgent] = parseServiceProbe(stdout, SERVICES, NONCE);
        expect(hostd?.state).toBe('running');
        expect(vpxa?.state).toBe('stopped');
        expect(opsAgent?.service).toBe('nsx-opsagent');
      }),
    );
  });

  it('takes only well-formed lines out of noise', () => {
    const noise = fc.string({ unit: 'binary' }).filter((text) => !text.includes('@@'));
    fc.assert(
      fc.property(noise, noise, (before, after) => {
        const stdout = `${before}\n${lineOf('hostd', 0, 'hostd is running')}${after}`;
        expect(parseServiceProbe(stdout, ['hostd'], NONCE)).toEqual([{ service: 'hostd', state: 'running' }]);
      }),
    );
  });
});
