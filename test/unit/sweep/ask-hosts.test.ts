import { describe, expect, it } from 'vitest';
import { planRunTimes } from '../../../lib/config/run-times.ts';
import { MAX_CAREFUL_HOSTS } from '../../../lib/logins/rules/lost-worker.ts';
import { createRunLogins, type JoinedRun } from '../../../lib/logins/trial/run-logins.ts';
import type { SendOptions } from '../../../lib/logins/trial/waves.ts';
import { InvokeError } from '../../../lib/platform/invoke.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { startTimeline } from '../../../lib/platform/timeline.ts';
import type { AccountHistory } from '../../../lib/state/stores/account-history.ts';
import type { BatchHost } from '../../../lib/sweep/batch.ts';
import { type AskHostsDeps, askHosts } from '../../../lib/sweep/dispatch/ask-hosts.ts';
import type { TargetOrder } from '../../../lib/sweep/dispatch/target-order.ts';
import type { FinishedBatch } from '../../../lib/sweep/finished-batch.ts';
import { createRunLists } from '../../../lib/sweep/listing/run-lists.ts';
import { MAX_BATCH_HOSTS, sliceBatches } from '../../../lib/sweep/plan/batch-size.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { batchHost, batchResult, esxiConfig, history, sshPlan, T0 } from './builders.ts';

const o = { signal: new AbortController().signal };
const CREDENTIAL = { id: 'env:ESXI', version: 'v1', username: 'root' } as const;
const PROVEN_RUN: JoinedRun = {
  permission: { kind: 'open' },
  acceptedBy: undefined,
  count: async () => undefined,
  isOk: () => true,
  leave: async () => undefined,
};
const lost = (code: InvokeError['code']) => ({
  status: 'rejected' as const,
  reason: new InvokeError('it is gone', { code }),
});
const hostsOf = (count: number, changes: Partial<BatchHost> = {}) =>
  Array.from({ length: count }, (_, number) => batchHost(number, changes));

interface Sent {
  readonly hosts: readonly BatchHost[];
  readonly how: SendOptions | undefined;
}

/** Asks hosts whose batches end as `endOf` says; every host that is asked and not lost accepts. */
async function ask(
  hosts: readonly BatchHost[],
  world: {
    endOf?: (sent: Sent) => FinishedBatch['result'] | undefined;
    accounts?: ReadonlyMap<string, AccountHistory>;
    scope?: 'host' | 'domain';
    /** The minutes that a batch takes; the run has four. */
    minutes?: number;
    planLost?: (hosts: readonly BatchHost[]) => readonly BatchHost[] | undefined;
  } = {},
) {
  const clock = createManualClock(T0);
  const sent: Sent[] = [];
  const { scope = 'host', planLost = (some) => some.map((host) => ({ ...host, proven: false })) } = world;
  const esxi = esxiConfig({ credentials: { env: 'ESXI', scope } });
  const plan = sshPlan({ esxi, accounts: world.accounts ?? new Map(), now: T0 });
  const order = {
    sweep: { name: 'services', everyMs: 300_000 },
    target: { name: 'vc01' },
    times: planRunTimes({ start: T0, everyMs: 300_000 }),
    timeline: startTimeline(clock),
    logins: createRunLogins({ allowanceOf: () => 3 }),
    lists: createRunLists(),
  } as unknown as TargetOrder;
  const sendOne = async (some: readonly BatchHost[], how?: SendOptions): Promise<FinishedBatch> => {
    const one = { hosts: some, how };
    sent.push(one);
    clock.advance((world.minutes ?? 0) * 60_000);
    await new Promise(setImmediate);
    const logins = some
      .filter(({ ssh }) => ssh === 'try')
      .map(({ moref }): [string, 'accepted'] => [moref, 'accepted']);
    const answered = { status: 'fulfilled' as const, value: batchResult({ logins }) };
    const care = how?.care === undefined ? {} : { care: how.care };
    return {
      batch: sent.length,
      hosts: some,
      started: true,
      result: world.endOf?.(one) ?? answered,
      ...care,
    };
  };
  const deps: AskHostsDeps = {
    random: () => 0.5,
    clock,
    log: silentLog,
    accounts: { read: async () => history() },
  };
  const asked = await askHosts(
    order,
    {
      hosts,
      ssh: {
        plan,
        credential: { ...CREDENTIAL, scope },
        run: { ...PROVEN_RUN, count: async (ends) => order.logins.turns.count(ends) },
        problems: [],
      },
      dispatcher: {
        send: (some, how) =>
          sliceBatches(some, how?.care === undefined ? MAX_BATCH_HOSTS : MAX_CAREFUL_HOSTS).map((slice) =>
            sendOne(slice, how),
          ),
      },
      planLost: async (batches) => planLost(batches.flatMap((batch) => batch.hosts)),
      land: async () => undefined,
    },
    deps,
    o,
  );
  return { ...asked, sent, careful: sent.filter(({ how }) => how?.care === 'slice') };
}

const morefs = (batches: readonly { readonly hosts: readonly BatchHost[] }[]) =>
  batches.flatMap(({ hosts }) => hosts.map(({ moref }) => moref)).toSorted();

describe('askHosts', () => {
  it('asks the hosts of an earlier lost worker apart, eight at most in a batch', async () => {
    const flown = hostsOf(60, { proven: false });
    const accounts = new Map(
      flown.slice(0, 40).map(({ address }) => [address, history({ address, lostFlights: ['run-0#vc01#0'] })]),
    );
    const { careful, finished } = await ask(flown, { accounts });
    expect(morefs(careful)).toEqual(morefs([{ hosts: flown.slice(0, 40) }]));
    const sizes = careful.map(({ hosts }) => hosts.length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(8);
    expect(sizes).toContain(8);
    expect(morefs(finished)).toEqual(morefs([{ hosts: flown }]));
  });

  it('asks all hosts of a function that failed once more in the same run, with care those that are asked by ssh', async () => {
    const hosts = [...hostsOf(20), batchHost(20, { ssh: { skip: 'lockdown' } })];
    const endOf = ({ how }: Sent) => (how === undefined ? lost('function-error') : undefined);
    let isFirst = true;
    const { careful, finished, problems, steady } = await ask(hosts, {
      endOf: (one) => {
        if (!isFirst || one.hosts.every(({ ssh }) => ssh !== 'try')) return undefined;
        isFirst = false;
        return endOf(one);
      },
    });
    expect(morefs(careful)).toEqual(morefs([{ hosts: hosts.slice(0, 20) }]));
    expect(careful.flatMap((one) => one.hosts).every(({ proven }) => !proven)).toBe(true);
    expect(morefs(finished)).toEqual(morefs([{ hosts }]));
    expect(finished.every(({ result }) => result.status === 'fulfilled')).toBe(true);
    expect(problems).toEqual([
      'a worker ended before it reported on 20 hosts: it is gone. Its hosts were retried one at a time, at most 8 per worker. If this repeats, look for the cause in the log of collect-batch',
    ]);
    // What was lost first counts as it did.
    expect(steady).toMatchObject({ possible: 20, refused: 0 });
  });

  it('asks a slice that is lost as well no third time, and goes on with the others', async () => {
    const hosts = hostsOf(9);
    const killer = ({ hosts: some }: Sent) => some.some(({ moref }) => moref === 'host-4');
    const { careful, finished } = await ask(hosts, {
      endOf: (one) => (killer(one) ? lost('function-error') : undefined),
    });
    expect(morefs(careful)).toEqual(morefs([{ hosts }]));
    expect(morefs(finished)).toEqual(morefs([{ hosts }]));
    expect(finished.filter(({ result }) => result.status === 'rejected')).toHaveLength(1);
  });

  it.each(['lost', 'throttled', 'refused'] as const)(
    'asks nobody again of a batch that is %s',
    async (code) => {
      const { sent, problems } = await ask(hostsOf(4), { endOf: () => lost(code) });
      expect({ sent: sent.length, problems }).toEqual({ sent: 1, problems: undefined });
    },
  );

  it('asks nobody again where the refusals cannot be put on record', async () => {
    const endOf = () => lost('function-error');
    expect((await ask(hostsOf(4), { endOf, planLost: () => undefined })).sent).toHaveLength(1);
    const broken = () => {
      throw new Error('no table');
    };
    const { sent, finished } = await ask(hostsOf(4), { endOf, planLost: broken });
    expect({ sent: sent.length, finished: finished.length }).toEqual({ sent: 1, finished: 1 });
  });

  it('asks nobody again when six tenths of the time of workers are over', async () => {
    const endOf = ({ how }: Sent) => (how?.care === undefined ? lost('function-error') : undefined);
    expect((await ask(hostsOf(4), { endOf, minutes: 2 })).careful).not.toEqual([]);
    expect((await ask(hostsOf(4), { endOf, minutes: 3 })).sent).toHaveLength(1);
  });

  it("asks two hosts that accepted a domain's account in use before, and nobody when both refuse", async () => {
    const known = hostsOf(5, { proven: false });
    const accounts = new Map(
      known.map(({ address }) => [address, history({ address, provenVersion: 'v0' })]),
    );
    const endOf = ({ hosts }: Sent): FinishedBatch['result'] => {
      const logins = hosts.flatMap(({ moref, ssh }): [string, 'refused'][] =>
        ssh === 'try' ? [[moref, 'refused']] : [],
      );
      return { status: 'fulfilled', value: batchResult({ logins }) };
    };
    const { sent } = await ask(known, { scope: 'domain', accounts, endOf });
    const asked = sent.map(({ hosts }) => hosts.filter(({ ssh }) => ssh === 'try').length);
    expect(asked).toEqual([1, 1, 0]);
    expect(sent.at(-1)?.hosts.map(({ ssh }) => ssh)).toMatchObject(
      known.slice(2).map(() => ({ skip: 'suspended' })),
    );
  });

  it("asks nobody again with a domain's account", async () => {
    const { careful } = await ask(hostsOf(4, { proven: false }), {
      scope: 'domain',
      endOf: () => lost('function-error'),
    });
    expect(careful).toEqual([]);
  });
});
