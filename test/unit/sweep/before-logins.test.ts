import { describe, expect, it } from 'vitest';
import { NO_KNOWN_HOSTS } from '../../../lib/config/known-hosts/find-keys.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import type { PreparedSsh } from '../../../lib/sweep/dispatch/ssh-plan.ts';
import type { ListedTarget } from '../../../lib/sweep/listing/list-target.ts';
import { type BeforeLoginsDeps, lookBeforePlan } from '../../../lib/sweep/run/before-logins.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { history, listedHost, sshPlan } from './builders.ts';

const MINUTE = 60_000;
const NUMBERS = [1, 2, 3];

/** Whose limits a turn reads, of hosts that all hold a refusal. */
async function askedOf(rest: ReadonlySet<string> | undefined): Promise<readonly string[]> {
  const asked: string[] = [];
  const session = {
    async *retrieve({ morefs }: { morefs: readonly string[] }) {
      asked.push(...morefs);
      yield* [];
    },
  };
  const listed = { source: 'fresh', list: { hosts: NUMBERS.map((one) => listedHost(one)) }, session };
  const accounts = new Map(
    NUMBERS.map((one) => {
      const address = `esx${one}.example.org`;
      return [address, history({ address, refusals: 1 })] as const;
    }),
  );
  const ssh = { plan: sshPlan({ accounts }), known: {}, credential: { username: 'root' }, problems: [] };
  const clock = createManualClock();
  const order = { times: { workerEnd: clock.now() + MINUTE }, timeline: { msUntil: () => MINUTE } };
  await lookBeforePlan(
    order as unknown as Parameters<typeof lookBeforePlan>[0],
    { listed: listed as unknown as ListedTarget, ssh: ssh as unknown as PreparedSsh, rest },
    { clock, log: silentLog, knownHosts: NO_KNOWN_HOSTS, accounts: {} } as unknown as BeforeLoginsDeps,
    { signal: new AbortController().signal },
  );
  return asked.toSorted();
}

describe('lookBeforePlan', () => {
  it('reads the lockout limits of all hosts in the first turn, and in a later one of those that are left', async () => {
    expect(await askedOf(undefined)).toEqual(['host-1', 'host-2', 'host-3']);
    expect(await askedOf(new Set(['host-2']))).toEqual(['host-2']);
    expect(await askedOf(new Set())).toEqual([]);
  });
});
