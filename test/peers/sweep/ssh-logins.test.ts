import ssh2 from 'ssh2';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectDocumented, seenIn } from '../../integration/sweep/faults/expect-documented.ts';
import { type ParsedSeries, parseExposition } from '../../support/exposition.ts';
import { describeWithPeers } from '../../support/peers/peer-requirements.ts';
import { openSweeper, outcomesOf, type Sweeper } from '../../support/peers/sweeper.ts';
import { HOST_PASSWORD, type SweptFleet, startSweptFleet } from '../../support/peers/swept-fleet.ts';

const key = ssh2.utils.generateKeyPairSync('ed25519');

describeWithPeers(['vcsim', 'sshd', 'pushgateway'], 'logins to ESXi hosts', () => {
  let fleet: SweptFleet;
  let sweeper: Sweeper;

  beforeAll(async () => {
    fleet = await startSweptFleet({
      network: 108,
      hostsPerCluster: 3,
      services: { hostd: 'running', ntpd: 'running', vvold: 'running' },
      authorizedKeys: [key.public],
    });
    sweeper = await openSweeper(fleet);
  });
  afterAll(async () => {
    await sweeper?.[Symbol.asyncDispose]();
    await fleet?.[Symbol.asyncDispose]();
  });

  it('go by keyboard-interactive with a password, and by nothing else', async () => {
    expect(await sweepBySsh(sweeper)).toEqual(onEachHost(fleet, 'ok'));
    const accepted = (await fleet.sshds.log()).match(/Accepted \S+/g);
    expect(accepted).toEqual(Array.from(fleet.hosts, () => 'Accepted keyboard-interactive/pam'));
  });

  it('go by public key, when the credential is one', async () => {
    const { length } = await fleet.sshds.log();
    await fleet.setCredential({ privateKey: key.private });
    expect(await sweepBySsh(sweeper)).toEqual(onEachHost(fleet, 'ok'));
    const accepted = (await fleet.sshds.log()).slice(length).match(/Accepted \S+/g);
    expect(accepted).toEqual(Array.from(fleet.hosts, () => 'Accepted publickey'));
  });

  it('send nothing to a host with another key than last time', async () => {
    await fleet.setCredential({ password: HOST_PASSWORD });
    const [renewed = { name: '', address: '' }, ...others] = fleet.hosts;
    await fleet.sshds.setPassword(renewed.address, 'password-of-an-impostor');
    await fleet.sshds.renewHostKey(renewed.address);
    const { length } = await fleet.sshds.log();
    expect(await sweepBySsh(sweeper)).toEqual({
      ...onEachHost(fleet, 'ok'),
      [renewed.name]: 'failed(hostkey)',
    });
    // A password that came would have been refused, logged and counted.
    const log = (await fleet.sshds.log()).slice(length);
    expect(log.match(/Accepted \S+/g)).toHaveLength(others.length);
    expect(log).not.toMatch(/Failed|failure|Postponed keyboard/);
    expect(await fleet.sshds.refusals(renewed.address)).toBe(0);
  });

  it('wait for no service that hangs: its state is unknown, and the host is ok', async () => {
    const [, hung = { name: '', address: '' }, other = { name: '', address: '' }] = fleet.hosts;
    await fleet.sshds.setService(hung.address, 'ntpd', 'hung');
    await fleet.sshds.setService(hung.address, 'vvold', 'hung-child');
    const summary = await sweeper.run();
    const pushed = await readMetrics(fleet);
    const isHit = ({ name }: { name: string }) => name === hung.name || name === other.name;
    expectDocumented('a service check hangs on a host', {
      ...seenIn(summary, { pushed, isHit }),
      // Of the host whose key changed above.
      exitCode: summary.exitCode === 3 ? 0 : summary.exitCode,
    });
    const series = parsePushed(pushed);
    expect(statesOf(series, hung.name)).toEqual({ hostd: 'running', ntpd: 'unknown', vvold: 'unknown' });
    expect(statesOf(series, other.name)).toEqual({ hostd: 'running', ntpd: 'running', vvold: 'running' });
  });
});

describeWithPeers(['vcsim', 'sshd', 'pushgateway'], 'logins to an ordinary OpenSSH', () => {
  it('go by plain password, and know the Ed25519 key again', async () => {
    await using fleet = await startSweptFleet({
      network: 106,
      hostsPerCluster: 2,
      kind: 'ordinary',
      services: { hostd: 'running' },
    });
    await using sweeper = await openSweeper(fleet);
    expect(await sweepBySsh(sweeper)).toEqual(onEachHost(fleet, 'ok'));
    expect((await fleet.sshds.log()).match(/Accepted \S+/g)).toEqual([
      'Accepted password',
      'Accepted password',
    ]);
    expect(await sweepBySsh(sweeper)).toEqual(onEachHost(fleet, 'ok'));

    const [renewed = { name: '', address: '' }] = fleet.hosts;
    await fleet.sshds.renewHostKey(renewed.address);
    expect(await sweepBySsh(sweeper)).toMatchObject({ [renewed.name]: 'failed(hostkey)' });
  });
});

const sweepBySsh = async (sweeper: Sweeper) => outcomesOf(await sweeper.sweep(), 'ssh');

const onEachHost = ({ hosts }: SweptFleet, outcome: string) =>
  Object.fromEntries(hosts.map(({ name }) => [name, outcome]));

async function readMetrics({ pushgateway }: SweptFleet): Promise<string> {
  const response = await fetch(`${pushgateway.url}/metrics`, { signal: AbortSignal.timeout(10_000) });
  return await response.text();
}

const parsePushed = (text: string) =>
  parseExposition(text).filter(({ name }) => name === 'esxi_service_state');

const statesOf = (series: readonly ParsedSeries[], host: string) =>
  Object.fromEntries(
    series
      .filter(({ labels }) => labels['hostsystem'] === host)
      .map(({ labels }) => [labels['service'], labels['state']]),
  );
