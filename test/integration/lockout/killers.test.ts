/** A host that ends the worker, or on one machine the whole process, each time that it is dialled. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printOutcome } from '../../../lib/sweep/outcome.ts';
import { ALL_HOSTS, BLACKLIST_MINUTES, hostsOf } from './estate.ts';
import { liftAll } from './history.ts';
import { createWorld, NO_FAULTS, type SshFault, type Start, type World } from './world.ts';

const MINUTE = 60_000;
const { signal } = new AbortController();
const RUNS = 6;

type Killing = Extract<SshFault, 'kills' | 'kills-after-password'>;

async function run(world: World, workersApart: boolean): Promise<ReadonlyMap<string, string>> {
  const start: Start = { what: 'services', afterMs: 0, workersApart };
  const [summary] = await world.run([start]);
  world.pass(MINUTE);
  const hosts = (summary?.targets ?? []).flatMap((target) => target.hosts);
  return new Map(
    hosts.map(({ name, outcomes: { ssh } }) => [
      name.replace('.example.org', ''),
      ssh === undefined ? 'none' : printOutcome(ssh),
    ]),
  );
}

/** The refusals that a host may have counted, by what stands in the table. */
async function spent(world: World, host: string): Promise<number> {
  const { refusals = 0, openAttempt } = (await world.accounts.read('root', host, { signal })) ?? {};
  return refusals + (openAttempt === undefined ? 0 : 1);
}

const marked = async (world: World) => {
  const all = await world.accounts.readAll('root', { signal });
  return [...all.values()].filter(({ dialling }) => dialling !== undefined).map(({ address }) => address);
};

const cases = fc.record({
  seed: fc.nat(),
  killer: fc.constantFrom(...hostsOf('vc01')),
  fault: fc.constantFrom<Killing[]>('kills', 'kills-after-password'),
  /** Whether hosts were proven before, or are asked in waves. */
  proven: fc.boolean(),
  workersApart: fc.boolean(),
});

describe('a host that ends its worker each time', () => {
  it('costs its neighbours one possible refusal at most, which a success erases, and is left out by all others', {
    timeout: 300_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ seed, killer, fault, proven, workersApart }) => {
        const world = createWorld({ kind: 'local', seed, limits: ALL_HOSTS.map(() => 3), directoryLimit: 3 });
        const neighbours = ALL_HOSTS.filter((host) => host !== killer);
        if (proven) for (let runs = 0; runs < 2; runs += 1) await run(world, workersApart);
        world.setFaults({ ...NO_FAULTS, ssh: { [killer]: fault } });
        let last: ReadonlyMap<string, string> = new Map();
        for (let runs = 0; runs < RUNS; runs += 1) {
          last = await run(world, workersApart);
          for (const host of neighbours) {
            expect(await spent(world, host), `${host} in run ${runs}`).toBeLessThanOrEqual(1);
          }
          expect(await spent(world, killer)).toBeLessThanOrEqual(2);
          expect((await marked(world)).filter((host) => host !== killer)).toEqual([]);
        }
        expect(Object.fromEntries(last)).toEqual({
          ...Object.fromEntries(neighbours.map((host) => [host, 'ok'])),
          [killer]: fault === 'kills' ? 'failed(worker)' : 'skipped(blacklist)',
        });
        for (const host of neighbours) expect(await spent(world, host)).toBe(0);
        const { state } = await world.credentialStates.read('secret:esxi', { signal });
        expect(state.suspended).toBeUndefined();

        // Mended, and lifted where it spent its budget: asked alone after one run, and by the next one like all others.
        world.setFaults(NO_FAULTS);
        if (fault === 'kills') world.pass(BLACKLIST_MINUTES * MINUTE);
        else await liftAll(world);
        expect((await run(world, workersApart)).get(killer)).toBe('failed(worker)');
        expect((await run(world, workersApart)).get(killer)).toBe('ok');
        expect(world.farSide.locked).toEqual([]);
        expect(world.faulty).toEqual([]);
        world.end();
      }),
      { numRuns: 40, seed: 7 },
    );
  });

  it('is asked alone after the push, no more often than its pause allows, and ends nothing of the run', {
    timeout: 300_000,
  }, async () => {
    const world = createWorld({ kind: 'local', seed: 3, limits: ALL_HOSTS.map(() => 3), directoryLimit: 3 });
    const [killer = ''] = hostsOf('vc01');
    for (let runs = 0; runs < 2; runs += 1) await run(world, false);
    world.setFaults({ ...NO_FAULTS, ssh: { [killer]: 'kills' } });
    const ended: boolean[] = [];
    for (let minutes = 0; minutes < 2 * BLACKLIST_MINUTES; minutes += 1)
      ended.push((await run(world, false)).size > 0);
    // The first without knowing it, the second with care, then once a pause: a process that died told nothing.
    expect(ended.filter((whole) => !whole).length).toBeLessThanOrEqual(4);
    expect(await marked(world)).toEqual([killer]);
  });
});
