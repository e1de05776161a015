import { expect, it } from 'vitest';
import { type KnownHosts, NO_KNOWN_HOSTS } from '../../../lib/config/known-hosts/find-keys.ts';
import type { HostSummary } from '../../../lib/sweep/result/summary.ts';
import { runSweep } from '../../../lib/sweep/run/run-sweep.ts';
import { createEagerClock, type EagerClock } from '../../support/eager-clock.ts';
import { createEstate, createMemoryState, type FakeTarget } from '../../support/fake-estate.ts';
import { expectDocumented, seenIn } from './faults/expect-documented.ts';

const running = { signal: new AbortController().signal };
const HOSTS = 60;
const TARGET: FakeTarget = {
  hosts: Array.from({ length: HOSTS }, (_, at) => ({ address: `10.0.0.${at}`, ssh: 'well' })),
  ...{ login: 'well', listing: 'well', ticket: 'well', clone: 'well', retrieval: 'well', close: 'well' },
};

/** A file whose hashed names take 50 ms a host, once: 3 s for all of them. */
function slowFile({ advance }: EagerClock): KnownHosts {
  const found = new Set<string>();
  return {
    ...NO_KNOWN_HOSTS,
    searched: 1_000,
    isFound: ({ address }) => found.has(address),
    find(host) {
      advance(found.has(host.address) ? 0 : 50);
      found.add(host.address);
      return NO_KNOWN_HOSTS.find(host);
    },
  };
}

it('a known_hosts file that takes long has a quarter of the time of the workers, and the next run asks the rest', async () => {
  const clock = createEagerClock();
  const { sweep } = createEstate({
    targets: [TARGET],
    state: createMemoryState(clock),
    clock,
    batch: () => 'well',
    every: '10s',
  });
  const [services] = sweep.config.sweeps;
  if (services === undefined) throw new RangeError('no sweep');
  const knownHosts = slowFile(clock);
  const run = () => runSweep({ sweep: services }, { ...sweep, knownHosts }, running);
  const first = await run();
  const reasons = first.targets[0]?.paths.ssh?.reasons ?? {};
  // A quarter of 5 s.
  expect(reasons['ok']).toBeGreaterThan(5);
  expect(reasons['failed(deadline)']).toBeGreaterThan(HOSTS - 30);
  expect(first.targets[0]?.paths.vcenter?.reasons).toEqual({ ok: HOSTS });
  const isHit = ({ outcomes }: HostSummary) => outcomes.ssh?.kind === 'failed';
  const fault = 'comparing hosts with the hashed names of the known_hosts file takes too long';
  expectDocumented(fault, seenIn(first, { pushed: '', isHit }));
  for (let asked = reasons['ok'] ?? 0, before = 0; asked < HOSTS; ) {
    expect(asked).toBeGreaterThan(before);
    before = asked;
    asked = (await run()).targets[0]?.paths.ssh?.reasons['ok'] ?? 0;
  }
});
