import { afterAll, beforeAll, expect, it } from 'vitest';
import { createOffsetClock } from '../../support/offset-clock.ts';
import { describeWithPeers } from '../../support/peers/peer-requirements.ts';
import { runVsweep } from '../../support/peers/run-vsweep.ts';
import { openSweeper, outcomesOf, type Sweeper } from '../../support/peers/sweeper.ts';
import { HOST_PASSWORD, type SweptFleet, startSweptFleet } from '../../support/peers/swept-fleet.ts';

const MINUTE_MS = 60_000;
/** The default of blacklist.minutes is 20. */
const LESS_THAN_BLACKLIST_MS = 19 * MINUTE_MS;
const MORE_THAN_BLACKLIST_MS = 21 * MINUTE_MS;

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

    it('is refused once, and not tried again before blacklist.minutes are over', async () => {
      expect(await sweepBySsh()).toEqual(onEachHost('failed(auth)'));
      expect(await counters()).toEqual(onEachHost(1));
      clock.advance(LESS_THAN_BLACKLIST_MS);
      expect(await sweepBySsh()).toEqual(onEachHost('skipped(blacklist)'));
      expect(await counters()).toEqual(onEachHost(1));
    });

    it('is refused a second time then, and never again in 20 sweeps of 21 minutes each', async () => {
      const outcomes: Record<string, string>[] = [];
      for (let i = 0; i < 20; i++) {
        clock.advance(MORE_THAN_BLACKLIST_MS);
        outcomes.push(await sweepBySsh());
        expect(await counters()).toEqual(onEachHost(2));
      }
      expect(outcomes).toEqual([
        onEachHost('failed(auth)'),
        ...Array.from({ length: 19 }, () => onEachHost('skipped(blacklist)')),
      ]);
    });

    it('is not tried for a corrected password either: the host has counted twice whatever was sent', async () => {
      await fleet.setCredential({ password: HOST_PASSWORD });
      clock.advance(MORE_THAN_BLACKLIST_MS);
      expect(await sweepBySsh()).toEqual(onEachHost('skipped(blacklist)'));
      expect(await counters()).toEqual(onEachHost(2));
    });

    it('lets no second process at the state: it exits 2 and names the owner', async () => {
      const { configFile, env } = fleet;
      const { exitCode, stdout, stderr } = await runVsweep(['sweep', 'services', '-c', configFile], { env });
      expect(exitCode).toBe(2);
      expect(stdout).toBe('');
      expect(stderr).toContain(`in use by process ${process.pid}`);
      expect(await counters()).toEqual(onEachHost(2));
    });

    it('logs in again with the right password after a lift, which resets the counters of the hosts', async () => {
      await sweeper[Symbol.asyncDispose]();
      const { configFile, env } = fleet;
      const lift = ['blacklist', 'lift', '-c', configFile, '--user', 'root'];
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
