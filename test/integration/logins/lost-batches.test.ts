import { describe, expect, it } from 'vitest';
import { allowanceOf } from '../../../lib/logins/rules/allowance.ts';
import { printOutcome } from '../../../lib/sweep/outcome.ts';
import type { RunSummary } from '../../../lib/sweep/result/summary.ts';
import { ALL_HOSTS, ALL_TARGETS } from '../../support/world/estate.ts';
import { createWorld, type Start, type World } from '../../support/world/world.ts';

const MINUTE = 60_000;
const { signal } = new AbortController();
const SERVICES: Start = { what: 'services', afterMs: 0 };
/** Late enough for every host of a batch to be logged in to, too early for a result. */
const LOSES_BATCHES: Start = { ...SERVICES, workersApart: true, workersDieAt: 8 };

const sshOf = (summary: RunSummary | undefined) =>
  new Map(
    (summary?.targets ?? [])
      .flatMap(({ hosts }) => hosts)
      .map(({ name, outcomes: { ssh } }) => [name, ssh === undefined ? 'none' : printOutcome(ssh)]),
  );

async function run(world: World, start: Start): Promise<Map<string, string>> {
  const [summary] = await world.run([start]);
  world.pass(MINUTE);
  return sshOf(summary);
}

const spentOf = async (world: World, host: string) => {
  const history = await world.accounts.read('root', host, { signal });
  return (history?.refusals ?? 0) + (history?.openAttempt === undefined ? 0 : 1);
};

const hostsWithAttempt = async (world: World) => {
  const histories = await world.accounts.readAll('root', { signal });
  return [...histories.values()]
    .filter(({ openAttempt }) => openAttempt !== undefined)
    .map(({ address }) => address);
};

describe('two lost batches in a row', () => {
  it.each([1, 2, 3, 4, 5, 6])(
    'spend the budget of those alone that were being logged in to (seed %i)',
    async (seed) => {
      const world = createWorld({ kind: 'local', seed, limits: ALL_HOSTS.map(() => 3), directoryLimit: 3 });
      await run(world, SERVICES);
      await run(world, SERVICES);

      await run(world, LOSES_BATCHES);
      const flown = ALL_HOSTS.filter((host) => host !== 'alone');
      await run(world, LOSES_BATCHES);
      const underWay = await hostsWithAttempt(world);

      const after = await run(world, SERVICES);
      const spent = await Promise.all(ALL_HOSTS.map((host) => spentOf(world, host)));
      expect(Math.max(...spent)).toBeLessThanOrEqual(2);
      const waiting = flown.filter((host) => after.get(host) !== 'ok');
      for (const host of waiting) {
        expect(after.get(host)).toBe('skipped(blacklist)');
        expect(underWay, `${host} waits for a lift`).toContain(host);
      }
      // A wave is as large as the allowance, and each other target has one of its own.
      expect(waiting.length).toBeLessThanOrEqual(allowanceOf(ALL_HOSTS.length) + ALL_TARGETS.length - 1);
      expect(world.farSide.locked).toEqual([]);
    },
  );
});

it('a batch that came back and could not be struck off before the push is struck off after it', async () => {
  let failures = 0;
  const world = createWorld({
    kind: 'local',
    seed: 1,
    limits: ALL_HOSTS.map(() => 3),
    directoryLimit: 3,
    broken: {
      sweep: ({ flights, runs }) => {
        // The last run is remembered once it is pushed.
        const pushed = new Set<string>();
        return {
          runs: {
            ...runs,
            writeLast: async (sweep, target, ...rest) => {
              pushed.add(target);
              return await runs.writeLast(sweep, target, ...rest);
            },
          },
          flights: {
            ...flights,
            end: async (sweep, target, ...rest) => {
              if (pushed.has(target)) return await flights.end(sweep, target, ...rest);
              failures += 1;
              throw new Error('throttled');
            },
          },
        };
      },
    },
  });
  for (let runs = 0; runs < 2; runs += 1) {
    await run(world, SERVICES);
    expect(world.flights.size).toBe(0);
  }
  expect(failures).toBeGreaterThan(0);
  expect(new Set((await run(world, SERVICES)).values())).toEqual(new Set(['ok']));
  world.end();
});
