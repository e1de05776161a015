import { randomUUID } from 'node:crypto';
import { insecureSections, type LoadedConfig } from '../config/loaded-config.ts';
import type { TargetConfig } from '../config/schema.ts';
import type { CredentialReader } from '../credentials/credential.ts';
import type { Clock } from '../platform/clock.ts';
import { withHeartbeat } from '../platform/heartbeat.ts';
import { type Log, quieter } from '../platform/log.ts';
import { openPolls, type Polls } from '../poll/answer-poll.ts';
import { openTargetSessions, type SessionLife, type TargetSessions } from '../poll/target-sessions.ts';
import { wirePoll } from '../poll/wire-poll.ts';
import { openMachineSinks } from '../sinks/machine-sinks.ts';
import type { Sink } from '../sinks/sink.ts';
import { startWriterThread, type WriterThread } from '../state/sqlite/writer.ts';
import type { State } from '../state/state.ts';
import { readVersionKey } from '../state/version-key.ts';
import { COLLECT_BATCH } from '../sweep/dispatch/hand-over.ts';
import { createLocalInvoke } from '../sweep/dispatch/local-invoke.ts';
import type { RunSummary } from '../sweep/result/summary.ts';
import { type RunOrder, runSweep } from '../sweep/run/run-sweep.ts';
import type { SweepTargetDeps } from '../sweep/run/sweep-target.ts';
import { wireSweep } from '../sweep/wire-sweep.ts';
import { wireWorker } from '../sweep/wire-worker.ts';
import { collectBatch } from '../sweep/worker/collect-batch.ts';
import type { LinkObserver } from '../vsphere/session/link.ts';
import { askOneHost, createAskHost, type HostAnswer } from './ask-host.ts';
import { createCommandCredentials } from './command-credentials.ts';
import type { SweptRows } from './host-questions.ts';
import { type OpenedState, openState, statePathOf } from './open-state.ts';
import { openSeriesOutput } from './series-output.ts';
import { openStackState, refuseRunsBesideStack } from './stack-state.ts';
import { VERSION } from './version.ts';
import { warnOfUnknownKeys } from './warn-of-unknown-keys.ts';

export interface ContainerOptions {
  readonly loaded: LoadedConfig;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly log: Log;
  /** Of this process, beside those of the configuration. */
  readonly sinks?: readonly Sink[];
  /** `false`: the sinks of the configuration get nothing. */
  readonly push: boolean;
  /** What is found is only looked at: such a run is not remembered as the last one. */
  readonly dryRun?: boolean;
  /** Started before, where there was time; one is started here otherwise. */
  readonly thread?: WriterThread;
  /** Counts the links to vCenters. */
  readonly observe?: LinkObserver;
  readonly onProgress?: SweepTargetDeps['onProgress'];
  /**
   * What may be done where the configuration has a deployed stack: `sessions` are opened on vCenters, by the stack's own
   * table. By default nothing, because a run of this machine would count refused logins elsewhere than the stack.
   */
  readonly besideStack?: 'sessions';
}

/** Everything wired for one machine: state on disk, batches in this process. */
export interface Container extends AsyncDisposable {
  readonly state: State;
  readonly credentials: CredentialReader;
  /** The table in AWS that the state is in. */
  readonly table?: string;
  runSweep(order: RunOrder, options: { signal: AbortSignal }): Promise<RunSummary>;
  /** Asks one host for metrics by commands; no sink gets what it says. */
  askHost(
    rows: SweptRows,
    of: { target: TargetConfig; moref: string; ms: number },
    options: { signal: AbortSignal },
  ): Promise<HostAnswer>;
  /** Answers requests of vPoller. Dispose it before the container. */
  openPolls(life: SessionLife): Polls;
  /** Sessions for whoever reads for an operator. Dispose them before the container. */
  openTargetSessions(life: SessionLife): TargetSessions;
}

/** Throws StateError when the state folder, or the table of a stack, cannot be used; ConfigError for runs beside a stack. */
export async function openContainer(
  options: ContainerOptions,
  { signal }: { signal: AbortSignal },
): Promise<Container> {
  const { loaded, env, log } = options;
  const isOfStack = loaded.config.aws !== undefined;
  if (options.besideStack === undefined) refuseRunsBesideStack(loaded, 'a run');
  for (const { path, url } of insecureSections(loaded.config)) {
    log.warn('certificates are not verified: any server that answers there gets the password', {
      at: path,
      url,
    });
  }
  const path = statePathOf(loaded, env);
  await using opening = new AsyncDisposableStack();
  const clock = opening.use(withHeartbeat(options.clock));
  const openLocal = async () => {
    const thread = options.thread ?? opening.use(startWriterThread());
    return await openState({ loaded, env, clock, log, thread }, { signal });
  };
  const opened: OpenedState & { readonly table?: string } = opening.use(
    isOfStack ? await openStackState({ loaded, clock }, { signal }) : await openLocal(),
  );
  const { state } = opened;
  const credentials = warnOfUnknownKeys(
    createCommandCredentials({
      env,
      // By a key of this machine the functions would know no version of a credential.
      versionKey: isOfStack ? refuseVersionKey : () => readVersionKey(path, { signal }),
    }),
    { esxi: loaded.config.esxi, log },
  );
  const surroundings = {
    loaded,
    state,
    credentials,
    clock,
    log,
    randomId: () => randomUUID().replaceAll('-', ''),
    random: Math.random,
    userAgent: `vsweep/${VERSION}`,
    observe: options.observe,
  };
  const worker = wireWorker({ ...surroundings, log: quieter(log) });
  const ofMachine = options.push
    ? openMachineSinks({ ...surroundings, groups: state.groups, openOutput: openSeriesOutput })
    : [];
  const sweep = wireSweep(surroundings, {
    ...options,
    sinks: [...ofMachine, ...(options.sinks ?? [])],
    invoke: createLocalInvoke({
      [COLLECT_BATCH]: (payload, invokeOptions) => collectBatch(payload, worker, invokeOptions),
    }),
    maxBatches: MAX_BATCHES,
  });
  const poll = wirePoll(surroundings, {
    ...sweep,
    ...(isOfStack ? {} : { askHost: createAskHost(loaded.config, sweep) }),
  });
  const resources = opening.move();
  return {
    state,
    credentials,
    ...(opened.table === undefined ? {} : { table: opened.table }),
    async runSweep(order, runOptions) {
      refuseRunsBesideStack(loaded, 'a run');
      return await runSweep(order, sweep, runOptions);
    },
    async askHost(rows, of, askOptions) {
      refuseRunsBesideStack(loaded, 'a login to a host');
      return await askOneHost(rows, of, sweep, askOptions);
    },
    openPolls: (life) => openPolls(poll, life),
    openTargetSessions: (life) => openTargetSessions(poll, life),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

const refuseVersionKey = async (): Promise<never> => {
  throw new Error(
    'Beside a stack only credentials in AWS Secrets Manager are used; write { secret: <name> }',
  );
};

/** Batches in this process at once; their hosts wait together, so more would only add open connections. */
const MAX_BATCHES = 16;
