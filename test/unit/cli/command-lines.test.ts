import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { EXAMPLES } from '../../../lib/cli/examples.ts';
import { createProgram } from '../../../lib/cli/program.ts';
import { refusal } from '../../support/cli/here.ts';

let taken: unknown[] = [];
const program = createProgram(() => async (...all: unknown[]) => {
  taken = all;
});
quiet(program);

/** What the action of a command is given: arguments, then options. */
async function given(...args: string[]): Promise<unknown[]> {
  taken = [];
  await program.parseAsync(args, { from: 'user' });
  return taken.slice(0, -1);
}

function quiet(command: Command): void {
  command.exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
  command.commands.forEach(quiet);
}

/** Commands that do something, by their path. */
const pathsBelow = (command: Command, path = ''): string[] =>
  command.commands.flatMap((below) => {
    const name = `${path} ${below.name()}`.trim();
    return below.commands.length === 0 ? [name] : pathsBelow(below, name);
  });

const CONFIG = 'vsweep.yaml';
const QUIET = { json: false, verbose: false };
const ON_STATE = { config: CONFIG, ...QUIET };
const POLL = {
  method: 'about',
  vsphereHost: 'vc1',
  escapeFormulas: false,
  ...QUIET,
};

describe('a command line', () => {
  it.each<[line: string, ...expected: unknown[]]>([
    ['run', { config: CONFIG, verbose: false }],
    ['sweep all', 'all', { ...ON_STATE, dryRun: false }],
    ['sweep all --dry-run --json -v', 'all', { config: CONFIG, dryRun: true, json: true, verbose: true }],
    ['poll -m about -V vc1', { ...POLL, config: CONFIG, timeout: 30_000 }],
    ['poll -m about -V vc1 --lambda f -t 5', { ...POLL, config: CONFIG, timeout: 5, lambda: 'f' }],
    [
      'poll -m m -V v -n n -p p -k k -c c -s s -i i -T T -U U -P P -H h -o csv --escape-formulas',
      {
        ...{ ...POLL, method: 'm', vsphereHost: 'v', escapeFormulas: true, config: CONFIG, timeout: 30_000 },
        ...{ name: 'n', properties: 'p', key: 'k', counter: 'c', maxSample: 's', instance: 'i' },
        ...{ perfInterval: 'T', guestUsername: 'U', guestPassword: 'P', helper: 'h', output: 'csv' },
      },
    ],
    [
      'poll -m m -V v -u u --guest-password-file -',
      {
        ...{ ...POLL, method: 'm', vsphereHost: 'v', config: CONFIG, timeout: 30_000 },
        ...{ datastoreUrl: 'u', guestPasswordFile: '-' },
      },
    ],
    [
      'gateway',
      {
        ...{ config: CONFIG, verbose: false, listen: 'tcp://127.0.0.1:10123', manage: [], timeout: 10_000 },
        ...{ allowShutdown: false, insecure: false, curve: false },
      },
    ],
    ['gateway-keys k', 'k', {}],
    ['demo', { ...QUIET, once: false }],
    ['config check', { config: CONFIG, json: false }],
    ['config print', { config: CONFIG, json: false }],
    ['config from-vpoller db', 'db', {}],
    ['config from-vpoller db --credentials c', 'db', { credentials: 'c' }],
    ['config from-vmware-exporter f --credentials c', 'f', { credentials: 'c' }],
    ['config schema', {}],
    ['metrics check', { config: CONFIG, json: false }],
    ['metrics try m', 'm', { ...ON_STATE, timeout: 60_000 }],
    ['metrics try m --object o --target t -t 7', 'm', { ...ON_STATE, timeout: 7, object: 'o', target: 't' }],
    ['metrics list', { json: false }],
    ['metrics list --preset otel', { json: false, preset: 'otel' }],
    ['coverage a b', ['a', 'b'], { ...QUIET, labels: [] }],
    ['coverage a --preset otel --labels x,y', ['a'], { ...QUIET, labels: ['x', 'y'], preset: ['otel'] }],
    ['explain s', 's', { json: false }],
    ['alerts', [], { json: false, set: {} }],
    ['alerts --runbooks r', [], { json: false, set: {}, runbooks: 'r' }],
    ['role', { config: CONFIG, json: false, name: 'vsweep', principal: String.raw`VSPHERE.LOCAL\vsweep` }],
    [
      'role --collectors hosts,vms',
      {
        ...{ config: CONFIG, json: false, name: 'vsweep', principal: String.raw`VSPHERE.LOCAL\vsweep` },
        collectors: ['hosts', 'vms'],
      },
    ],
    ['doctor --target t', { ...ON_STATE, target: 't' }],
    ['completion bash', 'bash', undefined, { config: CONFIG }],
    ['completion paths run --method m', 'paths', 'run', { config: CONFIG, method: 'm' }],
    ['invoke sweep all', 'all', { ...QUIET, stack: 'Vsweep' }],
    ['invoke sweep all --target t --stack Lab', 'all', { ...QUIET, stack: 'Lab', target: 't' }],
    ['invoke hostkeys', { ...QUIET, stack: 'Vsweep', knownHosts: false }],
    [
      'invoke hostkeys --known-hosts --target t',
      { ...QUIET, stack: 'Vsweep', knownHosts: true, target: 't' },
    ],
    ['invoke poll -m about -V vc1', { ...POLL, stack: 'Vsweep' }],
    ['status', { ...ON_STATE, hosts: false, outcome: [] }],
    ['status --hosts --outcome ok --table t', { ...ON_STATE, hosts: true, outcome: ['ok'], table: 't' }],
    ['blacklist list', ON_STATE],
    ['blacklist lift --user u', { ...ON_STATE, user: 'u' }],
    [
      'blacklist lift --user u --address a --counter-was-reset',
      { ...ON_STATE, user: 'u', address: 'a', counterWasReset: true },
    ],
    ['credential list', ON_STATE],
    ['credential lift i', 'i', ON_STATE],
    ['hostkey list --target t', { ...ON_STATE, target: 't' }],
    ['hostkey accept t h', 't', 'h', ON_STATE],
    ['hostkey accept t h --fingerprint f', 't', 'h', { ...ON_STATE, fingerprint: 'f' }],
    ['hostkey scan', { ...ON_STATE, accept: false, all: false, knownHosts: false }],
    [
      'hostkey scan --target t --accept --fingerprints f',
      { ...ON_STATE, accept: true, all: false, knownHosts: false, target: 't', fingerprints: 'f' },
    ],
    ['hostkey forget t', 't', undefined, { ...ON_STATE, all: false }],
    ['hostkey forget t --all', 't', undefined, { ...ON_STATE, all: true }],
    ['hostkey forget t h', 't', 'h', { ...ON_STATE, all: false }],
    ['groups list', ON_STATE],
    ['groups delete j i', 'j', 'i', ON_STATE],
    ['state check', { config: CONFIG, json: false }],
    ['state repair --json', { config: CONFIG, json: true }],
    ['state accept-loss', { config: CONFIG, json: false }],
    ['lease list', ON_STATE],
    ['lease release s t', 's', 't', ON_STATE],
    ['lease release s t --run-is-dead', 's', 't', { ...ON_STATE, runIsDead: true }],
  ])('%s gives the command its arguments and options, with their defaults', async (line, ...expected) => {
    expect(await given(...line.split(' '))).toEqual(expected);
  });

  it('takes -c for the configuration wherever no poll has it for the counter', async () => {
    expect(await given('status', '-c', 'other.yaml')).toMatchObject([{ config: 'other.yaml' }]);
    expect(await given('metrics', 'list', '-c', 'a.yaml')).toMatchObject([{ config: 'a.yaml', json: false }]);
    expect(await given('poll', '-m', 'about', '-V', 'vc1', '-c', 'cpu')).toMatchObject([
      { config: CONFIG, counter: 'cpu' },
    ]);
    expect(await refusal(() => given('demo', '-c', 'other.yaml'))).toBe("error: unknown option '-c'");
  });

  it.each([
    ['poll -m about', "error: required option '-V, --vsphere-host <target>' not specified"],
    ['poll -V vc1', "error: required option '-m, --method <method>' not specified"],
    ['blacklist lift', "error: required option '--user <user>' not specified"],
    [
      'poll -m m -V v -n n -u u',
      "error: option '-u, --datastore-url <url>' cannot be used with option '-n, --name <name>'",
    ],
    [
      'poll -m m -V v -P p --guest-password-file f',
      "error: option '--guest-password-file <file>' cannot be used with option '-P, --guest-password <password>'",
    ],
    [
      'coverage f -C c --preset otel',
      "error: option '-C, --config <file>' cannot be used with option '--preset <names>'",
    ],
    [
      'poll -m m -V v -o xml',
      "error: option '-o, --output <form>' argument 'xml' is invalid. Allowed choices are table, json, csv, zabbix.",
    ],
    [
      'metrics list --preset none',
      "error: option '--preset <name>' argument 'none' is invalid. Allowed choices are esxi_exporter, vmware_exporter, otel.",
    ],
  ])('%s is refused', async (line, message) => {
    expect(await refusal(() => given(...line.split(' ')))).toBe(message);
  });
});

/** Words as a shell makes them of what goes to vsweep; no example uses more than single quotes. */
function wordsOf(example: string): string[] {
  const [, line = ''] = /\bvsweep (.*?)(?: (?:\||>>?) .*|\))?$/.exec(example) ?? [];
  return Array.from(line.matchAll(/'([^']*)'|(\S+)/g), ([, quoted, plain]) => quoted ?? plain ?? '');
}

describe('examples', () => {
  it('are those of each command that does something', () => {
    expect(Object.keys(EXAMPLES).toSorted()).toEqual(pathsBelow(program).toSorted());
  });

  it.each(Object.entries(EXAMPLES))('of %s can be typed', async (path, lines) => {
    expect(lines).not.toEqual([]);
    for (const words of lines.map(wordsOf)) {
      expect(words.slice(0, path.split(' ').length)).toEqual(path.split(' '));
      expect(await given(...words)).not.toEqual([]);
    }
  });
});

describe('the commands', () => {
  it('show their examples below their help', () => {
    let shown = '';
    const sweep = program.commands.find((one) => one.name() === 'sweep');
    sweep?.configureOutput({ writeOut: (text) => (shown += text) }).outputHelp();
    expect(shown.split('\n').slice(-5)).toEqual([
      '',
      'Examples:',
      ...(EXAMPLES['sweep'] ?? []).map((line) => `  ${line}`),
      '',
    ]);
    expect(shown).not.toContain('-c <file>');
  });
});
