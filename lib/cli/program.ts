import { Command, CommanderError, Option } from 'commander';
import { STACK } from '../config/deployed-names.ts';
import { ConfigError } from '../config/errors.ts';
import { messageOf } from '../platform/errors.ts';
import { DEFAULT_CONFIG_FILE } from './default-config-file.ts';
import { EXAMPLES } from './examples.ts';
import { printError } from './terminal.ts';
import { VERSION } from './version.ts';
import { addManaged, parseEndpoint, parseListen, parseTimeout } from './wire-options.ts';

const CONFIG = ['-c, --config <file>', 'the configuration', DEFAULT_CONFIG_FILE] as const;
const VERBOSE = [
  '-v, --verbose',
  'log what is done, not only what is wrong, and shorten no table',
  false,
] as const;
const TABLE = ['--table <name>', 'the state is in this DynamoDB table, not on this machine'] as const;
const STACK_NAME = ['--stack <name>', 'the stack that is deployed', STACK] as const;
const JSON_FLAG = ['--json', 'print JSON', false] as const;

/** Makes the action of a command, which loads the code of the command and answers its exit code. */
type Ending = <Arguments extends unknown[]>(
  load: () => Promise<(...args: Arguments) => Promise<number>>,
) => (...args: Arguments) => Promise<void>;

/**
 * Runs one command line, given without the program's name, and answers the exit code: 2 for usage and configuration, 1
 * for anything else that was thrown, else the command's own. It is printed to standard output and standard error.
 */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  let exitCode = 0;
  // A command's code is loaded when it runs: what completes a command line may not wait for all that a sweep needs.
  const ending: Ending =
    (load) =>
    async (...given) => {
      const command = await load();
      exitCode = await command(...given);
    };
  try {
    await createProgram(ending).parseAsync(args, { from: 'user' });
  } catch (error) {
    exitCode = exitCodeFor(error);
    // Commander has printed its own.
    if (!(error instanceof CommanderError)) printError(`vsweep: ${messageOf(error)}`);
  }
  return exitCode;
}

function exitCodeFor(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  return error instanceof ConfigError ? 2 : 1;
}

function createProgram(ending: Ending): Command {
  const program = new Command('vsweep')
    .description('Sweeps VMware vSphere fleets and pushes what it finds to a Prometheus Pushgateway.')
    .version(VERSION)
    // What stands behind a command is its own: vPoller's -V is not ours.
    .enablePositionalOptions()
    .exitOverride()
    .showHelpAfterError('(run with --help for usage)');

  program
    .command('run')
    .description('run every sweep on its schedule, and serve /metrics')
    .option(...CONFIG)
    .option(...VERBOSE)
    .action(ending(async () => (await import('./run.ts')).runCommandLine));
  program
    .command('sweep')
    .description('run one sweep now')
    .argument('<sweep>', 'a name under "sweeps"')
    .option(...CONFIG)
    .option(...JSON_FLAG)
    .option('--dry-run', 'push nothing; print what would be pushed', false)
    .option(...VERBOSE)
    .action(ending(async () => (await import('./sweep.ts')).sweepCommand));
  asPoll(program.command('poll'))
    .description('ask a target one thing, as vpoller-client does')
    .option('-t, --timeout <ms>', 'when it is given up', parseTimeout, 30_000)
    .option('--lambda <function>', 'let this deployed poll function answer')
    .option('--config <file>', CONFIG[1], CONFIG[2])
    .action(ending(async () => (await import('./poll.ts')).pollCommand));
  program
    .command('gateway')
    .description("answer vPoller's own clients, over ZeroMQ")
    .option('--listen <endpoint>', 'where clients ask', parseEndpoint, 'tcp://127.0.0.1:10123')
    .option(
      '--manage <endpoint>',
      'answer "vpoller-proxy status" there; worker=<endpoint> answers "vpoller-worker status"; may be repeated',
      addManaged,
      [],
    )
    .option('--allow-shutdown', 'let whoever reaches a --manage endpoint end the gateway', false)
    .option('--metrics <address>', 'serve /metrics of this process there', parseListen)
    .option('--timeout <ms>', 'when a request is given up', parseTimeout, 10_000)
    .option('--lambda <function>', 'let this deployed poll function answer')
    .option(...CONFIG)
    .option(...VERBOSE)
    .action(ending(async () => (await import('./gateway.ts')).gatewayCommand));
  program
    .command('demo')
    .description('sweep a simulated fleet on loopback; Ctrl-C ends it')
    .option('--once', 'sweep once, and exit 0 if every host came out as it was built', false)
    .option(...JSON_FLAG)
    .option(...VERBOSE)
    .action(ending(async () => (await import('./demo.ts')).demoCommand));

  const config = program.command('config').description('about the configuration');
  config
    .command('check')
    .description('check a configuration: all faults at once')
    .option(...CONFIG)
    .option(...JSON_FLAG)
    .action(ending(async () => (await import('./config-check.ts')).configCheckCommand));
  config
    .command('print')
    .description('print the configuration as a vsweep.yaml, also one from environment variables')
    .option(...CONFIG)
    .option(...JSON_FLAG)
    .action(ending(async () => (await import('./config-print.ts')).configPrintCommand));
  config
    .command('from-vpoller')
    .description("print a vsweep.yaml with vPoller's agents as targets")
    .argument('<file>', "vconnector's database, such as /var/lib/vconnector/vconnector.db")
    .option(
      '--credentials <folder>',
      'write a file for each password there; else say which secrets to create',
    )
    .action(ending(async () => (await import('./from-vpoller.ts')).configFromVpollerCommand));
  config
    .command('schema')
    .description('print the JSON Schema of vsweep.yaml, for editors')
    .action(ending(async () => (await import('./config-print.ts')).configSchemaCommand));

  program
    .command('completion')
    .description('print the script that completes the command line of a shell')
    .argument('<what>', 'bash or zsh; or sweeps, targets, methods or paths, for what there is')
    .argument('[written]', 'how the paths begin')
    .option('--method <method>', 'whose properties the paths are of')
    .option(...CONFIG)
    .action(ending(async () => (await import('./completion.ts')).completionCommand));

  addInvokeCommands(program, ending);
  addStateCommands(program, ending);
  addExamples(program);
  return program;
}

/** The options of a poll, wherever it runs. */
const asPoll = (command: Command) =>
  command
    .requiredOption('-m, --method <method>', 'what to ask, such as host.discover')
    .requiredOption('-V, --vsphere-host <target>', 'a name under "targets"')
    .option('-n, --name <name>', 'the object to ask about')
    .addOption(
      new Option(
        '-u, --datastore-url <url>',
        'a datastore, as older clients name it; the same as --name',
      ).conflicts('name'),
    )
    .option('-p, --properties <paths>', 'properties to read, such as runtime.powerState,overallStatus')
    .option('-k, --key <key>', 'narrows the answer down: a disk of a guest, a part of a command line')
    .option('-c, --counter <counter>', 'a performance counter, such as cpu.usage.percent.average')
    .option('-s, --max-sample <number>', 'how many samples of it')
    .option('-i, --instance <name>', 'of which instance')
    .option('-T, --perf-interval <interval>', 'of which historical interval')
    .option('-U, --guest-username <username>', "an account of the guest's own system")
    .option('-P, --guest-password <password>', 'its password; other users of this machine may see it')
    .option('-H, --helper <helper>', "print as this helper of vPoller's does, such as vpoller.helpers.zabbix")
    .addOption(new Option('-o, --output <form>', 'print as').choices(['table', 'json', 'csv', 'zabbix']))
    .option('--json', 'the same as --output json', false)
    .option(...VERBOSE);

/** The same in AWS, by the functions that are deployed there. */
function addInvokeCommands(program: Command, ending: Ending): void {
  const invoke = program.command('invoke').description('call what is deployed in AWS');
  invoke
    .command('sweep')
    .description('run one sweep now, in AWS')
    .argument('<sweep>', 'a name under "sweeps" of what is deployed')
    .option('--target <target>', 'only on this target')
    .option(...STACK_NAME)
    .option(...JSON_FLAG)
    .option(...VERBOSE)
    .action(ending(async () => (await import('./invoke.ts')).invokeSweepCommand));
  invoke
    .command('hostkeys')
    .description('list the hosts whose ssh key is not known, from AWS, without a login')
    .option('--target <target>', 'only hosts of this target')
    .option('--known-hosts', 'print the keys as lines of a known_hosts file', false)
    .option(...STACK_NAME)
    .option(...JSON_FLAG)
    .option(...VERBOSE)
    .action(ending(async () => (await import('./invoke.ts')).invokeHostkeysCommand));
  asPoll(invoke.command('poll'))
    .description('ask a target one thing, from AWS')
    .option(...STACK_NAME)
    .action(ending(async () => (await import('./invoke.ts')).invokePollCommand));
}

/** What stands in the state, and how an operator changes it: on this machine, or with --table in AWS. */
function addStateCommands(program: Command, ending: Ending): void {
  const onState = (command: Command) =>
    command
      .option(...CONFIG)
      .option(...TABLE)
      .option(...JSON_FLAG)
      .option(...VERBOSE);
  const group = (name: string, description: string) => program.command(name).description(description);

  onState(program.command('status'))
    .description('the last run of each sweep on each target')
    .action(ending(async () => (await import('./status.ts')).statusCommand));

  const blacklist = group('blacklist', 'accounts that are left alone after a refused login');
  onState(blacklist.command('list'))
    .description('every account with a refusal, and when it is tried again')
    .action(ending(async () => (await import('./blacklist.ts')).blacklistListCommand));
  onState(blacklist.command('lift'))
    .description('try an account again')
    .requiredOption('--user <user>', 'the account')
    .option('--address <address>', 'only on this address')
    .option('--counter-was-reset', "I have reset the host's own counter by a successful login there")
    .action(ending(async () => (await import('./blacklist.ts')).blacklistLiftCommand));

  const credential = group('credential', 'the credential for ssh, over all hosts');
  onState(credential.command('list'))
    .description('whether hosts accept it, and until when it is left alone')
    .action(ending(async () => (await import('./credential.ts')).credentialListCommand));
  onState(credential.command('lift'))
    .description('let the next run try it, on one host first')
    .argument('<id>', 'as "credential list" prints it')
    .action(ending(async () => (await import('./credential.ts')).credentialLiftCommand));

  const hostkey = group('hostkey', 'the ssh host keys that are pinned');
  onState(hostkey.command('list'))
    .description('every pinned key with its fingerprint')
    .option('--target <target>', 'only of this target')
    .action(ending(async () => (await import('./hostkey.ts')).hostkeyListCommand));
  onState(hostkey.command('accept'))
    .description('show the pinned and the presented key of a host, and pin the presented one')
    .argument('<target>', 'a name under "targets"')
    .argument('<host>', '<address:port>, as "hostkey list" prints it')
    .option('--fingerprint <fingerprint>', 'pin the presented key, which has this fingerprint (SHA256:…)')
    .action(ending(async () => (await import('./hostkey.ts')).hostkeyAcceptCommand));
  onState(hostkey.command('scan'))
    .description(
      'ask all hosts for their keys, without a login; with --accept, accept those that are not known',
    )
    .option('--target <target>', 'only hosts of this target')
    .option('--accept', 'pin the keys that are not known, after a question', false)
    .option('--fingerprints <file>', 'with --accept: those whose SHA256:… stands in this file')
    .option('--all', 'with --accept: every one', false)
    .option('--known-hosts', 'print the keys as lines of a known_hosts file', false)
    .action(ending(async () => (await import('./hostkey-scan.ts')).hostkeyScanCommand));
  onState(hostkey.command('forget'))
    .description('forget a pinned key')
    .argument('<target>', 'the target')
    .argument('[host]', '<address:port>, as "hostkey list" prints it')
    .option('--all', 'every key of the target', false)
    .action(ending(async () => (await import('./hostkey.ts')).hostkeyForgetCommand));

  const groups = group('groups', 'what was pushed to the gateway');
  onState(groups.command('list'))
    .description('every group that was pushed, and what the gateway says of it')
    .action(ending(async () => (await import('./groups.ts')).groupsListCommand));
  onState(groups.command('delete'))
    .description('delete a group at the gateway, then in the state')
    .argument('<job>', 'as "groups list" prints it')
    .argument('<instance>', 'as "groups list" prints it')
    .action(ending(async () => (await import('./groups.ts')).groupsDeleteCommand));

  const inFile = (command: Command) => command.option(...CONFIG).option(...JSON_FLAG);
  const state = group('state', 'the state file of this machine');
  inFile(state.command('check'))
    .description('whether it is whole, and what is lost')
    .action(ending(async () => (await import('./state.ts')).stateCheckCommand));
  inFile(state.command('repair'))
    .description('put a file with all that can be read in its place')
    .action(ending(async () => (await import('./state.ts')).stateRepairCommand));
  inFile(state.command('accept-loss'))
    .description('ask hosts again although nobody knows whose refusals were lost')
    .action(ending(async () => (await import('./state.ts')).stateAcceptLossCommand));

  const lease = group('lease', 'runs that are under way');
  onState(lease.command('list'))
    .description('which run is under way on which target')
    .action(ending(async () => (await import('./lease.ts')).leaseListCommand));
  onState(lease.command('release'))
    .description('let another run begin before the end of the lease')
    .argument('<sweep>', 'a name under "sweeps"')
    .argument('<target>', 'a name under "targets"')
    .option('--run-is-dead', 'I have made sure that the run that holds it has ended')
    .action(ending(async () => (await import('./lease.ts')).leaseReleaseCommand));
}

/** Below the options of each command that does something. */
function addExamples(command: Command, path = ''): void {
  const examples = EXAMPLES[path];
  if (examples !== undefined) {
    command.addHelpText('after', ['', 'Examples:', ...examples.map((line) => `  ${line}`)].join('\n'));
  }
  for (const below of command.commands)
    addExamples(below, path === '' ? below.name() : `${path} ${below.name()}`);
}
