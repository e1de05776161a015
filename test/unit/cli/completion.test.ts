import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { completionCommand, describeCommands } from '../../../lib/cli/completion.ts';

afterEach(() => vi.restoreAllMocks());

/** A program with every kind of option and argument. */
function program(): Command {
  const all = new Command('vsweep').option('-v, --verbose').option('-x');
  const poll = all.command('poll').argument('<method>').argument('[other]');
  poll
    .option('-V, --vsphere-host <target>')
    .option('--config <file>')
    .option('--shown [metric]')
    .option('--json');
  all.command('blacklist').command('lift').requiredOption('--user <name>');
  all.command('completion').argument('<what>');
  all.helpCommand(true);
  return all;
}

describe('the commands that are completed', () => {
  it('are all of a program, with what may come after each', () => {
    expect(describeCommands(program())).toEqual([
      {
        path: '',
        commands: ['poll', 'blacklist', 'completion'],
        options: ['--verbose', '--help'],
        valued: {},
        positional: [],
      },
      {
        path: 'poll',
        commands: [],
        options: ['--vsphere-host', '--config', '--shown', '--json', '--help'],
        valued: { '-V': 'targets', '--vsphere-host': 'targets', '--config': 'files', '--shown': '' },
        positional: ['methods', ''],
      },
      { path: 'blacklist', commands: ['lift'], options: ['--help'], valued: {}, positional: [] },
      {
        path: 'blacklist lift',
        commands: [],
        options: ['--user', '--help'],
        valued: { '--user': '' },
        positional: [],
      },
      { path: 'completion', commands: [], options: ['--help'], valued: {}, positional: [''] },
    ]);
  });

  it.each([
    ['sweep', 'sweeps'],
    ['target', 'targets'],
    ['instance', 'targets'],
    ['method', 'methods'],
    ['metric', 'metrics'],
    ['series', 'series'],
    ['paths', 'paths'],
    ['file', 'files'],
    ['user', ''],
  ])('take for <%s> what stands behind it: %s', (name, kind) => {
    const command = new Command('vsweep').argument(`<${name}>`).option(`--of <${name}>`).option('--a-b <x>');
    const [described] = describeCommands(command);
    expect(described?.positional).toEqual([kind]);
    expect(described?.valued).toEqual({ '--of': kind, '--a-b': '' });
  });
});

describe('vsweep completion', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vsweep-completion-'));
    const config = `targets:
  - { name: vc1, credentials: { env: VC1 } }
  - { name: standby, credentials: { env: VC2 } }
metrics: { own: { my_metric: { property: VirtualMachine guestHeartbeatStatus, states: [green, red] } } }
sweeps:
  - { name: services, every: 1m, collectors: [overall-status] }
  - { name: own, every: 5m, collectors: [own] }
`;
    await writeFile(join(folder, 'vsweep.yaml'), config, { mode: 0o600 });
    await writeFile(join(folder, 'broken.yaml'), 'targets: 7\n', { mode: 0o600 });
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function complete(what: string, more: { written?: string; method?: string; config?: string } = {}) {
    let output = '';
    vi.spyOn(process.stdout, 'write').mockImplementation((chunk: string | Uint8Array) => {
      output += chunk;
      return true;
    });
    const { written, method, config = 'vsweep.yaml' } = more;
    const options = { config: join(folder, config), ...(method !== undefined && { method }) };
    const command = program().commands.find((one) => one.name() === 'completion');
    if (command === undefined) throw new Error('no command');
    expect(await completionCommand(what, written, options, command)).toBe(0);
    vi.restoreAllMocks();
    return output;
  }
  const names = async (...of: Parameters<typeof complete>) =>
    (await complete(...of)).split('\n').filter((line) => line !== '');

  it.each([
    [
      'bash',
      '# Completion of vsweep for bash: source <(vsweep completion bash)\n',
      'complete -F _vsweep vsweep\n',
    ],
    ['zsh', '#compdef vsweep\n', 'compdef _vsweep vsweep\n'],
  ])('prints the script for %s, with a line for each command', async (shell, first, last) => {
    const script = await complete(shell);
    expect(script.slice(0, first.length)).toBe(first);
    expect(script.slice(-last.length)).toBe(last);
    const cases = script.split('\n').filter((line) => line.includes(' vs_positional='));
    expect(cases).toEqual([
      "    '') vs_commands='poll blacklist completion' vs_options='--verbose --help' vs_valued='  ' vs_positional='' ;;",
      "    'poll') vs_commands='' vs_options='--vsphere-host --config --shown --json --help' vs_valued=' -V=targets --vsphere-host=targets --config=files --shown= ' vs_positional='methods -' ;;",
      "    'blacklist') vs_commands='lift' vs_options='--help' vs_valued='  ' vs_positional='' ;;",
      "    'blacklist lift') vs_commands='' vs_options='--user --help' vs_valued=' --user= ' vs_positional='' ;;",
      "    'completion') vs_commands='' vs_options='--help' vs_valued='  ' vs_positional='-' ;;",
    ]);
  });

  it('knows the names of a configuration, and none of one that is missing or wrong', async () => {
    expect(await complete('sweeps')).toBe('services\nown\n');
    expect(await complete('targets')).toBe('vc1\nstandby\n');
    for (const config of ['missing.yaml', 'broken.yaml'])
      expect(await complete('targets', { config })).toBe('');
  });

  it('knows methods, series and metrics, own ones where the configuration is right', async () => {
    expect(await names('methods')).toEqual(expect.arrayContaining(['about', 'vm.get', 'metric.get']));
    expect(await names('series')).toEqual(
      expect.arrayContaining(['vmware_host_power_state', 'vsweep_target_up', 'vsweep_build_info']),
    );
    const metrics = await names('metrics');
    expect(metrics).toEqual(expect.arrayContaining(['my_metric', 'vmware_host_power_state']));
    expect(await names('metrics', { config: 'broken.yaml' })).toEqual(
      metrics.filter((name) => name !== 'my_metric'),
    );
  });

  it('knows the properties of what a method reads, behind those that are written out', async () => {
    const paths = (written: string | undefined, method?: string) =>
      names('paths', { ...(written !== undefined && { written }), ...(method && { method }) });
    expect(await paths('runtime.powerS', 'vm.get')).toEqual(['runtime.powerState']);
    expect(await paths('name,runtime.powerS', 'vm.poll')).toEqual(['name,runtime.powerState']);
    expect(await paths(undefined, 'vm.get')).toContain('runtime');
    for (const method of [undefined, 'no.method', 'vm.perf.metric.get'])
      expect(await paths('na', method)).toEqual([]);
    expect(await paths('my_m', 'metric.get')).toEqual(['my_metric']);
    expect(await paths('x,my_m', 'metric.get')).toEqual(['x,my_metric']);
  });

  it('names what it completes where it is asked for something else', async () => {
    const command = program().commands[2];
    if (command === undefined) throw new Error('no command');
    await expect(completionCommand('fish', undefined, { config: 'x' }, command)).rejects.toMatchObject({
      issues: [
        {
          path: '',
          message: '"fish" is none of bash, zsh, sweeps, targets, methods, metrics, series, paths',
        },
      ],
    });
  });
});
