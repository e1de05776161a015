import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LoginEnd, LoginHost } from '../../../lib/logins/asked-batch.ts';
import { NO_LOGINS } from '../../../lib/logins/rules/credential-state.ts';
import type { LeftAlone } from '../../../lib/logins/rules/left-alone.ts';
import type { SeenAccount } from '../../../lib/logins/rules/seen-account.ts';
import { createWaveTurns } from '../../../lib/logins/trial/wave-turns.ts';
import type { SendOptions } from '../../../lib/logins/trial/waves.ts';
import {
  inTrialOrder,
  sendInWaves,
  sumLogins,
  type WaveRules,
  type WaveWork,
} from '../../../lib/logins/trial/waves.ts';
import type { BatchHost } from '../../../lib/sweep/batch.ts';
import type { FinishedBatch } from '../../../lib/sweep/finished-batch.ts';
import { sliceBatches } from '../../../lib/sweep/plan/batch-size.ts';
import { batchHost, batchResult } from '../sweep/builders.ts';

const hostsOf = (count: number) => Array.from({ length: count }, (_, n) => batchHost(n, { proven: false }));
const numberOf = ({ moref }: Pick<LoginHost, 'moref'>) => Number(moref.slice(5));
const RULES = {
  trial: true,
  allowance: 3,
  maxHosts: 250,
  isLate: false,
  isDomain: false,
  version: 'new' as 'new' | 'in-use',
  acceptedBefore: (_host: LoginHost) => false,
};
type Rules = typeof RULES;

const allAccept = (hosts: readonly BatchHost[]): FinishedBatch => {
  const logins = hosts.map(({ moref }): [string, LoginEnd] => [moref, 'accepted']);
  return { batch: 0, hosts, started: true, result: { status: 'fulfilled', value: batchResult({ logins }) } };
};

type End = LoginEnd | 'no-answer' | 'lost';

/** Sends hosts in waves whose logins end as `endOf` says by number, and answers how large each wave was. */
async function send(
  hosts: readonly BatchHost[],
  endOf: (number: number) => End,
  changes: Partial<Rules> = {},
  lookAtDomain?: WaveWork<BatchHost, FinishedBatch>['lookAtDomain'],
) {
  const { allowance, isLate, maxHosts, ...rules } = { ...RULES, ...changes };
  const turns = createWaveTurns({ allowanceOf: () => allowance });
  let batch = 0;
  let asked = 0;
  const waves: number[] = [];
  const sentHow: SendOptions[] = [];
  const answer = async (some: readonly BatchHost[], how: SendOptions): Promise<FinishedBatch> => {
    sentHow.push(how);
    const tried = some.filter(({ ssh }) => ssh === 'try');
    asked += tried.length;
    const ends = tried.map((host) => [host, endOf(numberOf(host))] as const);
    const isLost = ends.some(([, end]) => end === 'lost');
    const logins = ends.flatMap(([{ moref }, end]) =>
      end === 'no-answer' || end === 'lost' ? [] : [[moref, end] as [string, LoginEnd]],
    );
    return {
      batch: batch++,
      hosts: some,
      started: true,
      result: isLost
        ? { status: 'rejected', reason: new Error('crashed') }
        : { status: 'fulfilled', value: batchResult({ logins }) },
    };
  };
  const finished = await sendInWaves(
    hosts,
    rules,
    {
      turns,
      ...(lookAtDomain === undefined ? {} : { lookAtDomain }),
      send: (some, how) => sliceBatches(some, maxHosts).map((slice) => answer(slice, how)),
      count: async (ends) => {
        turns.count(ends);
        waves.push(asked);
        asked = 0;
      },
    },
    { signal: isLate ? AbortSignal.abort() : new AbortController().signal },
  );
  const skipped = finished
    .flatMap((one) => one.hosts)
    .flatMap(({ ssh }) => (ssh === 'try' ? [] : [ssh.skip]));
  return { waves, finished, skipped, sentHow };
}

describe('sendInWaves', () => {
  it('asks one host first in a trial, then as many as accepted so far', async () => {
    const { waves, skipped } = await send(hostsOf(20), () => 'accepted');
    expect({ waves, skipped }).toEqual({ waves: [1, 1, 2, 4, 8, 4], skipped: [] });
  });

  it('asks as many as the allowance has left where the credential is proven', async () => {
    const { waves } = await send(hostsOf(30), () => 'accepted', { trial: false, allowance: 6 });
    expect(waves).toEqual([6, 6, 12, 6]);
  });

  it('ends a trial with the first refusal of a host that accepted the credential before', async () => {
    const { waves, skipped } = await send(hostsOf(9), () => 'refused', { acceptedBefore: () => true });
    expect({ waves, skipped }).toEqual({ waves: [1], skipped: Array(8).fill('suspended') });
  });

  it('ends a trial after three batches without a result, as the allowance is used up, and says nothing of the credential', async () => {
    const { waves, skipped } = await send(hostsOf(9), () => 'lost');
    expect({ waves, skipped }).toEqual({ waves: [1, 1, 1], skipped: Array(6).fill('allowance') });
  });

  it('ends a trial with the third refusal of any', async () => {
    for (const end of ['refused', 'unrecorded'] as const) {
      const { waves, skipped } = await send(hostsOf(9), () => end);
      expect({ waves, skipped }).toEqual({ waves: [1, 1, 1], skipped: Array(6).fill('suspended') });
    }
  });

  it('takes logins that this process was too late for as it takes lost ones', async () => {
    for (const end of ['presumed', 'presumed-unrecorded'] as const) {
      const { waves, skipped } = await send(hostsOf(9), () => end, { acceptedBefore: () => true });
      expect({ waves, skipped }).toEqual({ waves: [1, 1, 1], skipped: Array(6).fill('allowance') });
    }
  });

  it('puts a trial off after five hosts without an answer, which prove nothing', async () => {
    const { waves, skipped } = await send(hostsOf(9), () => 'no-answer');
    expect({ waves, skipped }).toEqual({ waves: [1, 1, 1, 1, 1], skipped: Array(4).fill('suspended') });
    const found = await send(hostsOf(9), (number) => (number < 4 ? 'no-answer' : 'accepted'));
    expect(found.skipped).toEqual([]);
  });

  it('goes no further when the allowance of refusals is spent', async () => {
    const refusedOdd = (number: number) => (number % 2 === 0 ? 'accepted' : 'refused');
    const { skipped } = await send(hostsOf(40), refusedOdd);
    expect(new Set(skipped)).toEqual(new Set(['allowance']));
  });

  it('begins no wave when it is late', async () => {
    for (const trial of [true, false]) {
      const rules = { isLate: true, trial };
      expect((await send(hostsOf(5), () => 'accepted', rules)).skipped[0]).toBe('deadline');
    }
  });

  it('asks all others at once after the second acceptance of a domain account, of a new value after three', async () => {
    const domain = { isDomain: true, maxHosts: 100 };
    const { waves, finished } = await send(hostsOf(300), () => 'accepted', { ...domain, version: 'in-use' });
    expect(waves).toEqual([1, 1, 298]);
    expect((await send(hostsOf(300), () => 'accepted', domain)).waves).toEqual([1, 1, 1, 297]);
    expect(
      finished
        .slice(2)
        .flatMap(({ hosts }) => hosts)
        .every(({ proven }) => proven),
    ).toBe(true);
  });

  it('asks the hosts that are doubtful of a domain account behind all others, and one login at a time', async () => {
    const hosts = hostsOf(9).map((host, number) =>
      number % 3 === 0
        ? { ...host, doubtful: number === 0 ? ('refused' as const) : ('stranger' as const) }
        : host,
    );
    const by = { acceptedBy: '10.0.0.3', acceptedBefore: () => true, random: () => 0.5 };
    const ordered = inTrialOrder(hosts, by);
    expect(ordered.map(numberOf)).toEqual([1, 2, 4, 5, 7, 8, 3, 6, 0]);
    const { finished } = await send(ordered, () => 'accepted', {
      isDomain: true,
      version: 'in-use',
    });
    const batches = finished.map((batch) => [
      batch.hosts.map(numberOf),
      batch.hosts.every(({ proven }) => proven),
    ]);
    expect(batches).toEqual([
      [[1], false],
      [[2], false],
      [[4, 5, 7, 8], true],
      [[3, 6, 0], false],
    ]);
  });

  it('asks doubtful hosts when the others of every target have answered, or the wait is over, and tells so once', async () => {
    const known = hostsOf(3);
    const doubtful = { ...batchHost(3, { proven: false }), doubtful: 'stranger' as const };
    const rules = { ...RULES, isDomain: true, version: 'in-use' as const };
    for (const isLate of [false, true]) {
      const turns = createWaveTurns({ allowanceOf: () => 3 });
      turns.await(['vc01', 'vc02']);
      const wait = new AbortController();
      const steps: string[] = [];
      const all = sendInWaves(
        [...known, doubtful],
        rules,
        {
          turns,
          send: (hosts) => {
            steps.push(`sent ${hosts.map(numberOf)}`);
            return [Promise.resolve(allAccept(hosts))];
          },
          settle: async (finished) => {
            steps.push(`settled ${finished.flatMap((one) => one.hosts.map(numberOf))}`);
            turns.settle('vc01');
          },
          count: async (ends) => turns.count(ends),
        },
        wait,
      );
      await new Promise(setImmediate);
      expect(steps.at(-1)).toBe('settled 0,1,2');
      if (isLate) wait.abort();
      else turns.settle('vc02');
      await all;
      expect(steps.slice(-2)).toEqual(['settled 0,1,2', 'sent 3']);
    }
  });

  it.each([
    ['stranger', [1, 1, 1, 1], 0],
    ['refused', [1, 1], 2],
  ] as const)(
    'asks for a second acceptance of a domain account, which may have been refused: a host that is %s',
    async (doubtful, sizes, left) => {
      const hosts = hostsOf(4).map((host) => ({ ...host, doubtful }));
      const looks = [0, 0, 1, 1].map((refusals) => ({ refusals }));
      const lookAtDomain = async () => looks.shift() ?? { skip: 'state' as const };
      const endOf = (number: number) => (number === 1 ? 'refused' : 'accepted');
      const rules = { isDomain: true, version: 'in-use' } as const;
      const { waves, skipped, finished } = await send(hosts, endOf, rules, lookAtDomain);
      expect(waves).toEqual(sizes);
      expect(skipped).toEqual(Array(left).fill('allowance'));
      expect(finished.slice(0, 2).map((batch) => batch.hosts.map(({ account }) => account))).toEqual([
        [{ refusals: 0 }],
        [{ refusals: 0 }],
      ]);
    },
  );

  it('asks hosts of one kind side by side when three were silent', async () => {
    const kinds = [
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      'stranger',
      'stranger',
      'refused',
    ] as const;
    const hosts = hostsOf(kinds.length).map((host, number): BatchHost => {
      const doubtful = kinds[number];
      return doubtful === undefined ? host : { ...host, doubtful };
    });
    const rules = { isDomain: true, version: 'in-use' } as const;
    expect((await send(hosts, () => 'no-answer', rules)).waves).toEqual([1, 1, 1, 2, 2, 1]);
    expect((await send(hosts.slice(0, 6), () => 'no-answer', rules)).waves).toEqual([1, 1, 1, 2, 1]);
  });

  it('asks doubtful hosts alone only when no target waits for one that is not', async () => {
    const turns = createWaveTurns({ allowanceOf: () => 3 });
    turns.await(['vc02']);
    let sent = 0;
    const asking = sendInWaves<BatchHost, FinishedBatch>(
      [batchHost(1, { proven: false, doubtful: 'stranger' })],
      { ...RULES, isDomain: true },
      {
        turns,
        send: (hosts) => {
          sent += hosts.length;
          return [Promise.resolve(allAccept(hosts))];
        },
        count: async (ends) => turns.count(ends),
      },
      { signal: new AbortController().signal },
    );
    await new Promise(setImmediate);
    expect(sent).toBe(0);
    turns.settle('vc02');
    await asking;
    expect(sent).toBe(1);
  });

  it('uses no turn up and keeps nobody waiting where the account of a domain may not be tried', async () => {
    const turns = createWaveTurns({ allowanceOf: () => 3 });
    let settled = 0;
    for (let target = 0; target < 5; target++) {
      await sendInWaves(
        hostsOf(2),
        { ...RULES, isDomain: true },
        {
          turns,
          send: (hosts) => [Promise.resolve(allAccept(hosts))],
          lookAtDomain: async () => ({ skip: 'blacklist' }),
          settle: async () => (settled += 1),
          count: async (ends) => turns.count(ends),
        },
        { signal: new AbortController().signal },
      );
    }
    expect(settled).toBe(5);
    const next = turns.take(RULES, { sent: 0, left: 1, accepted: 0 }, { signal: AbortSignal.abort() });
    expect(await next).toEqual({ size: 1, opens: true });
  });

  it('asks a host that refused before, where none accepted the domain account yet', async () => {
    const hosts = hostsOf(1).map((host) => ({ ...host, doubtful: 'refused' as const }));
    const rules = { isDomain: true, version: 'in-use' } as const;
    const { waves, skipped } = await send(
      hosts,
      () => 'accepted',
      rules,
      async () => ({ refusals: 1 }),
    );
    expect({ waves, skipped }).toEqual({ waves: [1], skipped: [] });
  });

  it('says of its target that the known hosts are done when the last of them opened, and of hosts of their own nothing', async () => {
    for (const isDomain of [true, false]) {
      const turns = createWaveTurns({ allowanceOf: () => 3 });
      turns.await(['vc01']);
      const settled: number[] = [];
      const late = new AbortController();
      const asking = sendInWaves(
        [
          batchHost(1, { proven: false }),
          { ...batchHost(2, { proven: false }), doubtful: 'stranger' as const },
        ],
        { ...RULES, isDomain, version: 'in-use' as const },
        {
          turns,
          send: (hosts) => [Promise.resolve(allAccept(hosts))],
          settle: async (finished) => {
            settled.push(finished.length);
            turns.settle('vc01');
          },
          count: async (ends) => turns.count(ends),
        },
        late,
      );
      await new Promise(setImmediate);
      late.abort();
      const finished = await asking;
      expect(settled).toEqual(isDomain ? [1] : []);
      if (isDomain)
        expect(finished.flatMap((one) => one.hosts.map(({ ssh }) => ssh))).toEqual(['try', 'try']);
    }
  });

  it('has every host in one batch, asks at most as many at once as it may, and stops with the right reason', async () => {
    const end = fc.constantFrom<End[]>('accepted', 'refused', 'unrecorded', 'presumed', 'no-answer', 'lost');
    const input = fc.record({
      ends: fc.array(end, { maxLength: 60 }),
      trial: fc.boolean(),
      allowance: fc.integer({ min: 3, max: 8 }),
      maxHosts: fc.integer({ min: 1, max: 20 }),
      before: fc.integer({ min: 1, max: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(input, async ({ ends, before, ...rules }) => {
        const acceptedBefore = (host: LoginHost) => numberOf(host) % before === 0;
        const hosts = hostsOf(ends.length);
        const endOf = (number: number) => ends[number] ?? 'no-answer';
        const { waves, finished, skipped } = await send(hosts, endOf, { ...rules, acceptedBefore });
        expect(finished.flatMap((one) => one.hosts.map(numberOf))).toEqual(hosts.map(numberOf));
        for (const one of finished) expect(one.hosts.length).toBeLessThanOrEqual(rules.maxHosts);
        const asked = finished.filter(({ hosts: [first] }) => first?.ssh === 'try');
        const { accepted, refused, refusedByProven, possible } = sumLogins(asked, acceptedBefore);
        let sent = 0;
        let acceptedSoFar = 0;
        for (const size of waves) {
          if (acceptedSoFar === 0) expect(size).toBeLessThanOrEqual(rules.trial ? 1 : rules.allowance);
          else expect(size).toBeLessThanOrEqual(Math.max(acceptedSoFar, rules.trial ? 1 : rules.allowance));
          sent += size;
          acceptedSoFar = ends.slice(0, sent).filter((one) => one === 'accepted').length;
        }
        if (rules.trial && accepted === 0) {
          expect(refused).toBeLessThanOrEqual(3);
          expect(refusedByProven).toBeLessThanOrEqual(1);
          expect(sent).toBeLessThanOrEqual(7);
        }
        expect(new Set(skipped).size).toBeLessThanOrEqual(1);
        if (skipped[0] === 'allowance') expect(refused + possible).toBeGreaterThanOrEqual(rules.allowance);
        if (skipped.length === 0) expect(sent).toBe(hosts.length);
      }),
      { numRuns: 500 },
    );
  });
});

describe('sendInWaves, as far as others wait for it', () => {
  const LOOKED = { refusals: 1 };

  /** Hosts that all accept; how each batch was sent, and what was told of the account of a domain. */
  async function sendHow(count: number, changes: Partial<WaveRules> = {}, look?: SeenAccount | LeftAlone) {
    const rules: WaveRules = { ...RULES, version: 'in-use', ...changes };
    const turns = createWaveTurns({ allowanceOf: () => 3 });
    const sent: { hosts: readonly BatchHost[]; how: unknown }[] = [];
    let looks = 0;
    await sendInWaves(
      hostsOf(count),
      rules,
      {
        turns,
        send: (hosts, how) => {
          sent.push({ hosts, how });
          return [Promise.resolve(allAccept(hosts))];
        },
        ...(look === undefined
          ? {}
          : {
              lookAtDomain: async () => {
                looks += 1;
                return look;
              },
            }),
        count: async (ends) => turns.count(ends),
      },
      { signal: new AbortController().signal },
    );
    return {
      sent,
      looks,
      next: await turns.take(rules, { sent: 0, left: 1, accepted: 0 }, { signal: AbortSignal.abort() }),
    };
  }
  const howOf = async (...of: Parameters<typeof sendHow>) =>
    (await sendHow(...of)).sent.map(({ hosts, how }) => [hosts.length, how]);

  it('asks one host of a trial, then as many as accepted, and all at once outside of one', async () => {
    expect((await howOf(4)).map(([size]) => size)).toEqual([1, 1, 2]);
    expect(await howOf(3, { trial: false })).toEqual([[3, {}]]);
  });

  it('says where care is to be taken', async () => {
    const careful = { trial: false, care: 'slice' } as const;
    expect(await howOf(3, careful)).toEqual([[3, { care: 'slice' }]]);
  });

  it('looks at the account of a domain before its first two hosts, and believes them for the others', async () => {
    const { sent, looks } = await sendHow(3, { isDomain: true }, LOOKED);
    expect(looks).toBe(2);
    expect(sent.map(({ hosts }) => hosts.map(({ proven, account }) => ({ proven, account })))).toEqual([
      [{ proven: false, account: LOOKED }],
      [{ proven: false, account: LOOKED }],
      [{ proven: true, account: { refusals: 0 } }],
    ]);
  });

  it('sends the hosts of a domain on without ssh when its account may not be tried, and uses no turn up', async () => {
    const skip = { skip: 'blacklist', why: 'refused' } as const;
    const { sent, next } = await sendHow(3, { isDomain: true }, skip);
    expect(sent).toEqual([{ hosts: hostsOf(3).map((host) => ({ ...host, ssh: skip })), how: {} }]);
    expect(next).toEqual({ size: 1, opens: true });
  });
});

describe('sumLogins', () => {
  const before = ({ moref }: Pick<LoginHost, 'moref'>) => moref === 'host-1';

  it('counts an unwritten refusal as one, and a host that was not asked not at all', () => {
    const hosts = [batchHost(1), batchHost(2), batchHost(3)];
    const value = batchResult({
      logins: [
        ['host-1', 'unrecorded'],
        ['host-2', 'accepted'],
        ['host-9', 'refused'],
      ],
    });
    const batch: FinishedBatch = { batch: 0, hosts, started: true, result: { status: 'fulfilled', value } };
    expect(sumLogins([batch], before)).toMatchObject({
      accepted: 1,
      refused: 1,
      refusedByProven: 1,
      acceptedBy: { moref: 'host-2' },
    });
  });

  it('counts who was asked and came to no login as silent, and nobody whose worker never began', () => {
    const hosts = [1, 2, 3].map((number) => batchHost(number));
    const value = batchResult({ logins: [['host-2', 'accepted']] });
    const skipped = batchHost(4, { ssh: { skip: 'lockdown' } });
    const result = { status: 'fulfilled', value } as const;
    const back = { batch: 0, hosts: [...hosts, skipped], started: true, result } as const;
    expect(sumLogins([back, back], before)).toMatchObject({ accepted: 2, silent: 4 });
    const none = {
      ...back,
      started: false,
      result: { status: 'rejected', reason: new Error('busy') },
    } as const;
    expect(sumLogins([none], before)).toMatchObject({ accepted: 0, possible: 0, silent: 0 });
  });

  it('counts each asked host of a batch that started and is lost as a possible refusal, and none of one that did not start', () => {
    const hosts = [batchHost(1), batchHost(2, { ssh: { skip: 'lockdown' } })];
    const lost = (started: boolean): FinishedBatch => ({
      batch: 0,
      hosts,
      started,
      result: { status: 'rejected', reason: new Error('crashed') },
    });
    expect(sumLogins([lost(true)], before)).toMatchObject({ ...NO_LOGINS, possible: 1 });
    expect(sumLogins([lost(false)], before)).toMatchObject(NO_LOGINS);
  });

  it('counts one host of a batch with care that is lost, or none: they are dialled one after the other', () => {
    const lostOf = (...hosts: LoginHost[]): FinishedBatch => ({
      batch: 0,
      hosts: hosts as BatchHost[],
      started: true,
      care: 'slice',
      result: { status: 'rejected', reason: new Error('crashed') },
    });
    const skipped = batchHost(3, { ssh: { skip: 'lockdown' } });
    const possible = (batch: FinishedBatch) => sumLogins([batch], before).possible;
    const two = [batchHost(1), batchHost(2)] as const;
    expect(possible(lostOf(...two, skipped))).toBe(1);
    expect(possible(lostOf(skipped))).toBe(0);
    const { care: _none, ...withoutCare } = lostOf(...two);
    expect(possible(withoutCare)).toBe(2);
    // Of one that came back each end is known.
    const logins = two.map(({ moref }): [string, LoginEnd] => [moref, 'presumed']);
    const value = batchResult({ logins });
    expect(possible({ ...lostOf(...two), result: { status: 'fulfilled', value } })).toBe(2);
  });
});

describe('inTrialOrder', () => {
  it('begins with the host that accepted last, then those that did before, and keeps all', () => {
    const hosts = hostsOf(6);
    const order = inTrialOrder(hosts, {
      acceptedBy: '10.0.0.3',
      acceptedBefore: (host) => numberOf(host) >= 4,
      random: () => 0.5,
    }).map(numberOf);
    expect(order[0]).toBe(3);
    expect(order.slice(1, 3).sort()).toEqual([4, 5]);
    expect(order.toSorted()).toEqual(hosts.map(numberOf));
  });
});
