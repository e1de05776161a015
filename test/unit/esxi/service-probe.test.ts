import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SshError } from '../../../lib/esxi/errors.ts';
import {
  buildServiceProbe,
  isServiceName,
  parseServiceProbe,
  printServiceLine,
  readServiceProbe,
  SERVICE_PROBE_MAX_BYTES,
  warningsOfProbe,
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

  it('refuses a name in an entry with more to say as well', () => {
    expect(() => buildServiceProbe([{ name: 'a;reboot', silentMeansRunning: true }], NONCE)).toThrow(
      'not a service name',
    );
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

  it('reads the lines of a record in whatever order the three processes that print them come', () => {
    const lines = ['= 3', '1 vpxa is not running', '2 vpxa is running'].map(
      (rest) => `@@${NONCE} vpxa ${rest}\n`,
    );
    const end = `@@${NONCE} vpxa end\n`;
    const orders = fc.shuffledSubarray(lines, { minLength: lines.length });
    fc.assert(
      fc.property(orders, (order) => {
        const [vpxa] = parseServiceProbe(order.join('') + end, ['vpxa'], NONCE);
        expect(vpxa?.state).toBe('stopped');
      }),
    );
  });

  it('goes by stderr only where stdout has no word', () => {
    const stateOf = (text: string, stderr: string) =>
      parseServiceProbe(printServiceLine(NONCE, 'snmpd', { code: 0, text, stderr }), ['snmpd'], NONCE)[0]
        ?.state;
    expect(stateOf('snmpd is not running\n', 'the helper is running\n')).toBe('stopped');
    expect(stateOf('\n', 'snmpd is running\n')).toBe('running');
    expect(stateOf('', 'Traceback (most recent call last):\nValueError\n')).toBe('unknown');
  });

  it('puts a line that was cut into pieces together, and keeps lines apart', () => {
    const stateOf = (...pieces: string[]) => {
      const lines = pieces.map((piece) => `@@${NONCE} vpxa 1 ${piece}\n`).join('');
      const stdout = `${lines}@@${NONCE} vpxa = 0\n@@${NONCE} vpxa end\n`;
      return parseServiceProbe(stdout, ['vpxa'], NONCE)[0]?.state;
    };
    expect(stateOf(`${'x'.repeat(190)} vpxa is r`, 'unning')).toBe('running');
    expect(stateOf('vpxa is r', 'unning')).toBe('unknown');
    expect(stateOf('a helper is not', 'running: vpxa is running')).toBe('running');
  });

  it('takes the first record of a service', () => {
    const stdout = lineOf('vpxa', 'timeout') + lineOf('vpxa', 0, 'vpxa is running');
    expect(parseServiceProbe(stdout, ['vpxa'], NONCE)[0]?.state).toBe('unknown');
  });

  it('prints as the script does: the last four pieces of each stream, none longer than 200 bytes', () => {
    const text = `${Array.from({ length: 6 }, (_, index) => `line ${index}`).join('\n')}\n${'x'.repeat(250)}`;
    const printed = printServiceLine(NONCE, 'vpxa', { code: 0, text, stderr: text });
    const pieces = printed.split('\n').flatMap((line) => / [12] (.*)$/.exec(line)?.[1] ?? []);
    const last = ['line 4', 'line 5', 'x'.repeat(200), 'x'.repeat(50)];
    expect(pieces).toEqual([...last, ...last]);
  });

  it('vouches for a silent script only where the configuration says so', () => {
    const stdout = lineOf('ntpd', 0) + lineOf('quiet', 0);
    const services = ['ntpd', { name: 'quiet', silentMeansRunning: true }];
    expect(parseServiceProbe(stdout, services, NONCE)).toEqual([
      { service: 'ntpd', state: 'unknown' },
      { service: 'quiet', state: 'running' },
    ]);
  });

  it('calls a service whose check was killed on the host unknown', () => {
    const [vpxa] = parseServiceProbe(lineOf('vpxa', 'timeout'), ['vpxa'], NONCE);
    expect(vpxa?.state).toBe('unknown');
  });

  it.each([
    '',
    `@@${NONCE} nsx-opsagent = 0`,
    `@@${NONCE} nsx-opsagent = 0\n@@${NONCE} nsx-opsagent 1 nsx`,
    `@@${NONCE} nsx-opsagent 1 opsAgent is running\n@@${NONCE} nsx-opsagent end\n`,
    printServiceLine('another0nonce', 'nsx-opsagent', { code: 0, text: '' }),
  ])('fails when the line of one service is missing or cut off: %j', (rest) => {
    const stdout = `${lineOf('hostd', 0, 'hostd is running')}${lineOf('vpxa', 'timeout')}${rest}`;
    expect(() => parseServiceProbe(stdout, SERVICES, NONCE)).toThrow(
      expect.objectContaining({
        code: 'output',
        credentialSent: false,
        retryable: false,
        message: expect.stringContaining('it has no result for nsx-opsagent'),
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
        `\n${lineOf('vpxa', 0, 'vpxa is running')}`,
        ' = 0 ',
        '\0\x1b[2J',
      ),
      fc
        .array(fc.constantFrom('@@', NONCE, ' ', 'hostd', ' = ', '0', '1', 'end', '\n', 'is running', '\r'))
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

describe('warningsOfProbe', () => {
  it('names what the host lacks, once, and what follows', () => {
    const stdout = `@@${NONCE} - lacks setsid\n@@${NONCE} - lacks sleep\n@@${NONCE} - lacks sleep\n${lineOf('hostd', 0)}`;
    expect(warningsOfProbe(stdout, NONCE)).toEqual([
      expect.stringMatching(/^the host has no setsid: .+ killed only after the other checks$/),
      expect.stringMatching(/^the host has no sleep: .+ cannot be ended/),
    ]);
  });

  it('says nothing of a host that has all, of another nonce, and of a tool that the script does not look for', () => {
    expect(warningsOfProbe(lineOf('hostd', 0), NONCE)).toEqual([]);
    expect(warningsOfProbe('@@another0nonce - lacks setsid\n', NONCE)).toEqual([]);
    expect(warningsOfProbe(`@@${NONCE} - lacks constructor\n`, NONCE)).toEqual([]);
  });
});

describe('readServiceProbe', () => {
  const command = buildServiceProbe(['hostd', 'vpxa'], NONCE);

  it('knows what a probe asks', () => {
    expect(readServiceProbe(command)).toEqual({ services: ['hostd', 'vpxa'], nonce: NONCE });
  });

  it.each([
    ['another command', 'uptime'],
    ['one with a service that no probe asks for', command.replace('in hostd vpxa;', 'in hostd ../vpxa;')],
    ['one with a nonce that no probe has', command.replace(NONCE, 'short')],
    ['one that does more', `${command}reboot\n`],
    ['one that does something before it', `reboot\n${command}`],
  ])('knows nothing of %s', (_what, other) => {
    expect(readServiceProbe(other)).toBeUndefined();
  });
});

describe('parseServiceProbe, of output that is not whole', () => {
  const REMEDY = ". Run on the host: /etc/init.d/hostd status, and check the account's shell";
  const failure = (stdout: string, services: readonly string[]) => {
    try {
      return parseServiceProbe(stdout, services, NONCE);
    } catch (error) {
      return error;
    }
  };

  it('says that nothing of it is understood, and how long it is', () => {
    expect(failure('garbage\n', SERVICES)).toMatchObject({
      message: `the service probe's output cannot be parsed: none of its 8 characters is a line of the probe${REMEDY}`,
      code: 'output',
      login: { loggedIn: true },
    });
  });

  it.each([
    [5, 's1, s2, s3, s4, s5'],
    [6, 's1, s2, s3, s4, s5 …'],
  ])('names what it says nothing of: of %i services', (count, named) => {
    const services = ['hostd', ...Array.from({ length: count }, (_, index) => `s${index + 1}`)];
    expect(failure(lineOf('hostd', 0, 'hostd is running.'), services)).toMatchObject({
      message: `the service probe's output is incomplete: it has no result for ${named}${REMEDY}`,
    });
  });
});

describe('SERVICE_PROBE_MAX_BYTES', () => {
  it('has room for 64 services that print as much as is kept', () => {
    const text = 'x'.repeat(10_000);
    const record = printServiceLine(NONCE, 's'.repeat(64), { code: 255, text, stderr: text });
    expect(64 * record.length).toBeLessThan(SERVICE_PROBE_MAX_BYTES);
  });
});
