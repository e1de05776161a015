/**
 * Hosts that share the one account of a directory, some of which are down, sick or hostile: whatever they do is their
 * own matter. The others are collected in each run, and the directory never counts more than two refusals between two
 * logins that it accepted, which is one less than the lowest limit in use.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PRINCIPAL } from '../../../lib/logins/rules/principal.ts';
import { printOutcome } from '../../../lib/sweep/outcome.ts';
import { ALL_HOSTS, BLACKLIST_MINUTES } from '../../support/world/estate.ts';
import {
  type Broken,
  createWorld,
  NO_FAULTS,
  type SshFault,
  type Start,
  type World,
} from '../../support/world/world.ts';

const MINUTE = 60_000;
const BUDGET = 2;
const { signal } = new AbortController();
const timeout = 300_000;

const worldOf = (
  seed: number,
  directoryLimit = 3,
  broken: Broken = {},
  liars: readonly string[] = [],
): World =>
  createWorld({ kind: 'domain', seed, limits: ALL_HOSTS.map(() => 3), directoryLimit, broken, liars });

async function run(world: World, start: Partial<Start> = {}): Promise<ReadonlyMap<string, string>> {
  const [summary] = await world.run([{ what: 'services', afterMs: 0, ...start }]);
  world.pass(MINUTE);
  const hosts = (summary?.targets ?? []).flatMap((target) => target.hosts);
  return new Map(
    hosts.map(({ name, outcomes: { ssh } }) => [
      name.replace('.example.org', ''),
      ssh === undefined ? 'none' : printOutcome(ssh),
    ]),
  );
}

const faultsOf = (faults: Readonly<Record<string, SshFault>>) => ({ ...NO_FAULTS, ssh: faults });
const read = async (world: World, address: string) => world.accounts.read('vsweep', address, { signal });
const refusals = async (world: World, address: string) => (await read(world, address))?.refusals ?? 0;
const acceptedBy = async (world: World) =>
  (await world.credentialStates.read('secret:esxi', { signal })).state.acceptedBy ?? '';

const spent = async (world: World) => {
  const { refusals: counted = 0, openAttempt } = (await read(world, PRINCIPAL)) ?? {};
  return counted + (openAttempt === undefined ? 0 : 1);
};
const sshLogins = (world: World, of: string) =>
  world.logins.filter(({ host, path }) => host === of && path === 'ssh');

/**
 * How many hosts refused the account in the last run, or cut its login off, before two accepted it. A login that was cut
 * off may have been accepted, which nobody but the host knows.
 */
function refusedFirst({ logins }: World, faults: Readonly<Record<string, SshFault>>): number {
  const last = logins.at(-1)?.run;
  const ends = logins
    .filter((one) => one.run === last && one.path === 'ssh')
    .map(({ host, accepted }) => accepted && !isSpending(faults[host]));
  let refused = 0;
  for (let index = 0, inARow = 0; index < ends.length && inARow < 2; index += 1) {
    inARow = ends[index] === true ? inARow + 1 : 0;
    if (inARow === 0) refused += 1;
  }
  return refused;
}

/** What may cost the account something, and what costs it nothing. */
const SPENDING: readonly SshFault[] = ['refuses', 'burns', 'cut', 'hang-after-password'];
const isSpending = (fault: SshFault | undefined) => fault !== undefined && SPENDING.includes(fault);
const HARMLESS: readonly SshFault[] = ['no-answer', 'hang', 'command-fails'];

describe('one host that refuses the account of the directory, or cuts its login off', () => {
  it.each(SPENDING)('costs no other host an outcome, whichever host it is: %s', { timeout }, async (one) => {
    const isFirst = new Set<boolean>();
    for (const bad of ALL_HOSTS) {
      const world = worldOf(7);
      await run(world);
      isFirst.add((await acceptedBy(world)) === bad);
      world.setFaults(faultsOf({ [bad]: one }));
      for (let pauses = 0; pauses < 4; pauses += 1) {
        for (let runs = 0; runs < 2; runs += 1) {
          const outcomes = await run(world);
          for (const host of ALL_HOSTS.filter((other) => other !== bad))
            expect(outcomes.get(host), `${host} beside ${bad} after ${pauses} pauses`).toBe('ok');
          expect(await spent(world)).toBeLessThanOrEqual(1);
        }
        world.pass(BLACKLIST_MINUTES * MINUTE);
      }
      // Asked again after its pause, and then left alone until it is lifted.
      expect(await refusals(world, bad)).toBe(2);
      expect(sshLogins(world, bad)).toHaveLength(3);
      expect(world.farSide.highest).toBeLessThanOrEqual(BUDGET);
      const { state } = await world.credentialStates.read('secret:esxi', { signal });
      expect(state.suspended).toBeUndefined();

      world.setFaults(NO_FAULTS);
      await world.accounts.lift('vsweep', bad, { signal });
      expect((await run(world)).get(bad)).toBe('ok');
      expect(await read(world, bad)).toMatchObject({ refusals: 0 });
      world.end();
    }
    expect(isFirst).toEqual(new Set([true, false]));
  });
});

const badHosts = fc.uniqueArray(
  fc.tuple(fc.constantFrom(...ALL_HOSTS), fc.constantFrom(...SPENDING, ...HARMLESS)),
  { minLength: 2, maxLength: 6, selector: ([host]) => host },
);
const several = fc.record({
  seed: fc.nat(),
  directoryLimit: fc.constantFrom(3, 4, 5),
  bad: badHosts,
  /** Whether all hosts accepted the account before some of them turned bad. */
  known: fc.boolean(),
  /** One that accepts anything, all the time. */
  liar: fc.option(fc.constantFrom(...ALL_HOSTS), { nil: undefined }),
  start: fc.record({ workersApart: fc.boolean(), inline: fc.boolean() }),
});

describe('several hosts that are down, sick or hostile', () => {
  it('never have the directory count more than two refusals between two logins that it accepts', {
    timeout,
  }, async () => {
    const dying = fc.option(fc.integer({ min: 1, max: 120 }), { nil: undefined, freq: 2 });
    const processes = fc.array(fc.record({ afterMs: fc.nat(4_000), diesAt: dying, workersDieAt: dying }), {
      minLength: 1,
      maxLength: 2,
    });
    await fc.assert(
      fc.asyncProperty(several, fc.array(processes, { minLength: 6, maxLength: 6 }), async (one, runs) => {
        const { seed, directoryLimit, known, liar, start } = one;
        const world = worldOf(seed, directoryLimit, {}, liar === undefined ? [] : [liar]);
        if (known) await run(world);
        // Of hosts that accepted it until now, and are asked side by side, no more than the budget turn at once.
        const burners = one.bad
          .filter(([, fault]) => fault === 'burns')
          .slice(known ? BUDGET : ALL_HOSTS.length);
        const bad = one.bad.filter((each) => !burners.includes(each));
        world.setFaults(faultsOf(Object.fromEntries(bad)));
        for (const [index, some] of runs.entries()) {
          await world.run(some.map((process) => ({ what: 'services', ...start, ...process })));
          world.pass(index % 3 === 2 ? BLACKLIST_MINUTES * MINUTE : MINUTE);
          expect(world.farSide.locked).toEqual([]);
          expect(world.farSide.highest).toBeLessThanOrEqual(BUDGET);
        }
        expect(world.faulty).toEqual([]);
        world.end();
      }),
      { numRuns: 25, seed: 3 },
    );
  });

  it('cost the others nothing unless two refuse before two accept, and keep no credential from them', {
    timeout,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(several, async ({ seed, directoryLimit, bad, known, start }) => {
        const world = worldOf(seed, directoryLimit);
        await run(world, start);
        const first = await acceptedBy(world);
        const faults = Object.fromEntries(bad.filter(([host]) => host !== first));
        if (!known) for (const host of Object.keys(faults)) await world.forget('vsweep', host);
        world.setFaults(faultsOf(faults));
        for (let pauses = 0; pauses < 3; pauses += 1) {
          for (let runs = 0; runs < 3; runs += 1) {
            const outcomes = await run(world, start);
            const isSpent = refusedFirst(world, faults) >= BUDGET;
            if (isSpent) world.end();
            fc.pre(!isSpent);
            for (const host of ALL_HOSTS.filter((other) => !(other in faults)))
              expect(outcomes.get(host), `${host} after ${pauses} pauses`).toBe('ok');
          }
          world.pass(BLACKLIST_MINUTES * MINUTE);
        }
        world.setFaults(NO_FAULTS);
        await world.accounts.lift('vsweep', undefined, { signal });
        for (let runs = 0; runs < 3; runs += 1) await run(world, start);
        expect(new Set((await run(world, start)).values())).toEqual(new Set(['ok']));
        world.end();
      }),
      { numRuns: 20, seed: 5 },
    );
  });
});

/** A fleet that knows the account, but for `strangers`, with a host that is neither them nor the first of a run. */
async function mixedWorld(seed: number, strangers: number) {
  const world = worldOf(seed);
  await run(world);
  const first = await acceptedBy(world);
  const others = ALL_HOSTS.filter((host) => host !== first && host !== 'alone');
  const doubtful = others.filter((_, index) => (index + seed) % others.length < strangers);
  for (const host of doubtful) await world.forget('vsweep', host);
  const known = others.filter((host) => !doubtful.includes(host));
  return { world, known, doubtful };
}
const DAY = 24 * 60 * MINUTE;
const SEEDS = Array.from({ length: 8 }, (_, index) => index + 1);
const TWO_BAD: readonly SshFault[] = ['cut-by-stall', 'refuses', 'burns', 'hang-after-password'];

describe('a known host and a doubtful one that are bad in the same run', () => {
  it.each(TWO_BAD)(
    'cost the account one refusal, which the next run erases: %s',
    { timeout },
    async (fault) => {
      for (const seed of SEEDS) {
        const { world, known, doubtful } = await mixedWorld(seed, 1);
        const bad = [...known.slice(seed % 2 === 0 ? 0 : -1).slice(0, 1), ...doubtful];
        world.setFaults(faultsOf(Object.fromEntries(bad.map((host) => [host, fault]))));
        await run(world);
        expect(await spent(world), `seed ${seed}`).toBeLessThanOrEqual(1);
        world.setFaults(NO_FAULTS);
        world.pass(DAY);
        expect(new Set((await run(world)).values()), `seed ${seed}`).toEqual(new Set(['ok']));
        world.end();
      }
    },
  );

  it('cost no more where the process is told to stop meanwhile', { timeout }, async () => {
    for (const seed of SEEDS.slice(0, 4))
      for (let stopsAtMs = 200 + 300 * (seed % 4); stopsAtMs <= 8_000; stopsAtMs += 1_200) {
        const { world, known, doubtful } = await mixedWorld(seed, 1);
        const bad = [...known.slice(0, 1), ...doubtful];
        world.setFaults(faultsOf(Object.fromEntries(bad.map((host) => [host, 'hang-after-password']))));
        await run(world, { stopsAtMs });
        expect(await spent(world), `seed ${seed}, stopped at ${stopsAtMs} ms`).toBeLessThanOrEqual(1);
        world.end();
      }
  });
});

describe('a process that is killed while doubtful hosts are asked', () => {
  it('leaves one possible refusal, which a later run erases', { timeout }, async () => {
    for (const seed of SEEDS.slice(0, 4)) {
      for (let diesAt = 30 + 4 * (seed % 4); diesAt <= 160; diesAt += 16) {
        const { world } = await mixedWorld(seed, 4);
        await world.run([{ what: 'services', afterMs: 0, diesAt }]);
        world.pass(10 * MINUTE);
        await run(world);
        world.pass(10 * MINUTE);
        expect([...new Set((await run(world)).values())], `seed ${seed}, killed at ${diesAt}`).not.toEqual([
          'skipped(blacklist)',
        ]);
        world.end();
      }
    }
  });
});

/** A vCenter whose list comes last, while it is slow. */
const lateList = (vcenter: { readonly name: string; isSlow: boolean }): Broken => ({
  sweep: ({ login, clock }) => ({
    login: async (target, credential, options) => {
      if (vcenter.isSlow && target.name === vcenter.name) await clock.sleep(8_000, options);
      return login(target, credential, options);
    },
  }),
});

describe('a run that is killed while a known host has the directory count a wrong password', () => {
  it('leaves what the next run knows before its first login, whichever target is listed first', {
    timeout,
  }, async () => {
    let lostByIt = 0;
    for (const seed of SEEDS.slice(0, 4)) {
      for (let diesAt = 40 + seed; diesAt <= 160; diesAt += 8) {
        const vcenter = { name: 'vc01', isSlow: false };
        const world = worldOf(seed, 3, lateList(vcenter));
        await run(world);
        const first = await acceptedBy(world);
        const [bad = ''] = ALL_HOSTS.filter((host) => host.startsWith('vc01') && host !== first);
        world.setFaults(faultsOf({ [bad]: 'burns' }));
        await world.run([{ what: 'services', afterMs: 0, diesAt }]);
        world.pass(MINUTE);
        lostByIt += [...world.flights.values()].filter(({ target }) => target === 'vc01').length;
        world.setFaults(NO_FAULTS);
        vcenter.isSlow = true;
        // The directory does not count the last two.
        for (const password of ['x1', 'x2', 'x3'])
          for (const host of ALL_HOSTS) world.farSide.setHostPassword(host, password);
        await run(world);
        expect(world.farSide.highest, `seed ${seed}, killed at ${diesAt}`).toBeLessThanOrEqual(BUDGET);
        world.end();
      }
    }
    expect(lostByIt).toBeGreaterThan(0);
  });
});

describe('three known hosts of one target that refuse', () => {
  it('cost another target nothing that lists its hosts later', { timeout }, async () => {
    for (const seed of SEEDS.slice(0, 8)) {
      const world = worldOf(seed, 3, lateList({ name: 'vc02', isSlow: true }));
      await run(world);
      const first = await acceptedBy(world);
      const bad = ALL_HOSTS.filter((host) => host.startsWith('vc01') && host !== first).slice(0, 3);
      world.setFaults(faultsOf(Object.fromEntries(bad.map((host) => [host, 'refuses']))));
      const outcomes = await run(world);
      const spoiled = [...outcomes].filter(
        ([host, end]) => host.startsWith('vc02') && end.includes('allowance'),
      );
      expect(spoiled, `seed ${seed}`).toEqual([]);
      world.end();
    }
  });
});

const downOrSick = fc.dictionary(
  fc.constantFrom(...ALL_HOSTS),
  fc.constantFrom<SshFault[]>('no-answer', 'hang', 'cut-by-stall', 'command-fails', 'refuses'),
  { maxKeys: 5 },
);
const deceived = fc.record({
  seed: fc.nat(),
  liar: fc.constantFrom(...ALL_HOSTS),
  /** Whether all hosts accepted the account before its password was changed in the directory, or none ever did. */
  known: fc.boolean(),
  /** What is wrong with the others, anew in each run. */
  runs: fc.array(
    fc.record({
      bad: downOrSick,
      workersApart: fc.boolean(),
      diesAt: fc.option(fc.integer({ min: 1, max: 120 }), { nil: undefined, freq: 4 }),
      /** Somebody else's process beside it. */
      beside: fc.option(fc.nat(3_000), { nil: undefined, freq: 3 }),
    }),
    { minLength: 4, maxLength: 8 },
  ),
});

describe('a host that accepts any password, and asks nobody', () => {
  it('opens the way for no value that the directory does not take, and has no refusal forgotten', {
    timeout,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(deceived, async ({ seed, liar, known, runs }) => {
        const world = worldOf(seed, 3, {}, [liar]);
        if (known) await run(world);
        // The directory does not count the last two.
        for (const password of ['x1', 'x2', 'x3'])
          for (const host of ALL_HOSTS) world.farSide.setHostPassword(host, password);
        for (const { bad, beside, ...start } of runs) {
          world.setFaults(faultsOf(bad));
          const processes = [
            { afterMs: 0, ...start },
            ...(beside === undefined ? [] : [{ afterMs: beside }]),
          ];
          await world.run(processes.map((one) => ({ what: 'services', ...one })));
          world.pass(BLACKLIST_MINUTES * MINUTE);
          expect(world.farSide.locked).toEqual([]);
          expect(world.farSide.highest).toBeLessThanOrEqual(BUDGET);
        }
        expect(world.faulty).toEqual([]);
        world.end();
      }),
      { numRuns: 40, seed: 9 },
    );
  });

  it('does not have a new value in use that only it accepted, and the others are asked when they are back', {
    timeout,
  }, async () => {
    for (const seed of SEEDS) {
      const liar = ALL_HOSTS[seed % ALL_HOSTS.length] ?? '';
      const world = worldOf(seed, 3, {}, [liar]);
      const others = ALL_HOSTS.filter((host) => host !== liar);
      world.setFaults(faultsOf(Object.fromEntries(others.map((host) => [host, 'no-answer']))));
      // Five hosts without an answer put a new value off.
      while (sshLogins(world, liar).length === 0) await run(world);
      const { state } = await world.credentialStates.read('secret:esxi', { signal });
      expect(state).toMatchObject({ acceptedOnce: 'version of p0', acceptedBy: liar });
      expect(state.provenVersion).toBeUndefined();
      world.setFaults(NO_FAULTS);
      expect(new Set((await run(world)).values())).toEqual(new Set(['ok']));
      world.end();
    }
  });

  it('has the next host asked where the first one refused, and erases the refusal with the second that accepts', {
    timeout,
  }, async () => {
    for (const seed of SEEDS) {
      const world = worldOf(seed);
      const [first = '', ...others] = ALL_HOSTS;
      world.setFaults(
        faultsOf(
          Object.fromEntries(ALL_HOSTS.map((host) => [host, host === first ? 'refuses' : 'no-answer'])),
        ),
      );
      while (sshLogins(world, first).length === 0) await run(world);
      expect(await spent(world), `seed ${seed}`).toBe(1);
      world.setFaults(faultsOf({ [first]: 'refuses' }));
      const outcomes = await run(world);
      expect(
        others.filter((host) => outcomes.get(host) !== 'ok'),
        `seed ${seed}`,
      ).toEqual([]);
      expect(await spent(world)).toBe(0);
      world.end();
    }
  });
});
