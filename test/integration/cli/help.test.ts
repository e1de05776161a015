import { describe, expect, it } from 'vitest';
import { vsweep } from './vsweep-command.ts';

/** The commands below this one that do something, each with what its `--help` says. */
async function commandsBelow(command: readonly string[]): Promise<[name: string, help: string][]> {
  const { output: help } = await vsweep('.', ...command, '--help');
  const [, list = ''] = help.split('Commands:\n');
  const names = Array.from(list.matchAll(/^ {2}([a-z]\S*)/gm), ([, name = '']) => name);
  // Each says what it is for, behind its name and its arguments.
  expect(list.match(/^ {2}[a-z].*\S {2,}\S/gm) ?? [], command.join(' ')).toHaveLength(names.length);
  if (names.length === 0) return [[command.join(' '), help]];
  const below = names.filter((name) => name !== 'help').map((name) => commandsBelow([...command, name]));
  return (await Promise.all(below)).flat();
}

/** Commands without an option that the others have, and why. */
const WITHOUT: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '--json': {
    run: 'has no result: it goes on until a signal',
    'config schema': 'prints nothing but JSON',
    'config from-vpoller': 'prints a vsweep.yaml',
    'config from-vmware-exporter': 'prints a vsweep.yaml',
    gateway: 'has no result: it goes on until a signal',
    'gateway-keys': 'prints a key',
    completion: 'prints a script',
  },
  '--verbose': {
    'config check': 'asks nobody and has no table',
    'config print': 'asks nobody and has no table',
    'config schema': 'asks nobody and has no table',
    'config from-vpoller': 'asks nobody and has no table',
    'config from-vmware-exporter': 'asks nobody and has no table',
    'metrics list': 'asks nobody and has no table',
    alerts: 'asks nobody and has no table',
    explain: 'asks nobody and has no table',
    'metrics check': 'asks nobody and has no table',
    role: 'asks nobody and has no table',
    'gateway-keys': 'asks nobody and has no table',
    completion: 'asks nobody and has no table',
    'state check': 'asks nobody and has no table',
    'state repair': 'asks nobody and has no table',
    'state accept-loss': 'asks nobody and has no table',
  },
};

const sorted = (options: Iterable<string>) => Array.from(new Set(options)).toSorted();

describe('vsweep --help', () => {
  it('has examples of every command with options that it has; --json and --verbose but for a reason', async () => {
    const helps = await commandsBelow([]);
    for (const [name, help] of helps) {
      const [options = '', examples = ''] = help.split('\nExamples:\n');
      const lines = examples.split('\n').filter((line) => line.includes(`vsweep ${name}`));
      expect(lines, name).not.toEqual([]);
      const used = lines.join('\n').match(/--[a-z-]+/g) ?? [];
      for (const option of used) expect(options, name).toContain(option);
    }
    const inHelp = helps.map(([name, help]) => ({
      name,
      options: sorted(help.match(/(?<=^ {2}(?:-\w, )?)--[a-z-]+/gm) ?? []).filter((one) => one !== '--help'),
    }));
    for (const [option, why] of Object.entries(WITHOUT)) {
      const without = inHelp.filter(({ options }) => !options.includes(option)).map(({ name }) => name);
      expect(without.toSorted(), option).toEqual(Object.keys(why).toSorted());
    }
  });
});
