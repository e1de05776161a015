import { Command, CommanderError } from 'commander';
import { ConfigError } from '../config/errors.ts';
import { messageOf } from '../platform/errors.ts';
import { blacklistLiftCommand, blacklistListCommand } from './blacklist.ts';
import { configCheckCommand } from './config-check.ts';
import { demoCommand } from './demo.ts';
import { DEFAULT_CONFIG_FILE } from './load-config.ts';
import { pollCommand } from './poll.ts';
import { runCommandLine } from './run.ts';
import { sweepCommand } from './sweep.ts';
import { printError } from './terminal.ts';
import { VERSION } from './version.ts';

const CONFIG = ['-c, --config <file>', 'the configuration', DEFAULT_CONFIG_FILE] as const;
const VERBOSE = ['-v, --verbose', 'log what is done, not only what is wrong', false] as const;
const JSON_FLAG = ['--json', 'print JSON', false] as const;

function createProgram(): Command {
  const program = new Command('vsweep')
    .description('Sweeps VMware vSphere fleets and pushes what it finds to a Prometheus Pushgateway.')
    .version(VERSION)
    // What stands behind a command is its own: vPoller's -V is not ours.
    .enablePositionalOptions()
    .exitOverride()
    .showHelpAfterError('(add --help for what there is)');

  program
    .command('run')
    .description('run every sweep on its schedule, and serve /metrics')
    .option(...CONFIG)
    .option(...VERBOSE)
    .action(ending(runCommandLine));
  program
    .command('sweep')
    .description('run one sweep now')
    .argument('<name>', 'a name under "sweeps"')
    .option(...CONFIG)
    .option(...JSON_FLAG)
    .option('--dry-run', 'push nothing; print what would be pushed', false)
    .option(...VERBOSE)
    .action(ending(sweepCommand));
  program
    .command('poll')
    .description('ask a target one thing, as vpoller-client does')
    .requiredOption('-m, --method <method>', 'what to ask, such as host.discover')
    .requiredOption('-V, --vsphere-host <target>', 'a name under "targets"')
    .option('-n, --name <name>', 'the object to ask about')
    .option('-p, --properties <paths>', 'properties to read, such as runtime.powerState,overallStatus')
    .option(...CONFIG)
    .option('--json', 'print the reply itself', false)
    .option(...VERBOSE)
    .action(ending(pollCommand));
  program
    .command('demo')
    .description('sweep a simulated fleet on loopback; Ctrl-C ends it')
    .option('--once', 'sweep once, and exit 0 if every host came out as it was built', false)
    .option(...JSON_FLAG)
    .action(ending(demoCommand));

  program
    .command('config')
    .description('about the configuration')
    .command('check')
    .description('check a configuration: all faults at once')
    .option(...CONFIG)
    .action(ending(configCheckCommand));

  const blacklist = program
    .command('blacklist')
    .description('accounts that are left alone after a refused login');
  blacklist
    .command('list')
    .description('every account with a refusal, and when it is tried again')
    .option(...CONFIG)
    .option(...JSON_FLAG)
    .action(ending(blacklistListCommand));
  blacklist
    .command('lift')
    .description('try an account again')
    .requiredOption('--user <user>', 'the account')
    .option('--address <address>', 'only on this address')
    .option('--counter-was-reset', "I have reset the host's own counter by a successful login there")
    .option(...CONFIG)
    .action(ending(blacklistLiftCommand));
  return program;
}

/** Makes a command's answer the exit code of the process. */
function ending<Arguments extends unknown[]>(command: (...args: Arguments) => Promise<number>) {
  return async (...args: Arguments) => {
    process.exitCode = await command(...args);
  };
}

/** 2: usage or configuration; 1: anything else that was thrown. */
function exitCodeFor(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  return error instanceof ConfigError ? 2 : 1;
}

try {
  await createProgram().parseAsync();
} catch (error) {
  process.exitCode = exitCodeFor(error);
  // Commander has printed its own.
  if (!(error instanceof CommanderError)) printError(`vsweep: ${messageOf(error)}`);
}
