import { describe, expect, it } from 'vitest';
import { MEASURED_UNITS, unitsOf } from '../../../bench/whole-bill.ts';
import { type Consumed, sumBy, total } from '../../support/capacity-meter.ts';
import { startMeteredEstate } from './metered-estate.ts';

const perKey = (consumed: readonly Consumed[], what: 'read' | 'written') =>
  sumBy(consumed, what, ({ pk }) => pk);

describe('what a run reads of the state table, once all hosts are proven', () => {
  it('is at most 40 units for 1,000 hosts, from the second run on and in a process that knows nothing', async () => {
    await using estate = await startMeteredEstate({ targets: 1, hosts: 1_000, known: true });
    await estate.sweep();
    for (const fresh of [false, true]) {
      const { consumed: run } = await estate.sweep({ fresh });
      expect(total(run, 'read')).toBeLessThanOrEqual(40);
      expect(total(run, 'written')).toBeLessThanOrEqual(25);
      // What docs/scaling.md calculates with.
      for (const what of ['read', 'written'] as const) {
        const calculated = unitsOf({ hosts: 1_000, vcenters: 1, batches: 4 }, MEASURED_UNITS[what]);
        expect(Math.abs(total(run, what) - calculated)).toBeLessThan(1.5);
      }
      expect(perKey(run, 'read')).not.toHaveProperty('hostkeys');
    }
  });

  it('is of one key few units in a first run, on average over its minute', async () => {
    const hosts = 100;
    await using estate = await startMeteredEstate({ targets: 1, hosts });
    const { consumed: first } = await estate.sweep();
    // 10,000 hosts in a minute, all at a first contact: of one key at most 1,000 units a second, on average over the
    // minute. Within it a second may have more, which nothing here measures.
    for (const what of ['read', 'written'] as const)
      for (const units of Object.values(perKey(first, what)))
        expect((units * (10_000 / hosts)) / 60).toBeLessThan(1_000);
  });

  it('has nothing of hosts that nobody asks and that have no key: those without power', async () => {
    await using estate = await startMeteredEstate({ targets: 1, hosts: 60, off: 50 });
    for (const runs of [1, 2]) {
      const { consumed, summary } = await estate.sweep({ fresh: true });
      expect(summary.targets[0]?.paths.ssh).toMatchObject({ ok: 10, skipped: 50 });
      // The first run looks for the keys of those that it asks, reads what it pinned, and asks for pins that no run told.
      expect(perKey(consumed, 'read')['hostkeys'] ?? 0).toBe(runs === 1 ? 10 + 10 + 1 : 0);
    }
  });

  it.each(['one run over all targets', 'a run a target'])(
    'grows with targets and with hosts: %s',
    async (how) => {
      const measure = async (shape: { targets: number; hosts: number }) => {
        await using estate = await startMeteredEstate({ ...shape, known: true });
        const runs = how === 'a run a target' ? estate.names : [undefined];
        const sweepAll = async () => {
          const consumed: Consumed[] = [];
          for (const target of runs) consumed.push(...(await estate.sweep({ target, fresh: true })).consumed);
          return consumed;
        };
        await sweepAll();
        await sweepAll();
        return total(await sweepAll(), 'read');
      };
      // A roll of 40 hosts is well below the 4 KB of a unit.
      const one = await measure({ targets: 1, hosts: 40 });
      expect(await measure({ targets: 4, hosts: 40 })).toBeLessThanOrEqual(4 * one + 4);
      expect(await measure({ targets: 2, hosts: 80 })).toBeLessThanOrEqual(4 * one);
    },
  );
});
