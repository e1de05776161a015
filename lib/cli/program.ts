import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command, CommanderError, Option } from 'commander';
import { STACK } from '../config/deployed-names.ts';
import { ConfigError } from '../config/errors.ts';
import { messageOf } from '../platform/errors.ts';
import { addSetting, addTheme } from './alert-options.ts';
import { type Completer, createCompleter, isByNpx } from './complete-commands.ts';
import { DEFAULT_CONFIG_FILE } from './default-config-file.ts';
import { EXAMPLES } from './examples.ts';
import { completingCommands, printError } from './terminal.ts';
import { hintAt } from './usage-hints.ts';
import { VERSION } from './version.ts';
import {
  addManaged,
  addOutcome,
  parseBaseUrl,
  parseEndpoint,
  parseListen,
  parseNames,
  parsePresets,
  parsePrincipal,
  parseRoleName,
  parseTimeout,
} from './wire-options.ts';

const CONFIG = ['-C, --config <file>', 'configuration file', DEFAULT_CONFIG_FILE] as const;
const VERBOSE = ['-v, --verbose', 'log every step; print tables in full', false] as const;
const TABLE = ['--table <name>', 'use the state in this DynamoDB table, not the local one'] as const;
const STACK_NAME = ['--stack <name>', 'name of the deployed stack', STACK] as const;
const JSON_FLAG = ['--json', 'print JSON instead of tables', false] as const;

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
  using whileItRuns = new DisposableStack();
  // A command's code is loaded when it runs: what completes a command line may not wait for all that a sweep needs.
  const ending: Ending =
    (load) =>
    async (...given) => {
      const run = await load();
      whileItRuns.use(completingCommands(completerFor(given.at(-1))));
      exitCode = await run(...given);
    };
  const program = createProgram(ending);
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    exitCode = exitCodeFor(error);
    // Commander has printed its own.
    const told =
      error instanceof CommanderError ? hintAsStarted(error, args, program) : `vsweep: ${messageOf(error)}`;
    if (told !== undefined) printError(told);
  }
  return exitCode;
}

/** With the commands as this one was started: no action runs yet that would complete them. */
function hintAsStarted(error: CommanderError, args: readonly string[], program: Command): string | undefined {
  const complete = createCompleter(program, {
    config: undefined,
    table: undefined,
    byNpx: isByNpx(process.env),
  });
  const hint = hintAt(error, args, program);
  return hint === undefined ? undefined : complete(hint);
}

/** Of what Commander gives to an action the last is the command itself. */
function completerFor(command: unknown): Completer {
  if (!(command instanceof Command)) return (text) => text;
  const { config, table }: { config?: string; table?: string } = command.opts();
  // Messages of a service are read elsewhere, and pasted in another folder.
  const isService = SERVICES.has(command.name());
  const isFile = config !== undefined && (isService ? existsSync(config) : config !== DEFAULT_CONFIG_FILE);
  return createCompleter(
    createProgram(() => async () => undefined),
    {
      config: isFile ? resolve(config) : undefined,
      table,
      byNpx: isByNpx(process.env),
    },
  );
}

const SERVICES: ReadonlySet<string> = new Set(['run', 'gateway']);

function exitCodeFor(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  return error instanceof ConfigError ? 2 : 1;
}

/** The commands with their options; `ending` makes what each of them does. */
export function createProgram(ending: Ending): Command {
  const program = new Command('vsweep')
    .description('Collect metrics from VMware vSphere fleets for Prometheus.')
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
    .argument('<sweep>', 'name of a sweep in the configuration')
    .option(...CONFIG)
    .option(...JSON_FLAG)
    .option('--dry-run', 'print the metrics instead of pushing them', false)
    .option(...VERBOSE)
    .action(ending(async () => (await import('./sweep.ts')).sweepCommand));
  asPoll(program.command('poll'))
    .description('answer one vPoller request and print the reply')
    .option('-t, --timeout <ms>', 'timeout in ms', parseTimeout, 30_000)
    .option('--lambda <function>', 'name of a deployed poll function that answers instead')
    .option(...CONFIG)
    .action(ending(async () => (await import('./poll.ts')).pollCommand));
  program
    .command('gateway')
    .description("serve vPoller's ZeroMQ protocol to unmodified clients")
    .option('--listen <endpoint>', 'endpoint for clients', parseEndpoint, 'tcp://127.0.0.1:10123')
    .option(
      '--manage <endpoint>',
      'management endpoint for vpoller-proxy; worker=<endpoint> for vpoller-worker; repeatable',
      addManaged,
      [],
    )
    .option('--allow-shutdown', 'accept shutdown requests on the management endpoints', false)
    .option('--insecure', 'listen beyond loopback, without authentication or encryption', false)
    .option('--curve', 'encrypt loopback endpoints, too, with the keys of polls.curve', false)
    .option('--metrics <address>', 'serve /metrics of this process there', parseListen)
    .option('--timeout <ms>', 'timeout per request in ms', parseTimeout, 10_000)
    .option('--lambda <function>', 'name of a deployed poll function that answers instead')
    .option(...CONFIG)
    .option(...VERBOSE)
    .action(ending(async () => (await import('./gateway.ts')).gatewayCommand));
  program
    .command('gateway-keys')
    .description('make a pair of CURVE keys for the gateway or a client')
    .argument('<file>', 'new file for the secret key, such as credentials/gateway.key')
    .action(ending(async () => (await import('./gateway-keys.ts')).gatewayKeysCommand));
  program
    .command('demo')
    .description('sweep a simulated fleet on loopback until Ctrl-C')
    .option('--once', 'sweep once; exit 1 if an outcome is not the expected one', false)
    .option(...JSON_FLAG)
    .option(...VERBOSE)
    .action(ending(async () => (await import('./demo.ts')).demoCommand));

  const config = program.command('config').description('check, print or convert a configuration');
  config
    .command('check')
    .description('check the configuration and report every error')
    .option(...CONFIG)
    .option(...JSON_FLAG)
    .action(ending(async () => (await import('./config-check.ts')).configCheckCommand));
  config
    .command('print')
    .description('print the configuration in effect as a vsweep.yaml')
    .option(...CONFIG)
    .option(...JSON_FLAG)
    .action(ending(async () => (await import('./config-print.ts')).configPrintCommand));
  config
    .command('from-vpoller')
    .description("convert vPoller's agents to the targets of a vsweep.yaml")
    .argument('<file>', 'database of vconnector, such as /var/lib/vconnector/vconnector.db')
    .option(
      '--credentials <folder>',
      'folder for one credential file per agent; without it, secrets are named that you create',
    )
    .action(ending(async () => (await import('./from-vpoller.ts')).configFromVpollerCommand));
  config
    .command('from-vmware-exporter')
    .description("convert vmware_exporter's YAML to a vsweep.yaml")
    .argument('<file>', 'its configuration, such as config.yml')
    .option(
      '--credentials <folder>',
      'folder for one credential file per section; without it, secrets are named that you create',
    )
    .action(ending(async () => (await import('./from-vmware-exporter.ts')).configFromVmwareExporterCommand));
  config
    .command('schema')
    .description('print the JSON Schema of vsweep.yaml, for editors')
    .action(ending(async () => (await import('./config-print.ts')).configSchemaCommand));

  const metrics = program.command('metrics').description('list, check and try metrics');
  metrics
    .command('check')
    .description('check own metrics and show their cost')
    .option(...CONFIG)
    .option(...JSON_FLAG)
    .action(ending(async () => (await import('./metrics-check.ts')).metricsCheckCommand));
  metrics
    .command('try')
    .description('read one metric once and show its series')
    .argument('<metric>', 'name of an own metric, or of a built-in one')
    .option('--object <name>', 'name or managed object id of the object; the first one by default')
    .option('--target <target>', 'name of a target; the first one by default')
    .option('-t, --timeout <ms>', 'timeout in ms', parseTimeout, 60_000)
    .option(...CONFIG)
    .option(...JSON_FLAG)
    .option(...VERBOSE)
    .action(ending(async () => (await import('./metrics-try.ts')).metricsTryCommand));
  metrics
    .command('list')
    .description('list every metric with its source')
    .option('-C, --config <file>', 'configuration whose own metrics are listed, too')
    .addOption(
      new Option('--preset <name>', 'only its metrics').choices(['esxi_exporter', 'vmware_exporter', 'otel']),
    )
    .option(...JSON_FLAG)
    .action(ending(async () => (await import('./metrics.ts')).metricsListCommand));

  program
    .command('coverage')
    .description('check that rules and dashboards ask for series that exist')
    .argument('<file...>', 'rule files of Prometheus, dashboards of Grafana')
    .addOption(
      new Option('-C, --config <file>', 'judge by this configuration, not by all collectors').conflicts(
        'preset',
      ),
    )
    .addOption(new Option('--preset <names>', 'comma-separated presets').argParser(parsePresets))
    .option('--labels <names>', 'comma-separated labels that Prometheus adds to every series', parseNames, [])
    .option(...JSON_FLAG)
    .option(...VERBOSE)
    .action(ending(async () => (await import('./coverage.ts')).coverageCommand));

  program
    .command('explain')
    .description('show source, cost, alerts and dashboards of a series')
    .argument('<series>', 'name of a series, such as vmware_host_connected')
    .option('-C, --config <file>', 'configuration whose own metrics are known, too')
    .option(...JSON_FLAG)
    .action(ending(async () => (await import('./explain.ts')).explainCommand));

  program
    .command('alerts')
    .description('print alert rules for Prometheus')
    .argument('[subject...]', 'any of vsweep, hosts, vms, datastores, clusters, vcenter', addTheme)
    .option(
      '--set <threshold>',
      '<name>=<value> of a threshold, see docs/alerts.md; repeatable',
      addSetting,
      {},
    )
    .option('--runbooks <base>', 'url or folder that runbook_url begins with')
    .option(...JSON_FLAG)
    .action(ending(async () => (await import('./alerts.ts')).alertsCommand));

  program
    .command('role')
    .description('print commands that create a least-privilege vCenter role')
    .option(...CONFIG)
    .option('--collectors <names>', 'comma-separated collectors; no configuration is read', parseNames)
    .option('--name <role>', 'name of the role', parseRoleName, 'vsweep')
    .option('--principal <account>', 'account that gets the role', parsePrincipal, 'VSPHERE.LOCAL\\vsweep')
    .option(...JSON_FLAG)
    .action(ending(async () => (await import('./role.ts')).roleCommand));

  program
    .command('doctor')
    .description('try out network, logins, hosts and sinks, with remedies')
    .option('--target <target>', 'of the targets check this one only')
    .option('--prometheus <url>', 'also check what this Prometheus makes of the series', parseBaseUrl)
    .option(...CONFIG)
    .option(...JSON_FLAG)
    .option(...VERBOSE)
    .action(ending(async () => (await import('./doctor/doctor-command.ts')).doctorCommand));

  program
    .command('completion')
    .description('print the completion script for bash or zsh')
    .argument(
      '<what>',
      'bash or zsh; the scripts themselves also pass sweeps, targets, methods, metrics, series and paths',
    )
    .argument('[written]', 'beginning of the property paths to list')
    .option('--method <method>', 'poll method whose property paths are listed')
    .option(...CONFIG)
    .action(ending(async () => (await import('./completion.ts')).completionCommand));

  addInvokeCommands(program, ending);
  addStateCommands(program, ending);
  addExamples(program);
  addOldLetter(program);
  return program;
}

/** `-c` is the counter of a poll, as vPoller has it; elsewhere scripts may know it as the configuration. */
function addOldLetter(command: Command): void {
  for (const below of command.commands) addOldLetter(below);
  const has = (flag: string) => command.options.some(({ short, long }) => short === flag || long === flag);
  if (!has('--config') || has('-c')) return;
  command.addOption(new Option('-c <file>').hideHelp());
  command.on('option:c', (file: string) => command.setOptionValueWithSource('config', file, 'cli'));
}

/** The options of a poll, wherever it runs. */
const asPoll = (command: Command) =>
  command
    .requiredOption('-m, --method <method>', 'vPoller method, such as host.discover')
    .requiredOption('-V, --vsphere-host <target>', 'name of a target in the configuration')
    .option('-n, --name <name>', 'name of the object')
    .addOption(
      new Option(
        '-u, --datastore-url <url>',
        'URL of a datastore, as older clients send it; same as --name',
      ).conflicts('name'),
    )
    .option('-p, --properties <paths>', 'properties to read, such as runtime.powerState,overallStatus')
    .option('-k, --key <key>', 'filter for the reply: a disk of a guest, or part of a command line')
    .option('-c, --counter <counter>', 'performance counter, such as cpu.usage.percent.average')
    .option('-s, --max-sample <number>', 'number of samples')
    .option('-i, --instance <name>', 'counter instance')
    .option('-T, --perf-interval <interval>', 'name or key of a historical interval')
    .option('-U, --guest-username <username>', 'account in the guest operating system')
    .option(
      '-P, --guest-password <password>',
      'password of that account; other users of this machine can see it',
    )
    .addOption(
      new Option(
        '--guest-password-file <file>',
        'file with that password in its first line; - for standard input',
      ).conflicts('guestPassword'),
    )
    .option('-H, --helper <helper>', 'vPoller helper that formats the reply, such as vpoller.helpers.zabbix')
    .addOption(new Option('-o, --output <form>', 'output format').choices(['table', 'json', 'csv', 'zabbix']))
    .option('--escape-formulas', 'with --output csv: no cell is a formula of a spreadsheet', false)
    .option('--json', 'same as --output json', false)
    .option(...VERBOSE);

/** The same in AWS, by the functions that are deployed there. */
function addInvokeCommands(program: Command, ending: Ending): void {
  const invoke = program.command('invoke').description('call the functions deployed to AWS');
  invoke
    .command('sweep')
    .description('run one sweep now on AWS')
    .argument('<sweep>', 'name of a deployed sweep')
    .option('--target <target>', 'run on this target only')
    .option(...STACK_NAME)
    .option(...JSON_FLAG)
    .option(...VERBOSE)
    .action(ending(async () => (await import('./invoke.ts')).invokeSweepCommand));
  invoke
    .command('hostkeys')
    .description('list ssh host keys that are not accepted yet, from AWS')
    .option('--target <target>', 'scan hosts of this target only')
    .option('--known-hosts', 'print the keys in known_hosts format', false)
    .option(...STACK_NAME)
    .option(...JSON_FLAG)
    .option(...VERBOSE)
    .action(ending(async () => (await import('./invoke.ts')).invokeHostkeysCommand));
  asPoll(invoke.command('poll'))
    .description('answer one vPoller request from AWS and print the reply')
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
    .description('show the last run of each sweep on each target')
    .option('--hosts', 'show the hosts of the last runs', false)
    .addOption(
      new Option(
        '--outcome <outcome>',
        'with --hosts: only ok, failed, skipped, or one such as failed(auth); repeatable',
      )
        .argParser(addOutcome)
        .default([], 'all'),
    )
    .action(ending(async () => (await import('./status.ts')).statusCommand));

  const blacklist = group('blacklist', 'list or lift accounts with refused logins');
  onState(blacklist.command('list'))
    .description('list accounts with refused logins and their next try')
    .action(ending(async () => (await import('./blacklist.ts')).blacklistListCommand));
  onState(blacklist.command('lift'))
    .description('forget the refused logins of an account')
    .requiredOption('--user <user>', 'user name of the account')
    .option('--address <address>', 'lift it on this address only; or the name of a host in vCenter')
    .option(
      '--counter-was-reset',
      "confirm that you reset a host's counter by a successful login there; a vCenter needs none",
    )
    .action(ending(async () => (await import('./blacklist.ts')).blacklistLiftCommand));

  const credential = group('credential', 'list or lift the suspended credential for ssh');
  onState(credential.command('list'))
    .description('show whether hosts accept the credential, or its next try')
    .action(ending(async () => (await import('./credential.ts')).credentialListCommand));
  onState(credential.command('lift'))
    .description('end a suspension: the next run tries the credential')
    .argument('<id>', 'id from "credential list"')
    .action(ending(async () => (await import('./credential.ts')).credentialLiftCommand));

  const hostkey = group('hostkey', 'list, scan, accept or forget ssh host keys');
  onState(hostkey.command('list'))
    .description('list pinned host keys with their fingerprints')
    .option('--target <target>', 'list keys of this target only')
    .action(ending(async () => (await import('./hostkey.ts')).hostkeyListCommand));
  onState(hostkey.command('accept'))
    .description("compare a host's key with the pinned one, then pin it")
    .argument('<target>', 'name of a target in the configuration')
    .argument('<host>', 'its name in vCenter, or <address:port>')
    .option('--fingerprint <fingerprint>', 'fingerprint (SHA256:…) of the key to pin')
    .action(ending(async () => (await import('./hostkey.ts')).hostkeyAcceptCommand));
  onState(hostkey.command('scan'))
    .description('read the keys of all hosts without a login')
    .option('--target <target>', 'scan hosts of this target only')
    .option('--accept', 'pin unknown keys after asking for confirmation', false)
    .option('--fingerprints <file>', 'with --accept: pin only keys whose SHA256:… is in this file')
    .option('--all', 'with --accept: pin all without asking', false)
    .option('--known-hosts', 'print the keys in known_hosts format', false)
    .action(ending(async () => (await import('./hostkey-scan.ts')).hostkeyScanCommand));
  onState(hostkey.command('forget'))
    .description('forget one pinned key, or all keys of a target')
    .argument('<target>', 'name of the target')
    .argument('[host]', 'its name in vCenter, or <address:port>')
    .option('--all', 'forget all keys of the target', false)
    .action(ending(async () => (await import('./hostkey.ts')).hostkeyForgetCommand));

  const groups = group('groups', 'list or delete groups at the Pushgateway');
  onState(groups.command('list'))
    .description('list pushed groups and their last push')
    .action(ending(async () => (await import('./groups.ts')).groupsListCommand));
  onState(groups.command('delete'))
    .description('delete a group at the Pushgateway and in the state')
    .argument('<job>', 'from "groups list"')
    .argument('<instance>', 'from "groups list"')
    .action(ending(async () => (await import('./groups.ts')).groupsDeleteCommand));

  const inFile = (command: Command) => command.option(...CONFIG).option(...JSON_FLAG);
  const state = group('state', 'check or repair the local state file');
  inFile(state.command('check'))
    .description('check the state file and list lost items')
    .action(ending(async () => (await import('./state.ts')).stateCheckCommand));
  inFile(state.command('repair'))
    .description('replace the state file by one with all readable items')
    .action(ending(async () => (await import('./state.ts')).stateRepairCommand));
  inFile(state.command('accept-loss'))
    .description('allow logins again after a repair that lost refusals')
    .action(ending(async () => (await import('./state.ts')).stateAcceptLossCommand));

  const lease = group('lease', 'list or release the leases of running sweeps');
  onState(lease.command('list'))
    .description('list running sweeps by target')
    .action(ending(async () => (await import('./lease.ts')).leaseListCommand));
  onState(lease.command('release'))
    .description('release the lease of a run that died')
    .argument('<sweep>', 'name of a sweep in the configuration')
    .argument('<target>', 'name of a target in the configuration')
    .option('--run-is-dead', 'confirm that the run which holds the lease has ended')
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
