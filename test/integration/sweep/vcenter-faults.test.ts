import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DemoVcenterFault } from '../../../lib/demo/vcenter/demo-vcenter.ts';
import { parseExposition } from '../../support/exposition.ts';
import { answer, type Gateway, startGateway } from '../sinks/gateway.ts';
import { outcomesOf, type SmallFleet, startSmallFleet, toVcenterHost } from './small-fleet.ts';

const HOSTS = [{}, {}, {}];
const HOUR = 3_600_000;

/** Of a fleet that was listed once. */
const LISTED = [{}, {}];

/** A fleet that was listed once, so that a last list is there. */
async function startListedFleet(gateway: Gateway): Promise<SmallFleet> {
  const fleet = await startSmallFleet({ hosts: LISTED, pushUrl: gateway.url });
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

type Kind = 'down' | 'html' | 'truncate' | 'cut-xml' | 'soap-fault' | 'expire-sessions';
type End = 'whole' | 'last list' | 'failed(target)' | 'failed(session)';

const BROKEN = ['down', 'html', 'truncate', 'cut-xml'] as const;
/** What the fault suite has no row for: the other kinds of each operation are there. */
const FAULTS: readonly (readonly [operation: string, kinds: readonly Kind[], end: End])[] = [
  ['RetrieveServiceContent', ['truncate', 'cut-xml', 'soap-fault'], 'last list'],
  ['RetrieveServiceContent', ['expire-sessions'], 'whole'],
  ['Login', ['down', 'truncate', 'cut-xml'], 'last list'],
  ['Login', ['expire-sessions'], 'whole'],
  ['CreateContainerView', [...BROKEN, 'expire-sessions'], 'last list'],
  ['RetrievePropertiesEx', ['down', 'html', 'soap-fault', 'expire-sessions'], 'last list'],
  ['AcquireCloneTicket', BROKEN, 'failed(target)'],
  ['CloneSession', BROKEN, 'failed(session)'],
  ['Logout', ['html', 'truncate'], 'whole'],
];
const toFault = (kind: Kind, operation: string): DemoVcenterFault =>
  kind === 'soap-fault' ? { kind, operation, fault: 'RuntimeFault' } : { kind, operation };

/** A session is there whose opening or end was not answered: vCenter alone can end it. */
const isLostSession = (kind: Kind, operation: string) =>
  operation === 'Logout' ||
  (['Login', 'CloneSession'].includes(operation) && ['truncate', 'cut-xml'].includes(kind));

describe('a vCenter that fails', () => {
  let gateway: Gateway;
  let shared: SmallFleet;
  beforeAll(async () => {
    gateway = await startGateway([answer(200)]);
    shared = await startListedFleet(gateway);
  });
  afterAll(async () => {
    await shared?.[Symbol.asyncDispose]();
    await gateway?.[Symbol.asyncDispose]();
  });
  afterEach(() => shared.vcenter.misbehave(undefined));

  const all = FAULTS.flatMap(([operation, kinds, end]) => kinds.map((kind) => ({ operation, kind, end })));
  it.each(all)('in $operation, $kind: $end, and ssh goes on', async ({ operation, kind, end }) => {
    // A fault that comes once: a call that an earlier run gave up may reach a shared vCenter late, and take it.
    await using own = kind === 'expire-sessions' ? await startListedFleet(gateway) : undefined;
    const fleet = own ?? shared;
    fleet.vcenter.misbehave(toFault(kind, operation));
    const summary = await fleet.sweep(isLostSession(kind, operation) ? { sessionsLeft: 'any' } : {});
    const outcome = end === 'whole' ? 'ok' : end === 'last list' ? 'failed(target)' : end;
    expect(outcomesOf(summary)).toEqual(allWith(outcome));
    expect(summary).toMatchObject({
      exitCode: end === 'whole' ? 0 : 3,
      targets: [
        {
          listing: end === 'last list' ? 'last' : 'fresh',
          deliveries: [{ sink: 'pushgateway', outcome: 'delivered' }],
        },
      ],
    });
    expect(lastValue(gateway, 'vsweep_target_up')).toBe(end === 'last list' ? 0 : 1);
    if (operation === 'Login') await liftLogins(fleet);
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
