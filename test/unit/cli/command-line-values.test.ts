import { describe, expect, it } from 'vitest';
import { addSetting, addTheme } from '../../../lib/cli/alert-options.ts';
import { requireAwsAccess } from '../../../lib/cli/aws-access.ts';
import { hasColours, paint } from '../../../lib/cli/colour.ts';
import { describeFile } from '../../../lib/cli/coverage.ts';
import { readCurveSecret } from '../../../lib/cli/curve-secret.ts';
import type { TokenReader } from '../../../lib/credentials/credential.ts';
import { THEMES } from '../../../lib/monitoring/alerts/alert.ts';
import { toZ85 } from '../../../lib/poll/gateway/zmtp/z85.ts';
import type { FileCoverage } from '../../../lib/queries/coverage.ts';

describe('subjects and thresholds of alerts', () => {
  it('are added one by one', () => {
    expect(addTheme('vms')).toEqual(['vms']);
    expect(addTheme('hosts', ['vms'])).toEqual(['vms', 'hosts']);
    expect(addSetting('load_percent=95', { snapshot_days: '3' })).toEqual({
      snapshot_days: '3',
      load_percent: '95',
    });
    expect(addSetting('load_for=5m', {})).toEqual({ load_for: '5m' });
  });

  it.each([
    [() => addTheme('vm'), `write any of ${THEMES.join(', ')}`],
    [
      () => addSetting('load_percnt=1', {}),
      'there is no threshold "load_percnt"; did you mean load_percent?',
    ],
    [() => addSetting('=1', {}), 'there is no threshold ""; docs/alerts.md lists all'],
    [() => addSetting('load_percent', {}), 'write load_percent=90, or another value of that form'],
    [() => addSetting('load_for=1=2', {}), 'write load_for=15m, or another value of that form'],
  ])('that cannot be used are refused with a remedy (%#)', (add, message) => {
    expect(add).toThrow(expect.objectContaining({ code: 'commander.invalidArgument', message }));
  });
});

describe('colours', () => {
  it.each([
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [true, { TERM: 'dumb' }, false],
    [true, { TERM: 'xterm' }, true],
  ])('on a terminal (%s) with %j: %s', (isTTY, env, expected) => {
    expect(hasColours({ isTTY }, env)).toBe(expected);
  });

  const [red, yellow] = [31, 33].map((colour) => (text: string) => `\x1b[${colour}m${text}\x1b[39m`);
  it.each([
    [
      'esx1 failed(exec-timeout), failed(auth)',
      `esx1 ${red?.('failed(exec-timeout)')}, ${red?.('failed(auth)')}`,
    ],
    ['esx1 skipped(lockdown)', `esx1 ${yellow?.('skipped(lockdown)')}`],
    ['a\n  problem: b', `a\n${red?.('  problem:')} b`],
    ['a\n  warning: b', `a\n${yellow?.('  warning:')} b`],
    [
      'NOT LISTED, NOT DELIVERED, LATE',
      ['NOT LISTED', 'NOT DELIVERED', 'LATE'].map((one) => red?.(one)).join(', '),
    ],
  ])('mark what is wrong: %j', (text, expected) => {
    expect(paint(text)).toBe(expected);
  });

  it('leave all else as it is', () => {
    for (const text of [
      'unfailed(auth)',
      'failed()',
      'failed(AUTH)',
      'a problem: b',
      'a warning: b',
      'NOT LISTEDX',
      'TOO LATER',
    ])
      expect(paint(text)).toBe(text);
  });
});

describe('the coverage of a file', () => {
  const expression = (of: string, more: object = {}) => ({
    of,
    text: `  ${of}\n > 1 `,
    series: [],
    findings: [],
    ...more,
  });
  const file = (more: Partial<FileCoverage> = {}): FileCoverage => ({
    file: 'rules.yml',
    expressions: [],
    otherDatabases: 0,
    problems: [],
    ...more,
  });
  const own = { name: 'vmware_x', from: 'vsweep' };
  const other = { name: 'up', from: 'other exporter' };
  const expressions = [
    expression('A', { series: [own, other], findings: [{ kind: 'never-true', message: 'is never\ttrue' }] }),
    expression('B', { series: [own, other] }),
  ] as unknown as FileCoverage['expressions'];

  it('is one line, and below it what cannot have an answer', () => {
    expect(describeFile(file(), { verbose: false })).toEqual([
      'rules.yml: 0 expressions, 0 can have an answer',
    ]);
    const all = file({ expressions, otherDatabases: 3, problems: ['no YAML'] });
    const counts =
      'rules.yml: 2 expressions, 1 can have an answer, 1 cannot, or not as they are written, 2 ask for series that are not of vSphere, 3 more for another database';
    const faulty = ['  A: A > 1', expect.stringMatching(/^ {4}never-true: is never.+true$/)];
    expect(describeFile(all, { verbose: false })).toEqual([counts, '  no YAML', ...faulty]);
    expect(describeFile(all, { verbose: true })).toEqual([
      counts,
      '  no YAML',
      ...faulty,
      '  B: B > 1',
      '    vmware_x: vsweep',
      '    up: other exporter',
    ]);
  });

  it('shortens expressions of more than 200 characters', () => {
    const line = (length: number) => {
      const one = { ...expression('A'), text: 'x'.repeat(length) };
      const expressions = [one] as unknown as FileCoverage['expressions'];
      return describeFile(file({ expressions }), { verbose: true })[1];
    };
    expect(line(200)).toBe(`  A: ${'x'.repeat(200)}`);
    expect(line(201)).toBe(`  A: ${'x'.repeat(199)}…`);
  });
});

describe('the secret key of CURVE', () => {
  const read = (token: string) =>
    readCurveSecret({ env: 'CURVE' }, { readToken: async () => token } as unknown as TokenReader, {
      signal: new AbortController().signal,
    });
  it('is 32 bytes in Z85', async () => {
    const key = toZ85(Buffer.alloc(32, 7));
    expect(await read(key)).toBe(key);
    for (const wrong of [toZ85(Buffer.alloc(28, 7)), toZ85(Buffer.alloc(36, 7)), 'é'.repeat(40), ''])
      await expect(read(wrong)).rejects.toMatchObject({
        code: 'malformed',
        message:
          'The credential polls.curve.secretKey is not a secret key of CURVE, which is 40 characters of Z85. Make one: vsweep gateway-keys credentials/gateway.key',
      });
  });
});

describe('access to AWS', () => {
  const none = async (): Promise<never> => {
    throw new Error('nothing there');
  };
  const some = async () => 'x';
  const ask = (region: () => Promise<string>, credentials: () => Promise<string>) =>
    requireAwsAccess({ config: { region, credentials } }, (message, cause) => new Error(message, { cause }));

  it('needs a region and credentials', async () => {
    await ask(some, some);
    for (const [region, credentials] of [
      [none, some],
      [some, none],
    ] as const)
      await expect(ask(region, credentials)).rejects.toMatchObject({
        message: 'nothing there. Set AWS_REGION, and AWS_PROFILE or other AWS credentials',
        cause: { message: 'nothing there' },
      });
  });
});
