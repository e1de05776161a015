/** A host that ends the worker, or on one machine the whole process, each time that it is dialled. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printOutcome } from '../../../lib/sweep/outcome.ts';
import { ALL_HOSTS, ALL_TARGETS, BLACKLIST_MINUTES, hostsOf } from '../../support/world/estate.ts';
import { createWorld, NO_FAULTS, type SshFault, type Start, type World } from '../../support/world/world.ts';
import { liftAll } from './history.ts';

const MINUTE = 60_000;
const { signal } = new AbortController();
const RUNS = 6;

type Killing = Extract<SshFault, 'kills' | 'kills-after-password'>;

async function run(
  world: World,
  workersApart: boolean,
  inline = false,
): Promise<ReadonlyMap<string, string>> {
  const start: Start = { what: 'services', afterMs: 0, workersApart, inline };
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

/** Of runs that were under way when their process died. */
async function leases(world: World): Promise<readonly string[]> {
  const all = ['services', 'status'].flatMap((sweep) => ALL_TARGETS.map((one) => `run#${sweep}#${one}`));
  const held = await Promise.all(all.map((pk) => world.table.get({ pk, sk: 'lease' }, { signal })));
  return all.filter((_, index) => held[index] !== undefined);
}

const cases = fc.record({
  seed: fc.nat(),
  killer: fc.constantFrom(...hostsOf('vc01')),
  fault: fc.constantFrom<Killing[]>('kills', 'kills-after-password'),
  /** Whether hosts were proven before, or are asked in waves. */
  proven: fc.boolean(),
  workersApart: fc.boolean(),
  /** Whether a run with workers apart collects itself. */
  inline: fc.boolean(),
});

describe('a host that ends its worker each time', () => {
  it('costs its neighbours one possible refusal at most, which a success erases, and is left out by all others', {
    timeout: 300_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ seed, killer, fault, proven, workersApart, inline }) => {
        const world = createWorld({ kind: 'local', seed, limits: ALL_HOSTS.map(() => 3), directoryLimit: 3 });
        const neighbours = ALL_HOSTS.filter((host) => host !== killer);
        if (proven) for (let runs = 0; runs < 2; runs += 1) await run(world, workersApart, inline);
        world.setFaults({ ...NO_FAULTS, ssh: { [killer]: fault } });
        let last: ReadonlyMap<string, string> = new Map();
        for (let runs = 0; runs < RUNS; runs += 1) {
          last = await run(world, workersApart, inline);
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
        expect((await run(world, workersApart, inline)).get(killer)).toBe('failed(worker)');
        expect((await run(world, workersApart, inline)).get(killer)).toBe('ok');
        expect(world.farSide.locked).toEqual([]);
        expect(world.faulty).toEqual([]);
        world.end();
      }),
      { numRuns: 20, seed: 7 },
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
    world.end();
  });

  it('ends no run that is under way, of another target or of another sweep of its process', {
    timeout: 300_000,
  }, async () => {
    let deaths = 0;
    const others = fc.record({
      seed: fc.nat(),
      /** Targets that are done before the others, and after them. */
      slow: fc.subarray(ALL_HOSTS.filter((host) => host !== 'vc01-esx1')),
      beside: fc.record({
        what: fc.constantFrom<('services' | 'status')[]>('services', 'status'),
        afterMs: fc.nat(20_000),
      }),
      hangs: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(others, async ({ seed, slow, beside, hangs }) => {
        const world = createWorld({ kind: 'local', seed, limits: ALL_HOSTS.map(() => 3), directoryLimit: 3 });
        for (let runs = 0; runs < 2; runs += 1) await run(world, false);
        const ssh = Object.fromEntries(slow.map((host): [string, SshFault] => [host, 'hang']));
        world.setFaults({ ...NO_FAULTS, ssh: { ...ssh, 'vc01-esx1': 'kills' } });
        while ((await marked(world)).length === 0) await run(world, false);
        world.setFaults({ ...world.faults(), vcenter: hangs ? 'hang' : undefined });
        for (let runs = 0; runs < 3; runs += 1) {
          const start: Start = { what: 'services', afterMs: 0, beside };
          const [summary] = await world.run([start]);
          if (summary === undefined) deaths += 1;
          expect(await leases(world), `of run ${runs}`).toEqual([]);
          world.pass((runs === 1 ? BLACKLIST_MINUTES : 1) * MINUTE);
        }
        world.end();
      }),
      { numRuns: 40, seed: 11 },
    );
    // Else nothing was shown.
    expect(deaths).toBeGreaterThan(20);
  });

  it('leaves no host behind that is asked one at a time for ever, not even one that is down', async () => {
    const world = createWorld({ kind: 'local', seed: 9, limits: ALL_HOSTS.map(() => 3), directoryLimit: 3 });
    for (let runs = 0; runs < 2; runs += 1) await run(world, true);
    const [killer = '', ...down] = hostsOf('vc01');
    const ssh = Object.fromEntries(down.map((host): [string, SshFault] => [host, 'no-answer']));
    world.setFaults({ ...NO_FAULTS, ssh: { ...ssh, [killer]: 'kills' } });
    const careful = async () => {
      const all = await world.accounts.readAll('root', { signal });
      return [...all.values()].filter(({ lostFlights }) => lostFlights !== undefined);
    };
    await run(world, true);
    expect((await careful()).length).toBeGreaterThan(1);
    for (let runs = 0; runs < 2; runs += 1) await run(world, true);
    expect((await careful()).map(({ address }) => address)).toEqual([killer]);
    world.end();
  });

  it('is asked, where no other host can try the credential', async () => {
    const world = createWorld({ kind: 'local', seed: 5, limits: ALL_HOSTS.map(() => 3), directoryLimit: 3 });
    const everywhere = (fault: SshFault) => Object.fromEntries(ALL_HOSTS.map((host) => [host, fault]));
    world.setFaults({ ...NO_FAULTS, ssh: everywhere('kills') });
    for (let minutes = 0; (await marked(world)).length < ALL_HOSTS.length; minutes += 1) {
      if (minutes > 60) throw new RangeError(`only ${await marked(world)} are marked`);
      await run(world, true);
    }
    world.setFaults(NO_FAULTS);
    world.pass(BLACKLIST_MINUTES * MINUTE);
    for (let runs = 0; runs < 4; runs += 1) await run(world, true);
    expect(new Set((await run(world, true)).values())).toEqual(new Set(['ok']));
    world.end();
  });
});
