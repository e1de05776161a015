import { expect, it } from 'vitest';
import { sumBy } from '../../support/capacity-meter.ts';
import { type MeteredEstate, startMeteredEstate } from '../state/metered-estate.ts';

/** A run a target, in the order of the configuration; of each how many hosts it asked, and pinned keys in all. */
async function sweepEach(estate: MeteredEstate) {
  const asked: (number | undefined)[] = [];
  let pinned = 0;
  for (const target of estate.names) {
    const { consumed, summary } = await estate.sweep({ target, fresh: true });
    asked.push(summary.targets[0]?.paths.ssh?.ok);
    const writes = sumBy(consumed, 'written', ({ action, pk }) => `${action} ${pk}`);
    pinned += writes['PutItem hostkeys'] ?? 0;
  }
  return { asked, pinned };
}

it('asks a host by the target that lists it, whose key is known when another target had it before', async () => {
  await using estate = await startMeteredEstate({ targets: 2, hosts: 3 });
  expect(await sweepEach(estate)).toEqual({ asked: [3, 3], pinned: 6 });
  expect(await sweepEach(estate)).toEqual({ asked: [3, 3], pinned: 0 });
  const moved = '10.0.0.2';
  // Both list it for a while: the first one of the configuration asks it.
  estate.move(1, 0, moved);
  expect(await sweepEach(estate)).toEqual({ asked: [3, 2], pinned: 0 });
  expect(await sweepEach(estate)).toEqual({ asked: [3, 2], pinned: 0 });
  // Then only the second one does. What the first one has now was never seen.
  estate.move(0, 2, '10.0.9.9');
  expect(await sweepEach(estate)).toEqual({ asked: [3, 3], pinned: 1 });
});
