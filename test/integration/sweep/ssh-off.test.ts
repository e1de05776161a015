import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { parseExposition } from '../../support/exposition.ts';
import { answer, startGateway } from '../sinks/gateway.ts';
import { outcomesOf, type SmallFleetOptions, type SmallHost, startSmallFleet } from './small-fleet.ts';

const ssh = (running: boolean) => [{ key: 'TSM-SSH', running }];
/** As ESXi comes: the service is stopped, and nobody listens. */
const OFF: SmallHost = { behaviour: 'closed', vcenter: { services: ssh(false) } };
const ON: SmallHost = { vcenter: { services: ssh(true) } };
const KEYED = 'config.service.service["TSM-SSH"].running';

/** With time enough on a busy machine. */
const start = (options: SmallFleetOptions) => startSmallFleet({ every: '5m', ...options });

const fleetOf = (count: number, on: readonly number[]) =>
  Array.from({ length: count }, (_, index) => (on.includes(index + 1) ? ON : OFF));

describe('a fleet where ssh is off', () => {
  it.each(['ssh-services', 'overall-status, ssh-services', 'host-services, ssh-services'])(
    'asks the two hosts of forty where it is on, whatever else the sweep collects: %s',
    async (collectors) => {
      await using fleet = await start({ hosts: fleetOf(40, [17, 33]), collectors });
      const run = await fleet.sweep();
      expect(run.exitCode).toBe(0);
      expect(run.targets[0]?.paths.ssh?.reasons).toEqual({ ok: 2, 'skipped(ssh-disabled)': 38 });
      expect(run.targets[0]).toMatchObject({ credential: { ok: true }, problems: [] });
      expect(run.targets[0]?.warnings).toEqual([{ text: 'ssh is off on 38 of 40 hosts', count: 1 }]);
    },
  );

  it('says nothing of the credential, reads no secret, so it claims no trial, where nobody is asked', async () => {
    await using gateway = await startGateway([answer(200)]);
    await using fleet = await start({ hosts: fleetOf(3, []), pushUrl: gateway.url });
    await writeFile(join(fleet.folder, 'esxi.yaml'), 'no credential', { mode: 0o600 });
    const run = await fleet.sweep();
    expect(run.exitCode).toBe(0);
    expect(outcomesOf(run)).toEqual([1, 2, 3].map((number) => `esx${number}: ok skipped(ssh-disabled)`));
    expect(run.targets[0]).toMatchObject({
      problems: [],
      deliveries: [{ sink: 'pushgateway', outcome: 'delivered' }],
    });
    expect(run.targets[0]).not.toHaveProperty('credential');
    const names = parseExposition(gateway.seen.at(-1)?.text ?? '').filter(
      ({ name, labels }) =>
        name === 'vsweep_credential_ok' ||
        (name === 'vsweep_collector_success' && labels['collector'] === 'ssh-services'),
    );
    expect(names).toEqual([]);
  });

  it('tries a new credential on the hosts of the target where there are some', async () => {
    await using fleet = await start({
      targets: { vc1: [1, 2], vc2: [3, 4] },
      hosts: [OFF, OFF, OFF, ON],
    });
    const run = await fleet.sweep();
    expect(run.exitCode).toBe(0);
    expect(outcomesOf(run, 'vc1')).toEqual([
      'esx1: ok skipped(ssh-disabled)',
      'esx2: ok skipped(ssh-disabled)',
    ]);
    expect(outcomesOf(run, 'vc2')).toEqual(['esx3: ok skipped(ssh-disabled)', 'esx4: ok ok']);
    expect(run.targets.map(({ credential }) => credential?.ok)).toEqual([undefined, true]);
  });

  it('sends no password to a host that answers although its service is called stopped', async () => {
    const answering: SmallHost = { vcenter: { services: ssh(false) } };
    await using fleet = await start({ hosts: [answering, ON] });
    expect(outcomesOf(await fleet.sweep())).toEqual(['esx1: ok skipped(ssh-disabled)', 'esx2: ok ok']);
    expect(fleet.esxi.authRequests(fleet.addressOf(1))).toEqual([]);
  });

  it('asks hosts that vCenter has lost, whatever its old copy says', async () => {
    const lost: SmallHost = { vcenter: { connectionState: 'notResponding', services: ssh(false) } };
    await using fleet = await start({ hosts: [lost, OFF] });
    expect(outcomesOf(await fleet.sweep())).toEqual(['esx1: ok ok', 'esx2: ok skipped(ssh-disabled)']);
  });

  it('carries no reading over to a run whose list is an old one', async () => {
    const answering: SmallHost = { vcenter: { services: ssh(false) } };
    await using fleet = await start({ hosts: [ON, answering] });
    await fleet.sweep();
    {
      await using container = await fleet.open();
      const anyHosts = z.looseObject({ hosts: z.array(z.looseObject({ name: z.string() })) });
      const running = { signal: new AbortController().signal };
      const stored = await container.state.hostLists.read('vc1', anyHosts, running);
      expect(stored?.hosts.hosts.map((host) => 'sshRunning' in host)).toEqual([false, false]);
    }
    fleet.vcenter.misbehave({ kind: 'down' });
    const run = await fleet.sweep({ sessionsLeft: 'any' });
    expect(run.targets[0]?.listing).toBe('last');
    expect(outcomesOf(run).map((host) => host.split(' ').at(-1))).toEqual(['ok', 'ok']);
  });

  it('calls a host off that TCP does not reach, where only the batch could read its service', async () => {
    const unread = { services: ssh(false), unreadable: [KEYED] };
    const hosts: SmallHost[] = [
      { behaviour: 'closed', vcenter: unread },
      { behaviour: 'silent', vcenter: unread },
      ON,
    ];
    await using fleet = await start({ hosts });
    const run = await fleet.sweep();
    expect(outcomesOf(run)).toEqual([
      'esx1: ok skipped(ssh-disabled)',
      'esx2: ok failed(banner)',
      'esx3: ok ok',
    ]);
  });

  it('says of hosts behind a trial that was put off what they wait for', async () => {
    const silent: SmallHost = { behaviour: 'closed' };
    await using fleet = await start({ hosts: Array(7).fill(silent) });
    const run = await fleet.sweep();
    const details = run.targets[0]?.hosts
      .filter(({ outcomes }) => outcomes.ssh?.kind === 'skipped')
      .map((host) => host.details.join());
    expect(details).toEqual(
      Array(2).fill(expect.stringContaining('a credential that no host has accepted yet')),
    );
    expect(run.targets[0]).not.toHaveProperty('credential');
  });
});
