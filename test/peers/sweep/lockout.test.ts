import { afterAll, beforeAll, expect, it } from 'vitest';
import { createOffsetClock } from '../../support/offset-clock.ts';
import { describeWithPeers } from '../../support/peers/peer-requirements.ts';
import { runVsweep } from '../../support/peers/run-vsweep.ts';
import { openSweeper, outcomesOf, type Sweeper } from '../../support/peers/sweeper.ts';
import { HOST_PASSWORD, type SweptFleet, startSweptFleet } from '../../support/peers/swept-fleet.ts';

const MINUTE_MS = 60_000;

describeWithPeers(
  ['vcsim', 'sshd', 'pushgateway'],
  'a wrong password, and hosts whose counters do not decay',
  () => {
    const clock = createOffsetClock();
    let fleet: SweptFleet;
    let sweeper: Sweeper;

    beforeAll(async () => {
      fleet = await startSweptFleet({
        network: 104,
        clusters: 2,
        hostsPerCluster: 3,
        services: { hostd: 'running' },
        credential: { password: 'wrong-password' },
      });
      sweeper = await openSweeper(fleet, { clock });
    });
    afterAll(async () => {
      await sweeper?.[Symbol.asyncDispose]();
      await fleet?.[Symbol.asyncDispose]();
    });

    const onEachHost = <T>(value: T) => Object.fromEntries(fleet.hosts.map(({ name }) => [name, value]));
    /** What the hosts themselves have counted. */
    const counters = async () =>
      Object.fromEntries(
        await Promise.all(
          fleet.hosts.map(async ({ name, address }) => [name, await fleet.sshds.refusals(address)] as const),
        ),
      );
    const sweepBySsh = async () => outcomesOf(await sweeper.sweep(), 'ssh');

    const sum = (counts: Record<string, number>) =>
      Object.values(counts).reduce((one, other) => one + other, 0);

    it('is tried on three hosts and suspended; after 30 minutes on three hosts again, and then it waits longer', async () => {
      const first = Object.values(await sweepBySsh()).toSorted();
      expect(first).toEqual([
        ...Array<string>(3).fill('failed(auth)'),
        ...Array<string>(3).fill('skipped(suspended)'),
      ]);
      expect(sum(await counters())).toBe(3);
      clock.advance(29 * MINUTE_MS);
      expect(await sweepBySsh()).toEqual(onEachHost('skipped(suspended)'));
      clock.advance(2 * MINUTE_MS);
      await sweepBySsh();
      expect(sum(await counters())).toBe(6);
      clock.advance(119 * MINUTE_MS);
      expect(await sweepBySsh()).toEqual(onEachHost('skipped(suspended)'));
      expect(sum(await counters())).toBe(6);
    });

    it('is refused twice by each host, and never again in 20 sweeps of 25 hours each', async () => {
      for (let i = 0; i < 20; i++) {
        clock.advance(25 * 60 * MINUTE_MS);
        await sweepBySsh();
        expect(Math.max(...Object.values(await counters()))).toBeLessThanOrEqual(2);
      }
      expect(await counters()).toEqual(onEachHost(2));
      expect(await sweepBySsh()).toEqual(onEachHost('skipped(blacklist)'));
    });

    it('is not tried for a corrected password either: two refusals are all that an unread limit leaves', async () => {
      await fleet.setCredential({ password: HOST_PASSWORD });
      clock.advance(21 * MINUTE_MS);
      expect(await sweepBySsh()).toEqual(onEachHost('skipped(blacklist)'));
      expect(await counters()).toEqual(onEachHost(2));
    });

    it('is not tried by a second process, which shares the state', async () => {
      const { configFile, env } = fleet;
      await runVsweep(['sweep', 'services', '-C', configFile], { env });
      expect(await counters()).toEqual(onEachHost(2));
    });

    it('logs in again with the right password after a lift, which resets the counters of the hosts', async () => {
      await sweeper[Symbol.asyncDispose]();
      const { configFile, env } = fleet;
      const lift = ['blacklist', 'lift', '-C', configFile, '--user', 'root'];
      const unconfirmed = await runVsweep(lift, { env });
      expect(unconfirmed).toMatchObject({ exitCode: 2 });
      const lifted = await runVsweep([...lift, '--counter-was-reset'], { env });
      expect(lifted).toMatchObject({ exitCode: 0, stdout: `${fleet.hosts.length} lifted\n` });

      sweeper = await openSweeper(fleet, { clock });
      expect(await sweepBySsh()).toEqual(onEachHost('ok'));
      expect(await counters()).toEqual(onEachHost(0));
    });
  },
);
