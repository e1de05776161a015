import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { loadConfig } from '../../../lib/cli/load-config.ts';
import { mayTryHost } from '../../../lib/logins/rules/may-try-login.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { openEmbeddedState } from '../../../lib/state/sqlite/open.ts';
import { createState } from '../../../lib/state/state.ts';
import type { AccountHistory } from '../../../lib/state/stores/account-history.ts';
import { describeWithPeers } from '../../support/peers/peer-requirements.ts';
import { runVsweep } from '../../support/peers/run-vsweep.ts';
import { type SweeperProcess, startSweeperProcess } from '../../support/peers/start-sweeper-process.ts';
import { HOST_PASSWORD, type SweptFleet, startSweptFleet } from '../../support/peers/swept-fleet.ts';

const SWEEPS = 200;
const HOUR_MS = 3_600_000;
/** 48 h of vsweep's clock. */
const EVERY_MS = (48 * HOUR_MS) / SWEEPS;
/** The longest wait that a rule names: a suspended credential is tried daily. */
const LONGEST_WAIT_MS = 25 * HOUR_MS;
/** What the hosts lock at (test/peers/sshd). */
const LIMIT = 5;
/** The password in the secret file, by the number of the first sweep that finds it there. */
const ROTATIONS = new Map([
  [40, 'wrong-1'],
  [70, HOST_PASSWORD],
  [100, 'wrong-2'],
  [120, HOST_PASSWORD],
  [140, 'wrong-3'],
  [165, HOST_PASSWORD],
]);
const KILLED_SHARE = 0.15;
/** It takes 75 s alone, and more beside other tests. */
const TIME_LIMIT_MS = 600_000;

describeWithPeers(
  ['vcsim', 'sshd', 'pushgateway'],
  '200 sweeps in 48 h, some of them killed, and three wrong rotations of the password',
  () => {
    it.each([[1]])(
      'lock no host, and every one is collected again in the end (seed %i)',
      { timeout: TIME_LIMIT_MS },
      async (seed) => {
        await using fleet = await startSweptFleet({
          network: 105,
          clusters: 2,
          hostsPerCluster: 4,
          services: { hostd: 'running' },
        });
        const { kills, refused, collected } = await live(fleet, createRandom(seed));
        expect(kills).toBeGreaterThan((SWEEPS * KILLED_SHARE) / 2);
        // Else the rotations or the kills were none.
        expect(refused).toBeGreaterThan(0);
        expect(collected).toBeGreaterThan(0);

        const now = SWEEPS * EVERY_MS + LONGEST_WAIT_MS;
        const left = await leftToOperator(fleet);
        expect(await sweepOnce(fleet, now)).toEqual(
          onEach(fleet, ({ address }) => (left.has(address) ? 'skipped(blacklist)' : 'ok')),
        );
        // There is nothing to lift when time opened them all, and the command says so by its exit code.
        await lift(fleet, { exitCode: left.size > 0 ? 0 : 1 });
        expect(await sweepOnce(fleet, now + EVERY_MS)).toEqual(onEach(fleet, () => 'ok'));
        expect(await counters(fleet)).toEqual(onEach(fleet, () => 0));
      },
    );
  },
);

/** The 48 hours. After each sweep, and after each that was killed, every counter is below its host's limit. */
async function live(fleet: SweptFleet, random: () => number) {
  const story = { kills: 0, refused: 0, collected: 0 };
  let sweeper: SweeperProcess | undefined;
  try {
    for (let number = 0; number < SWEEPS; number++) {
      const password = ROTATIONS.get(number);
      if (password !== undefined) await fleet.setCredential({ password });
      const aheadMs = number * EVERY_MS;
      sweeper ??= await startSweeperProcess(fleet, { aheadMs });
      const sweeping = sweeper.sweep(aheadMs);
      if (random() < KILLED_SHARE) {
        // Any moment of a sweep will do, also one after its end.
        await delay(random() * TYPICAL_SWEEP_MS);
        await sweeper.kill();
        sweeper = undefined;
        story.kills += 1;
      }
      const outcomes = Object.values(await sweeping);
      story.collected += outcomes.filter((outcome) => outcome === 'ok').length;
      const counted = Object.values(await counters(fleet));
      story.refused += counted.reduce((sum, refusals) => sum + refusals, 0);
      expect({ number, locked: counted.filter((refusals) => refusals >= LIMIT) }).toEqual({
        number,
        locked: [],
      });
    }
  } finally {
    await sweeper?.[Symbol.asyncDispose]();
  }
  return story;
}

const TYPICAL_SWEEP_MS = 150;

async function sweepOnce(fleet: SweptFleet, aheadMs: number) {
  await using sweeper = await startSweeperProcess(fleet, { aheadMs });
  return await sweeper.sweep(aheadMs);
}

function onEach<T>(
  { hosts }: SweptFleet,
  value: (host: SweptFleet['hosts'][number]) => T,
): Record<string, T> {
  return Object.fromEntries(hosts.map((host) => [host.name, value(host)]));
}

/** What the hosts themselves have counted. */
async function counters({ hosts, sshds }: SweptFleet): Promise<Record<string, number>> {
  return Object.fromEntries(
    await Promise.all(hosts.map(async ({ name, address }) => [name, await sshds.refusals(address)] as const)),
  );
}

/** The hosts that no time opens: refused, or lost with a killed process, as often as the budget allows. */
async function leftToOperator(fleet: SweptFleet): Promise<Set<string>> {
  const { config } = await loadConfig(fleet.configFile);
  const options = { signal: new AbortController().signal };
  const path = config.state.path ?? '';
  await using embedded = await openEmbeddedState({ path, log: silentLog }, options);
  const accounts = await createState({ ...embedded, clock: systemClock }).accounts.readAll('root', options);
  const opensByTime = (history: AccountHistory) => {
    const version = lastVersion(accounts.values());
    const permission = mayTryHost(history, { now: Number.MAX_SAFE_INTEGER, version, blacklistMinutes: 20 });
    return permission.allowed;
  };
  return new Set([...accounts.values()].filter((one) => !opensByTime(one)).map(({ address }) => address));
}

/** Of the right password: the only one that a host ever accepted. */
function lastVersion(histories: Iterable<AccountHistory>): string {
  const versions = new Set([...histories].flatMap(({ provenVersion }) => provenVersion ?? []));
  const [version = '', another] = versions;
  expect(another).toBeUndefined();
  return version;
}

async function lift({ configFile, env }: SweptFleet, end: { exitCode: number }): Promise<void> {
  const args = ['blacklist', 'lift', '-C', configFile, '--user', 'root', '--counter-was-reset'];
  expect(await runVsweep(args, { env })).toMatchObject(end);
}

/** mulberry32: the same numbers from 0 to 1 for the same seed. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
