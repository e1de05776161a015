/**
 * The eight rules of docs/adr/0009-lockout-over-targets.md, each broken on purpose and shown to matter. Each history is
 * harmless as long as the rule stands, and does harm without it. What no history of this model can show is broken
 * where it says.
 *
 * 1. Budget: that refusals count; two of one value, with a pause between them; one below the host's limit over all
 *    values; ssh and API on one count, also of an account that hosts and vCenters ask a directory for. That only a
 *    success or a lift resets, and how clocks that are set back act: test/unit/logins/may-try-login.test.ts.
 * 2. One attempt a host and run: one hidden prompt, no second method, a cut connection is a refusal.
 * 3. Written first: the attempt before the password, conditional on what was seen; the refusal; the flight. That a
 *    worker stops when it cannot write: test/unit/sweep/probe-hosts.test.ts. That a success forgets only what it came
 *    after, and that a flight counts once: test/integration/state/state-contract.ts.
 *    A process that is told to stop strikes off its flights, and holds no pause against a host that it cut off; a worker
 *    writes a refusal of a flight as that. That answers are waited for: stops.test.ts.
 *    After a lost worker: its hosts with care, one at a time, marked; a host at which workers end by itself; nobody twice
 *    in a run. Slices of eight: test/unit/sweep/ask-hosts.test.ts.
 * 4. One version a run.
 * 5. Trial, waves, suspension: not all hosts at once; suspended when new and when proven; tried again later, not at once;
 *    one budget for an account of a domain, and a record beside it for each host, which waits alone for what it refused;
 *    logins whose end nobody knows give no verdict. All of it with several such hosts: bad-hosts-of-domain.test.ts. How many
 *    are sent a value that is changed under way: test/unit/logins/domain-turns.test.ts. That one run tries at a time: test/unit/logins/credential-run.test.ts. One
 *    login over all targets, and the wait for hosts that do not answer: test/unit/logins/waves.test.ts. That the verdict
 *    does not wait for vCenter: vcenter-hangs.test.ts.
 * 6. The allowance: what was refused is seen while the run goes on, over all targets, and it is a number.
 * 7. vCenter: its refusals count, and when they were; a standalone host is none. Workers have no password: by type.
 * 8. Without the table: nobody of whom nothing is known. One refusal each at most:
 *    test/integration/sweep/state-away.test.ts, test/integration/poll/table-away.test.ts for polls.
 */
import pLimit from 'p-limit';
import { describe, expect, it } from 'vitest';
import { SshError } from '../../../lib/esxi/errors.ts';
import { PRINCIPAL } from '../../../lib/logins/rules/principal.ts';
import { InvokeError } from '../../../lib/platform/invoke.ts';
import { createAddressMap } from '../../../lib/state/address-map.ts';
import type { AccountHistory } from '../../../lib/state/stores/account-history.ts';
import { decodeBatchRequest } from '../../../lib/sweep/batch.ts';
import { failed } from '../../../lib/sweep/outcome.ts';
import { VsphereLoginError } from '../../../lib/vsphere/errors.ts';
import { ALL_HOSTS, BLACKLIST_MINUTES, hostsOf, STANDALONE } from '../../support/world/estate.ts';
import {
  type Broken,
  type Faults,
  NO_FAULTS,
  type SshFault,
  type Start,
  type World,
} from '../../support/world/world.ts';
import { answerWell } from '../../unit/sweep/builders.ts';
import { type History, play, type Step } from './history.ts';

const MINUTE = 60_000;
const limits = Array.from({ length: 9 }, () => 3);
const history = (steps: readonly Step[], kind: History['kind'] = 'local'): History => ({
  kind,
  seed: 1,
  limits,
  directoryLimit: 3,
  steps,
});
const run = (...starts: readonly Partial<Start>[]): Step => ({
  kind: 'run',
  starts: (starts.length === 0 ? [{}] : starts).map((one) => ({ what: 'services', afterMs: 0, ...one })),
});
const pass = (ms: number): Step => ({ kind: 'pass', ms });
const secret = (to: 'p0' | 'p1' | 'p2' | 'p3', which: 'esxi' | 'vcenter' = 'esxi'): Step => ({
  kind: 'rotate',
  rotation: { kind: 'secret', which, to },
});
const hosts = (on: number, to: 'p0' | 'p1' | 'p2' | 'p3'): Step => ({
  kind: 'rotate',
  rotation: { kind: 'hosts', on, to },
});
const faults = (some: Partial<Faults>): Step => ({ kind: 'faults', faults: { ...NO_FAULTS, ...some } });
const times = (count: number, ...steps: readonly Step[]): Step[] =>
  Array.from({ length: count }, () => steps).flat();

const ALL = 0x1ff;
/** The standalone host, which is asked by API and by ssh. */
const ALONE = 0x100;
const polls = (count: number) => times(count, run({ what: 'poll-alone' }), pass(25 * MINUTE));

/** Of all that is told of accounts one thing changed. */
const told =
  (change: (found: AccountHistory) => AccountHistory): NonNullable<Broken['accounts']> =>
  (store) => ({
    async read(user, address, o) {
      const found = await store.read(user, address, o);
      return found && change(found);
    },
    async readSome(user, which, o) {
      const all = await store.readSome(user, which, o);
      return createAddressMap([...all].map(([address, found]) => [address, change(found)]));
    },
  });

/** What the worst case costs: refusals of one run, and whether somebody was locked. */
interface Harm {
  readonly name: string;
  readonly history: History;
  /** The harm is done with one of these, as the moments fall; by default with that of the history. */
  readonly seeds?: readonly number[];
  readonly broken: Broken;
  /** Whether harm was done, when nobody was locked. */
  readonly harm?: (world: World) => boolean | Promise<boolean>;
}

const forgetting = { refusals: 0, refusedVersions: [] };
/** By ssh: the standalone host is asked by API too. */
const refusedOf = (world: World) =>
  world.logins.filter(({ accepted, path }) => !accepted && path === 'ssh').length;

/** What a worker answers whose hosts all refused. */
function allRefused(payload: Uint8Array): Uint8Array {
  const request = decodeBatchRequest(payload);
  if (request.does === 'read') return answerWell(payload);
  return answerWell(payload, {
    outcomes: request.hosts.map(({ moref }) => [moref, failed('worker')]),
    logins: request.hosts.map(({ moref }) => [moref, 'refused']),
  });
}

const [KILLER = ''] = hostsOf('vc01');
const everywhere = (fault: SshFault) =>
  faults({ ssh: Object.fromEntries(ALL_HOSTS.map((host) => [host, fault])) });
const late = everywhere('answers-late');
const hangs = everywhere('hang-after-password');
/** Hosts of a target, and one that is a target itself: more than the account of a domain could stand. */
const strangers = (fault: SshFault) =>
  faults({ ssh: Object.fromEntries([...hostsOf('vc01').slice(1), STANDALONE].map((host) => [host, fault])) });
const others = (fault: SshFault) =>
  Object.fromEntries(ALL_HOSTS.filter((host) => host !== STANDALONE).map((host) => [host, fault]));
const kills = (fault: 'kills' | 'kills-after-password') => faults({ ssh: { [KILLER]: fault } });

/** Whether a host that did nothing stands there as one at which a worker ended. */
async function suspectsNeighbours({ accounts }: World): Promise<boolean> {
  const all = await accounts.readAll('root', { signal: new AbortController().signal });
  return [...all.values()].some(({ address, dialling }) => address !== KILLER && dialling !== undefined);
}

/** On one machine, where a host ends the process: whether no run of the last minutes came to its end. */
async function endsNoRun({ table, now }: World): Promise<boolean> {
  const key = { pk: 'run#services#vc01', sk: 'last' };
  const last = await table.get(key, { signal: new AbortController().signal });
  return Number(last?.endedAt) < now() - 2 * MINUTE;
}

/** Whether a host that did nothing has spent more than the one possible refusal that a lost worker may cost it. */
async function costsNeighbours({ accounts }: World): Promise<boolean> {
  const all = await accounts.readAll('root', { signal: new AbortController().signal });
  return [...all.values()].some(
    ({ address, refusals, openAttempt }) =>
      address !== KILLER && refusals + (openAttempt === undefined ? 0 : 1) > 1,
  );
}

const CASES: readonly Harm[] = [
  {
    name: '1: refusals are written and not counted',
    history: history([run(), secret('p1'), ...polls(4)]),
    broken: {
      accounts: (store) => ({
        async read(user, address, o) {
          const found = await store.read(user, address, o);
          return found && { ...found, ...forgetting };
        },
        beginAttempt: async () => true,
      }),
    },
  },
  {
    name: '1: ssh and API on one host have two counts',
    history: history([run(), hosts(ALONE, 'p1'), ...times(3, run(), pass(25 * MINUTE))]),
    broken: {
      worker: ({ records }) => ({
        records: {
          ...records,
          beginAttempt: (user, address, ...rest) => records.beginAttempt(user, `ssh-${address}`, ...rest),
          recordRefusal: (user, address, ...rest) => records.recordRefusal(user, `ssh-${address}`, ...rest),
        },
      }),
      sweep: ({ accounts }) => ({
        accounts: {
          ...accounts,
          async readSome(user, { addresses }, o) {
            const which = { addresses: addresses.map((address) => `ssh-${address}`) };
            const all = [...(await accounts.readSome(user, which, o)).values()];
            const ofSsh = all.filter(({ address }) => address.startsWith('ssh-'));
            return new Map(ofSsh.map((one) => [one.address.slice('ssh-'.length), one]));
          },
        },
      }),
    },
  },
  {
    name: '1: the pause after a refusal is ignored',
    history: history([run(), run(), hosts(1, 'p1'), ...times(2, run(), pass(MINUTE))]),
    broken: { sweep: ({ config }) => ({ config: { ...config, blacklist: { minutes: 0 } } }) },
    harm: (world) => refusedOf(world) > 1,
  },
  {
    name: "1: a host's limit is taken for a higher one than it is",
    history: history([
      ...(['p1', 'p2', 'p3'] as const).flatMap((to) => [secret(to), run({ what: 'poll-alone' })]),
    ]),
    broken: { accounts: told((found) => ({ ...found, hostLimit: 5 })) },
  },
  {
    name: '1: one value is refused as often as the host allows',
    history: {
      ...history([secret('p1'), ...polls(4)]),
      limits: limits.map(() => 5),
      knownLimits: limits.map(() => true),
    },
    broken: {
      accounts: told(({ refusedVersions, ...found }) => ({
        ...found,
        refusedVersions: refusedVersions.map((_version, index) => `another ${index}`),
      })),
    },
    harm: ({ logins }) => logins.filter(({ accepted }) => !accepted).length > 2,
  },
  {
    name: "1: a directory's account has a count of its own on each vCenter",
    history: {
      ...history(
        [secret('p1', 'vcenter'), ...times(3, run({ what: 'poll-vc01' }), pass(61 * MINUTE))],
        'domain',
      ),
      api: 'directory',
    },
    broken: { sweep: ({ config }) => ({ config: { ...config, esxi: undefined } }) },
  },
  {
    name: '2: a second hidden prompt is answered',
    history: history([run(), hosts(ALL, 'p1'), ...times(2, run(), pass(35 * MINUTE))]),
    broken: {
      authenticate: ({ username, proof }) => ({
        choose: () => ({
          type: 'keyboard-interactive',
          username,
          prompt: (_name, _instructions, _language, _prompts, finish) =>
            finish([proof.kind === 'password' ? proof.password : '']),
        }),
        method: 'keyboard-interactive',
        credentialSent: true,
        end: () => undefined,
      }),
    },
  },
  {
    name: '2: a refused login is made again by another method',
    history: history([run(), hosts(ALL, 'p1'), ...times(2, run(), pass(35 * MINUTE))]),
    broken: {
      worker: ({ runCommand }) => ({
        runCommand: (request, deps, o) =>
          runCommand(request, deps, o).catch(() =>
            runCommand(request, { verifyHostKey: async () => true }, o),
          ),
      }),
    },
  },
  {
    name: '2: a connection that was cut after the password counts as nothing',
    history: history([
      run(),
      run(),
      hosts(0x0f, 'p1'),
      faults({ ssh: Object.fromEntries(hostsOf('vc01').map((host) => [host, 'cut'])) }),
      ...times(3, run(), pass(25 * MINUTE)),
    ]),
    broken: {
      worker: ({ runCommand }) => ({
        runCommand: (request, deps, o) =>
          runCommand(request, deps, o).catch((error: unknown) => {
            const isCut = error instanceof SshError && error.message === 'cut off';
            throw isCut ? new SshError('cut off', { code: 'timeout' }) : error;
          }),
      }),
    },
  },
  {
    name: '2: a host that cannot tell counts as nothing',
    history: history([secret('p1'), faults({ vcenter: 'undecided' }), ...polls(4)]),
    broken: {
      sweep: ({ login }) => ({
        login: (target, credential, o) =>
          login(target, credential, o).catch((error: unknown) => {
            const isUndecided = error instanceof VsphereLoginError && error.code === 'login-undecided';
            throw isUndecided ? new VsphereLoginError('nothing', { code: 'login-not-sent' }) : error;
          }),
      }),
    },
  },
  {
    name: '3: processes that saw the same begin an attempt each',
    history: {
      ...history([secret('p1'), run(...Array.from({ length: 4 }, () => ({ what: 'poll-alone' }) as const))]),
      // In which they look at the account before one of them is done.
      seed: 14,
    },
    broken: {
      accounts: (store) => ({
        async beginAttempt(user, address, { id, version }, o) {
          for (;;) {
            const seen = await store.read(user, address, o);
            if (await store.beginAttempt(user, address, { id, version, seen }, o)) return true;
          }
        },
      }),
    },
  },
  {
    name: '3: no attempt on record before the password',
    history: history([secret('p1'), ...times(3, run({ what: 'poll-alone', diesAt: 7 }), pass(25 * MINUTE))]),
    broken: { accounts: () => ({ beginAttempt: async () => true }) },
  },
  {
    name: '3: refusals are not written',
    history: history([secret('p1'), ...polls(4)]),
    broken: {
      accounts: (store) => {
        let begun = '';
        return {
          beginAttempt: (user, address, login, o) => {
            begun = login.id;
            return store.beginAttempt(user, address, login, o);
          },
          recordRefusal: (user, address, _login, o) =>
            store.closeAttempt(user, address, { ...o, id: begun }) as never,
        };
      },
    },
  },
  {
    name: '3: lost batches are forgotten',
    history: history([
      run(),
      run(),
      hosts(ALL, 'p1'),
      ...times(5, run({ workersApart: true, workersDieAt: 7 }), pass(25 * 60 * MINUTE)),
    ]),
    broken: {
      sweep: ({ accounts, flights }) => ({
        accounts: { ...accounts, recordRefusal: async (user, address) => ({ user, address, ...forgetting }) },
        flights: { ...flights, begin: async () => undefined },
      }),
    },
  },
  {
    name: '3: a process that is told to stop leaves its flights to the next run',
    // The run after it counts, and asks nobody.
    history: history([run(), run(), late, run({ stopsAtMs: 2_500 }), faults({ worker: 'throttled' }), run()]),
    broken: {
      sweep: ({ flights }) => ({ flights: { ...flights, end: () => Promise.reject(new Error('stopped')) } }),
    },
    harm: async ({ accounts }) => {
      const all = await accounts.readAll('root', { signal: new AbortController().signal });
      return [...all.values()].some(({ refusals }) => refusals > 0);
    },
  },
  {
    name: '3: a host that is cut off by the stop of its process has to wait as if it had refused',
    history: history([run(), run(), hangs, run({ stopsAtMs: 2_500 })]),
    broken: {
      worker: ({ records }) => ({
        records: {
          ...records,
          recordRefusal: (user, address, { presumed: _not, ...login }, o) =>
            records.recordRefusal(user, address, login, o),
        },
      }),
    },
    harm: async ({ accounts }) => {
      const all = await accounts.readAll('root', { signal: new AbortController().signal });
      return [...all.values()].some(({ lastRefusalAt }) => lastRefusalAt !== undefined);
    },
  },
  {
    name: '3: what a lost worker wrote itself is counted a second time',
    history: history([run(), run(), hosts(1, 'p1'), faults({ worker: 'lost' }), run({ workersApart: true })]),
    broken: {
      worker: ({ records }) => ({
        records: {
          ...records,
          recordRefusal: (user, address, { ofFlight: _none, ...login }, o) =>
            records.recordRefusal(user, address, login, o),
        },
      }),
    },
    harm: async ({ accounts }) => {
      const account = await accounts.read('root', KILLER, { signal: new AbortController().signal });
      return (account?.refusals ?? 0) > 1;
    },
  },
  {
    name: '3: which hosts a lost worker had is forgotten',
    history: history([run(), run(), kills('kills-after-password'), ...times(2, run(), pass(MINUTE))]),
    // In one of which others were logging in when the process ended.
    seeds: [8, 13, 15, 18, 23, 25],
    broken: { accounts: told(({ lostFlights: _lost, ...found }) => found) },
    harm: costsNeighbours,
  },
  {
    name: '3: hosts of a lost worker are dialled side by side',
    history: {
      ...history([run(), run(), kills('kills-after-password'), ...times(2, run(), pass(MINUTE))]),
      // In which others are being dialled when the process ends.
      seed: 102,
    },
    broken: { worker: () => ({ oneByOne: pLimit(9) }) },
    harm: suspectsNeighbours,
  },
  {
    name: '3: which host is dialled with care is not marked',
    history: history([run(), run(), kills('kills'), ...times(5, run(), pass(MINUTE))]),
    broken: { worker: ({ records }) => ({ records: { ...records, beginDial: async () => undefined } }) },
    harm: endsNoRun,
  },
  {
    name: '3: a host at which workers end is asked beside the others',
    history: history([run(), run(), kills('kills'), ...times(5, run(), pass(MINUTE))]),
    broken: { accounts: told(({ dialling: _mark, ...found }) => found) },
    harm: endsNoRun,
  },
  {
    name: '3: hosts are asked again in a run whose worker may still be at work',
    history: history([run(), run(), faults({ worker: 'lost' }), run({ workersApart: true })]),
    broken: {
      sweep: ({ invoke }) => ({
        invoke: (name, payload, o) =>
          invoke(name, payload, o).catch(() => {
            throw new InvokeError('it died', { code: 'function-error' });
          }),
      }),
    },
    harm: ({ logins }) =>
      logins.some(
        ({ path, host, run: number }, index) =>
          path === 'ssh' &&
          logins.slice(0, index).some((one) => one.path === 'ssh' && one.host === host && one.run === number),
      ),
  },
  {
    name: '4: a worker uses what the secret says now under the name of the fixed version',
    history: history([run(), pass(MINUTE), run()]),
    broken: {
      worker: ({ credentials }) => ({
        credentials: {
          read: async (source, o) => ({
            ...(await credentials.read(source, o)),
            ...(o.version === undefined ? {} : { version: o.version }),
            proof: { kind: 'password', password: 'p3' },
          }),
        },
      }),
    },
    harm: (world) => refusedOf(world) > 0,
  },
  {
    name: '5: a new version is tried on all hosts at once',
    history: history([run(), run(), secret('p1'), run()]),
    broken: {
      state: ({ credentialStates }) => ({
        credentialStates: {
          ...credentialStates,
          async read(id, o) {
            const seen = await credentialStates.read(id, o);
            return { ...seen, state: { id, provenVersion: 'version of p1' } };
          },
        },
      }),
    },
    harm: (world) => refusedOf(world) > 2,
  },
  {
    name: '5: a refused version is not suspended',
    history: history([run(), run(), secret('p1'), ...times(4, run(), pass(MINUTE))]),
    broken: {
      state: ({ credentialStates }) => ({
        credentialStates: {
          ...credentialStates,
          replace: ({ suspended: _left, ...next }, seen, o) => credentialStates.replace(next, seen, o),
        },
      }),
    },
    harm: (world) => refusedOf(world) > 2,
  },
  {
    name: '5: proven hosts that refuse all at once do not suspend their credential',
    history: history([run(), run(), hosts(ALL, 'p1'), ...times(2, run(), pass(25 * MINUTE))]),
    broken: {
      state: ({ credentialStates }) => ({
        credentialStates: {
          ...credentialStates,
          replace: ({ suspended: _left, ...next }, seen, o) => credentialStates.replace(next, seen, o),
        },
      }),
    },
    harm: (world) => refusedOf(world) > hostsOf('vc01').length + hostsOf('vc02').length,
  },
  {
    name: '5: a login whose end nobody knows speaks against the credential',
    history: history([
      run(),
      run(),
      faults({ worker: 'function-error' }),
      run({ workersApart: true, workersDieAt: 1 }),
      faults({}),
      pass(MINUTE),
      run(),
    ]),
    broken: {
      sweep: ({ invoke }) => ({
        invoke: (name, payload, o) => invoke(name, payload, o).catch(() => allRefused(payload)),
      }),
    },
    // The last run asks nobody, because the credential is suspended.
    harm: ({ logins }) => logins.every(({ path, run }) => path === 'api' || run < 4),
  },
  {
    name: '5: a suspended version is tried again at once',
    history: history([run(), run(), secret('p1'), ...times(4, run(), pass(MINUTE))]),
    broken: {
      state: ({ credentialStates }) => ({
        credentialStates: {
          ...credentialStates,
          replace: ({ suspended, ...next }, seen, o) =>
            credentialStates.replace(
              suspended === undefined ? next : { ...next, suspended: { ...suspended, nextTryAt: 0 } },
              seen,
              o,
            ),
        },
      }),
    },
    harm: (world) => refusedOf(world) > 2,
  },
  {
    name: '5: an account of a domain is counted on each host by itself',
    history: history([run(), run(), secret('p1'), ...times(3, run(), pass(25 * 60 * MINUTE))], 'domain'),
    broken: { scope: 'host' },
  },
  {
    name: '5: a host that refuses the account of a domain is asked again in each run',
    history: history(
      [run(), faults({ ssh: { [KILLER]: 'refuses' } }), ...times(4, run(), pass(MINUTE))],
      'domain',
    ),
    broken: {
      accounts: told((found) => (found.address === PRINCIPAL ? found : { ...found, ...forgetting })),
    },
    harm: (world) => refusedOf(world) > 1,
  },
  {
    name: '5: a host that refuses the account of a domain has all hosts wait',
    history: history(
      [run(), faults({ ssh: { [KILLER]: 'refuses' } }), ...times(2, run(), pass(MINUTE))],
      'domain',
    ),
    broken: {
      worker: ({ records }) => ({
        records: {
          ...records,
          recordRefusal: (user, address, { presumed: _not, ...login }, o) =>
            records.recordRefusal(user, address, login, o),
        },
      }),
    },
    harm: ({ logins }) => logins.every(({ path, run: number }) => path === 'api' || number < 3),
  },
  {
    name: '5: hosts that never accepted the account of a domain are asked side by side',
    history: history(
      [strangers('no-answer'), run(), strangers('burns'), ...times(2, run(), pass(MINUTE))],
      'domain',
    ),
    // In one of which no other host is accepted between them.
    seeds: [1, 2, 3, 4, 5, 6, 7, 8],
    broken: {
      worker: ({ records }) => ({
        oneByOne: pLimit(9),
        records: {
          ...records,
          readUnsettled: async () => createAddressMap<AccountHistory>([]),
          beginAttempt: async () => true,
        },
      }),
    },
  },
  {
    name: '5: a doubtful host is the first that a run asks with the account of a domain',
    history: history(
      [
        strangers('no-answer'),
        run(),
        strangers('refuses'),
        ...times(3, run(), pass(BLACKLIST_MINUTES * MINUTE)),
      ],
      'domain',
    ),
    // In which a target that has doubtful hosts only comes before the others.
    seeds: [1, 2, 3, 4, 5, 6, 7, 8],
    broken: {
      accounts: told((found) =>
        found.address === PRINCIPAL ? found : { ...found, ...forgetting, provenVersion: 'any' },
      ),
    },
    harm: async ({ accounts }) =>
      (await accounts.read('vsweep', PRINCIPAL, { signal: new AbortController().signal }))?.refusals === 2,
  },
  {
    name: '5: one host that accepts the account of a domain has forgotten what others refused',
    history: {
      ...history([secret('p1'), ...times(6, run(), pass(BLACKLIST_MINUTES * MINUTE))], 'domain'),
      liars: [KILLER],
    },
    // In which it is asked when one other has refused.
    seeds: [2, 7, 33],
    broken: {
      accounts: ({ recordSuccess }) => ({
        recordSuccess: (user, address, { host: _any, ...login }, o) => recordSuccess(user, address, login, o),
      }),
    },
  },
  {
    name: '5: a host that accepts the account of a domain says nothing of its own refusal',
    // The only one that answers, cut off by a stall now and then.
    history: history(
      [
        run(),
        ...times(
          3,
          faults({ ssh: { ...others('no-answer'), [STANDALONE]: 'cut-by-stall' } }),
          run(),
          faults({ ssh: others('no-answer') }),
          run(),
        ),
      ],
      'domain',
    ),
    broken: {
      accounts: ({ recordRefusal }) => ({
        recordRefusal: (user, address, { host: _any, ...login }, o) => recordRefusal(user, address, login, o),
      }),
    },
    harm: ({ logins }) => logins.filter(({ path, run: number }) => path === 'ssh' && number > 6).length === 0,
  },
  {
    name: '6: the run does not see what was refused',
    history: history([secret('p1'), run()]),
    broken: {
      worker: (worker) => ({
        runCommand: (request, deps, o) =>
          worker.runCommand(request, deps, o).catch((error: unknown) => {
            throw Object.assign(new Error('hidden'), { cause: error });
          }),
      }),
    },
    harm: (world) => refusedOf(world) > 3,
  },
  {
    name: '6: the allowance is no number',
    history: history([
      faults({ ssh: Object.fromEntries(hostsOf('vc01').map((host) => [host, 'no-answer'])) }),
      run(),
      hosts(0x0f, 'p1'),
      faults({}),
      run(),
    ]),
    broken: { sweep: () => ({ allowanceOf: () => Number.POSITIVE_INFINITY }) },
    harm: (world) => refusedOf(world) > 3,
  },
  {
    name: '7: logins to a vCenter are not counted',
    history: history([secret('p1', 'vcenter'), ...times(6, run({ what: 'poll-vc01' }))]),
    broken: {
      accounts: (store) => ({
        read: async () => undefined,
        beginAttempt: async () => true,
        recordRefusal: store.recordRefusal,
      }),
    },
  },
  {
    name: '7: when a vCenter refused is forgotten',
    history: history([secret('p1', 'vcenter'), ...times(6, run({ what: 'poll-vc01' }))]),
    broken: {
      accounts: told(({ lastRefusalAt: _last, earlierRefusalAt: _earlier, ...found }) => found),
    },
  },
  {
    name: '7: an ESXi host that is a target itself is taken for a vCenter',
    history: history([secret('p1'), ...times(4, run({ what: 'poll-alone' }), pass(61 * MINUTE))]),
    broken: {
      sweep: ({ login }) => ({
        login: (target, credential, { beforePassword, ...options }) =>
          login(target, credential, {
            ...options,
            ...(beforePassword === undefined
              ? {}
              : {
                  beforePassword: (about) => beforePassword({ ...about, apiType: 'VirtualCenter' }),
                }),
          }),
      }),
    },
  },
  {
    name: '8: a table that does not answer is taken for an empty one',
    history: history([
      run(),
      hosts(ALL, 'p1'),
      faults({ table: { fault: 'fails', on: 'all' } }),
      ...times(4, run(), pass(MINUTE)),
    ]),
    broken: {
      accounts: () => ({
        read: async () => undefined,
        readSome: async () => new Map(),
        beginAttempt: async () => true,
        recordRefusal: async (user, address) => ({ user, address, ...forgetting }),
      }),
      state: ({ credentialStates, flights, hostKeys, stamps }) => ({
        credentialStates: {
          ...credentialStates,
          read: async (id) => ({ state: { id, provenVersion: 'version of p0' }, revision: 0 }),
        },
        flights: { ...flights, readAll: async () => [], begin: async () => undefined },
        hostKeys: {
          ...hostKeys,
          lastChange: async () => '',
          readSome: async () => new Map(),
          pin: async () => 'pinned' as const,
        },
        stamps: { ...stamps, read: async () => '' },
      }),
    },
  },
];

async function isHarmed({ history: told, harm }: Harm, broken?: Broken): Promise<boolean> {
  try {
    const world = await play(told, broken);
    return (await harm?.(world)) ?? false;
  } catch (error) {
    if (error instanceof Error && error.message.includes('locked')) return true;
    throw error;
  }
}

describe('a rule that is broken on purpose', () => {
  it.each(CASES)('$name', async (one) => {
    const { seeds = [one.history.seed] } = one;
    let isShown = false;
    for (const seed of seeds) {
      const played = { ...one, history: { ...one.history, seed } };
      expect(await isHarmed(played), 'with the rule').toBe(false);
      isShown ||= await isHarmed(played, one.broken);
    }
    expect(isShown, 'without the rule').toBe(true);
  });
});
