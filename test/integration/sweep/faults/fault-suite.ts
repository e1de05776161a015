import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Outcome } from '../../../../lib/sweep/outcome.ts';
import type { RunSummary, TargetSummary } from '../../../../lib/sweep/result/summary.ts';
import { isDelivered } from '../../../../lib/sweep/result/summary.ts';
import { parseExposition } from '../../../support/exposition.ts';
import { startFakeNetbox } from '../../../support/netbox/netbox.ts';
import { type Answer, answer, type SeenRequest, startGateway } from '../../sinks/gateway.ts';
import {
  ESXI_PASSWORD,
  outcomesOf,
  PUSH_PASSWORD,
  type SmallFleetOptions,
  startSmallFleet,
  toVcenterHost,
  VCENTER_PASSWORD,
} from '../small-fleet.ts';
import { openProcess } from '../table-process.ts';
import { type FaultCase, holds } from './fault-case.ts';
import { DEVICES, NETBOX_TOKEN } from './netbox-devices.ts';

export interface SuiteOptions {
  readonly cases: readonly FaultCase[];
  /** `<target>/<moref>` that a case hits unless it says otherwise. */
  readonly hit: readonly string[];
  readonly withNetbox?: boolean;
  /** Runs share a process, as those of `vsweep run` do, whose table can fail. */
  readonly inOneProcess?: boolean;
}

const SECRETS = [VCENTER_PASSWORD, ESXI_PASSWORD, PUSH_PASSWORD, NETBOX_TOKEN];
const HOSTS = { vc1: [1, 2], vc2: [3] };

/**
 * Each fault on one fleet of two vCenters, one after the other. Whatever is broken: the hosts that are not hit have
 * their outcomes and samples, every host is counted once, no session and no connection is left (both are of
 * `fleet.sweep`), and once the fault is gone and `remedy` is done, the next run is right in everything.
 */
export function describeFaults(
  name: string,
  { cases, hit: usual, withNetbox = false, inOneProcess = false }: SuiteOptions,
): void {
  describe(name, () => {
    let peers: Awaited<ReturnType<typeof startPeers>>;
    beforeAll(async () => {
      peers = await startPeers({ withNetbox, inOneProcess });
      expectRight(await peers.sweep(), { withNetbox });
    });
    afterAll(() => peers?.[Symbol.asyncDispose]());

    it.each(cases)('$fault', async (one) => {
      const { gateway } = peers;
      try {
        await one.make(peers);
        const before = gateway.seen.length;
        const summary = await peers.sweep(one.sessionsLeft);
        const puts = gateway.seen.slice(before).filter(({ method }) => method === 'PUT');
        expectAsTold(summary, puts, { ...one, hit: one.hit ?? usual }, { withNetbox });
      } finally {
        await recover(peers);
        await one.after?.(peers);
      }
      expectRight(await peers.sweep(), { withNetbox });
    });
  });
}

function expectAsTold(
  summary: RunSummary,
  puts: readonly SeenRequest[],
  one: FaultCase & Required<Pick<FaultCase, 'hit'>>,
  options: { withNetbox: boolean },
): void {
  expect(outcomesByHost(summary)).toEqual({
    ...rightOutcomes(summary, options),
    ...Object.fromEntries(one.hit.map((host) => [host, `${one.vcenter} ${one.ssh}`])),
  });
  const told = toldBy(summary);
  if (one.message === '') expect(told).toEqual([]);
  else
    expect(
      told.filter((text) => holds(text, one.message)),
      told.join('\n'),
    ).not.toEqual([]);
  expect(summary.exitCode).toBe(one.exitCode);
  const everything = JSON.stringify(summary) + puts.map(({ text }) => text).join('');
  for (const secret of SECRETS) expect(everything).not.toContain(secret);
  expectPushed(summary, puts, one);
}

async function startPeers({ withNetbox, inOneProcess }: { withNetbox: boolean; inOneProcess: boolean }) {
  await using starting = new AsyncDisposableStack();
  const netbox = starting.use(await startFakeNetbox({ devices: DEVICES, token: NETBOX_TOKEN }));
  let reply = answer(200);
  const gateway = starting.use(await startGateway([(...exchange) => reply(...exchange)]));
  const usual: SmallFleetOptions = {
    hosts: [{}, {}, {}],
    targets: HOSTS,
    pageSize: 1,
    every: '5m',
    gzip: true,
    pushUrl: gateway.url,
    targetKeys: {},
    dialled: {},
    hostKeys: '{ unknown: trust-first }',
    more: withNetbox
      ? `netbox: { url: "${netbox.url}", token: { file: netbox.token }, filter: { site: [qa-de-1a, qa-de-1b] } }\n`
      : '',
  };
  const fleet = starting.use(await startSmallFleet({ ...usual, more: '' }));
  await fleet.warmUp();
  await fleet.configure(usual);
  const running = inOneProcess ? starting.use(await openProcess(fleet)) : undefined;
  await writeFile(join(fleet.folder, 'netbox.token'), NETBOX_TOKEN, { mode: 0o600 });
  const { vc1: vcenter, vc2: other } = fleet.vcenters;
  if (vcenter === undefined || other === undefined) throw new RangeError('the fleet has two vCenters');
  const resources = starting.move();
  return {
    fleet,
    vcenter,
    other,
    netbox,
    gateway,
    usual,
    table: running?.table ?? { answer: undefined },
    sweep: (sessionsLeft?: 'any') =>
      running?.sweep() ?? fleet.sweep(sessionsLeft === undefined ? {} : { sessionsLeft }),
    answerPushes(next: Answer) {
      reply = next;
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** Ends every fault. What vsweep remembers of it stays. */
async function recover({
  fleet,
  vcenter,
  other,
  netbox,
  usual,
  table,
  answerPushes,
}: Awaited<ReturnType<typeof startPeers>>): Promise<void> {
  for (const [one, numbers] of [
    [vcenter, HOSTS.vc1],
    [other, HOSTS.vc2],
  ] as const) {
    one.misbehave(undefined);
    one.setHosts(numbers.map((number) => toVcenterHost(number)));
  }
  for (const number of [1, 2, 3]) await fleet.esxi.setBehaviour(fleet.addressOf(number), 'normal');
  netbox.setFault('none');
  netbox.release();
  netbox.setDevices(DEVICES);
  netbox.setToken(NETBOX_TOKEN);
  table.answer = undefined;
  answerPushes(answer(200));
  await fleet.configure(usual);
}

const hostsOf = ({ targets }: RunSummary) =>
  targets.flatMap((target) =>
    target.hosts.map((host, index) => ({
      id: `${target.target}/${host.moref}`,
      name: host.name,
      target,
      printed: outcomesOf({ targets: [target] } as unknown as RunSummary)[index]?.split(': ')[1] ?? '',
    })),
  );

const outcomesByHost = (summary: RunSummary) =>
  Object.fromEntries(hostsOf(summary).map(({ id, printed }) => [id, printed]));

/** As it is when nothing is wrong. */
const rightOutcomes = (summary: RunSummary, { withNetbox }: { withNetbox: boolean }) =>
  Object.fromEntries(
    hostsOf(summary).map(({ id }) => [
      id,
      withNetbox && id === 'vc2/host-3' ? 'ok skipped(netbox)' : 'ok ok',
    ]),
  );

function expectRight(summary: RunSummary, options: { withNetbox: boolean }): void {
  expect(Object.keys(outcomesByHost(summary)).sort()).toEqual(['vc1/host-1', 'vc1/host-2', 'vc2/host-3']);
  expect(outcomesByHost(summary), toldBy(summary).join('\n')).toEqual(rightOutcomes(summary, options));
  expect(summary.exitCode).toBe(0);
  expect(summary.targets).toMatchObject(
    ['vc1', 'vc2'].map(() => ({
      listing: 'fresh',
      deliveries: [{ sink: 'pushgateway', outcome: 'delivered' }],
      problems: [],
    })),
  );
}

/** Whatever `vsweep sweep` prints of it, the hosts of NetBox's choice aside. */
function toldBy({ targets }: RunSummary): string[] {
  return targets.flatMap(({ problems, hosts }) => [
    ...problems,
    ...hosts.flatMap(({ details, outcomes }) =>
      outcomes.ssh?.kind === 'skipped' && outcomes.ssh.reason === 'netbox' ? [] : details,
    ),
  ]);
}

/** Every target was pushed; a host has the samples of a path exactly when it is ok there. */
function expectPushed(
  { targets }: RunSummary,
  puts: readonly SeenRequest[],
  { pushed, hit }: Pick<FaultCase, 'pushed'> & { hit: readonly string[] },
): void {
  if (pushed === 'nothing') {
    expect(targets.filter(isDelivered)).toEqual([]);
    return;
  }
  const texts = new Map(puts.map(({ path = '', text }) => [path.slice(path.lastIndexOf('/') + 1), text]));
  expect([...texts.keys()].sort()).toEqual(targets.map(({ target }) => target).sort());
  for (const target of targets) expectSamplesOf(target, texts.get(target.target) ?? '');
  const [ofTarget = 'vc1'] = hit[0]?.split('/') ?? [];
  const series = parseExposition(texts.get(ofTarget) ?? '');
  expect(series.map(({ name, value }) => `${name} ${value}`)).toEqual(expect.arrayContaining([...pushed]));
}

function expectSamplesOf({ hosts, droppedDuplicates }: TargetSummary, text: string): void {
  const series = parseExposition(text);
  const namesWith = (name: string) =>
    new Set(series.filter((one) => one.name === name).map(({ labels }) => labels['hostsystem']));
  // A host whose name alone is unreadable has the samples of its other properties.
  const hasSamples = (outcome: Outcome | undefined) =>
    outcome?.kind === 'ok' || (outcome?.kind === 'failed' && outcome.reason === 'unreadable');
  const okOn = (path: 'vcenter' | 'ssh') =>
    new Set(hosts.flatMap(({ name, outcomes }) => (hasSamples(outcomes[path]) ? [name] : [])));
  expect(namesWith('esxi_overall_status')).toEqual(okOn('vcenter'));
  expect(namesWith('esxi_critical_service_status')).toEqual(okOn('ssh'));
  const counted = (path: string) =>
    series
      .filter(({ name, labels }) => name === 'vsweep_hosts' && labels['path'] === path)
      .reduce((sum, { value }) => sum + Number(value), 0);
  if (hosts.length > 0) expect([counted('vcenter'), counted('ssh')]).toEqual([hosts.length, hosts.length]);
  expect(series.find(({ name }) => name === 'vsweep_duplicate_samples')?.value).toBe(droppedDuplicates);
}
