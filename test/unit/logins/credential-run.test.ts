import { describe, expect, it } from 'vitest';
import { afterLift, afterSuspension, NO_LOGINS } from '../../../lib/logins/rules/credential-state.ts';
import { openCredentialRun } from '../../../lib/logins/trial/credential-run.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import type { CredentialState, CredentialStateStore } from '../../../lib/state/stores/credential-states.ts';
import { T0 } from '../sweep/builders.ts';

const MINUTE = 60_000;
const o = { signal: new AbortController().signal };

/** One credential in a table, its clock, and runs on it. */
function start(known: Omit<CredentialState, 'id'> = {}) {
  const world = {
    state: { id: 'env:X', ...known } as CredentialState,
    revision: 1,
    now: T0,
    down: false,
    overtaken: 0,
  };
  let writes = 0;
  let replaces = 0;
  const credentialStates: CredentialStateStore = {
    read: async () => {
      if (world.down) throw new Error('no table');
      return { state: world.state, revision: world.revision };
    },
    replace: async (next, { revision }) => {
      if (world.down) throw new Error('no table');
      replaces += 1;
      if (replaces <= world.overtaken) world.revision += 1;
      if (revision !== world.revision) return undefined;
      writes += 1;
      Object.assign(world, { state: next, revision: revision + 1 });
      return { state: next, revision: world.revision };
    },
    list: async () => [world.state],
  };
  const clock = {
    now: () => world.now,
    monotonic: () => world.now,
    sleep: () => Promise.reject(new Error('nothing waits here')),
  };
  const lines: string[] = [];
  const log = { ...silentLog, warn: (message: string) => void lines.push(message) };
  const open = (holder = 'run-1', version = 'v1', scope: 'host' | 'domain' = 'host', minutes = 10) =>
    openCredentialRun(
      { id: 'env:X', version, holder, endsAt: world.now + minutes * MINUTE, scope },
      { clock, log, credentialStates },
      o,
    );
  return { world, open, lines, writes: () => writes, replaces: () => replaces };
}

describe('openCredentialRun', () => {
  it('writes nothing in a run with a proven credential that hosts accept', async () => {
    const { open, writes } = start({ provenVersion: 'v1', acceptedBy: 'esx01' });
    const run = await open();
    expect(run.permission).toEqual({ kind: 'open' });
    expect(run.acceptedBy).toBe('esx01');
    await run.judge({ ...NO_LOGINS, accepted: 9 }, 'esx02', o);
    await run.end(o);
    expect(writes()).toBe(0);
  });

  it('writes who accepts the one account of a domain first, when it is another one than the last time', async () => {
    const { open, writes, world } = start({ provenVersion: 'v1', acceptedBy: 'esx01' });
    const run = await open('run-1', 'v1', 'domain');
    await run.judge({ ...NO_LOGINS, accepted: 1 }, 'esx01', o);
    await run.judge({ ...NO_LOGINS, accepted: 9 }, undefined, o);
    expect(writes()).toBe(0);
    const next = await open('run-2', 'v1', 'domain');
    await next.judge({ ...NO_LOGINS, accepted: 1 }, 'esx02', o);
    await next.judge({ ...NO_LOGINS, accepted: 9 }, 'esx03', o);
    expect(writes()).toBe(1);
    expect(world.state).toEqual({ id: 'env:X', provenVersion: 'v1', acceptedBy: 'esx02' });
    expect((await open('run-3', 'v1', 'domain')).acceptedBy).toBe('esx02');
  });

  it('has the one account of a domain in use when two hosts accepted a version, or one in each of two runs', async () => {
    const { open, writes, world } = start();
    const first = await open('run-1', 'v1', 'domain');
    expect(first.isOk()).toBe(false);
    await first.judge({ ...NO_LOGINS, accepted: 1 }, 'esx01', o);
    expect(first.isOk()).toBe(true);
    expect(writes()).toBe(1);
    await first.end(o);
    expect(world.state).toEqual({ id: 'env:X', acceptedOnce: 'v1', acceptedBy: 'esx01' });

    const second = await open('run-2', 'v1', 'domain');
    expect(second).toMatchObject({ permission: { kind: 'trial' }, acceptedBy: 'esx01' });
    await second.judge({ ...NO_LOGINS, accepted: 1 }, 'esx01', o);
    expect(world.state).toEqual({ id: 'env:X', provenVersion: 'v1', acceptedBy: 'esx01' });

    const ofAnother = start({ acceptedOnce: 'v0', acceptedBy: 'esx01' });
    const third = await ofAnother.open('run-3', 'v1', 'domain');
    await third.judge({ ...NO_LOGINS, accepted: 1 }, 'esx02', o);
    expect(ofAnother.world.state.provenVersion).toBeUndefined();
    await third.judge({ ...NO_LOGINS, accepted: 2 }, undefined, o);
    expect(ofAnother.world.state).toEqual({ id: 'env:X', provenVersion: 'v1', acceptedBy: 'esx02' });
  });

  it('forgets with a suspension, and with a lift, that one host accepted', async () => {
    const once = { id: 'env:X', acceptedOnce: 'v1', acceptedBy: 'esx01' };
    expect(afterSuspension(once, { version: 'v1', now: T0 })).not.toHaveProperty('acceptedOnce');
    expect(afterLift(once)).not.toHaveProperty('acceptedOnce');
  });

  it('does not write over a suspension who accepts the one account of a domain', async () => {
    const { open, world } = start({ provenVersion: 'v1', acceptedBy: 'esx01' });
    const run = await open('run-1', 'v1', 'domain');
    const other = await open('run-2', 'v1', 'domain');
    await other.judge({ ...NO_LOGINS, refused: 2, refusedByProven: 2 }, undefined, o);
    const judged = world.state;
    expect(judged).toMatchObject({ suspended: { version: 'v1' } });
    for (const accepted of [1, 9]) {
      await run.judge({ ...NO_LOGINS, accepted }, 'esx02', o);
      expect(world.state).toBe(judged);
    }
    // Nor over its own.
    await other.judge({ ...NO_LOGINS, accepted: 1, refused: 2, refusedByProven: 2 }, 'esx02', o);
    expect(world.state).toBe(judged);
  });

  it('stays suspended in a run whose suspension could not be written, whoever accepts the account of a domain later', async () => {
    const { open, world, writes } = start({ provenVersion: 'v1', acceptedBy: 'esx01' });
    const run = await open('run-1', 'v1', 'domain');
    const refused = { ...NO_LOGINS, refused: 2, refusedByProven: 2 };
    world.down = true;
    await run.judge(refused, undefined, o);
    world.down = false;
    await run.judge({ ...refused, accepted: 1 }, 'esx02', o);
    expect(run.isOk()).toBe(false);
    expect(writes()).toBe(0);
  });

  it('lets one of two runs try a new version, and says to the other until when', async () => {
    const { open, world } = start();
    const [first, second] = await Promise.all([open('run-1'), open('run-2', 'v1', 'host', 20)]);
    expect([first.permission, second.permission]).toEqual([
      { kind: 'trial' },
      { kind: 'suspended', until: T0 + 10 * MINUTE, triedByAnother: true },
    ]);
    world.now += 10 * MINUTE;
    expect((await open('run-3')).permission).toEqual({ kind: 'trial' });
  });

  it('writes an acceptance once, with who accepted', async () => {
    const { open, world, writes } = start();
    const run = await open();
    await run.judge({ ...NO_LOGINS, accepted: 1 }, 'esx07', o);
    await run.judge({ ...NO_LOGINS, accepted: 2 }, 'esx08', o);
    await run.end(o);
    expect(world.state).toEqual({ id: 'env:X', provenVersion: 'v1', acceptedBy: 'esx07' });
    expect(writes()).toBe(2);
  });

  it('suspends once a run, also after it was accepted by some', async () => {
    const { open, world, writes } = start();
    const run = await open();
    await run.judge({ ...NO_LOGINS, accepted: 1 }, 'esx07', o);
    const bad = { ...NO_LOGINS, accepted: 1, refused: 3, refusedByProven: 3 };
    await run.judge(bad, undefined, o);
    await run.judge(bad, undefined, o);
    expect(world.state.suspended).toEqual({ version: 'v1', tries: 1, nextTryAt: T0 + 30 * MINUTE });
    expect(writes()).toBe(3);
  });

  it('leaves a suspension as it is in a run that may not try', async () => {
    const suspended = afterSuspension({ id: 'env:X' }, { version: 'v1', now: T0 });
    const { open, writes } = start(suspended);
    const run = await open();
    expect(run.permission).toEqual({ kind: 'suspended', until: T0 + 30 * MINUTE });
    await run.judge(NO_LOGINS, undefined, o);
    await run.end(o);
    expect(writes()).toBe(0);
  });

  it('gives a trial without a verdict back, and keeps how often it was tried', async () => {
    const suspended = afterSuspension({ id: 'env:X' }, { version: 'v1', now: T0 - 31 * MINUTE });
    const { open, world, writes } = start(suspended);
    const run = await open();
    expect(world.state.trial).toMatchObject({ holder: 'run-1' });
    await run.judge({ ...NO_LOGINS, refused: 1 }, undefined, o);
    await run.end(o);
    expect(world.state).toEqual(suspended);
    expect(writes()).toBe(2);
  });

  it('rejects when the table is down, and never later', async () => {
    const broken = start();
    broken.world.down = true;
    await expect(broken.open()).rejects.toThrow('no table');
    const { open, world } = start();
    const run = await open();
    world.down = true;
    await run.judge({ ...NO_LOGINS, refused: 3 }, undefined, o);
    await run.end(o);
    expect(world.state.suspended).toBeUndefined();
  });

  it('does not write over what another run judged', async () => {
    const { open, world, lines } = start();
    const run = await open();
    world.now += 11 * MINUTE;
    const other = await open('run-2');
    await other.judge({ ...NO_LOGINS, refused: 3 }, undefined, o);
    await run.judge({ ...NO_LOGINS, accepted: 1 }, 'esx01', o);
    expect(world.state.suspended).toMatchObject({ tries: 1 });
    expect(lines).toEqual([expect.stringContaining('another run')]);
  });

  it('takes the refusal of one host that accepted it before against a new version, and of two against one in use', async () => {
    const byKnown = (count: number) => ({ ...NO_LOGINS, refused: count, refusedByProven: count });
    const tried = start({ provenVersion: 'v0' });
    await (await tried.open()).judge(byKnown(1), undefined, o);
    expect(tried.world.state).toHaveProperty('suspended');
    const inUse = start({ provenVersion: 'v1' });
    const run = await inUse.open();
    await run.judge(byKnown(1), undefined, o);
    expect(inUse.world.state).not.toHaveProperty('suspended');
    await run.judge(byKnown(2), undefined, o);
    expect(inUse.world.state).toHaveProperty('suspended');
  });

  it('claims a trial though it is overtaken three times, and leaves it to the others after the fourth', async () => {
    const { open, world } = start();
    world.overtaken = 3;
    expect((await open()).permission).toEqual({ kind: 'trial' });
    const crowded = start();
    crowded.world.overtaken = 4;
    expect((await crowded.open()).permission).toEqual({
      kind: 'suspended',
      until: T0 + 10 * MINUTE,
      triedByAnother: true,
    });
    expect(crowded.world.state.trial).toBeUndefined();
  });

  it('writes its verdict though others changed the state in between', async () => {
    const { open, world } = start();
    const run = await open();
    world.revision += 1;
    await run.judge({ ...NO_LOGINS, accepted: 1 }, 'esx07', o);
    expect(world.state).toEqual({ id: 'env:X', provenVersion: 'v1', acceptedBy: 'esx07' });
  });

  it('says whether hosts accept the credential, as far as the run knows', async () => {
    const proven = await start({ provenVersion: 'v1' }).open();
    expect(proven.isOk()).toBe(true);
    const { open } = start();
    const run = await open();
    expect(run.isOk()).toBe(false);
    await run.judge(NO_LOGINS, undefined, o);
    expect(run.isOk()).toBe(false);
    await run.judge({ ...NO_LOGINS, accepted: 1 }, 'esx07', o);
    expect(run.isOk()).toBe(true);
    await run.judge({ ...NO_LOGINS, refused: 3, refusedByProven: 3 }, undefined, o);
    expect(run.isOk()).toBe(false);
  });

  it('gives no trial back that it never had, and none that has a verdict', async () => {
    const open = start({ provenVersion: 'v1' });
    await (await open.open()).end(o);
    expect(open.writes()).toBe(0);
    const { open: openTrial, world } = start();
    const run = await openTrial();
    await run.judge({ ...NO_LOGINS, refused: 3 }, undefined, o);
    const judged = world.state;
    await run.end(o);
    expect(world.state).toBe(judged);
  });

  it('gives up its verdict when it is overtaken four times, and says so', async () => {
    const { open, world, lines, replaces } = start();
    const run = await open();
    world.overtaken = 99;
    await run.judge({ ...NO_LOGINS, accepted: 1 }, 'esx07', o);
    expect(replaces()).toBe(1 + 4);
    expect(lines).toEqual([expect.stringContaining('another run')]);
  });

  it('logs that a verdict could not be written', async () => {
    const { open, world, lines } = start();
    const run = await open();
    world.down = true;
    await run.judge({ ...NO_LOGINS, refused: 3 }, undefined, o);
    expect(lines).toEqual([expect.stringContaining('could not be written')]);
  });
});
