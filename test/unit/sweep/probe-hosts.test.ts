import pLimit from 'p-limit';
import { describe, expect, it } from 'vitest';
import { NO_KNOWN_HOSTS } from '../../../lib/config/known-hosts/find-keys.ts';
import type { Config } from '../../../lib/config/schema.ts';
import type { Credential } from '../../../lib/credentials/credential.ts';
import { type LoginFacts, SshError } from '../../../lib/esxi/errors.ts';
import { services } from '../../../lib/esxi/probes/services.ts';
import { readScript } from '../../../lib/esxi/session/script.ts';
import type { LoginEnd } from '../../../lib/logins/asked-batch.ts';
import { PRINCIPAL } from '../../../lib/logins/rules/principal.ts';
import {
  createKnownTurns,
  createTurnsOfRuns,
  type DomainTurns,
} from '../../../lib/logins/trial/domain-turns.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { startDeadline } from '../../../lib/platform/deadline.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { untilAborted } from '../../../lib/platform/until-aborted.ts';
import { createAddressMap } from '../../../lib/state/address-map.ts';
import { createAccountStore } from '../../../lib/state/stores/accounts.ts';
import type { BatchHost, BatchRequest } from '../../../lib/sweep/batch.ts';
import { printOutcome } from '../../../lib/sweep/outcome.ts';
import { createLoginTurns } from '../../../lib/sweep/worker/login-turns.ts';
import { type ProbeHostsDeps, probeHosts } from '../../../lib/sweep/worker/probe-hosts.ts';
import { answerServices } from '../../support/esxi/asked-services.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createMemoryTable } from '../../support/world/memory-table.ts';
import { batchHost, esxiConfig, history } from './builders.ts';

const CREDENTIAL: Credential = {
  id: 'env:ESXI',
  version: 'v1',
  username: 'root',
  proof: { kind: 'password', password: 'x' },
};
const running = { signal: new AbortController().signal };
const UNHURRIED = { ...running, remainingMs: () => 60_000 };

const KEY = { type: 'ssh-rsa', blob: 'AAAA', sha256: 'x' };

type Behaviour = () => Promise<void>;
const refuses: Behaviour = () =>
  Promise.reject(new SshError('refused', { code: 'auth', credentialSent: true }));

/** Hosts that behave as told by name, and a table that notes what is written. */
function startFleet(
  behaviours: Readonly<Record<string, Behaviour>> = {},
  changes: Partial<ProbeHostsDeps> & { esxi?: Parameters<typeof esxiConfig>[0] } = {},
) {
  const written: string[] = [];
  const asked: string[] = [];
  const { esxi, ...deps } = changes;
  const all: ProbeHostsDeps = {
    config: { esxi: esxiConfig(esxi) } as Config,
    knownHosts: NO_KNOWN_HOSTS,
    clock: systemClock,
    log: silentLog,
    randomId: () => 'abcdefgh12345678',
    credentials: { read: async () => CREDENTIAL },
    records: {
      beginAttempt: async (_user, address) => written.push(`attempt ${address}`) > 0,
      closeAttempt: async (_user, address) => void written.push(`close ${address}`),
      recordRefusal: async (_user, address) => {
        written.push(`refusal ${address}`);
        return history({ address, refusals: 1, refusedVersions: ['v1'] });
      },
      recordSuccess: async (_user, address) => void written.push(`success ${address}`),
      beginDial: async (_user, address) => void written.push(`dial ${address}`),
      endDial: async (_user, address) => void written.push(`end of dial ${address}`),
      readUnsettled: async () => createAddressMap([]),
      pin: async () => 'pinned',
    },
    oneByOne: pLimit(1),
    joinKnownTurns: createTurnsOfRuns(systemClock),
    turns: createLoginTurns({ clock: systemClock }),
    async runCommand({ target, command }, { beforeLogin, verifyHostKey }) {
      asked.push(target.host);
      await beforeLogin?.(running);
      if (!(await verifyHostKey(KEY, running))) throw new SshError('another key', { code: 'hostkey' });
      await behaviours[target.host]?.();
      return {
        stdout: answerServices(command),
        exitCode: 0,
        authMethod: 'password',
        timings: { connectMs: 0, loginMs: 0, commandMs: 0 },
      };
    },
    ...deps,
  };
  return { deps: all, written, asked };
}

const batchRequest = (hosts: BatchHost[], changes: Partial<BatchRequest> = {}): BatchRequest => ({
  version: 2,
  runId: 'run',
  sweep: 'services',
  target: 'vc01',
  batch: 0,
  endsAt: systemClock.now() + 60_000,
  does: 'ask',
  credential: { id: 'env:ESXI', version: 'v1', username: 'root', scope: 'host' },
  probes: [services.name],
  hosts,
  ...changes,
});

async function probe(
  hosts: BatchHost[],
  { deps }: ReturnType<typeof startFleet>,
  changes: Partial<BatchRequest> & {
    details?: (string | undefined)[];
    logins?: (LoginEnd | undefined)[];
  } = {},
) {
  const { details, logins, ...rest } = changes;
  const scope = deps.config.esxi?.credentials.scope ?? 'host';
  const credential = { id: 'env:ESXI', version: 'v1', username: 'root', scope };
  const request = batchRequest(hosts, { credential, ...rest });
  const { clock } = deps;
  using deadline = startDeadline({ ...running, clock, ms: request.endsAt - clock.now(), what: 'the batch' });
  const probed = await probeHosts(request, [services], deps, deadline);
  logins?.push(...Array.from(probed.values(), ({ login }) => login));
  details?.push(...Array.from(probed.values(), ({ detail }) => detail));
  return [...probed].map(([moref, { outcome }]) => `${moref} ${printOutcome(outcome)}`).sort();
}

describe('probeHosts', () => {
  it('asks no host where the account is of another scope here than where the run was planned', async () => {
    const fleet = startFleet({});
    const credential = { id: 'env:ESXI', version: 'v1', username: 'root', scope: 'domain' as const };
    const details: (string | undefined)[] = [];
    expect(await probe([batchHost(1)], fleet, { credential, details })).toEqual(['host-1 failed(worker)']);
    expect(details).toEqual([expect.stringContaining('changed during the run')]);
    expect(fleet.asked).toEqual([]);
  });

  it('records a success only for an account that was not proven, and a refusal always', async () => {
    const fleet = startFleet({ '10.0.0.3': refuses });
    const hosts = [batchHost(1), batchHost(2, { proven: false }), batchHost(3)];
    expect(await probe(hosts, fleet)).toEqual(['host-1 ok', 'host-2 ok', 'host-3 failed(auth)']);
    expect(fleet.written.sort()).toEqual(['attempt 10.0.0.2', 'refusal 10.0.0.3', 'success 10.0.0.2']);
  });

  describe('with the one account of a domain', () => {
    const credentials = { env: 'ESXI', scope: 'domain' as const };
    const hosts = [1, 2, 3, 4].map((number) => batchHost(number, { proven: false, doubtful: 'stranger' }));
    const start = (behaviours: Record<string, Behaviour>, concurrency = 250) => {
      const records = createAccountStore({ table: createMemoryTable(), now: () => systemClock.now() });
      const fleet = startFleet(behaviours, { esxi: { credentials, concurrency } });
      const all = { ...fleet.deps.records, ...records };
      const spent = async () => (await records.readAll('root', running)).get(PRINCIPAL)?.refusals;
      return { ...fleet, deps: { ...fleet.deps, records: all }, records, spent };
    };

    /** Hosts that accept, and how many of them were logged in to at once. */
    const countLogins = () => {
      let atOnce = 0;
      let most = 0;
      const behaves: Behaviour = async () => {
        atOnce += 1;
        most = Math.max(most, atOnce);
        await new Promise(setImmediate);
        atOnce -= 1;
      };
      return { behaves, most: () => most };
    };

    it('logs in to one at a time', async () => {
      const { behaves, most } = countLogins();
      const fleet = start(Object.fromEntries(hosts.map(({ address }) => [address, behaves])));
      expect(await probe(hosts, fleet)).toEqual(hosts.map(({ moref }) => `${moref} ok`));
      expect(most()).toBe(1);
      const all = await fleet.records.readAll('root', running);
      expect(hosts.every(({ address }) => all.get(address)?.provenVersion === 'v1')).toBe(true);
    });

    it('logs in side by side where others accepted it in this run, whatever one of them says', async () => {
      const { behaves, most } = countLogins();
      const proven = hosts.map((host) => ({ ...host, proven: true }));
      const all = Object.fromEntries(hosts.map(({ address }) => [address, behaves]));
      const fleet = start({ ...all, '10.0.0.1': refuses });
      expect(await probe(proven, fleet)).toEqual([
        'host-1 failed(auth)',
        'host-2 ok',
        'host-3 ok',
        'host-4 ok',
      ]);
      expect(most()).toBeGreaterThan(1);
    });

    it('sends a password that is changed after others accepted it to few of those that did before', async () => {
      const many = Array.from({ length: 40 }, (_, index) => batchHost(index + 1));
      const fleet = start(Object.fromEntries(many.map(({ address }) => [address, refuses])));
      const details: (string | undefined)[] = [];
      const ends = await probe(many, fleet, { details });
      const refused = ends.filter((end) => end.endsWith('failed(auth)'));
      expect(refused.length).toBeLessThanOrEqual(4);
      expect(ends.filter((end) => end.endsWith('skipped(allowance)'))).toHaveLength(40 - refused.length);
      expect(details).toContainEqual(expect.stringContaining('change the secret as well'));
    });

    it('tells the others that a host refuses before that is recorded, which may take seconds', async () => {
      const fleet = start({ '10.0.0.1': refuses });
      const order: string[] = [];
      const turns = createKnownTurns(systemClock);
      const tell: DomainTurns['tell'] = (end) => void order.push(typeof end === 'string' ? end : end.skip);
      const records: ProbeHostsDeps['records'] = {
        ...fleet.deps.records,
        recordRefusal: (...refusal) => {
          order.push('recorded');
          return fleet.records.recordRefusal(...refusal);
        },
      };
      const joinKnownTurns = () => ({ turns: { ...turns, tell }, leave: () => undefined });
      const work = { ...fleet, deps: { ...fleet.deps, records, joinKnownTurns } };
      expect(await probe([batchHost(1)], work)).toEqual(['host-1 failed(auth)']);
      expect(order).toEqual(['refused', 'recorded', 'recorded']);
    });

    it('sends no password to a host whose key is known when three others have refused it', async () => {
      const fleet = start({});
      const turns = createKnownTurns(systemClock);
      const take: DomainTurns['take'] = async (options) => {
        const turn = await turns.take(options);
        const beforePassword = async () => {
          for (let refused = 0; refused < 3; refused += 1) turns.tell('refused');
        };
        return { ...turn, beforePassword };
      };
      const joinKnownTurns = () => ({ turns: { ...turns, take }, leave: () => undefined });
      const ends = await probe([batchHost(1)], { ...fleet, deps: { ...fleet.deps, joinKnownTurns } });
      expect(ends).toEqual(['host-1 skipped(allowance)']);
    });

    it('fails only the host that closes its connection while it waits for its place', async () => {
      const fleet = start({});
      const turns = createKnownTurns(systemClock);
      const take: DomainTurns['take'] = async (options) => {
        const turn = await turns.take(options);
        // It was connected to for long, and others that hang have all places.
        const beforePassword: typeof turn.beforePassword = ({ signal }) =>
          untilAborted(new Promise(() => undefined), signal);
        return isFirst() ? { ...turn, beforePassword } : turn;
      };
      let taken = 0;
      const isFirst = () => {
        taken += 1;
        return taken === 1;
      };
      const errors: string[] = [];
      const log = { ...silentLog, error: (message: string) => void errors.push(message) };
      const clock = createManualClock();
      const runCommand: ProbeHostsDeps['runCommand'] = async (request, given, options) => {
        if (request.target.host !== '10.0.0.1') return await fleet.deps.runCommand(request, given, options);
        await given.beforeLogin?.(running);
        void given.verifyHostKey(KEY, running).catch(() => undefined);
        await new Promise(setImmediate);
        throw new SshError('the host closed the connection', { code: 'banner' });
      };
      const joinKnownTurns = () => ({ turns: { ...turns, take }, leave: () => undefined });
      const work = { ...fleet, deps: { ...fleet.deps, clock, log, joinKnownTurns, runCommand } };
      let isOver = false;
      const probing = probe([batchHost(1), batchHost(2)], work, {
        care: 'slice',
        endsAt: clock.now() + 60_000,
      }).finally(() => {
        isOver = true;
      });
      while (!isOver) {
        await new Promise(setImmediate);
        clock.advance(20);
      }
      expect(await probing).toEqual(['host-1 failed(banner)', 'host-2 ok']);
      expect(errors).toEqual([]);
    });

    it('asks all that accepted it before, as long as others accept it between those that refuse', async () => {
      const many = Array.from({ length: 40 }, (_, index) => batchHost(index + 1));
      const oneAnswers = pLimit(1);
      const answers = many.map(({ address }, index): [string, Behaviour] => [
        address,
        () =>
          oneAnswers(async () => {
            await new Promise(setImmediate);
            if (index % 4 === 3) await refuses();
          }),
      ]);
      const fleet = start(Object.fromEntries(answers));
      const runCommand: ProbeHostsDeps['runCommand'] = async (request, given, options) => {
        const result = await fleet.deps.runCommand(request, given, options);
        given.onAuthenticated?.('password');
        // What becomes of the command says nothing more of the account.
        throw new SshError(result.stdout, { code: 'output', loggedIn: true });
      };
      const ends = await probe(many, { ...fleet, deps: { ...fleet.deps, runCommand } });
      expect(ends.filter((end) => end.endsWith('failed(auth)'))).toHaveLength(10);
      expect(ends.filter((end) => end.endsWith('failed(output)'))).toHaveLength(30);
    });

    it('goes on to the next one while the command of the one before runs', async () => {
      const fleet = start({});
      const ends = Promise.withResolvers<void>();
      const runCommand: ProbeHostsDeps['runCommand'] = async (request, given, options) => {
        const result = await fleet.deps.runCommand(request, given, options);
        given.onAuthenticated?.('password');
        if (request.target.host === '10.0.0.1') await ends.promise;
        if (request.target.host === '10.0.0.2') ends.resolve();
        return result;
      };
      const work = { ...fleet, deps: { ...fleet.deps, runCommand } };
      expect(await probe(hosts.slice(0, 2), work)).toEqual(['host-1 ok', 'host-2 ok']);
    });

    it('asks nobody behind the first that refuses, and says what they wait for', async () => {
      const fleet = start({ '10.0.0.2': refuses }, 1);
      const details: (string | undefined)[] = [];
      const ends = await probe(hosts, fleet, { details });
      expect(ends).toEqual([
        'host-1 ok',
        'host-2 failed(auth)',
        'host-3 skipped(allowance)',
        'host-4 skipped(allowance)',
      ]);
      expect(details).toContainEqual(expect.stringContaining('wait until two others accept it'));
      expect(await fleet.spent()).toBe(1);
      // The last one is not even connected to.
      expect(fleet.asked).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.3']);
    });

    it('exchanges keys with no host that waited for its turn behind the one that was told so', async () => {
      const fleet = start({ '10.0.0.1': refuses });
      const connected: string[] = [];
      const exchanged: string[] = [];
      const all = Promise.withResolvers<void>();
      const runCommand: ProbeHostsDeps['runCommand'] = async (request, given, options) => {
        const { host } = request.target;
        if (connected.push(host) === hosts.length) all.resolve();
        await all.promise;
        const verifyHostKey: typeof given.verifyHostKey = (...key) => {
          exchanged.push(host);
          return given.verifyHostKey(...key);
        };
        return await fleet.deps.runCommand(request, { ...given, verifyHostKey }, options);
      };
      const work = { ...fleet, deps: { ...fleet.deps, runCommand } };
      expect(await probe(hosts, work)).toEqual([
        'host-1 failed(auth)',
        ...hosts.slice(1).map(({ moref }) => `${moref} skipped(allowance)`),
      ]);
      expect(connected).toHaveLength(hosts.length);
      expect(exchanged).toEqual(['10.0.0.1', '10.0.0.2']);
    });

    it('keeps no host from its turn for one that is down', async () => {
      const hangs = Promise.withResolvers<never>();
      const fleet = start({});
      const runCommand: ProbeHostsDeps['runCommand'] = async (request, ...others) =>
        request.target.host === '10.0.0.1'
          ? await hangs.promise
          : await fleet.deps.runCommand(request, ...others);
      const probing = probe(hosts, { ...fleet, deps: { ...fleet.deps, runCommand } });
      while (fleet.asked.length < 3) await new Promise(setImmediate);
      hangs.reject(new SshError('down', { code: 'timeout' }));
      expect(await probing).toEqual(['host-1 failed(timeout)', 'host-2 ok', 'host-3 ok', 'host-4 ok']);
    });
  });

  it('records a success before the command ends: should its process end meanwhile, no attempt is open', async () => {
    const fleet = startFleet();
    const duringCommand: string[][] = [];
    const runCommand: ProbeHostsDeps['runCommand'] = async (request, given, options) => {
      const result = await fleet.deps.runCommand(request, given, options);
      given.onAuthenticated?.('password');
      await new Promise(setImmediate);
      duringCommand.push([...fleet.written]);
      if (request.target.host === '10.0.0.2') throw new Error('this process is short of memory');
      return result;
    };
    const work = { ...fleet, deps: { ...fleet.deps, runCommand } };
    const ends = [];
    for (const number of [1, 2]) ends.push(...(await probe([batchHost(number, { proven: false })], work)));
    expect(ends).toEqual(['host-1 ok', 'host-2 failed(worker)']);
    const of = (number: number) => [`attempt 10.0.0.${number}`, `success 10.0.0.${number}`];
    expect(duringCommand).toEqual([of(1), [...of(1), ...of(2)]]);
    expect(fleet.written).toEqual([...of(1), ...of(2)]);
  });

  it('tells a service that is silent from one that vouches for its silence, and what a host lacks', async () => {
    const asked = ['ntpd', { name: 'smad', silentMeansRunning: true }];
    const fleet = startFleet({}, { esxi: { services: asked } });
    const runCommand: ProbeHostsDeps['runCommand'] = async (request, ...others) => {
      const { nonce = '' } = readScript(request.command) ?? {};
      const silent = answerServices(request.command, () => ({ code: 0 }));
      const stdout = `@@${nonce} - lacks setsid\n${silent}`;
      return { ...(await fleet.deps.runCommand(request, ...others)), stdout };
    };
    const request = batchRequest([batchHost(1)]);
    const work = { ...fleet.deps, runCommand };
    const probed = await probeHosts(request, [services], work, UNHURRIED);
    const { session } = probed.get('host-1') ?? {};
    expect(session?.readings.get('services')).toEqual([
      { service: 'ntpd', state: 'unknown' },
      { service: 'smad', state: 'running' },
    ]);
    expect(session?.warnings).toEqual([expect.stringMatching(/^the host has no setsid: /)]);
  });

  it('begins no attempt when the host hangs up while its key is pinned, and tells of the pin', async () => {
    const pin = Promise.withResolvers<'pinned'>();
    const fleet = startFleet({}, { esxi: { hostKeys: { unknown: 'trust-first' } } });
    const deps: ProbeHostsDeps = {
      ...fleet.deps,
      records: { ...fleet.deps.records, pin: () => pin.promise },
      async runCommand(_request, { beforeLogin, verifyHostKey }) {
        await beforeLogin?.(running);
        void verifyHostKey(KEY, running);
        setTimeout(() => pin.resolve('pinned'), 20);
        throw new SshError('the host closed the connection', { code: 'banner' });
      },
    };
    const host = batchHost(1, { proven: false, hostKey: undefined });
    const probed = await probeHosts(batchRequest([host]), [services], deps, UNHURRIED);
    expect(probed.get('host-1')).toMatchObject({ outcome: { reason: 'banner' }, pinned: true });
    await new Promise((resolve) => setImmediate(resolve));
    expect(fleet.written).toEqual([]);
  });

  it.each([
    [
      'shuts the gate when the table fails in the check',
      false,
      ['host-1 skipped(state)', 'host-2 skipped(state)'],
    ],
    ['keeps the gate open when the time ran out in it', true, ['host-1 failed(timeout)', 'host-2 ok']],
  ])('%s', async (_name, isOutOfTime, outcomes) => {
    const fleet = startFleet();
    const deps: ProbeHostsDeps = {
      ...fleet.deps,
      records: {
        ...fleet.deps.records,
        beginAttempt: async (_user, _address, _login, { signal }) => {
          signal.throwIfAborted();
          throw new Error('the table is down');
        },
      },
      async runCommand(request, one, options) {
        if (request.target.host !== '10.0.0.1') return await fleet.deps.runCommand(request, one, options);
        const signal = isOutOfTime ? AbortSignal.abort() : running.signal;
        await one.beforeLogin?.(running);
        await one.verifyHostKey(KEY, { signal }).catch(() => undefined);
        throw new SshError('over', { code: isOutOfTime ? 'timeout' : 'state' });
      },
    };
    // One after the other.
    const hosts = [batchHost(1, { proven: false }), batchHost(2)];
    expect(await probe(hosts, { ...fleet, deps }, { care: 'slice' })).toEqual(outcomes);
  });

  it('lets the next login begin when the keys of one are exchanged, or when it failed', async () => {
    const turns = createLoginTurns({ clock: createManualClock(), atOnce: 1 });
    const last = Promise.withResolvers<void>();
    const behaviours = {
      '10.0.0.1': () => last.promise,
      '10.0.0.2': refuses,
      '10.0.0.3': async () => last.resolve(),
    };
    const hosts = [batchHost(1), batchHost(2), batchHost(3)];
    expect(await probe(hosts, startFleet(behaviours, { turns }))).toEqual([
      'host-1 ok',
      'host-2 failed(auth)',
      'host-3 ok',
    ]);
  });

  it('lets the next login begin when a host is cut off before its key was asked for', async () => {
    // Its clock stands still, so no turn ends by itself.
    const turns = createLoginTurns({ clock: createManualClock(), atOnce: 1 });
    const fleet = startFleet({}, { turns });
    const runCommand: ProbeHostsDeps['runCommand'] = async (request, deps, options) => {
      if (request.target.host !== '10.0.0.1') return await fleet.deps.runCommand(request, deps, options);
      await deps.beforeLogin?.(running);
      throw new SshError('cut off', { code: 'banner' });
    };
    const hosts = [batchHost(1), batchHost(2)];
    expect(await probe(hosts, { ...fleet, deps: { ...fleet.deps, runCommand } })).toEqual([
      'host-1 failed(banner)',
      'host-2 ok',
    ]);
  });

  it('takes no turn for a host that does not connect', async () => {
    const turns = createLoginTurns({ clock: createManualClock(), atOnce: 1 });
    const fleet = startFleet({}, { turns });
    const last = Promise.withResolvers<void>();
    const runCommand: ProbeHostsDeps['runCommand'] = async (request, deps, options) => {
      if (request.target.host === '10.0.0.1') {
        await last.promise;
        throw new SshError('no answer', { code: 'timeout' });
      }
      const result = await fleet.deps.runCommand(request, deps, options);
      if (request.target.host === '10.0.0.3') last.resolve();
      return result;
    };
    const asked = { ...fleet, deps: { ...fleet.deps, runCommand } };
    expect(await probe([batchHost(1), batchHost(2), batchHost(3)], asked)).toEqual([
      'host-1 failed(timeout)',
      'host-2 ok',
      'host-3 ok',
    ]);
  });

  it('sends no credential when the turn came too late for the time that is left', async () => {
    const endsAt = systemClock.now() + 60_000;
    const clock = createManualClock(systemClock.now());
    const turns = {
      async take() {
        clock.advance(59_000);
        return () => undefined;
      },
    };
    const fleet = startFleet({}, { clock, turns });
    const details: (string | undefined)[] = [];
    expect(await probe([batchHost(1, { proven: false })], fleet, { endsAt, details })).toEqual([
      'host-1 failed(deadline)',
    ]);
    expect(details).toEqual(['no login was tried, because too little time was left in the run']);
    expect(fleet.written).toEqual([]);
  });

  it('dials nobody with a private key that cannot be used, and blames no host', async () => {
    const proof = { kind: 'private-key', privateKey: 'not a key' } as const;
    const fleet = startFleet({}, { credentials: { read: async () => ({ ...CREDENTIAL, proof }) } });
    const details: (string | undefined)[] = [];
    expect(await probe([batchHost(1), batchHost(2)], fleet, { details })).toEqual([
      'host-1 failed(worker)',
      'host-2 failed(worker)',
    ]);
    const why = expect.stringContaining('the private key of env:ESXI cannot be used');
    expect(details).toEqual([why, why]);
    expect(fleet.asked).toEqual([]);
  });

  it.each<[string, LoginFacts, LoginEnd | undefined, string | undefined]>([
    ['cut while this process was stalled', { credentialSent: true, stalledMs: 251 }, 'presumed', 'presumed'],
    ['cut while this process ran', { credentialSent: true, stalledMs: 250 }, 'refused', 'refusal'],
    [
      'refused by the host, stalled or not',
      { credentialSent: true, hostAnswered: true, stalledMs: 20_000 },
      'refused',
      'refusal',
    ],
    ['accepted, and too late for its command', { loggedIn: true, stalledMs: 20_000 }, 'accepted', 'success'],
    ['over before the credential was sent', { stalledMs: 20_000 }, undefined, 'close'],
  ])('records of a login that was %s what it was', async (_what, facts, login, record) => {
    const written: string[] = [];
    const records = {
      ...startFleet().deps.records,
      closeAttempt: async () => void written.push('close'),
      recordRefusal: async (_user: string, address: string, { presumed = false }) => {
        written.push(presumed ? 'presumed' : 'refusal');
        return history({ address, refusals: 1, refusedVersions: ['v1'] });
      },
      recordSuccess: async () => void written.push('success'),
    };
    const late = () => Promise.reject(new SshError('late', { code: 'timeout', ...facts }));
    const fleet = startFleet({ '10.0.0.1': late }, { records });
    const logins: (LoginEnd | undefined)[] = [];
    await probe([batchHost(1, { proven: false })], fleet, { logins });
    expect({ login: logins[0], written }).toEqual({ login, written: [record] });
  });

  it('is not put off by a step of the wall clock', async () => {
    let ahead = 0;
    const clock = { ...systemClock, now: () => systemClock.now() + ahead };
    const fleet = startFleet({}, { clock });
    const credentials = {
      read: async () => {
        ahead = 86_400_000;
        return CREDENTIAL;
      },
    };
    const stepped = { ...fleet, deps: { ...fleet.deps, credentials } };
    expect(await probe([batchHost(1), batchHost(2)], stepped)).toEqual(['host-1 ok', 'host-2 ok']);
  });

  it('starts no further login when a refusal could not be written', async () => {
    const records = {
      ...startFleet().deps.records,
      recordRefusal: () => Promise.reject(new Error('disk full')),
    };
    const fleet = startFleet({ '10.0.0.1': refuses }, { records, esxi: { concurrency: 1 } });
    expect(await probe([batchHost(1), batchHost(2), batchHost(3)], fleet)).toEqual([
      'host-1 failed(auth)',
      'host-2 skipped(state)',
      'host-3 skipped(state)',
    ]);
    expect(fleet.asked).toEqual(['10.0.0.1']);
  });

  it('starts no login on a host that is connected and waited for its turn until a refusal could not be written', async () => {
    const unwritten = Promise.withResolvers<void>();
    const fleet = startFleet({ '10.0.0.1': refuses });
    let turns = 0;
    let verified = 0;
    const { runCommand, records } = fleet.deps;
    const deps: ProbeHostsDeps = {
      ...fleet.deps,
      records: { ...records, recordRefusal: () => Promise.reject(new Error('no table')) },
      turns: {
        ...fleet.deps.turns,
        async take() {
          turns += 1;
          if (turns > 1) await unwritten.promise;
          return () => undefined;
        },
      },
      runCommand: (request, checks, options) =>
        runCommand(
          request,
          {
            ...checks,
            verifyHostKey: (...of) => {
              verified += 1;
              return checks.verifyHostKey(...of);
            },
          },
          options,
        ),
    };
    // The gate is shut next to the line in the log.
    const tellLater = () => void setImmediate(unwritten.resolve);
    const log = { ...silentLog, error: tellLater, warn: tellLater };
    const details: (string | undefined)[] = [];
    const outcomes = await probe(
      [batchHost(1), batchHost(2)],
      { ...fleet, deps: { ...deps, log } },
      { details },
    );
    expect(outcomes).toEqual(['host-1 failed(auth)', 'host-2 skipped(state)']);
    expect({ asked: fleet.asked.length, verified }).toEqual({ asked: 2, verified: 1 });
    expect(details.join()).toContain('the state table could not be written');
  });

  it('starts no further login when a host key could not be looked up', async () => {
    const unknown = () => Promise.reject(new SshError('no table', { code: 'state' }));
    const fleet = startFleet({ '10.0.0.1': unknown }, { esxi: { concurrency: 1 } });
    expect(await probe([batchHost(1), batchHost(2)], fleet)).toEqual([
      'host-1 skipped(state)',
      'host-2 skipped(state)',
    ]);
  });

  it('connects to no host without a known key when unknown keys are refused, whatever the request says', async () => {
    const fleet = startFleet({}, { esxi: { hostKeys: { unknown: 'refuse' } } });
    const known = batchHost(1, { hostKey: { type: KEY.type, blob: KEY.blob } });
    const details: (string | undefined)[] = [];
    expect(await probe([known, batchHost(2)], fleet, { details })).toEqual([
      'host-1 ok',
      'host-2 skipped(hostkey-unknown)',
    ]);
    expect(fleet.asked).toEqual(['10.0.0.1']);
    expect(details).toContainEqual(expect.stringContaining('vsweep hostkey accept vc01 10.0.0.2:22'));
  });

  it('asks nobody with another version or user than the run is fixed on', async () => {
    for (const change of [{ version: 'v2' }, { username: 'other' }]) {
      const fleet = startFleet({}, { credentials: { read: async () => ({ ...CREDENTIAL, ...change }) } });
      expect(await probe([batchHost(1)], fleet)).toEqual(['host-1 failed(worker)']);
      expect(fleet.asked).toEqual([]);
    }
  });

  it('calls a failure of vsweep itself a failure of the worker, never of the host', async () => {
    const fleet = startFleet({ '10.0.0.1': () => Promise.reject(new Error('EMFILE')) });
    expect(await probe([batchHost(1), batchHost(2)], fleet)).toEqual(['host-1 failed(worker)', 'host-2 ok']);
    expect(fleet.written).toEqual([]);
  });

  it('starts no login that could not end in time', async () => {
    const fleet = startFleet();
    const endsAt = systemClock.now();
    expect(await probe([batchHost(1)], fleet, { endsAt })).toEqual(['host-1 failed(deadline)']);
    expect(fleet.asked).toEqual([]);
  });

  it.each([
    [18_000, 'failed', []],
    [18_001, 'ok', ['10.0.0.1']],
  ])('with %d ms left, of which connecting and logging in may take 18 s: %s', async (leftMs, kind, asked) => {
    const fleet = startFleet();
    let looks = 0;
    const remainingMs = () => {
      looks += 1;
      return looks === 1 ? 60_000 : leftMs;
    };
    const probed = await probeHosts(batchRequest([batchHost(1)]), [services], fleet.deps, {
      ...running,
      remainingMs,
    });
    expect(probed.get('host-1')?.outcome.kind).toBe(kind);
    expect(fleet.asked).toEqual(asked);
  });

  it('tells a host that TCP never reached from one that fails later', async () => {
    const unreached = new SshError('no connection', { code: 'connection-refused' });
    const fleet = startFleet({
      '10.0.0.2': () => Promise.reject(new SshError('hung up', { code: 'banner' })),
    });
    const runCommand: ProbeHostsDeps['runCommand'] = (request, ...others) =>
      request.target.host === '10.0.0.1'
        ? Promise.reject(unreached)
        : fleet.deps.runCommand(request, ...others);
    const request = batchRequest([batchHost(1), batchHost(2)]);
    const probed = await probeHosts(request, [services], { ...fleet.deps, runCommand }, UNHURRIED);
    expect(probed.get('host-1')).toMatchObject({ unconnected: true });
    expect(probed.get('host-2')).not.toHaveProperty('unconnected');
  });

  it('says of a host whose ssh is off what to do', async () => {
    const details: (string | undefined)[] = [];
    const off = batchHost(1, { ssh: { skip: 'ssh-disabled' } });
    expect(await probe([off], startFleet(), { details })).toEqual(['host-1 skipped(ssh-disabled)']);
    expect(details).toEqual([
      expect.stringContaining('TSM-SSH is stopped there. To have it asked, start it'),
    ]);
  });
});
