import { afterAll, beforeAll, expect, it } from 'vitest';
import { createOffsetClock } from '../../support/offset-clock.ts';
import { describeWithPeers } from '../../support/peers/peer-requirements.ts';
import { openSweeper, outcomesOf, type Sweeper } from '../../support/peers/sweeper.ts';
import { HOST_PASSWORD, type SweptFleet, startSweptFleet } from '../../support/peers/swept-fleet.ts';

const MINUTE_MS = 60_000;

describeWithPeers(['vcsim', 'sshd', 'pushgateway'], 'the lockout limit that a host names itself', () => {
  const clock = createOffsetClock();
  let fleet: SweptFleet;
  let sweeper: Sweeper;

  beforeAll(async () => {
    fleet = await startSweptFleet({
      network: 107,
      hostsPerCluster: 2,
      services: { hostd: 'running' },
      credential: { password: 'wrong-password' },
    });
    sweeper = await openSweeper(fleet, { clock });
  });
  afterAll(async () => {
    await sweeper?.[Symbol.asyncDispose]();
    await fleet?.[Symbol.asyncDispose]();
  });

  it('is read through vCenter, and leaves a refusal more for a corrected password than an unread one', async () => {
    const [first, second] = fleet.hosts.map(({ name }) => name);
    if (first === undefined || second === undefined) throw new RangeError('two hosts are needed');
    await fleet.vcsim.change(first, 'option/Security.AccountLockFailures/5');
    await fleet.vcsim.change(first, 'option/Security.AccountUnlockTime/900');
    const sweepBySsh = async () => outcomesOf(await sweeper.sweep(), 'ssh');
    for (let refusal = 0; refusal < 2; refusal++) {
      expect(await sweepBySsh()).toEqual({ [first]: 'failed(auth)', [second]: 'failed(auth)' });
      clock.advance(21 * MINUTE_MS);
    }
    const blacklisted = await sweeper.sweep();
    expect(outcomesOf(blacklisted, 'ssh')).toEqual({
      [first]: 'skipped(blacklist)',
      [second]: 'skipped(blacklist)',
    });
    const details = new Map(blacklisted.hosts.map((host) => [host.name, host.details.join()]));
    expect(details.get(first)).toContain('the lockout limit of the host is 5, unlocks after 900 s');
    expect(details.get(second)).toContain('the lockout limit of the host is unknown and assumed to be 3');
    await fleet.setCredential({ password: HOST_PASSWORD });
    expect(await sweepBySsh()).toEqual({ [first]: 'ok', [second]: 'skipped(blacklist)' });
  });
});
