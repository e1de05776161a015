import { describe, expect, it } from 'vitest';
import type { DemoVcenterFault } from '../../../lib/demo/vcenter/demo-vcenter.ts';
import { parseExposition } from '../../support/exposition.ts';
import { pollUntil } from '../../support/peers/poll-until.ts';
import { answer, type Gateway, startGateway } from '../sinks/gateway.ts';
import { outcomesOf, type SmallFleet, startSmallFleet, toVcenterHost } from './small-fleet.ts';

const HOSTS = [{}, {}, {}];
const HOUR = 3_600_000;
/** Of a run in which something hangs until its end. */
const HANGING = '30s';

/** Of a fleet that was listed once. */
const LISTED = [{}, {}];

/** A fleet that was listed once, so that a last list is there. */
async function startListedFleet(gateway: Gateway, every = '5m'): Promise<SmallFleet> {
  const fleet = await startSmallFleet({ hosts: LISTED, pushUrl: gateway.url, every });
  await fleet.sweep();
  return fleet;
}

/** A login that was cut off counts as a refusal, which is not what is tested here. */
async function liftLogins(fleet: SmallFleet): Promise<void> {
  await using container = await fleet.open();
  await container.state.accounts.lift('sweeper', undefined, { signal: new AbortController().signal });
}

const lastValue = (gateway: Gateway, name: string) =>
  parseExposition(gateway.seen.at(-1)?.text ?? '').find((one) => one.name === name)?.value;
const allWith = (vcenter: string, ssh = 'ok') =>
  LISTED.map((_, index) => `esx${index + 1}: ${vcenter} ${ssh}`);

const KINDS = ['down', 'html', 'truncate', 'cut-xml', 'soap-fault', 'expire-sessions'] as const;
const toFault = (kind: (typeof KINDS)[number] | 'hang', operation: string): DemoVcenterFault =>
  kind === 'soap-fault' ? { kind, operation, fault: 'RuntimeFault' } : { kind, operation };

/** The session is made, and its answer lost: vCenter alone can end it. */
const isLostSession = (kind: string, operation: string) =>
  ['Login', 'CloneSession'].includes(operation) && ['truncate', 'cut-xml'].includes(kind);

describe('a vCenter that fails', () => {
  for (const operation of [
    'RetrieveServiceContent',
    'Login',
    'CreateContainerView',
    'RetrievePropertiesEx',
  ]) {
    it(`in ${operation} is gone by its last list, and ssh goes on`, async () => {
      await using gateway = await startGateway([answer(200)]);
      await using fleet = await startListedFleet(gateway);
      for (const kind of KINDS) {
        fleet.vcenter.misbehave(toFault(kind, operation));
        const sessionsLeft = isLostSession(kind, operation) ? { sessionsLeft: 'any' as const } : {};
        const summary = await fleet.sweep(sessionsLeft);
        const isWhole = kind === 'expire-sessions' && ['RetrieveServiceContent', 'Login'].includes(operation);
        expect({ kind, outcomes: outcomesOf(summary) }).toEqual({
          kind,
          outcomes: allWith(isWhole ? 'ok' : 'failed(target)'),
        });
        expect(summary.exitCode).toBe(isWhole ? 0 : 3);
        expect(summary.targets[0]).toMatchObject({
          listing: isWhole ? 'fresh' : 'last',
          deliveries: [{ sink: 'pushgateway', outcome: 'delivered' }],
        });
        expect(lastValue(gateway, 'vsweep_target_up')).toBe(isWhole ? 1 : 0);
        if (operation === 'Login') await liftLogins(fleet);
      }
    });
  }

  it('when a ticket is asked for or used loses the vcenter path, and ssh goes on', async () => {
    await using gateway = await startGateway([answer(200)]);
    await using fleet = await startListedFleet(gateway);
    for (const [operation, outcome] of [
      ['AcquireCloneTicket', 'failed(target)'],
      ['CloneSession', 'failed(session)'],
    ] as const) {
      for (const kind of KINDS.filter((one) => one !== 'expire-sessions')) {
        fleet.vcenter.misbehave(toFault(kind, operation));
        const summary = await fleet.sweep(isLostSession(kind, operation) ? { sessionsLeft: 'any' } : {});
        expect({ kind, outcomes: outcomesOf(summary) }).toEqual({ kind, outcomes: allWith(outcome) });
        expect(summary.targets[0]).toMatchObject({
          listing: 'fresh',
          deliveries: [{ sink: 'pushgateway', outcome: 'delivered' }],
        });
      }
    }
  });

  it('when it is asked to log out harms no result', async () => {
    await using gateway = await startGateway([answer(200)]);
    await using fleet = await startListedFleet(gateway);
    for (const kind of ['html', 'truncate', 'soap-fault'] as const) {
      fleet.vcenter.misbehave(toFault(kind, 'Logout'));
      const summary = await fleet.sweep({ sessionsLeft: 'any' });
      expect(outcomesOf(summary)).toEqual(allWith('ok'));
      expect(summary).toMatchObject({
        exitCode: 0,
        targets: [{ deliveries: [{ sink: 'pushgateway', outcome: 'delivered' }] }],
      });
    }
  });

  // Those that wait for the end of a run wait together.
  it.concurrent.each([
    ['AcquireCloneTicket', 'failed(target)'],
    ['CloneSession', 'failed(deadline)'],
    ['Logout', 'ok'],
  ])('by hanging in %s costs neither the ssh results nor the push', async (operation, outcome) => {
    await using gateway = await startGateway([answer(200)]);
    await using fleet = await startListedFleet(gateway, HANGING);
    fleet.vcenter.misbehave({ kind: 'hang', operation });
    const summary = await fleet.sweep({ sessionsLeft: 'any' });
    expect(outcomesOf(summary)).toEqual(allWith(outcome));
    expect(summary.targets[0]).toMatchObject({ deliveries: [{ sink: 'pushgateway', outcome: 'delivered' }] });
  });

  it.concurrent('by hanging from the worker on loses only what it did not say', async () => {
    await using gateway = await startGateway([answer(200)]);
    await using fleet = await startListedFleet(gateway, HANGING);
    // The session is opened; its retrieval and its logout then hang.
    fleet.vcenter.misbehave({ kind: 'slow', ms: 2_000, operation: 'CloneSession' });
    const clones = () => fleet.vcenter.stats.calls['CloneSession'] ?? 0;
    const before = clones();
    const sweeping = fleet.sweep({ sessionsLeft: 'any' });
    await pollUntil('the worker asks', () => clones() > before || undefined, {
      timeoutMs: 60_000,
      everyMs: 5,
    });
    fleet.vcenter.misbehave({ kind: 'hang' });
    const summary = await sweeping;
    expect(outcomesOf(summary)).toEqual(allWith('failed(deadline)'));
    expect(summary.targets[0]).toMatchObject({ deliveries: [{ sink: 'pushgateway', outcome: 'delivered' }] });
    expect(summary.endedAt - summary.startedAt).toBeLessThan(30_000);
  });
});

describe('the last host list', () => {
  it('stands in for a vCenter that is down, but not when it is older than a day', async () => {
    await using gateway = await startGateway([answer(200)]);
    await using fleet = await startListedFleet(gateway);
    fleet.vcenter.misbehave({ kind: 'down' });
    fleet.clock.advance(23.9 * HOUR);
    const yesterday = await fleet.sweep();
    expect(outcomesOf(yesterday)).toEqual(allWith('failed(target)'));
    expect(lastValue(gateway, 'vsweep_host_list_age_seconds')).toBeGreaterThan(86_000);

    fleet.clock.advance(0.2 * HOUR);
    const tooOld = await fleet.sweep();
    expect(tooOld.targets[0]).toMatchObject({
      status: 'unlisted',
      listing: 'none',
      deliveries: [{ sink: 'pushgateway', outcome: 'delivered' }],
      hosts: [],
    });
    expect(tooOld.exitCode).toBe(1);
    expect(lastValue(gateway, 'vsweep_target_up')).toBe(0);
    expect(lastValue(gateway, 'vsweep_hosts')).toBeUndefined();

    fleet.vcenter.misbehave(undefined);
    expect(outcomesOf(await fleet.sweep())).toEqual(allWith('ok'));
  });

  it('stands in for a vCenter that suddenly shows no host: the account lost its role', async () => {
    await using gateway = await startGateway([answer(200)]);
    await using fleet = await startListedFleet(gateway);
    fleet.vcenter.setHosts([]);
    const summary = await fleet.sweep();
    expect(outcomesOf(summary)).toEqual(allWith('failed(target)'));
    expect(summary.targets[0]?.problems.join()).toContain('Read-only');
  });

  it('gives its name to a host whose name cannot be read any more; one that it never knew counts all the same', async () => {
    await using gateway = await startGateway([answer(200)]);
    await using fleet = await startListedFleet(gateway);
    const nameless = { vcenter: { unreadable: ['name'] } };
    fleet.vcenter.setHosts([toVcenterHost(1), toVcenterHost(2, nameless), toVcenterHost(9, nameless)]);
    const summary = await fleet.sweep();
    expect(outcomesOf(summary)).toEqual([
      'esx1: ok ok',
      'esx2: failed(unreadable) ok',
      'host-9: failed(unreadable) failed(unreadable)',
    ]);
  });
});

describe('several targets', () => {
  it('do not cost each other anything', async () => {
    await using gateway = await startGateway([answer(200)]);
    await using fleet = await startSmallFleet({
      hosts: HOSTS,
      targets: { broken: [1], whole: [2, 3] },
      pushUrl: gateway.url,
    });
    fleet.vcenters['broken']?.misbehave({ kind: 'html' });
    const summary = await fleet.sweep();
    expect(outcomesOf(summary, 'whole')).toEqual(['esx2: ok ok', 'esx3: ok ok']);
    expect(summary.targets[0]).toMatchObject({
      target: 'broken',
      status: 'unlisted',
      deliveries: [{ sink: 'pushgateway', outcome: 'delivered' }],
    });
    expect(summary.exitCode).toBe(3);
    expect(gateway.seen.map(({ path }) => path).sort()).toEqual([
      '/metrics/job/vsweep_services/instance/broken',
      '/metrics/job/vsweep_services/instance/whole',
    ]);
  });

  it('that list one host ask it once, also on the first run, and the first one of the configuration later', async () => {
    await using fleet = await startSmallFleet({ hosts: HOSTS, targets: { first: [1, 2], second: [2, 3] } });
    const accepted = () => fleet.esxi.loginAttempts(fleet.addressOf(2)).accepted;
    const together = (summary: Parameters<typeof outcomesOf>[0]) =>
      ['first', 'second'].map((name) => outcomesOf(summary, name).find((one) => one.startsWith('esx2')));
    // The second one plans before the list of the first one is there.
    fleet.vcenters['first']?.misbehave({ kind: 'slow', ms: 3_000, operation: 'CreateContainerView' });
    expect(together(await fleet.sweep())).toEqual(['esx2: ok skipped(other-target)', 'esx2: ok ok']);
    fleet.vcenters['first']?.misbehave(undefined);
    expect(accepted()).toBe(1);
    const second = await fleet.sweep();
    expect(together(second)).toEqual(['esx2: ok ok', 'esx2: ok skipped(other-target)']);
    expect(accepted()).toBe(2);
    expect(second.exitCode).toBe(0);
  });
});
