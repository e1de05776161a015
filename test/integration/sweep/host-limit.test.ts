import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ESXI_PASSWORD, outcomesOf, startSmallFleet } from './small-fleet.ts';

const MINUTE = 60_000;
const o = { signal: new AbortController().signal };

it('a host that refused is asked for its own limit, and a changed password opens it as far as that goes', async () => {
  const options = { 'Security.AccountLockFailures': 5 };
  await using fleet = await startSmallFleet({ hosts: [{ vcenter: { options } }, { vcenter: { options } }] });
  await fleet.sweep();
  await fleet.esxi.setBehaviour(fleet.addressOf(1), 'refuses-login');
  const seen: string[] = [];
  for (let run = 0; run < 3; run++) {
    seen.push(...outcomesOf(await fleet.sweep()).slice(0, 1));
    fleet.clock.advance(21 * MINUTE);
  }
  expect(seen).toEqual(['esx1: ok failed(auth)', 'esx1: ok failed(auth)', 'esx1: ok skipped(blacklist)']);
  {
    await using container = await fleet.open();
    const histories = await container.state.accounts.readAll('vsweep', o);
    expect([...histories.values()].map(({ address, hostLimit }) => [address, hostLimit])).toEqual([
      [fleet.addressOf(1), 5],
      [fleet.addressOf(2), undefined],
    ]);
  }

  const changed = `username: vsweep\npassword: not-${ESXI_PASSWORD}\n`;
  await writeFile(join(fleet.folder, 'esxi.yaml'), changed, { mode: 0o600 });
  await fleet.sweep();
  expect(fleet.esxi.loginAttempts(fleet.addressOf(1)).refused).toBeGreaterThanOrEqual(2);
});
