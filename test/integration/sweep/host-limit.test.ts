import { expect, it } from 'vitest';
import { outcomesOf, startSmallFleet } from './small-fleet.ts';

const MINUTE = 60_000;
const o = { signal: new AbortController().signal };

it('a host that refuses is asked for its own limit, and costs the others nothing', async () => {
  const options = { 'Security.AccountLockFailures': 5 };
  await using fleet = await startSmallFleet({ hosts: [{ vcenter: { options } }, { vcenter: { options } }] });
  await fleet.sweep();
  await fleet.esxi.setBehaviour(fleet.addressOf(1), 'refuses-login');
  const seen: string[] = [];
  for (let run = 0; run < 3; run++) {
    seen.push(...outcomesOf(await fleet.sweep()));
    fleet.clock.advance(21 * MINUTE);
  }
  expect(seen).toEqual([
    'esx1: ok failed(auth)',
    'esx2: ok ok',
    'esx1: ok failed(auth)',
    'esx2: ok ok',
    'esx1: ok skipped(blacklist)',
    'esx2: ok ok',
  ]);
  {
    await using container = await fleet.open();
    const histories = await container.state.accounts.readAll('vsweep', o);
    expect([...histories.values()].map(({ address, hostLimit }) => [address, hostLimit])).toEqual([
      [fleet.addressOf(1), 5],
      [fleet.addressOf(2), undefined],
    ]);
  }
});
