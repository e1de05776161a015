import { expect, it } from 'vitest';
import { vsweep } from '../cli/vsweep-command.ts';
import { outcomesOf, startSmallFleet } from './small-fleet.ts';

const MINUTE = 60_000;
const o = { signal: new AbortController().signal };

it('a host that refuses is asked for its own rules, which the operator reads, and costs the others nothing', {
  timeout: 90_000,
}, async () => {
  const options = { 'Security.AccountLockFailures': 5, 'Security.AccountUnlockTime': 900 };
  await using fleet = await startSmallFleet({ hosts: [{ vcenter: { options } }, { vcenter: { options } }] });
  await fleet.sweep();
  await fleet.esxi.setBehaviour(fleet.addressOf(1), 'refuses-login');
  const seen: string[] = [];
  const details: string[] = [];
  for (let run = 0; run < 3; run++) {
    const summary = await fleet.sweep();
    seen.push(...outcomesOf(summary));
    details.push(...(summary.targets[0]?.hosts.flatMap((host) => host.details) ?? []));
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
    const rules = [...histories.values()].map(({ address, hostLimit, unlockSeconds }) => [
      address,
      hostLimit,
      unlockSeconds,
    ]);
    expect(rules).toEqual([
      [fleet.addressOf(1), 5, 900],
      [fleet.addressOf(2), undefined, undefined],
    ]);
  }
  expect(details.at(-1)).toMatch(
    /^ssh: Account vsweep on \S+ was refused twice with this password or key \(counted: 2 refusals, last seen at \S+Z; the lockout limit of the host is 5, unlocks after 900 s\); correct it, or log in there once with the right password, then run: vsweep blacklist lift --user vsweep --address \S+ --counter-was-reset$/,
  );
  const { output } = await vsweep(fleet.folder, 'blacklist', 'list');
  expect(output).toMatch(
    /^vsweep +\S+ +esx1 +2 +5, unlocks after 900 s +\S+Z +when the credential changes$/m,
  );
  const listed = JSON.parse((await vsweep(fleet.folder, 'blacklist', 'list', '--json')).output);
  expect(listed).toMatchObject([{ refusals: 2, hostLimit: 5, unlockSeconds: 900, opens: 'new-version' }]);
});

it('a limit holds in the run that reads it: a host that still takes a refusal is asked', {
  timeout: 90_000,
}, async () => {
  const options = { 'Security.AccountLockFailures': 5 };
  await using fleet = await startSmallFleet({ hosts: [{ vcenter: { options } }, {}] });
  {
    await using container = await fleet.open();
    const { accounts } = container.state;
    for (const version of ['old', 'older'])
      for (const number of [1, 2])
        await accounts.recordRefusal('vsweep', fleet.addressOf(number), { version }, o);
  }
  fleet.clock.advance(21 * MINUTE);
  expect(outcomesOf(await fleet.sweep())).toEqual(['esx1: ok ok', 'esx2: ok skipped(blacklist)']);
});
