import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KNOWN_COLLECTORS } from '../../../lib/collectors/known-collectors.ts';
import { checkConfig } from '../../../lib/config/check-config.ts';
import type { TargetConfig } from '../../../lib/config/schema.ts';
import type { Credential } from '../../../lib/credentials/credential.ts';
import type { DemoVcenter } from '../../../lib/demo/vcenter/demo-vcenter.ts';
import { createVsphereSessions, type VsphereSessions } from '../../../lib/sweep/vsphere-sessions.ts';
import { endOf, withEnd } from '../../../lib/vsphere/session/session-end.ts';
import { createOffsetClock } from '../../support/offset-clock.ts';
import { DEPS, loginTo, PROOF, startTarget, testSignal } from '../vsphere/demo-target.ts';

/** 1,000 by hand. */
const SWEEPS = Number(process.env.FUZZ_SWEEPS ?? 200);
/** Sweeps at the same time, each as in a process of its own. */
const LANES = 16;
const HOUR = 3_600_000;

/** What happens to a sweep at one of its seven steps, so many turns of the event loop after that began. */
const fate = fc.record({
  step: fc.nat(6),
  what: fc.constantFrom('nothing', 'abort', 'kill'),
  turns: fc.nat(40),
});
type Fate = typeof fate extends fc.Arbitrary<infer T> ? T : never;

const credential: Credential = {
  id: 'env:VC',
  version: 'v1',
  username: PROOF.username,
  proof: { kind: 'password', password: PROOF.password },
};

function targetOf({ url, sha256 }: DemoVcenter): TargetConfig {
  const { targets } = checkConfig(
    {
      targets: [
        {
          name: 'vc01',
          url,
          credentials: { env: 'VC' },
          tls: { sha256: [sha256] },
          endLeftoverSessions: true,
        },
      ],
      sweeps: [{ name: 'services', every: '1m', collectors: ['overall-status'] }],
    },
    { file: 'vsweep.yaml', collectors: KNOWN_COLLECTORS },
  );
  return targets[0] as TargetConfig;
}

/** Steps of one sweep. The step at which it is killed goes on in the vCenter; nothing of the sweep comes after it. */
function stepsOf({ step, what, turns }: Fate, work: AbortController) {
  const dead = Promise.withResolvers<never>();
  const orphans: Promise<unknown>[] = [];
  let steps = 0;
  const take = async <T>(begin: () => Promise<T>): Promise<T> => {
    const isIt = steps === step;
    steps += 1;
    const running = begin();
    if (!isIt || what === 'nothing') return running;
    running.catch(() => undefined);
    for (let turn = 0; turn < turns; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
    if (what === 'abort') {
      work.abort(new Error('aborted'));
      return running;
    }
    orphans.push(running);
    dead.reject(new Error('killed'));
    return await new Promise<never>(() => undefined);
  };
  return { take, dead: dead.promise, orphans };
}

/** Login, list, ticket, clone, retrieval and both logouts, as a sweep and its worker make them. */
async function sweepOnce(
  sessions: VsphereSessions,
  target: TargetConfig,
  { take, signal, endsAt }: { take: ReturnType<typeof stepsOf>['take']; signal: AbortSignal; endsAt: number },
): Promise<number | undefined> {
  const session = await take(() => sessions.login(target, credential, { signal, endsAt }));
  try {
    const [listing, leftover] = await take(() =>
      Promise.all([
        session.list({ managementAddress: false }, { signal }),
        session.leftover({ end: target.endLeftoverSessions }, { signal }),
      ]),
    );
    const ticket = await take(() => session.acquireCloneTicket({ signal }));
    const clone = await take(() => sessions.clone(target, ticket, { signal, endsAt }));
    try {
      const morefs = listing.hosts.map(({ moref }) => moref);
      await take(async () => {
        let read = 0;
        for await (const _ of clone.retrieve({ type: 'HostSystem', morefs, paths: ['name'] }, { signal }))
          read += 1;
        expect(read).toBe(3);
      });
    } finally {
      await take(() => clone.close({ ms: 5_000 }));
    }
    return leftover;
  } finally {
    await take(() => session.close({ ms: 5_000 }));
  }
}

describe('sessions in vCenter', () => {
  it(`are gone after ${SWEEPS} sweeps where a logout could run, else counted and ended by the next one`, async () => {
    const clock = createOffsetClock();
    await using vcenter = await startTarget({
      clock,
      sessionAdmins: [PROOF.username],
      idleTimeoutMs: 24 * HOUR,
    });
    const target = targetOf(vcenter);
    const start = clock.now();
    const sweep = async (plan: Fate, number: number) => {
      const deps = {
        ...DEPS,
        clock,
        userAgent: 'vsweep/test',
        trustOf: () => ({ sha256: [vcenter.sha256] }),
      };
      const work = new AbortController();
      const endsAt = Math.ceil(start / 1_000) * 1_000 + number * 1_000;
      const { take, dead, orphans } = stepsOf(plan, work);
      dead.catch(() => undefined);
      const run = sweepOnce(createVsphereSessions(deps), target, { take, signal: work.signal, endsAt });
      const end = await Promise.race([run, dead]).then(
        (leftover) => ({ leftover }),
        (error: Error) => ({ error }),
      );
      await Promise.allSettled(orphans);
      return {
        end,
        own: vcenter.sessionList().filter(({ userAgent }) => endOf(userAgent) === endsAt).length,
      };
    };

    await using held = await loginTo(vcenter);
    const plans = fc.sample(fate, { numRuns: SWEEPS, seed: 20261125 });
    const counts = { clean: 0, aborted: 0, killed: 0, left: 0 };
    let next = 0;
    await Promise.all(
      Array.from({ length: LANES }, async () => {
        while (next < plans.length) {
          const number = next++;
          const plan = plans[number] as Fate;
          const { end, own } = await sweep(plan, number);
          if (plan.what === 'kill') {
            counts.killed += 1;
            counts.left += own;
            continue;
          }
          expect({ number, plan, own }).toEqual({ number, plan, own: 0 });
          if (plan.what === 'nothing') expect({ number, end }).toEqual({ number, end: { leftover: 0 } });
          counts[plan.what === 'nothing' ? 'clean' : 'aborted'] += 1;
        }
      }),
    );
    expect(counts.clean + counts.aborted + counts.killed).toBe(SWEEPS);
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(SWEEPS / 10);
    expect(vcenter.sessions()).toBe(counts.left + 1);

    clock.advance(HOUR);
    const unharmed: Fate = { step: 0, what: 'nothing', turns: 0 };
    const reported: (number | undefined)[] = [];
    for (let run = 1; vcenter.sessions() > 1 && run <= 10; run += 1) {
      const { end } = await sweep(unharmed, 2 * HOUR + run);
      if ('leftover' in end) reported.push(end.leftover);
    }
    expect(reported[0]).toBe(counts.left);
    expect(vcenter.stats.terminated).toBe(counts.left);
    expect(vcenter.sessionList().map(({ userAgent }) => userAgent)).toEqual(['vsweep/test']);
    expect(await held.acquireCloneTicket({ signal: testSignal() })).toMatch(/^cst-/);
  }, 240_000);

  it('of a run without the privilege are left to their time-out, and none is counted', async () => {
    const clock = createOffsetClock();
    await using vcenter = await startTarget({ clock });
    const sessions = createVsphereSessions({ ...DEPS, clock, trustOf: () => ({ sha256: [vcenter.sha256] }) });
    const signal = testSignal();
    const target = targetOf(vcenter);
    await sessions.login(target, credential, { signal, endsAt: clock.now() });
    clock.advance(HOUR);
    const session = await sessions.login(target, credential, { signal });
    expect(await session.leftover({ end: true }, { signal })).toBeUndefined();
    await session.close({ ms: 5_000 });
    expect(vcenter.sessions()).toBe(1);
    clock.advance(2 * HOUR);
    expect(vcenter.sessions()).toBe(0);
  });

  it('are counted, and not ended, unless the configuration says so', async () => {
    const clock = createOffsetClock();
    await using vcenter = await startTarget({ clock, sessionAdmins: [PROOF.username] });
    const sessions = createVsphereSessions({ ...DEPS, clock, trustOf: () => ({ sha256: [vcenter.sha256] }) });
    const signal = testSignal();
    const ended = { signal, endsAt: clock.now() };
    await sessions.login(targetOf(vcenter), credential, ended);
    clock.advance(HOUR);
    const session = await sessions.login(targetOf(vcenter), credential, { signal });
    expect(await session.leftover({ end: false }, { signal })).toBe(1);
    expect(vcenter.stats.calls['TerminateSession']).toBeUndefined();
    expect(vcenter.sessionList()[0]?.userAgent).toBe(withEnd('vsweep/test', ended.endsAt));
    await session.close({ ms: 5_000 });
  });
});
