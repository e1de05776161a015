/** A process that is told to stop (SIGTERM, Ctrl-C) while logins are under way. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALL_HOSTS } from '../../support/world/estate.ts';
import { createWorld, NO_FAULTS, type SshFault, type Start, type World } from '../../support/world/world.ts';
import { counts } from './counts.ts';

const MINUTE = 60_000;

const newWorld = (seed: number) =>
  createWorld({ kind: 'local', seed, limits: ALL_HOSTS.map(() => 3), directoryLimit: 3 });

async function run(world: World, start: Partial<Start> = {}): Promise<readonly string[]> {
  const [summary] = await world.run([{ what: 'services', afterMs: 0, ...start }]);
  world.pass(MINUTE);
  const hosts = (summary?.targets ?? []).flatMap((target) => target.hosts);
  return hosts.filter(({ outcomes }) => outcomes.ssh?.kind === 'ok').map(({ name }) => name);
}

const cases = fc.record({
  seed: fc.nat(),
  stopsAtMs: fc.nat(4_000),
  workersApart: fc.boolean(),
  proven: fc.boolean(),
  late: fc.subarray(ALL_HOSTS),
  hanging: fc.subarray(ALL_HOSTS),
  /** Hosts whose password was changed. */
  changed: fc.subarray(ALL_HOSTS.slice(0, -1), { maxLength: 2 }),
});

describe('a run that is told to stop', () => {
  it('leaves no fewer refusals on record than a host counted, and no two for one login', {
    timeout: 300_000,
  }, async () => {
    let cutOff = 0;
    await fc.assert(
      fc.asyncProperty(cases, async ({ seed, stopsAtMs, workersApart, proven, late, hanging, changed }) => {
        const world = newWorld(seed);
        if (proven) for (let runs = 0; runs < 2; runs += 1) await run(world);
        for (const host of changed) world.farSide.setHostPassword(host, 'p1');
        const from = world.logins.length;
        const ssh = [
          ...hanging.map((host): [string, SshFault] => [host, 'hang-after-password']),
          ...late.map((host): [string, SshFault] => [host, 'answers-late']),
        ];
        world.setFaults({ ...NO_FAULTS, ssh: Object.fromEntries(ssh) });
        await run(world, { stopsAtMs, workersApart });
        // What a worker apart was asked is counted by the next run, which asks nobody here.
        await run(world, { stopsAtMs: 0 });
        for (const { host, counted, sent, refused } of await counts(world, from)) {
          expect(counted, host).toBeGreaterThanOrEqual(changed.includes(host) ? refused : 0);
          expect(counted, host).toBeLessThanOrEqual(sent);
          if (counted > 0) cutOff += 1;
        }
        expect(world.farSide.locked).toEqual([]);
        expect(world.faulty).toEqual([]);
        world.end();
      }),
      { numRuns: 60, seed: 5 },
    );
    // Else nothing was shown.
    expect(cutOff).toBeGreaterThan(30);
  });

  it('costs no host anything that answers within five seconds: the next run is whole', {
    timeout: 300_000,
  }, async () => {
    let underWay = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(3_000), async (seed, stopsAtMs) => {
        const world = newWorld(seed);
        for (let runs = 0; runs < 2; runs += 1) await run(world);
        const ssh = Object.fromEntries(ALL_HOSTS.map((host): [string, SshFault] => [host, 'answers-late']));
        world.setFaults({ ...NO_FAULTS, ssh });
        const from = world.logins.length;
        const ended = await run(world, { stopsAtMs });
        const asked = world.logins.slice(from).filter(({ path }) => path === 'ssh').length;
        if (asked > 0 && ended.length < ALL_HOSTS.length) underWay += 1;
        expect(world.flights.size).toBe(0);
        expect((await counts(world, from)).filter(({ counted }) => counted > 0)).toEqual([]);
        world.setFaults(NO_FAULTS);
        expect(await run(world)).toHaveLength(ALL_HOSTS.length);
        world.end();
      }),
      // A flight whose beginning was given up was written behind its end.
      { numRuns: 40, seed: 3, examples: [[601198259, 488]] },
    );
    expect(underWay).toBeGreaterThan(10);
  });

  it('costs a host that does not answer one possible refusal and no waiting time', async () => {
    const world = newWorld(2);
    for (let runs = 0; runs < 2; runs += 1) await run(world);
    const ssh = Object.fromEntries(
      ALL_HOSTS.map((host): [string, SshFault] => [host, 'hang-after-password']),
    );
    world.setFaults({ ...NO_FAULTS, ssh });
    await run(world, { stopsAtMs: 2_500 });
    world.setFaults(NO_FAULTS);
    expect(await run(world)).toHaveLength(ALL_HOSTS.length);
    world.end();
  });
});
