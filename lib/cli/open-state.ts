import { homedir } from 'node:os';
import { join } from 'node:path';
import { stackOf } from '../config/deployed-names.ts';
import type { LoadedConfig } from '../config/loaded-config.ts';
import { type Clock, systemClock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import { StateError } from '../state/errors.ts';
import { openEmbeddedState } from '../state/sqlite/open.ts';
import type { WriterThread } from '../state/sqlite/writer.ts';
import { createState, type State } from '../state/state.ts';
import { requireAwsAccess } from './aws-access.ts';
import { loadConfig } from './load-config.ts';
import { abortOnSignals, logTo } from './terminal.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where the state of a command is: in a file of this machine, or in a table that is deployed. */
export interface StateOptions {
  readonly config: string;
  readonly table?: string;
  readonly verbose: boolean;
}

export interface OpenedState extends AsyncDisposable {
  readonly state: State;
}

/** Opens the state; with `table` the one in AWS, and then no folder is touched. Throws StateError. */
export async function openState(
  what: {
    loaded: LoadedConfig;
    table?: string | undefined;
    env: Environment;
    clock: Clock;
    log: Log;
    thread?: WriterThread;
  },
  options: { signal: AbortSignal },
): Promise<OpenedState> {
  const { loaded, table, env, clock, log, thread } = what;
  if (table !== undefined) {
    // The SDK is half of what a command without it loads.
    const { createDeployedClient } = await import('../state/dynamo/deployed-client.ts');
    const { createDynamoTable } = await import('../state/dynamo/table.ts');
    const client = createDeployedClient();
    await requireAwsAccess(
      client,
      (why, cause) =>
        new StateError(`The state table ${table} was not asked: ${why}.`, { code: 'refused', cause }),
    );
    const state = createState({ table: createDynamoTable({ client, tableName: table, clock }), clock });
    return { state, [Symbol.asyncDispose]: async () => client.destroy() };
  }
  const embedded = await openEmbeddedState({ path: statePathOf(loaded, env), log, thread }, options);
  const state = createState({ table: embedded.table, clock });
  return { state, [Symbol.asyncDispose]: () => embedded[Symbol.asyncDispose]() };
}

export function statePathOf({ config }: LoadedConfig, env: Environment): string {
  const fallback = () => join(env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state'), 'vsweep');
  return config.state.path ?? fallback();
}

export interface StateWork {
  readonly state: State;
  readonly loaded: LoadedConfig;
  readonly signal: AbortSignal;
}

/** Runs one command on the state, which is closed when it is done. */
export async function withState<T>(
  options: StateOptions,
  work: (opened: StateWork) => Promise<T>,
): Promise<T> {
  const loaded = await loadConfig(options.config, process.env);
  using signals = abortOnSignals();
  const { table, verbose } = options;
  const log = logTo(verbose ? 'debug' : 'warn');
  if (table === undefined && loaded.config.aws !== undefined)
    log.warn('this is the state of this machine, not of the stack', {
      stack: stackOf(loaded.config),
      remedy: "add --table with the stack's output StateTableName",
    });
  await using opened = await openState({ loaded, table, env: process.env, clock: systemClock, log }, signals);
  return await work({ state: opened.state, loaded, signal: signals.signal });
}
