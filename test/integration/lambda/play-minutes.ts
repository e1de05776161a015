import pLimit from 'p-limit';
import type { createHandler } from '../../../functions/sweep/handler.ts';
import { KNOWN_COLLECTORS } from '../../../lib/collectors/known-collectors.ts';
import { NO_KNOWN_HOSTS } from '../../../lib/config/known-hosts/find-keys.ts';
import { parseConfig } from '../../../lib/config/parse-config.ts';
import { allowanceOf } from '../../../lib/logins/rules/allowance.ts';
import { createLoginQueue } from '../../../lib/logins/trial/guarded-login.ts';
import { messageOf } from '../../../lib/platform/errors.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import type { Table } from '../../../lib/state/port.ts';
import type { State } from '../../../lib/state/state.ts';
import { createAccountStore } from '../../../lib/state/stores/accounts.ts';
import { createClaimStore } from '../../../lib/state/stores/claims.ts';
import { createCredentialStateStore } from '../../../lib/state/stores/credential-states.ts';
import { createEventTallyStore } from '../../../lib/state/stores/event-tallies.ts';
import { createFillStore } from '../../../lib/state/stores/fills.ts';
import { createHostKeyStore } from '../../../lib/state/stores/host-keys.ts';
import { createRunStore } from '../../../lib/state/stores/runs.ts';
import { createStamps } from '../../../lib/state/stores/stamps.ts';
import { createOwnBatches } from '../../../lib/sweep/dispatch/own-batches.ts';
import { createRunsUnderWay } from '../../../lib/sweep/run/runs-under-way.ts';
import { createTurnsHere } from '../../../lib/sweep/run/turns-here.ts';
import { NO_CONNECTION } from '../../support/no-connection.ts';
import { createMemoryTable } from '../../support/world/memory-table.ts';
import { createVirtualTime, type VirtualTime } from '../../support/world/virtual-time.ts';
import { createRandom } from '../../support/world/world.ts';
import { answerWell, listedHost } from '../../unit/sweep/builders.ts';

/** What becomes of the event of one minute. */
export interface Minute {
  /** How long after its time it starts. */
  readonly lateMs: number;
  readonly listingMs: number;
  readonly collectingMs: number;
  /** The sandbox dies so long after the start. */
  readonly diesAfterMs?: number | undefined;
}

export interface PlayedMinute {
  readonly startedAt: number;
  readonly died: boolean;
  /** What it told CloudWatch, by the name of the metric. */
  readonly values: ReadonlyMap<string, number>;
  readonly pushes: number;
  /** From when until when it had the lease; infinite for one that never had it. */
  readonly heldFrom: number;
  readonly heldUntil: number;
  /** What is wrong in vsweep itself, or in this world; empty when nothing is. */
  readonly broke: string;
}

const TARGET = 'vc01';
export const SWEEP_CONFIG = {
  targets: [{ name: TARGET, credentials: { secret: 'vc' } }],
  sweeps: [{ name: 'status', every: '1m', collectors: ['overall-status'] }],
  push: { url: 'http://gateway.example.org:9091' },
};
const { sweeps, targets, push } = SWEEP_CONFIG;
const config = parseConfig(JSON.stringify({ targets, sweeps, push }), {
  file: 'test',
  collectors: KNOWN_COLLECTORS,
});

const MINUTE_MS = 60_000;
const T0 = Date.UTC(2026, 0, 1);
const { signal: NO_SIGNAL } = new AbortController();

type Handler = ReturnType<typeof createHandler>;

/** Plays the events of as many minutes through the handler of the sweep function, each in a sandbox of its own. */
export async function playMinutes(
  minutes: readonly Minute[],
  given: { readonly createHandler: typeof createHandler; readonly seed: number },
): Promise<readonly PlayedMinute[]> {
  const time = createVirtualTime(T0);
  const table = createMemoryTable();
  const random = createRandom(given.seed);
  const played = minutes.map((minute, index) =>
    playMinute(minute, { ...given, scheduledAt: T0 + index * MINUTE_MS, index, time, table, random }),
  );
  await time.runUntil(() => played.every(({ isOver }) => isOver()), (minutes.length + 2) * MINUTE_MS);
  time.end();
  return played.map(({ result }) => result());
}

interface World {
  readonly createHandler: typeof createHandler;
  readonly scheduledAt: number;
  readonly index: number;
  readonly time: VirtualTime;
  readonly table: Table;
  readonly random: () => number;
}

function playMinute(minute: Minute, world: World) {
  const { scheduledAt, index, time, table, random } = world;
  let died = false;
  let over = false;
  let startedAt = Number.POSITIVE_INFINITY;
  const seen = {
    pushes: 0,
    heldFrom: Number.POSITIVE_INFINITY,
    heldUntil: Number.POSITIVE_INFINITY,
    broke: '',
  };
  const values = new Map<string, number>();
  const clock = { ...time.clockOf({ skewMs: () => 0, isDead: () => died }), stalledMs: () => 0 };
  const fate = time.clockOf({ skewMs: () => 0, isDead: () => false });
  const now = () => clock.now();
  const stamps = createStamps({ table, randomId: () => String(random()), now });
  const runs = createRunStore({ table, now });
  const accounts = createAccountStore({ table, now });
  const state: State = {
    accounts,
    hostKeys: createHostKeyStore({ table, now, stamps }),
    stamps,
    claims: createClaimStore({ table, randomId: () => 'never asked' }),
    credentialStates: createCredentialStateStore({ table }),
    eventTallies: createEventTallyStore({ table }),
    fills: createFillStore({ table }),
    runs: {
      ...runs,
      async acquireLease(sweep, target, lease, options) {
        const taken = await runs.acquireLease(sweep, target, lease, options);
        if (taken === 'acquired') Object.assign(seen, { heldFrom: now(), heldUntil: lease.endsAt });
        return taken;
      },
      async releaseLease(...rest) {
        await runs.releaseLease(...rest);
        seen.heldUntil = Math.min(seen.heldUntil, now());
      },
      // Without what is packed: zlib answers in real time.
      writeLast: (sweep, target, { outcomes: _left, ...last }, options) =>
        runs.writeLast(sweep, target, last, options),
    },
    flights: {
      readAll: async () => [],
      readKeys: async () => undefined,
      begin: async () => undefined,
      end: async () => undefined,
      readOwners: async () => [],
      forgetOwner: async () => undefined,
    },
    hostLists: { read: async () => undefined, write: async () => undefined },
    deviceLists: { read: async () => undefined, write: async () => undefined },
    seriesLists: { read: async () => undefined, write: async () => undefined, remove: async () => undefined },
    rolls: { read: async () => undefined, write: async () => undefined },
    groups: {
      readAll: async () => [],
      read: async () => undefined,
      record: async () => ({ split: 1, parts: [''] }),
      change: async () => undefined,
      remove: async () => undefined,
    },
  };
  const ownBatches = createOwnBatches(
    async (payload, { signal }) => {
      await clock.sleep(minute.collectingMs, { signal });
      return answerIn(payload, minute.collectingMs);
    },
    { atOnce: 1, belowHosts: 1_000 },
  );
  const handler: Handler = world.createHandler({
    ...state,
    config,
    knownHosts: NO_KNOWN_HOSTS,
    clock,
    log: silentLog,
    randomId: () => `run${index}`,
    random,
    credentials: {
      read: async () => ({
        id: 'secret:vc',
        version: 'v1',
        username: 'vsweep',
        proof: { kind: 'password', password: 'p' },
      }),
    },
    blacklistMinutes: 20,
    allowanceOf,
    logins: createLoginQueue(),
    underWay: createRunsUnderWay(),
    turnsHere: createTurnsHere(),
    async login(_target, _credential, { signal, beforePassword }) {
      await beforePassword?.({ fullName: '', version: '8', fields: new Map(), apiType: 'VirtualCenter' });
      return {
        async list(_what, options) {
          await clock.sleep(minute.listingMs, { signal: options?.signal ?? signal });
          return { hosts: [listedHost(1), listedHost(2)], unreadable: [], others: new Map() };
        },
        async *retrieve() {
          // Nobody's limits are read.
        },
        connection: NO_CONNECTION.connection,
        acquireCloneTicket: async () => 'a ticket',
        leftover: async () => undefined,
        close: async () => undefined,
      };
    },
    invoke: () => Promise.reject(new Error('a worker was called')),
    ownBatches,
    presentKeys: () => Promise.reject(new Error('nobody lists keys')),
    batches: pLimit(12),
    reads: pLimit(4),
    sinks: [
      {
        name: 'pushgateway',
        async deliver() {
          seen.pushes += 1;
          return 'delivered';
        },
        forget: async () => false,
      },
    ],
    publishMetrics: (metrics) => {
      for (const { name, value } of metrics) values.set(name, value);
    },
  });
  const run = async () => {
    await fate.sleep(index * MINUTE_MS + minute.lateMs, { signal: NO_SIGNAL });
    startedAt = time.now();
    if (minute.diesAfterMs !== undefined)
      void fate.sleep(minute.diesAfterMs, { signal: NO_SIGNAL }).then(() => {
        died = !over;
      });
    const event = { sweep: 'status', scheduledAt: new Date(scheduledAt).toISOString() };
    const context = { getRemainingTimeInMillis: () => startedAt + MINUTE_MS - clock.now() };
    // One of which nothing came is thrown, and is a run as any other.
    await handler(event, context).catch((error: unknown) => {
      if (messageOf(error).includes('broke')) seen.broke = messageOf(error);
    });
    over = true;
  };
  void run();
  return {
    isOver: () => over || died,
    result: (): PlayedMinute => ({ startedAt, died, values, ...seen }),
  };
}

const answerIn = (payload: Uint8Array, durationMs: number): Uint8Array =>
  answerWell(payload, {
    collectors: [{ name: 'overall-status', success: true, durationMs }],
    measurements: { vcenterCalls: 1, vcenterBytes: 1, failedLogouts: 0, durationMs },
  });
