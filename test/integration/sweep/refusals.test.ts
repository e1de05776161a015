import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { answer, startGateway } from '../sinks/gateway.ts';
import { expectDocumented, seenIn } from './faults/expect-documented.ts';
import { ESXI_PASSWORD, outcomesOf, type SmallFleet, startSmallFleet } from './small-fleet.ts';

const MINUTE = 60_000;
const o = { signal: new AbortController().signal };
const refusedBy = (fleet: SmallFleet, number = 1) =>
  fleet.esxi.loginAttempts(fleet.addressOf(number)).refused;

describe('a host that refuses the login', () => {
  it('is tried twice, the second time after the blacklist minutes, and never a third time', async () => {
    await using fleet = await startSmallFleet({ hosts: [{ behaviour: 'refuses-login' }] });
    const seen: string[] = [];
    for (const _ of Array.from({ length: 6 })) {
      seen.push(`${outcomesOf(await fleet.sweep())} ${refusedBy(fleet)}`);
      fleet.clock.advance(7 * MINUTE);
    }
    fleet.clock.advance(365 * 24 * 60 * MINUTE);
    seen.push(`${outcomesOf(await fleet.sweep())} ${refusedBy(fleet)}`);
    expect(seen).toEqual([
      'esx1: ok failed(auth) 1',
      'esx1: ok skipped(blacklist) 1',
      'esx1: ok skipped(blacklist) 1',
      'esx1: ok failed(auth) 2',
      'esx1: ok skipped(blacklist) 2',
      'esx1: ok skipped(blacklist) 2',
      'esx1: ok skipped(blacklist) 2',
    ]);
  });

  it('is tried again after a lift, and a success resets what was counted', async () => {
    await using fleet = await startSmallFleet({ hosts: [{ behaviour: 'refuses-login' }] });
    await fleet.sweep();
    await fleet.esxi.setBehaviour(fleet.addressOf(1), 'normal');
    expect(outcomesOf(await fleet.sweep())).toEqual(['esx1: ok skipped(blacklist)']);
    {
      await using container = await fleet.open();
      expect(await container.state.accounts.lift('vsweep', fleet.addressOf(1), o)).toBe(1);
    }
    expect(outcomesOf(await fleet.sweep())).toEqual(['esx1: ok ok']);
    await fleet.esxi.setBehaviour(fleet.addressOf(1), 'refuses-login');
    expect(outcomesOf(await fleet.sweep())).toEqual(['esx1: ok failed(auth)']);
    // One host says more of itself than of a credential that is in use: it waits alone.
    fleet.clock.advance(19 * MINUTE);
    expect(outcomesOf(await fleet.sweep())).toEqual(['esx1: ok skipped(blacklist)']);
    fleet.clock.advance(2 * MINUTE);
    expect(outcomesOf(await fleet.sweep())).toEqual(['esx1: ok failed(auth)']);
    fleet.clock.advance(121 * MINUTE);
    expect(outcomesOf(await fleet.sweep())).toEqual(['esx1: ok skipped(blacklist)']);
  });
});

describe('a vCenter that refuses the login', () => {
  it('is tried twice, then once an hour, while ssh goes by the last list', async () => {
    await using fleet = await startSmallFleet({ hosts: [{}] });
    await fleet.sweep();
    fleet.vcenter.misbehave({ kind: 'soap-fault', operation: 'Login', fault: 'InvalidLogin' });
    const logins = () => fleet.vcenter.stats.calls['Login'];
    const seen: unknown[] = [];
    for (const minutesLater of [0, 11, 11, 48, 2, 58, 3]) {
      fleet.clock.advance(minutesLater * MINUTE);
      seen.push([...outcomesOf(await fleet.sweep()), logins()]);
    }
    const gone = 'esx1: failed(target) ok';
    expect(seen).toEqual([2, 3, 3, 3, 4, 4, 5].map((count) => [gone, count]));
  });
});

describe('a credential that was changed to a wrong one', () => {
  const HOSTS = 8;
  const attempts = (fleet: SmallFleet) =>
    Array.from({ length: HOSTS }, (_, index) => refusedBy(fleet, index + 1)).reduce((sum, one) => sum + one);
  const change = (fleet: SmallFleet, password: string) =>
    writeFile(`${fleet.folder}/esxi.yaml`, `username: vsweep\npassword: ${password}\n`, { mode: 0o600 });

  it('costs one refusal a trial, 30 minutes and 2 hours apart, and the right one opens all at once', async () => {
    await using gateway = await startGateway([answer(200)]);
    const hosts = Array.from({ length: HOSTS }, () => ({}));
    await using fleet = await startSmallFleet({ hosts, pushUrl: gateway.url });
    await fleet.warmUp();
    await change(fleet, 'wrong');
    const seen: number[] = [];
    for (const minutesLater of [0, 10, 21, 60, 61]) {
      fleet.clock.advance(minutesLater * MINUTE);
      const summary = await fleet.sweep();
      expect(summary.targets[0]?.paths.ssh?.ok).toBe(0);
      if (minutesLater === 0) {
        const fault = 'the credential for ssh was changed to a wrong one';
        expectDocumented(fault, seenIn(summary, { pushed: gateway.seen.at(-1)?.text ?? '' }));
      }
      seen.push(attempts(fleet));
    }
    expect(seen).toEqual([1, 1, 2, 2, 3]);
    await change(fleet, ESXI_PASSWORD);
    const { targets } = await fleet.sweep();
    expect(targets[0]?.paths.ssh?.ok).toBeGreaterThanOrEqual(HOSTS - 1);
    expect(attempts(fleet)).toBe(3);
  });
});
