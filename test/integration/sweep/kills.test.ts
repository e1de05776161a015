import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { pollUntil } from '../../support/peers/poll-until.ts';
import { start } from '../cli/vsweep-process.ts';
import { outcomesOf, type SmallFleet, startSmallFleet } from './small-fleet.ts';

/** 100 by hand: `KILL_ROUNDS=100 npx vitest run --project integration test/integration/sweep/kills.test.ts`. */
const ROUNDS = Number(process.env['KILL_ROUNDS'] ?? 4);
const HOSTS = 8;
const MINUTE = 60_000;
/** By then the lease of a run that was killed is over. */
const NEXT_RUN_MS = MINUTE + 5_000;
/** Of the vCenter. */
const IDLE_TIMEOUT_MS = 2 * 60 * MINUTE;
/** One that lists, one of the worker. */
const SESSIONS_OF_RUN = 2;
const CLOCK_AHEAD = fileURLToPath(new URL('../../support/clock-ahead.ts', import.meta.url));
const running = { signal: new AbortController().signal };

describe.concurrent.each(['run', 'sweep'] as const)('vsweep %s that is killed at any moment', (command) => {
  it(
    'loses no refusal and doubles none, leaves at most the sessions of a run, and the next run is whole',
    async () => {
      await using fleet = await startSmallFleet({
        hosts: Array.from({ length: HOSTS }, () => ({ loginDelayMs: 100, commandDelayMs: 100 })),
        every: '1m',
        timeouts: 'connectSeconds: 15, loginSeconds: 20, commandSeconds: 20',
        more: 'exporter: { listen: "127.0.0.1:0" }\n',
        vcentersKeepItsTime: true,
      });
      await fleet.warmUp();
      const whole = await timesOfRun(fleet);
      const seen = { refusals: 0, open: 0, flights: 0 };
      for (let round = 0; round < ROUNDS; round += 1) {
        const refusing = 1 + Math.floor(Math.random() * HOSTS);
        const address = fleet.addressOf(refusing);
        await fleet.esxi.setBehaviour(address, 'refuses-login');
        const refusedBefore = fleet.esxi.loginAttempts(address).refused;
        const sessionsBefore = fleet.vcenter.sessions();
        const killed = await killOne(fleet, { command, whole, share: (round + Math.random()) / ROUNDS });
        const refused = () => fleet.esxi.loginAttempts(address).refused - refusedBefore;
        const what = { round, ...killed, refusing, refusedByThen: refused() };
        const left = await leftBehind(fleet);
        seen.refusals += what.refusedByThen;
        seen.open += left.open;
        seen.flights += left.flights;
        expect({ what, sessions: fleet.vcenter.sessions() - sessionsBefore }).toMatchObject({
          sessions: expect.toBeOneOf([0, 1, SESSIONS_OF_RUN]),
        });

        fleet.clock.advance(NEXT_RUN_MS);
        const outcomes = outcomesOf(await fleet.sweep());
        const own = outcomes.filter((line) => line.startsWith(`esx${refusing}:`));
        expect({ what, others: outcomes.filter((line) => !own.includes(line)) }).toEqual({
          what,
          others: outcomes
            .map(hostOf)
            .filter((name) => name !== `esx${refusing}`)
            .map((name) => `${name}: ok ok`),
        });
        expect({ what, own }).toEqual({
          what,
          own: [expect.stringMatching(/ok (failed\(auth\)|skipped\(blacklist\))$/)],
        });
        // A login that nobody knows the end of is one refusal more than there were, and never one less.
        const recorded = await refusalsOf(fleet);
        const counted = recorded.get(address) ?? 0;
        // A login to the vCenter that was cut off counts until the second success after it.
        const elsewhere = [...recorded].filter(([one]) => one !== address);
        expect({ what, elsewhere }).toEqual({ what, elsewhere: elsewhere.map(() => ['127.0.0.1', 1]) });
        expect({ what, missing: refused() - counted, more: counted - refused() > 1 }).toEqual({
          what,
          missing: expect.toSatisfy((missing: number) => missing <= 0),
          more: false,
        });
        expect({ what, spent: refused() }).toEqual({ what, spent: expect.toBeOneOf([1, 2]) });
        expect((await leftBehind(fleet)).flights).toBe(0);
        await recover(fleet, address);
      }
      if (ROUNDS >= 20) expect(seen).toEqual({ refusals: some, open: some, flights: some });
      fleet.clock.advance(IDLE_TIMEOUT_MS + MINUTE);
      expect(fleet.vcenter.sessions()).toBe(0);
    },
    60_000 + ROUNDS * 60_000,
  );
});

const some = expect.toSatisfy((count: number) => count > 0);
const hostOf = (line: string) => line.slice(0, line.indexOf(':'));

interface Times {
  /** From the start of the process to its first call, and from there to the end of its run, in milliseconds. */
  readonly contactMs: number;
  readonly runMs: number;
}

function begin(fleet: SmallFleet, command: 'run' | 'sweep') {
  const aheadMs = Math.round(fleet.clock.now() - Date.now());
  const env = { NODE_OPTIONS: `--import ${CLOCK_AHEAD}`, AHEAD_MS: String(aheadMs) };
  const calls = () => fleet.vcenter.stats.calls['RetrieveServiceContent'] ?? 0;
  const before = calls();
  const args = command === 'run' ? [command] : [command, 'services'];
  const process = start({ folder: fleet.folder, env }, ...args);
  const contact = pollUntil('the vCenter is called', () => calls() > before || undefined, {
    timeoutMs: 60_000,
    everyMs: 2,
  });
  contact.catch(() => undefined);
  return { ...process, contact };
}

async function timesOfRun(fleet: SmallFleet): Promise<Times> {
  fleet.clock.advance(NEXT_RUN_MS);
  const startedAt = performance.now();
  const { contact, ended } = begin(fleet, 'sweep');
  await Promise.race([contact, ended]);
  const contactMs = performance.now() - startedAt;
  expect(await ended).toMatchObject({ exitCode: 0 });
  fleet.clock.advance(NEXT_RUN_MS);
  return { contactMs, runMs: performance.now() - startedAt - contactMs };
}

/** One in four on its way to the vCenter, the others from there on. */
async function killOne(
  fleet: SmallFleet,
  { command, whole, share }: { command: 'run' | 'sweep'; whole: Times; share: number },
) {
  const { child, ended, contact } = begin(fleet, command);
  const isEarly = share < 0.25;
  const afterMs = isEarly ? 4 * share * whole.contactMs : ((share - 0.25) / 0.75) * whole.runMs;
  if (!isEarly) await contact;
  await delay(afterMs);
  child.kill('SIGKILL');
  await ended;
  return { isEarly, afterMs };
}

/** Of the killed process, before anybody else looks. */
async function leftBehind(fleet: SmallFleet) {
  await using container = await fleet.open();
  const { accounts, flights } = container.state;
  const histories = await accounts.list(running);
  return {
    open: histories.filter(({ openAttempt }) => openAttempt !== undefined).length,
    flights: (await flights.readAll('services', 'vc1', running)).length,
  };
}

/** By address, where there are any. */
async function refusalsOf(fleet: SmallFleet): Promise<Map<string, number>> {
  await using container = await fleet.open();
  const histories = await container.state.accounts.list(running);
  return new Map(
    histories.map(({ address, refusals, openAttempt }) => [
      address,
      refusals + (openAttempt === undefined ? 0 : 1),
    ]),
  );
}

/** The host accepts its password again, and an operator lifts what is recorded: all is as before. */
async function recover(fleet: SmallFleet, address: string): Promise<void> {
  await fleet.esxi.setBehaviour(address, 'normal');
  {
    await using container = await fleet.open();
    await container.state.accounts.lift('vsweep', address, running);
  }
  fleet.clock.advance(NEXT_RUN_MS);
  const outcomes = outcomesOf(await fleet.sweep());
  expect(outcomes).toEqual(outcomes.map(hostOf).map((name) => `${name}: ok ok`));
  expect(await refusalsOf(fleet)).toEqual(new Map());
  fleet.clock.advance(NEXT_RUN_MS);
}
