import { describe, expect, it } from 'vitest';
import { SSH_FORMS, whyNoSshCommand } from '../../../../lib/esxi/commands/check-ssh.ts';

const LOG = '/var/run/log/vmkernel.log';

/** A command of each form. */
const ALLOWED: readonly (readonly string[])[] = [
  ['readlink', '-f', '/bootbank'],
  ['ls', '-1', '/var/core'],
  ['wc', '-l', LOG],
  ['tail', '-n', '2000', LOG],
  ['head', '-n', '1', LOG],
  ['grep', '-c', '-E', 'APD|(a b)', LOG],
  ['vdf', '-h'],
  ['df', '-h'],
  ['uptime'],
  ['date', '+%s'],
  ['uname', '-r'],
  ['vmware', '-v'],
  ['ntpq', '-pn'],
  ['pam_tally2', '--user', 'root'],
  ['faillock', '--user', 'root'],
  ['chkconfig', '--list'],
  ['esxcfg-nics', '-l'],
  ['esxcfg-vmknic', '-l'],
  ['esxcfg-scsidevs', '-l'],
  ['esxcfg-mpath', '-b'],
];

const isAllowed = (...argv: readonly string[]) => whyNoSshCommand(argv) === undefined;

describe('a command by ssh in the configuration', () => {
  it('has one of these forms', () => {
    expect(SSH_FORMS).toEqual([
      '[readlink, -f, <path>]',
      '[ls, -1, <path>]',
      '[wc, -l, <log>]',
      '[tail, -n, <number>, <log>]',
      '[head, -n, <number>, <log>]',
      '[grep, -c, -E, <pattern>, <log>]',
      '[vdf, -h]',
      '[df, -h]',
      '[uptime]',
      '[date, +%s]',
      '[uname, -r]',
      '[vmware, -v]',
      '[ntpq, -pn]',
      '[pam_tally2, --user, <account>]',
      '[faillock, --user, <account>]',
      '[chkconfig, --list]',
      '[esxcfg-nics, -l]',
      '[esxcfg-vmknic, -l]',
      '[esxcfg-scsidevs, -l]',
      '[esxcfg-mpath, -b]',
    ]);
    expect(ALLOWED.map(([program]) => program)).toEqual(
      SSH_FORMS.map((shown) => /^\[([^\],]+)/.exec(shown)?.[1]),
    );
  });

  it.each(ALLOWED.map((words) => [words.join(' '), words] as const))(
    'is taken as its form has it, with nothing more, less or around it: %s',
    (_text, words) => {
      expect(isAllowed(...words)).toBe(true);
      expect(isAllowed(...words, 'x')).toBe(false);
      const missing = words.slice(0, -1);
      expect(isAllowed(...missing)).toBe(false);
      for (const [at, word] of words.entries()) {
        const changed = (other: string) => isAllowed(...words.with(at, other));
        expect([changed(''), changed('-z'), changed(`${word}\n`), changed('-x -z')]).toEqual(
          Array(4).fill(false),
        );
        // A pattern of grep may have anything in front of it, the other arguments nothing.
        if (word !== 'APD|(a b)') expect(changed(` ${word}`)).toBe(false);
        if (word.startsWith('-')) expect([changed(`-${word}`), changed(`${word}x`)]).toEqual([false, false]);
      }
    },
  );

  it('that is refused is told the forms of its program, or all of them', () => {
    const log =
      '<log> is a file of /var/run/log or /var/log that ends with .log, but those whose names begin with shell, auth, esxcli or bash';
    expect(whyNoSshCommand(['tail', '-f', LOG])).toBe(
      `these arguments of tail are not in the list of what only reads: [tail, -n, <number>, <log>]. ${log}`,
    );
    expect(whyNoSshCommand(['cat', LOG])).toBe(
      `"cat" is not in the list of what only reads: ${SSH_FORMS.join(' ')}. ${log}`,
    );
    expect(whyNoSshCommand([])).toMatch(/^"" is not in the list of what only reads: \[readlink, /);
  });

  it.each([
    ['/', false],
    ['/a', true],
    ['/A9_.+-/b', true],
    [`/${'a'.repeat(200)}`, true],
    [`/${'a'.repeat(201)}`, false],
    ['a', false],
    ['x/a', false],
    ['/a b', false],
    ['/a;b', false],
    ['/..', false],
    ['/../a', false],
    ['/a/..', false],
    ['/a/../b', false],
    ['/..a', true],
    ['/a..', true],
    ['/a../b', true],
    ['/a..b', true],
    ['/a/...', true],
  ])('may name the path %j: %s', (path, may) => {
    expect(isAllowed('ls', '-1', path)).toBe(may);
  });

  it.each([
    ['/var/log/a.log', true],
    ['/var/run/log/A9_-.log', true],
    [`/var/log/${'a'.repeat(60)}.log`, true],
    [`/var/log/${'a'.repeat(61)}.log`, false],
    ['/var/log/.log', false],
    ['/var/log/a', false],
    ['/var/log/a.logs', false],
    ['/var/log/axlog', false],
    ['/var/log/a.b.log', false],
    ['/var/log/a/b.log', false],
    ['/var/log/../a.log', false],
    ['/var/runlog/a.log', false],
    ['/var/x/log/a.log', false],
    ['x/var/log/a.log', false],
    ['/var/log/shell.log', false],
    ['/var/log/auth.log', false],
    ['/var/run/log/esxcli.log', false],
    ['/var/log/bash-history.log', false],
    ['/var/log/myshell.log', true],
  ])('may read the log %j: %s', (log, may) => {
    expect(isAllowed('wc', '-l', log)).toBe(may);
  });

  it.each([
    ['1', true],
    ['9999', true],
    ['10000', false],
    ['0', false],
    ['01', false],
    ['-1', false],
    ['+1', false],
    ['1k', false],
    ['1a', false],
  ])('may ask for %s lines: %s', (count, may) => {
    expect(isAllowed('tail', '-n', count, LOG)).toBe(may);
    expect(isAllowed('head', '-n', count, LOG)).toBe(may);
  });

  it.each([
    ['x', true],
    ['x'.repeat(500), true],
    ['x'.repeat(501), false],
    ['\u{1f600}'.repeat(500), true],
    ['a-b', true],
    ['-f/etc/shadow', false],
    ['a\nb', false],
    ['a\0', false],
    ['\u0085', false],
  ])('may look for the pattern %j: %s', (pattern, may) => {
    expect(isAllowed('grep', '-c', '-E', pattern, LOG)).toBe(may);
  });

  it.each([
    ['a', true],
    ['A_9.b-c', true],
    ['a'.repeat(64), true],
    ['a'.repeat(65), false],
    ['-a', false],
    ['a b', false],
    ['a;b', false],
    ["a'", false],
  ])('may name the account %j: %s', (account, may) => {
    expect(isAllowed('pam_tally2', '--user', account)).toBe(may);
    expect(isAllowed('faillock', '--user', account)).toBe(may);
  });
});
