import { randomUUID } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { ConfigError } from '../config/errors.ts';
import type { PushConfig } from '../config/schema.ts';
import type { Credential } from '../credentials/credential.ts';
import { createCredentialReader } from '../credentials/credential-reader.ts';
import { readCredentialFile } from '../credentials/read-credential-file.ts';
import { createSecretsManagerClient } from '../credentials/secrets-manager.ts';
import { runCommand } from '../esxi/run-command.ts';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import type { Exporter } from '../sinks/exporter.ts';
import { createPushgateway, type Pushgateway } from '../sinks/pushgateway.ts';
import { openEmbeddedState } from '../state/embedded.ts';
import { createState, type State } from '../state/state.ts';
import { readVersionKey } from '../state/version-key.ts';
import { collectBatch } from '../sweep/collect-batch.ts';
import { COLLECT_BATCH } from '../sweep/dispatch.ts';
import { createLocalInvoke } from '../sweep/local-invoke.ts';
import { type RunOrder, runSweep } from '../sweep/run-sweep.ts';
import type { RunSummary } from '../sweep/summary.ts';
import type { SweepTargetDeps } from '../sweep/sweep-target.ts';
import { createLoginQueue } from '../sweep/vcenter-login.ts';
import { createVsphereSessions } from '../sweep/vsphere-sessions.ts';
import { type LoadedConfig, toTrust } from './load-config.ts';
import { VERSION } from './version.ts';

export interface ContainerOptions {
  readonly loaded: LoadedConfig;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly log: Log;
  /** Where results are served; none with a command that ends. */
  readonly exporter?: Pick<Exporter, 'publish'>;
  /** `false`: nothing is pushed, whatever the configuration says. */
  readonly push: boolean;
  readonly onProgress?: SweepTargetDeps['onProgress'];
}

/** Everything wired for one machine: state on disk, batches in this process. */
export interface Container extends AsyncDisposable {
  readonly state: State;
  runSweep(order: RunOrder, options: { signal: AbortSignal }): Promise<RunSummary>;
}

/** Throws StateHeldError when another process owns the state folder, nothing else that an operator can mend. */
export async function openContainer(
  options: ContainerOptions,
  { signal }: { signal: AbortSignal },
): Promise<Container> {
  const { loaded, env, clock, log } = options;
  const { config } = loaded;
  const path = config.state.path ?? defaultStatePath(env);
  await using opening = new AsyncDisposableStack();
  const table = opening.use(await openEmbeddedState({ path, clock, log }, { signal }));
  const state = createState({ client: table.client, tableName: table.tableName, clock });
  const credentials = createCredentialReader({
    env,
    readFile: readCredentialFile,
    secretsManager: once(createSecretsManagerClient),
    versionKey: () => readVersionKey(path, { signal: new AbortController().signal }),
  });
  const sessions = createVsphereSessions({
    clock,
    log,
    userAgent: `vsweep/${VERSION}`,
    trustOf: ({ tls }) => toTrust(tls, loaded),
  });
  const pushgateway =
    options.push && config.push !== undefined ? createLazyPushgateway(config.push) : undefined;
  const randomId = () => randomUUID().replaceAll('-', '');

  /** Reads the credential at each push, so that a rotated one is used by the next run. */
  function createLazyPushgateway(push: PushConfig): Pick<Pushgateway, 'put' | 'delete'> {
    const open = async (callOptions: { signal: AbortSignal }) => {
      const credential = push.credentials && (await credentials.read(push.credentials, callOptions));
      const tls = toTrust(push.tls, loaded);
      return createPushgateway({
        url: push.url,
        gzip: push.gzip,
        clock,
        log,
        random: Math.random,
        ...(tls === undefined ? {} : { tls }),
        ...(credential === undefined ? {} : { credentials: toBasicAuth(credential) }),
      });
    };
    return {
      put: async (group, text, callOptions) => (await open(callOptions)).put(group, text, callOptions),
      delete: async (group, callOptions) => (await open(callOptions)).delete(group, callOptions),
    };
  }

  const worker = {
    config,
    clock,
    log,
    randomId,
    credentials,
    records: {
      recordRefusal: state.accounts.recordRefusal,
      recordSuccess: state.accounts.recordSuccess,
      pin: state.hostKeys.pin,
    },
    runCommand: (request, deps, runOptions) => runCommand(request, { clock, ...deps }, runOptions),
    cloneSession: sessions.clone,
  } satisfies Parameters<typeof collectBatch>[1];
  const sweep: SweepTargetDeps = {
    ...state,
    config,
    clock,
    log,
    randomId,
    credentials,
    blacklistMinutes: config.blacklist.minutes,
    logins: createLoginQueue(),
    login: sessions.login,
    invoke: createLocalInvoke({
      [COLLECT_BATCH]: (payload, invokeOptions) => collectBatch(payload, worker, invokeOptions),
    }),
    batches: pLimit(MAX_BATCHES),
    pushgateway,
    exporter: options.exporter,
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
  };
  const resources = opening.move();
  return {
    state,
    runSweep: (order, runOptions) => runSweep(order, sweep, runOptions),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

function toBasicAuth({ id, username, proof }: Credential): { username: string; password: string } {
  if (proof.kind === 'password') return { username, password: proof.password };
  throw new ConfigError('push.credentials', [{ path: '', message: `${id} holds no password; give it one` }]);
}

/** Batches in this process at once; their hosts wait together, so more would only add open connections. */
const MAX_BATCHES = 16;

function defaultStatePath(env: ContainerOptions['env']): string {
  return join(env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state'), 'vsweep');
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
