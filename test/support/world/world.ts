import { setMaxListeners } from 'node:events';
import pLimit, { type LimitFunction } from 'p-limit';
import { NO_KNOWN_HOSTS } from '../../../lib/config/known-hosts/find-keys.ts';
import type { Credential } from '../../../lib/credentials/credential.ts';
import { type AuthAttempt, createAuthAttempt } from '../../../lib/esxi/authentication.ts';
import { SshError } from '../../../lib/esxi/errors.ts';
import { PROBES } from '../../../lib/esxi/probes/registry.ts';
import { allowanceOf } from '../../../lib/logins/rules/allowance.ts';
import { createTurnsOfRuns } from '../../../lib/logins/trial/domain-turns.ts';
import { createLoginQueue } from '../../../lib/logins/trial/guarded-login.ts';
import { logInToTarget } from '../../../lib/logins/trial/target-login.ts';
import { startDeadline, withTimeLimit } from '../../../lib/platform/deadline.ts';
import { startGrace } from '../../../lib/platform/grace.ts';
import { InvokeError } from '../../../lib/platform/invoke.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { ANSWER_MS, isStopped } from '../../../lib/platform/stop.ts';
import { untilAborted } from '../../../lib/platform/until-aborted.ts';
import { StateError } from '../../../lib/state/errors.ts';
import type { Table } from '../../../lib/state/port.ts';
import type { State } from '../../../lib/state/state.ts';
import { type AccountStore, createAccountStore } from '../../../lib/state/stores/accounts.ts';
import { createClaimStore } from '../../../lib/state/stores/claims.ts';
import { createCredentialStateStore } from '../../../lib/state/stores/credential-states.ts';
import { createEventTallyStore } from '../../../lib/state/stores/event-tallies.ts';
import { createFillStore } from '../../../lib/state/stores/fills.ts';
import type { Flight } from '../../../lib/state/stores/flights.ts';
import { createHostKeyStore } from '../../../lib/state/stores/host-keys.ts';
import { createRunStore } from '../../../lib/state/stores/runs.ts';
import { createStamps } from '../../../lib/state/stores/stamps.ts';
import { createOwnBatches } from '../../../lib/sweep/dispatch/own-batches.ts';
import type { RunSummary } from '../../../lib/sweep/result/summary.ts';
import { type RunSweepDeps, runSweep } from '../../../lib/sweep/run/run-sweep.ts';
import { createRunsUnderWay } from '../../../lib/sweep/run/runs-under-way.ts';
import type { SweepTargetDeps } from '../../../lib/sweep/run/sweep-target.ts';
import { createTurnsHere } from '../../../lib/sweep/run/turns-here.ts';
import { type CollectBatchDeps, collectBatch } from '../../../lib/sweep/worker/collect-batch.ts';
import { createLoginTurns } from '../../../lib/sweep/worker/login-turns.ts';
import { VsphereConnectionError, VsphereLoginError } from '../../../lib/vsphere/errors.ts';
import { answerServices } from '../esxi/asked-services.ts';
import { NO_CONNECTION } from '../no-connection.ts';
import { configOf, hostsOf, STANDALONE } from './estate.ts';
import { createFarSide, type FarSide, type FarSideOptions } from './far-side.ts';
import { createMemoryTable } from './memory-table.ts';
import { createVirtualTime } from './virtual-time.ts';

export type SshFault =
  | 'no-answer'
  | 'hang'
  | 'cut'
  | 'hang-after-password'
  /** The password is answered after a while, but before a stopped process gives the answer up. */
  | 'answers-late'
  | 'command-fails'
  /** It says no, whatever the directory would say: it never asks. */
  | 'refuses'
  /** It says no, and has the directory count a wrong password. */
  | 'burns'
  /** The answer to the password is lost, because this process was stalled. */
  | 'cut-by-stall'
  /** It ends the process that dials it: before an attempt is on record, or after the password was answered. */
  | 'kills'
  | 'kills-after-password';
export type VcenterFault =
  | 'no-answer'
  | 'hang'
  | 'cut'
  | 'hang-after-password'
  /** It answers that it cannot tell: SSO has counted nothing; a host, or a directory, may have. */
  | 'undecided'
  | 'listing-fails'
  /** It lists its hosts, and then does not answer any more: at the ticket, the session or the objects of a worker. */
  | 'tickets-hang'
  | 'sessions-hang'
  | 'objects-hang';
/** `twice`: the answer was lost and the client repeats it. `unheard`: done, and the answer never comes. */
export type TableFault = 'fails' | 'hangs' | 'twice' | 'unheard';
export type WorkerFault = 'throttled' | 'lost' | 'function-error';

/** What goes wrong while it is set. */
export interface Faults {
  readonly ssh: Readonly<Record<string, SshFault>>;
  readonly vcenter: VcenterFault | undefined;
  readonly table: { readonly fault: TableFault; readonly on: 'reads' | 'writes' | 'all' } | undefined;
  readonly worker: WorkerFault | undefined;
}

export const NO_FAULTS: Faults = { ssh: {}, vcenter: undefined, table: undefined, worker: undefined };

/** One process: a sweep with its workers inside or apart, or a poll. */
export interface Start {
  readonly what: 'services' | 'status' | 'checks' | 'poll-vc01' | 'poll-alone';
  readonly afterMs: number;
  /** Another sweep of the same process. */
  readonly beside?: { readonly what: 'services' | 'status'; readonly afterMs: number } | undefined;
  /** The process is told to stop, and ends in good order. */
  readonly stopsAtMs?: number | undefined;
  /** Its dealings with the outside stand still for so long, in milliseconds of the world. */
  readonly pause?: { readonly fromMs: number; readonly ms: number } | undefined;
  /** The process dies at its n-th dealing with the outside; never when absent. */
  readonly diesAt?: number | undefined;
  /** Workers are processes of their own, as in Lambda; each dies at its n-th dealing. */
  readonly workersApart?: boolean | undefined;
  readonly workersDieAt?: number | undefined;
  /** With workers apart: the run collects itself what is not asked with care. */
  readonly inline?: boolean | undefined;
}

/** What a broken rule puts in the place of the real thing. */
export interface Broken {
  readonly accounts?: (store: AccountStore) => Partial<AccountStore>;
  readonly state?: (state: State) => Partial<State>;
  readonly worker?: (worker: CollectBatchDeps) => Partial<CollectBatchDeps>;
  readonly sweep?: (sweep: RunSweepDeps) => Partial<RunSweepDeps>;
  readonly scope?: 'host';
  readonly authenticate?: typeof createAuthAttempt;
}

export interface WorldOptions extends FarSideOptions {
  readonly seed: number;
  /** Hosts whose limit vsweep has read. */
  readonly knownLimits?: readonly boolean[] | undefined;
  /** Hosts that accept any password all the time, by ssh and by API, and ask nobody: a local account of that name, or a cache. */
  readonly liars?: readonly string[] | undefined;
  readonly broken?: Broken | undefined;
  /** A third sweep, `checks`, asks the same hosts by ssh. */
  readonly checks?: boolean | undefined;
}

interface Process {
  readonly skewMs: number;
  readonly isDead: () => boolean;
  /** Hosts that are dialled with care. */
  readonly oneByOne: LimitFunction;
  kill(): void;
  /** Settles when it dies of a host: Lambda tells at once then. */
  readonly killed: Promise<void>;
  /** A dealing with the outside: the process may die here, and then it never returns. */
  point(): Promise<void>;
}

export type World = ReturnType<typeof createWorld>;

const never = () => Promise.withResolvers<never>().promise;
const T0 = Date.UTC(2026, 0, 1);
/** How far the clock of a process may be ahead. */
export const MAX_SKEW_MS = 3_000;
const RUN_LIMIT_MS = 10 * 60_000;
/** What an ESXi host that is a target itself adds to its name. */
export const OWN_DOMAIN = '.example.org';
/** So few that hosts wait for one another. */
const LOGINS_AT_ONCE = 2;
const LATE_MS = 2_000;
const COMMON_USER = { local: 'root', domain: 'vsweep@corp.example' } as const;

/** vsweep itself over a simulated outside: everything real but the table's server, the peers, time and processes. */
export function createWorld(options: WorldOptions) {
  const { kind, seed, liars = [], broken = {} } = options;
  /** Nothing aborts it; of this world alone, for what killed processes leave listening to it. */
  const NO_SIGNAL = new AbortController().signal;
  setMaxListeners(0, NO_SIGNAL);
  const time = createVirtualTime(T0);
  const random = createRandom(seed);
  let ids = 0;
  /** What is drawn for an id would change what happens. */
  const nextId = () => {
    ids += 1;
    return String(ids).padStart(12, '0');
  };
  const { authenticate = createAuthAttempt } = broken;
  const farSide: FarSide = createFarSide(options);
  const config = configOf(options, broken.scope, options.checks);
  const bare = createMemoryTable();
  const secrets = { esxi: 'p0', vcenter: 'p0', alone: 'p0' };
  const flights = new Map<string, { sweep: string; target: string; flight: Flight }>();
  const lists = new Map<string, { listedAt: number; hosts: unknown }>();
  const accepted = new Set<string>();
  const faulty: string[] = [];
  const lifetimes: AbortController[] = [];
  const inFlight = { unproven: 0 };
  const world = { faults: NO_FAULTS, skewMs: 0, maxSkewMs: 0, runs: 0 };
  const userOf = (secret: string) => {
    if (secret === 'esxi') return COMMON_USER[kind];
    if (secret === 'alone') return 'root';
    // The directory's account by another of its names.
    return kind === 'domain' && options.api === 'directory' ? 'CORP\\vsweep' : 'vsweep@vsphere.local';
  };

  const process = ({
    diesAt,
    skewMs,
    pause,
  }: {
    diesAt: number | undefined;
    skewMs: number;
    pause?: Start['pause'];
  }): Process => {
    let dead = false;
    const begunAt = time.now();
    const clock = time.clockOf({ skewMs: () => 0, isDead: () => dead });
    const untilPauseIsOver = async () => {
      const passed = time.now() - begunAt;
      if (pause === undefined || passed < pause.fromMs) return;
      const left = pause.fromMs + pause.ms - passed;
      if (left > 0) await clock.sleep(left, { signal: NO_SIGNAL });
    };
    let points = 0;
    const killed = Promise.withResolvers<void>();
    return {
      killed: killed.promise,
      skewMs,
      isDead: () => dead,
      oneByOne: pLimit(1),
      kill: () => {
        dead = true;
        killed.resolve();
      },
      async point() {
        points += 1;
        if (points === diesAt) dead = true;
        if (dead) await never();
        await untilPauseIsOver();
      },
    };
  };

  /** Each call passes two points at which the process may die: before it is done and before the answer comes. */
  const openState = (of: Process): State => {
    const clock = time.clockOf({ skewMs: () => world.skewMs + of.skewMs, isDead: of.isDead });
    const call = async <T>(
      on: 'reads' | 'writes',
      work: () => Promise<T>,
      signal: AbortSignal,
    ): Promise<T> => {
      signal.throwIfAborted();
      const through = async () => {
        await of.point();
        if (random() < 0.2) await clock.sleep(Math.floor(random() * 300), { signal: NO_SIGNAL });
        const { table } = world.faults;
        const fault =
          table !== undefined && (table.on === 'all' || table.on === on) ? table.fault : undefined;
        if (fault === 'fails') throw new StateError('the table is down', { code: 'unavailable' });
        if (fault === 'hangs') return await never();
        if (fault === 'twice') await work();
        const result = await work();
        await of.point();
        return fault === 'unheard' ? await never() : result;
      };
      return await untilAborted(through(), signal);
    };
    const table: Table = {
      generation: bare.generation,
      get: (key, o) => call('reads', () => bare.get(key, o), o.signal),
      getAll: (keys, o) => call('reads', () => bare.getAll(keys, o), o.signal),
      query: (from, o) => call('reads', () => bare.query(from, o), o.signal),
      replace: (item, o) => call('writes', () => bare.replace(item, o), o.signal),
      putIf: (condition, item, o) => call('writes', () => bare.putIf(condition, item, o), o.signal),
      update: (key, update, o) => call('writes', () => bare.update(key, update, o), o.signal),
      updateIf: (condition, key, update, o) =>
        call('writes', () => bare.updateIf(condition, key, update, o), o.signal),
      deleteIf: (condition, key, o) => call('writes', () => bare.deleteIf(condition, key, o), o.signal),
      writeAll: (writes, o) => call('writes', () => bare.writeAll(writes, o), o.signal),
    };
    const now = () => clock.now();
    const runs = createRunStore({ table, now });
    const accounts = createAccountStore({ table, now });
    const stamps = createStamps({ table, randomId: () => String(random()), now });
    const state: State = {
      accounts: { ...accounts, ...broken.accounts?.(accounts) },
      hostKeys: createHostKeyStore({ table, now, stamps }),
      stamps,
      // Of what is packed nothing is kept: zlib answers in real time.
      rolls: { read: async () => undefined, write: async () => undefined },
      claims: createClaimStore({ table, randomId: () => 'never asked' }),
      credentialStates: createCredentialStateStore({ table }),
      eventTallies: createEventTallyStore({ table }),
      fills: createFillStore({ table }),
      // Without what is packed: zlib answers in real time.
      runs: {
        ...runs,
        writeLast: (sweep, target, { outcomes: _left, ...last }, o) => runs.writeLast(sweep, target, last, o),
      },
      flights: {
        readAll: (sweep, target, o) =>
          call(
            'reads',
            async () =>
              [...flights.values()]
                .filter((one) => one.sweep === sweep && one.target === target)
                .map(({ flight }) => flight),
            o.signal,
          ),
        readKeys: () => never(),
        begin: (sweep, target, flight, o) =>
          call(
            'writes',
            async () => void flights.set(`${sweep}/${target}/${flight.id}`, { sweep, target, flight }),
            o.signal,
          ),
        end: (sweep, target, ids, o) =>
          call(
            'writes',
            async () => {
              for (const id of ids) flights.delete(`${sweep}/${target}/${id}`);
            },
            o.signal,
          ),
        // The configuration of a world does not change, so only flights that stand there matter.
        readOwners: async () =>
          [...new Map([...flights.values()].map((one) => [`${one.sweep}/${one.target}`, one])).values()].map(
            ({ sweep, target }) => ({ sweep, target, namedAt: now() }),
          ),
        forgetOwner: async () => undefined,
      },
      hostLists: {
        read: (target, schema, o) =>
          call(
            'reads',
            async () => {
              const list = lists.get(target);
              return list && { listedAt: list.listedAt, hosts: schema.parse(list.hosts) };
            },
            o.signal,
          ),
        write: (target, hosts, o) =>
          call('writes', async () => void lists.set(target, { listedAt: now(), hosts }), o.signal),
      },
      // No NetBox is configured.
      deviceLists: { read: async () => undefined, write: async () => undefined },
      seriesLists: {
        read: async () => undefined,
        write: async () => undefined,
        remove: async () => undefined,
      },
      groups: {
        readAll: async () => [],
        read: async () => undefined,
        record: async () => ({ split: 1, parts: [''] }),
        change: async () => undefined,
        remove: async () => undefined,
      },
    };
    return { ...state, ...broken.state?.(state) };
  };

  const credentials: SweepTargetDeps['credentials'] = {
    async read(source) {
      const secret = 'secret' in source ? source.secret : '';
      const password = secrets[secret as keyof typeof secrets];
      return {
        id: `secret:${secret}`,
        version: `version of ${password}`,
        username: userOf(secret),
        proof: { kind: 'password', password },
      };
    },
  };

  const runCommandOf =
    (of: Process): CollectBatchDeps['runCommand'] =>
    async (
      { target: { host, port: _port }, credential, timeouts, command },
      { beforeLogin, verifyHostKey, onAuthenticated },
      { signal },
    ) => {
      const clock = time.clockOf({ skewMs: () => world.skewMs, isDead: of.isDead });
      const end = async (ms: number, error: (cause: unknown) => SshError) => {
        await withTimeLimit({ clock, ms, what: host, signal }, (limited) =>
          untilAborted(never(), limited),
        ).catch((cause: unknown) => {
          throw error(cause);
        });
      };
      await of.point();
      if (random() < 0.5)
        await clock.sleep(Math.floor(random() * 800), { signal }).catch((cause: unknown) => {
          throw new SshError('given up', { code: 'timeout', stage: 'connect', cause });
        });
      const fault = world.faults.ssh[host];
      if (fault === 'no-answer') throw new SshError('refused', { code: 'connection-refused' });
      if (fault === 'hang')
        await end(
          timeouts.connectMs,
          (cause) => new SshError('time is over', { code: 'timeout', stage: 'connect', cause }),
        );
      const die = async () => {
        of.kill();
        await never();
      };
      if (fault === 'kills') await die();
      await beforeLogin?.({ signal });
      return await withTimeLimit({ clock, ms: timeouts.loginMs, what: host, signal }, async (limited) => {
        const same = await untilAborted(
          verifyHostKey({ type: 't', blob: 'AAAA' }, { signal: limited }),
          limited,
        ).catch((cause: unknown) => {
          throw new SshError('the key', { code: limited.aborted ? 'timeout' : 'state', cause });
        });
        if (!same) throw new SshError('the key', { code: 'hostkey' });
        await of.point();
        if (limited.aborted) throw new SshError('given up', { code: 'timeout' });
        const isIn = askPassword(
          authenticate(credential, () => undefined),
          (password) => answerPassword(host, { credential, password, fault }),
        );
        await of.point();
        if (fault === 'answers-late') await clock.sleep(LATE_MS, { signal: NO_SIGNAL });
        if (fault === 'kills-after-password') await die();
        if (fault === 'cut') throw new SshError('cut off', { code: 'auth', credentialSent: true });
        if (fault === 'cut-by-stall')
          throw new SshError('cut off', { code: 'auth', credentialSent: true, stalledMs: 5_000 });
        if (fault === 'hang-after-password') {
          const isUnderWay = () => isStopped(limited);
          using late = startGrace({ clock, ms: ANSWER_MS, isUnderWay, signal: limited });
          await untilAborted(never(), late.signal).catch((cause: unknown) => {
            throw new SshError('no answer', { code: 'auth', credentialSent: true, cause });
          });
        }
        if (!isIn) throw new SshError('refused', { code: 'auth', credentialSent: true });
        onAuthenticated?.('password');
        if (limited.aborted)
          throw new SshError('given up', { code: 'exec-timeout', loggedIn: true, cause: limited.reason });
        if (fault === 'command-fails') throw new SshError('lost', { code: 'output', loggedIn: true });
        return {
          stdout: answerServices(command),
          exitCode: 0,
          authMethod: 'password' as const,
          timings: { connectMs: 0, loginMs: 0, commandMs: 0 },
        };
      });
    };
  const answerPassword = (
    host: string,
    {
      credential,
      password,
      fault,
    }: { credential: Credential; password: string; fault?: SshFault | undefined },
  ): boolean => {
    const sent = { credential, password: fault === 'burns' ? 'burnt' : password, path: 'ssh' } as const;
    if (fault === 'refuses') return note(host, sent).accepted;
    return sendPassword(host, sent);
  };
  const passwordOf = ({ proof }: Credential) => (proof.kind === 'password' ? proof.password : '');
  const note = (
    host: string,
    { credential: { version }, path }: { credential: Credential; path: 'ssh' | 'api' },
  ) => {
    const login = { host, path, run: world.runs, at: time.now(), version, accepted: false };
    logins.push(login);
    return login;
  };
  const sendPassword = (
    host: string,
    { credential, password, path }: { credential: Credential; password: string; path: 'ssh' | 'api' },
  ) => {
    const login = note(host, { credential, path });
    const isIn = liars.includes(host) || farSide.logInToHost(host, credential.username, password);
    if (isIn) accepted.add(credential.version);
    login.accepted = isIn;
    return isIn;
  };
  const logins: {
    host: string;
    path: 'ssh' | 'api';
    run: number;
    at: number;
    version: string;
    accepted: boolean;
  }[] = [];

  const loginOf =
    (of: Process): SweepTargetDeps['login'] =>
    async ({ name }, credential, { signal, beforePassword }) => {
      const fault = world.faults.vcenter;
      const notSent = (cause: unknown) =>
        new VsphereLoginError('not sent', { code: 'login-not-sent', cause });
      await of.point();
      if (fault === 'no-answer') throw notSent(undefined);
      if (fault === 'hang')
        await untilAborted(never(), signal).catch((cause: unknown) => Promise.reject(notSent(cause)));
      const isHost = name === STANDALONE;
      await beforePassword?.({
        fullName: '',
        version: '8',
        fields: new Map(),
        apiType: isHost ? 'HostAgent' : 'VirtualCenter',
      });
      await of.point();
      if (signal.aborted) throw notSent(signal.reason);
      const isAsked = isHost || fault !== 'undecided' || (kind === 'domain' && options.api === 'directory');
      const isIn = isHost
        ? sendPassword(name, { credential, password: passwordOf(credential), path: 'api' })
        : isAsked && farSide.logInToVcenter(name, passwordOf(credential), time.now());
      await of.point();
      if (fault === 'undecided') throw new VsphereLoginError('cannot tell', { code: 'login-undecided' });
      if (fault === 'cut') throw new VsphereLoginError('cut off', { code: 'login-cut-off' });
      if (fault === 'hang-after-password') {
        await untilAborted(never(), signal).catch((cause: unknown) => {
          throw new VsphereLoginError('cut off', { code: 'login-cut-off', cause });
        });
      }
      if (!isIn) throw new VsphereLoginError('refused', { code: 'login-refused' });
      return {
        async list() {
          await of.point();
          if (fault === 'listing-fails')
            throw new VsphereConnectionError('it is down', { code: 'unreachable' });
          const hosts = hostsOf(name).map(toListed);
          return {
            hosts: isHost ? hosts.map((host) => asItself(host)) : hosts,
            unreadable: [],
            others: new Map(),
          };
        },
        async *retrieve() {
          // Nobody's limits are read.
        },
        connection: NO_CONNECTION.connection,
        acquireCloneTicket: ({ signal: ticketSignal }) =>
          unlessHanging('tickets-hang', 'ticket', ticketSignal),
        leftover: async () => undefined,
        close: async () => undefined,
      };
    };

  const unlessHanging = <T>(where: VcenterFault, answer: T, signal: AbortSignal): Promise<T> =>
    world.faults.vcenter === where ? untilAborted(never(), signal) : Promise.resolve(answer);

  const openWorker = (of: Process, state: State): CollectBatchDeps => {
    const clock = time.clockOf({ skewMs: () => world.skewMs + of.skewMs, isDead: of.isDead });
    const worker: CollectBatchDeps = {
      config,
      knownHosts: NO_KNOWN_HOSTS,
      clock,
      turns: createLoginTurns({ clock, atOnce: LOGINS_AT_ONCE }),
      oneByOne: of.oneByOne,
      joinKnownTurns: createTurnsOfRuns(clock),
      log: silentLog,
      randomId: () => `nonce${nextId()}`,
      credentials,
      records: { ...state.accounts, pin: state.hostKeys.pin },
      probes: PROBES,
      runCommand: runCommandOf(of),
      cloneSession: async (_target, _ticket, { signal: cloneSignal }) => ({
        ...(await unlessHanging('sessions-hang', {}, cloneSignal)),
        async *retrieve({ morefs }, { signal }) {
          for (const value of morefs) {
            await unlessHanging('objects-hang', undefined, signal);
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
        close: async () => undefined,
        ...NO_CONNECTION,
        measurements: () => ({ calls: 1, bytes: 1, failedLogouts: 0 }),
      }),
    };
    return { ...worker, ...broken.worker?.(worker) };
  };

  /** A process's work; settles when it is done or dead. */
  const begin = (start: Start): { isOver: () => boolean; summary: () => RunSummary | undefined } => {
    const main = process({ ...start, diesAt: start.diesAt, skewMs: Math.floor(random() * MAX_SKEW_MS) });
    const state = openState(main);
    const clock = time.clockOf({ skewMs: () => world.skewMs + main.skewMs, isDead: main.isDead });
    const workers: { process: Process; done: boolean }[] = [];
    const lifetime = new AbortController();
    /** A worker apart goes on when the process of the run is told to stop. */
    const told = new AbortController();
    const stopped = AbortSignal.any([lifetime.signal, told.signal]);
    lifetimes.push(lifetime);
    for (const one of [lifetime.signal, told.signal, stopped]) setMaxListeners(0, one);
    if (start.stopsAtMs !== undefined) {
      const { signal } = lifetime;
      clock.sleep(start.stopsAtMs, { signal }).then(
        () => told.abort(new Error('stopped')),
        () => undefined,
      );
    }
    const invoke: SweepTargetDeps['invoke'] = async (_name, payload, { signal }) => {
      const { worker: fault } = world.faults;
      if (fault === 'throttled')
        throw new InvokeError('busy', { code: 'throttled', retryable: start.workersApart === true });
      if (start.workersApart !== true)
        return await collectBatch(payload, openWorker(main, state), { signal });
      await main.point();
      const apart = process({ diesAt: start.workersDieAt, skewMs: Math.floor(random() * MAX_SKEW_MS) });
      const entry = { process: apart, done: false };
      workers.push(entry);
      const working = collectBatch(payload, openWorker(apart, openState(apart)), lifetime);
      working.then(
        () => (entry.done = true),
        () => (entry.done = true),
      );
      if (fault !== undefined) throw new InvokeError('who knows', { code: fault });
      const died = apart.killed.then(() => {
        throw new InvokeError('it died', { code: 'function-error' });
      });
      const result = await untilAborted(Promise.race([working, died]), signal);
      await main.point();
      return result;
    };
    const collectHere = (payload: Uint8Array, options: { signal: AbortSignal }) =>
      collectBatch(payload, openWorker(main, state), options);
    const ownBatches = createOwnBatches(collectHere, {
      atOnce: 4,
      belowHosts: start.inline === true ? 1_000 : 0,
    });
    const deps: RunSweepDeps = {
      underWay: createRunsUnderWay(),
      turnsHere: createTurnsHere(),
      ...state,
      config,
      knownHosts: NO_KNOWN_HOSTS,
      clock,
      log: silentLog,
      randomId: () => `run${nextId()}`,
      random,
      credentials,
      blacklistMinutes: config.blacklist.minutes,
      allowanceOf,
      logins: createLoginQueue(),
      login: loginOf(main),
      invoke,
      ownBatches: start.workersApart === true ? ownBatches : undefined,
      batches: pLimit(12),
      reads: pLimit(4),
      sinks: [],
    };
    const used = { ...deps, ...broken.sweep?.(deps) };
    let over = false;
    let summary: RunSummary | undefined;
    const work = async () => {
      if (start.what === 'services' || start.what === 'status' || start.what === 'checks') {
        const runOnce = async ({ what, afterMs }: Pick<Start, 'what' | 'afterMs'>) => {
          await clock.sleep(afterMs, { signal: NO_SIGNAL });
          const sweep = config.sweeps.find(({ name }) => name === what);
          return sweep && (await runSweep({ sweep }, used, { signal: stopped }));
        };
        const { beside } = start;
        const others = beside === undefined ? undefined : runOnce(beside);
        summary = await runOnce(start);
        await others;
        return;
      }
      await clock.sleep(start.afterMs, { signal: NO_SIGNAL });
      const target = config.targets.find(({ name }) => start.what === `poll-${name}`);
      using limit = startDeadline({ clock, ms: 30_000, what: 'a poll', signal: stopped });
      if (target !== undefined) await logInToTarget(target, used, limit).catch(() => undefined);
    };
    work().then(
      () => (over = true),
      (error: unknown) => {
        faulty.push(String(error));
        over = true;
      },
    );
    return {
      isOver: () => (over || main.isDead()) && workers.every((one) => one.done || one.process.isDead()),
      summary: () => summary,
    };
  };

  return {
    farSide,
    secrets,
    flights,
    lists,
    accepted,
    logins,
    /** What vsweep threw that it should not. */
    faulty,
    now: () => time.now() + world.skewMs,
    faults: () => world.faults,
    setFaults: (faults: Faults) => {
      world.faults = faults;
    },
    jump: (ms: number) => {
      world.skewMs += ms;
      world.maxSkewMs = Math.max(world.maxSkewMs, world.skewMs);
    },
    /** No time that was ever written lies ahead. */
    catchUp: () => {
      world.skewMs = world.maxSkewMs;
    },
    pass: (ms: number) => time.pass(ms),
    /** Lets go of all that waits in it for ever; nothing happens in it any more. */
    end() {
      time.end();
      for (const lifetime of lifetimes.splice(0)) lifetime.abort();
    },
    async run(starts: readonly Start[], midway?: { afterMs: number; happens: () => void }) {
      world.runs += 1;
      const begun = starts.map(begin);
      let isHappened = midway === undefined;
      if (midway !== undefined) {
        const alarm = time.clockOf({ skewMs: () => 0, isDead: () => false });
        void alarm.sleep(midway.afterMs, { signal: NO_SIGNAL }).then(() => {
          isHappened = true;
          midway.happens();
        });
      }
      await time.runUntil(() => isHappened && begun.every(({ isOver }) => isOver()), RUN_LIMIT_MS);
      return begun.map(({ summary }) => summary());
    },
    /** What the table says, past all faults. */
    accounts: createAccountStore({ table: bare, now: () => time.now() + world.skewMs }),
    credentialStates: createCredentialStateStore({ table: bare }),
    table: bare,
    /** As if the account had never been accepted on the address. */
    forget: (user: string, address: string) =>
      bare.deleteIf({ all: [] }, { pk: `proven#${user}`, sk: address }, { signal: NO_SIGNAL }),
    userOf,
    inFlight,
  };
}

/** A host that asks for the password in a conversation, and a second time when it was wrong. */
function askPassword(attempt: AuthAttempt, check: (password: string) => boolean): boolean {
  const chosen = attempt.choose(['keyboard-interactive']);
  if (chosen === false || typeof chosen === 'string' || chosen.type !== 'keyboard-interactive') {
    throw new RangeError('no conversation was chosen');
  }
  let isIn = false;
  for (let round = 0; round < 2 && !isIn; round += 1) {
    chosen.prompt('', '', '', [{ prompt: 'Password: ', echo: false }], ([password = '']) => {
      isIn = check(password);
    });
  }
  return isIn;
}

const toListed = (name: string) => ({
  moref: `host-${name}`,
  name,
  connectionState: 'connected' as const,
  powerState: 'poweredOn' as const,
  inMaintenanceMode: false,
  lockdownMode: 'lockdownDisabled' as const,
  facts: {},
  managementAddress: undefined,
});

/** A host calls itself otherwise than its target's url does. */
const asItself = (host: ReturnType<typeof toListed>) => ({
  ...host,
  name: `${host.name}${OWN_DOMAIN}`,
  ownAddress: host.name,
});

/** mulberry32 */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
