/** Logins with the one account of a domain, whose answers are lost because this process was stalled. */
import { describe, expect, it } from 'vitest';
import { PRINCIPAL } from '../../../lib/logins/rules/principal.ts';
import { printOutcome } from '../../../lib/sweep/outcome.ts';
import { ALL_HOSTS } from '../../support/world/estate.ts';
import { createWorld, NO_FAULTS, type SshFault, type World } from '../../support/world/world.ts';
import { liftAll } from './history.ts';

const MINUTE = 60_000;
const { signal } = new AbortController();

function worldOf(seed: number): World {
  return createWorld({ kind: 'domain', seed, limits: ALL_HOSTS.map(() => 3), directoryLimit: 3 });
}

async function run(world: World): Promise<ReadonlySet<string>> {
  const [summary] = await world.run([{ what: 'services', afterMs: 0 }]);
  world.pass(MINUTE);
  const hosts = (summary?.targets ?? []).flatMap((target) => target.hosts);
  return new Set(hosts.map(({ outcomes: { ssh } }) => (ssh === undefined ? 'none' : printOutcome(ssh))));
}

const refusals = async (world: World) =>
  (await world.accounts.read('vsweep', PRINCIPAL, { signal }))?.refusals ?? 0;

const cutOff = (hosts: readonly string[]) => ({
  ...NO_FAULTS,
  ssh: Object.fromEntries(hosts.map((host): [string, SshFault] => [host, 'cut-by-stall'])),
});

const OK = new Set(['ok']);

describe('the one account of a domain in a process that was stalled', () => {
  it.each([1, 2, 3, 4, 5, 6])(
    'costs one possible refusal a run, which the next run erases (seed %i)',
    async (seed) => {
      const world = worldOf(seed);
      await run(world);
      world.setFaults(cutOff(ALL_HOSTS.slice(seed - 1, seed + 4)));
      for (let stalls = 0; stalls < 2; stalls += 1) {
        await run(world);
        expect(await refusals(world)).toBe(1);
        const { faults } = world;
        const before = faults();
        world.setFaults(NO_FAULTS);
        expect(await run(world)).toEqual(OK);
        expect(await refusals(world)).toBe(0);
        world.setFaults(before);
      }
      expect(world.farSide.locked).toEqual([]);
      world.end();
    },
  );

  it('is left alone after two runs in a row in which the answers were lost, until it is lifted', async () => {
    const world = worldOf(1);
    await run(world);
    world.setFaults(cutOff(ALL_HOSTS));
    expect(await run(world)).toEqual(new Set(['failed(auth)', 'skipped(allowance)']));
    await run(world);
    expect(await refusals(world)).toBe(2);
    const logins = world.logins.length;
    expect(await run(world)).toEqual(new Set(['skipped(blacklist)']));
    expect(world.logins.slice(logins).filter(({ path }) => path === 'ssh')).toEqual([]);
    world.setFaults(NO_FAULTS);
    await liftAll(world);
    expect(await run(world)).toEqual(OK);
    world.end();
  });
});
