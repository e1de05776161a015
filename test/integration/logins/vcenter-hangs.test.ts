import { describe, expect, it } from 'vitest';
import { type Outcome, printOutcome } from '../../../lib/sweep/outcome.ts';
import type { RunSummary } from '../../../lib/sweep/result/summary.ts';
import { ALL_HOSTS, HOSTS_PER_VCENTER } from '../../support/world/estate.ts';
import {
  createWorld,
  NO_FAULTS,
  OWN_DOMAIN,
  type Start,
  type VcenterFault,
  type World,
} from '../../support/world/world.ts';

const SECOND = 1_000;
const SERVICES: Start = { what: 'services', afterMs: 0, workersApart: true };
/** The longest pause between two waves that vCenter may make, and what the logins of a wave take. */
const WAVE_MS = 5 * SECOND + 2 * SECOND;

const proven = async (): Promise<World> => {
  const limits = ALL_HOSTS.map(() => 3);
  const world = createWorld({ kind: 'local', seed: 7, limits, directoryLimit: 3 });
  for (const _ of [1, 2]) {
    await world.run([SERVICES]);
    world.pass(40 * SECOND);
  }
  return world;
};

const outcomesOf = (summary: RunSummary | undefined, path: 'vcenter' | 'ssh') =>
  (summary?.targets ?? [])
    .flatMap(({ hosts }) => hosts)
    .map(({ name, outcomes }) => [name.replace(OWN_DOMAIN, ''), print(outcomes[path])] as const)
    .toSorted(([one], [other]) => ALL_HOSTS.indexOf(one) - ALL_HOSTS.indexOf(other));
const print = (outcome: Outcome | undefined) => (outcome === undefined ? 'none' : printOutcome(outcome));

const secondsOf = (world: World, run: number): number[] => {
  const times = world.logins.filter((login) => login.run === run && login.path === 'ssh').map(({ at }) => at);
  const [first = 0] = times;
  return times.map((at) => (at - first) / SECOND);
};

/** A new version everywhere: nobody is proven, so the whole run goes in waves. */
function rotate(world: World): void {
  for (const host of ALL_HOSTS) world.farSide.setHostPassword(host, 'p1');
  world.secrets.esxi = 'p1';
}

describe('a vCenter that hangs while hosts are asked that are known', () => {
  it.each<[VcenterFault, string, string]>([
    ['tickets-hang', 'fresh', 'failed(target)'],
    ['sessions-hang', 'fresh', 'failed(deadline)'],
    ['objects-hang', 'fresh', 'failed(deadline)'],
    ['hang', 'last', 'failed(target)'],
  ])('%s: costs no ssh result, and the run ends in its time', async (vcenter, listing, without) => {
    const world = await proven();
    world.setFaults({ ...NO_FAULTS, vcenter });
    const [summary] = await world.run([SERVICES]);
    expect(summary?.targets.map((target) => target.listing)).toEqual(summary?.targets.map(() => listing));
    expect(outcomesOf(summary, 'ssh')).toEqual(ALL_HOSTS.map((host) => [host, 'ok']));
    expect(outcomesOf(summary, 'vcenter')).toEqual(ALL_HOSTS.map((host) => [host, without]));
    const { startedAt = Number.NaN, endedAt = Number.NaN } = summary ?? {};
    expect(endedAt - startedAt).toBeLessThan(60 * SECOND);
  });
});

describe('a vCenter that hangs while a new version is tried in waves', () => {
  it.each<[VcenterFault, readonly string[]]>([
    ['tickets-hang', ['failed(target)']],
    ['sessions-hang', ['failed(deadline)', 'failed(target)']],
    ['objects-hang', ['failed(deadline)', 'failed(target)']],
  ])('%s: the verdict does not wait for it, and every host has an outcome', async (vcenter, without) => {
    const world = await proven();
    rotate(world);
    world.setFaults({ ...NO_FAULTS, vcenter });
    const [summary] = await world.run([SERVICES]);

    expect(outcomesOf(summary, 'ssh')).toEqual(ALL_HOSTS.map((host) => [host, 'ok']));
    const ofVcenter = outcomesOf(summary, 'vcenter');
    expect(ofVcenter.map(([host]) => host)).toEqual(ALL_HOSTS);
    for (const [, outcome] of ofVcenter) expect(without).toContain(outcome);

    // The first verdict, then each target loses the time once and goes on without: waves of 1, 1 and 2.
    const times = secondsOf(world, 3);
    expect(times).toHaveLength(ALL_HOSTS.length);
    expect(Math.max(...times)).toBeLessThan((3 * WAVE_MS) / SECOND);
    expect(world.farSide.locked).toEqual([]);
  });

  it('a wrong version is suspended as soon as without it', async () => {
    const world = await proven();
    world.secrets.esxi = 'p3';
    world.setFaults({ ...NO_FAULTS, vcenter: 'objects-hang' });
    const [summary] = await world.run([SERVICES]);
    expect(secondsOf(world, 3)).toHaveLength(1);
    const reasons = outcomesOf(summary, 'ssh').map(([, outcome]) => outcome);
    expect(reasons.toSorted()).toEqual([
      'failed(auth)',
      // The standalone host, whose API has the same account and was asked first.
      'skipped(blacklist)',
      ...Array.from({ length: 2 * HOSTS_PER_VCENTER - 1 }, () => 'skipped(suspended)'),
    ]);
    const [{ durationMs = Number.NaN } = {}] = summary?.targets ?? [];
    expect(durationMs).toBeLessThan(45 * SECOND);
  });
});
