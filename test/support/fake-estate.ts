import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { KNOWN_COLLECTORS } from '../../lib/collectors/known-collectors.ts';
import { NO_KNOWN_HOSTS } from '../../lib/config/known-hosts/find-keys.ts';
import { parseConfig } from '../../lib/config/parse-config.ts';
import type { Credential } from '../../lib/credentials/credential.ts';
import { SshError } from '../../lib/esxi/errors.ts';
import type { RunCommandRequest } from '../../lib/esxi/run-command.ts';
import type { ListedHost } from '../../lib/inventory/host.ts';
import { type Clock, systemClock } from '../../lib/platform/clock.ts';
import type { Invoke } from '../../lib/platform/invoke.ts';
import { silentLog } from '../../lib/platform/log.ts';
import { untilAborted } from '../../lib/platform/until-aborted.ts';
import { openEmbeddedState } from '../../lib/state/sqlite/open.ts';
import { createState, type State } from '../../lib/state/state.ts';
import { COLLECT_BATCH } from '../../lib/sweep/dispatch/hand-over.ts';
import { createLocalInvoke } from '../../lib/sweep/dispatch/local-invoke.ts';
import type { RunSweepDeps } from '../../lib/sweep/run/run-sweep.ts';
import type { Surroundings } from '../../lib/sweep/surroundings.ts';
import { wireSweep } from '../../lib/sweep/wire-sweep.ts';
import { wireWorker } from '../../lib/sweep/wire-worker.ts';
import { type CollectBatchDeps, collectBatch } from '../../lib/sweep/worker/collect-batch.ts';
import { VsphereConnectionError } from '../../lib/vsphere/errors.ts';
import type { EagerClock } from './eager-clock.ts';
import { answerServices } from './esxi/asked-services.ts';
import { NO_CONNECTION } from './no-connection.ts';
import { createMemoryTable } from './world/memory-table.ts';

/** What an outside thing does when it is asked. */
export type Whim = 'well' | 'fails' | 'hangs';
export type SshWhim = Whim | 'refuses' | 'cut-off' | 'garbage';

export interface FakeTarget {
  /** An address may end in a port; `off`: without power. */
  readonly hosts: readonly { readonly address: string; readonly ssh: SshWhim; readonly off?: boolean }[];
  readonly login: Whim;
  readonly listing: Whim;
  readonly ticket: Whim;
  readonly clone: Whim;
  readonly retrieval: Whim;
  readonly close: Whim;
}

/** A batch by its number, over all targets. */
export type BatchWhim = (batch: number) => Whim | 'answers-garbage' | 'ignores-the-signal';

export interface Estate {
  readonly sweep: RunSweepDeps;
  readonly sessions: { opened: number; closed: number };
  /** Logins by ssh, by address. */
  readonly logins: Map<string, number>;
}

/** Time that passes `factor` times as fast. */
export function createFastClock(factor: number): Clock {
  const start = systemClock.now();
  return {
    now: () => Math.floor(start + (performance.now() - zero) * factor),
    monotonic: () => Math.floor(start + (performance.now() - zero) * factor),
    sleep: (ms, options) => systemClock.sleep(ms / factor, options),
  };
}
const zero = performance.now();

/** Everything real but what vCenter, the hosts and the workers' platform do. */
export function createEstate(options: {
  targets: readonly FakeTarget[];
  state: State;
  clock: Clock;
  batch: BatchWhim;
  /** 5 m by default: a run ends when it is done. */
  every?: string;
  /** Of names, accounts and credential: an estate of the same one is the same estate in another process. */
  run?: string;
  /** The worker's answer; as on one machine by default. */
  answer?: (payload: Uint8Array, worker: CollectBatchDeps, o: { signal: AbortSignal }) => Promise<Uint8Array>;
}): Estate {
  const { targets, state, clock, batch, answer = collectBatch } = options;
  const estate = { sessions: { opened: 0, closed: 0 }, logins: new Map<string, number>() };
  const run = options.run ?? randomUUID().slice(0, 8);
  const names = targets.map((_, index) => `vc${index}-${run}`);
  const targetOf = (name: string): FakeTarget => targets[names.indexOf(name)] as FakeTarget;
  const surroundings: Surroundings & { state: State } = {
    loaded: {
      config: toConfig(targets, names, options.every),
      certificates: new Map(),
      knownHosts: NO_KNOWN_HOSTS,
    },
    state,
    credentials: {
      read: async () => credentialOf(run),
      readToken: () => Promise.reject(new Error('no NetBox is configured')),
    },
    clock,
    log: silentLog,
    randomId: () => randomUUID().replaceAll('-', ''),
    random: () => 0.5,
    userAgent: 'vsweep/test',
  };
  const worker: CollectBatchDeps = {
    ...wireWorker(surroundings),
    runCommand: (request, _deps, { signal }) => logInTo(request, { targets, estate, signal }),
    cloneSession: async ({ name }, _ticket, { signal }) => {
      const target = targetOf(name);
      await act(target.clone, signal);
      return {
        ...openSession(target, estate, clock),
        async *retrieve({ morefs }, query) {
          for (const value of morefs) {
            await act(target.retrieval, query.signal);
            yield {
              moref: { type: 'HostSystem', value },
              missing: new Map(),
              properties: new Map([
                ['name', value],
                ['overallStatus', 'green'],
              ]),
            };
          }
        },
        ...NO_CONNECTION,
        measurements: () => ({ calls: 1, bytes: 1, failedLogouts: 0 }),
      };
    },
  };
  const local = createLocalInvoke({
    [COLLECT_BATCH]: (payload, invokeOptions) => answer(payload, worker, invokeOptions),
  });
  const sweep: RunSweepDeps = {
    ...wireSweep(surroundings, { invoke: whimsical(local, batch), maxBatches: 16, push: false }),
    login: async ({ name }, _credential, { signal }) => {
      const target = targetOf(name);
      await act(target.login, signal);
      return {
        ...openSession(target, estate, clock),
        list: async (_query, query) => {
          await act(target.listing, query.signal);
          return {
            hosts: target.hosts.map(({ off }, index) => toListedHost(index, name, off)),
            unreadable: [],
            others: new Map(),
          };
        },
        async *retrieve() {
          // Nobody's limits are read.
        },
        connection: NO_CONNECTION.connection,
        acquireCloneTicket: async (query) => {
          await act(target.ticket, query.signal);
          return 'ticket';
        },
        leftover: async () => undefined,
      };
    },
  };
  return { ...estate, sweep };
}

/** The state on disk, shared by many estates, whose names and accounts are their own. */
export async function openState(folder: string): Promise<{ state: State } & AsyncDisposable> {
  const { signal } = new AbortController();
  const embedded = await openEmbeddedState({ path: join(folder, 'state'), log: silentLog }, { signal });
  return {
    state: createState({ table: embedded.table, clock: systemClock }),
    [Symbol.asyncDispose]: () => embedded[Symbol.asyncDispose](),
  };
}

/** The state in memory, with a clock that stands still during each of its calls: zlib answers in real time. */
export function createMemoryState(clock: EagerClock): State {
  const { hold } = clock;
  const state = createState({ table: createMemoryTable(), clock });
  type Store = Readonly<Record<string, (...args: unknown[]) => Promise<unknown>>>;
  const holding = (store: Store) =>
    Object.fromEntries(
      Object.entries(store).map(([name, call]) => [name, (...args: unknown[]) => hold(call(...args))]),
    );
  const stores = Object.entries(state as unknown as Readonly<Record<string, Store>>);
  return Object.fromEntries(stores.map(([name, store]) => [name, holding(store)])) as unknown as State;
}

async function act(whim: Whim, signal: AbortSignal): Promise<void> {
  if (whim === 'hangs') await untilAborted(Promise.withResolvers<void>().promise, signal);
  if (whim === 'fails') throw new VsphereConnectionError('it is down', { code: 'unreachable' });
}

function openSession(target: FakeTarget, { sessions }: Pick<Estate, 'sessions'>, clock: Clock) {
  sessions.opened += 1;
  return {
    async close({ ms }: { ms: number }) {
      sessions.closed += 1;
      if (target.close === 'hangs') await clock.sleep(ms, { signal: new AbortController().signal });
    },
  };
}

function whimsical(local: Invoke, batch: BatchWhim): Invoke {
  let next = 0;
  return async (name, payload, options) => {
    const whim = batch(next++);
    if (whim === 'fails') throw new Error('the worker crashed');
    if (whim === 'answers-garbage') return Buffer.from('{"version":1,');
    if (whim === 'ignores-the-signal') return Promise.withResolvers<Uint8Array>().promise;
    if (whim === 'hangs') await act('hangs', options.signal);
    return await local(name, payload, options);
  };
}

async function logInTo(
  { target: { host: address }, command }: RunCommandRequest,
  fleet: { targets: readonly FakeTarget[]; estate: Pick<Estate, 'logins'>; signal: AbortSignal },
) {
  const { targets, estate, signal } = fleet;
  estate.logins.set(address, (estate.logins.get(address) ?? 0) + 1);
  const whim =
    targets.flatMap(({ hosts }) => hosts).find((host) => host.address.split(':')[0] === address)?.ssh ??
    'fails';
  if (whim === 'fails') throw new SshError('closed', { code: 'connection-refused' });
  if (whim === 'refuses') throw new SshError('refused', { code: 'auth', credentialSent: true });
  if (whim === 'cut-off') throw new SshError('cut off', { code: 'auth', credentialSent: true });
  if (whim === 'hangs') {
    await untilAborted(Promise.withResolvers<void>().promise, signal).catch((cause: unknown) => {
      throw new SshError('given up', { code: 'timeout', credentialSent: true, cause });
    });
  }
  return {
    stdout: whim === 'garbage' ? 'garbage' : answerServices(command),
    exitCode: 0,
    authMethod: 'password' as const,
    timings: { connectMs: 0, loginMs: 0, commandMs: 0 },
  };
}

const credentialOf = (run: string): Credential => ({
  id: `env:X-${run}`,
  version: 'v1',
  username: `user-${run}`,
  proof: { kind: 'password', password: 'x' },
});

const toListedHost = (index: number, target: string, off = false): ListedHost => ({
  moref: `host-${index}`,
  name: `${target}-esx${index}`,
  connectionState: 'connected',
  powerState: off ? 'poweredOff' : 'poweredOn',
  inMaintenanceMode: false,
  lockdownMode: 'lockdownDisabled',
  facts: {},
  managementAddress: undefined,
});

function toConfig(targets: readonly FakeTarget[], names: readonly string[], every = '5m') {
  const overrides = targets.flatMap(({ hosts }, at) =>
    hosts.map(({ address }, index) => [`${names[at]}-esx${index}`, address] as const),
  );
  const config = {
    targets: names.map((name) => ({ name, credentials: { env: 'X' } })),
    esxi: { credentials: { env: 'X' }, overrides: Object.fromEntries(overrides) },
    sweeps: [{ name: 'services', every, collectors: ['overall-status', 'ssh-services'] }],
  };
  return parseConfig(JSON.stringify(config), { file: 'test', collectors: KNOWN_COLLECTORS });
}
