import { describe, expect, it } from 'vitest';
import type { TargetConfig } from '../../../lib/config/schema.ts';
import type { Credential } from '../../../lib/credentials/credential.ts';
import type { DemoVcenter, DemoVcenterOptions } from '../../../lib/demo/vcenter/demo-vcenter.ts';
import { createLineLog } from '../../../lib/platform/log.ts';
import { createVsphereSessions } from '../../../lib/sweep/vsphere-sessions.ts';
import { createOffsetClock } from '../../support/offset-clock.ts';
import { DEPS, demoHosts, PROOF, startTarget, testSignal } from '../vsphere/demo-target.ts';

const HOUR = 3_600_000;
const { username, password } = PROOF;
const credential: Credential = {
  id: 'env:VC',
  version: 'v1',
  username,
  proof: { kind: 'password', password },
};
const o = { signal: testSignal() };

/** A vCenter, and what a sweep gets its sessions from. */
async function start(options: Partial<DemoVcenterOptions> = {}) {
  const clock = createOffsetClock();
  const vcenter = await startTarget({ clock, idleTimeoutMs: 24 * HOUR, ...options });
  const lines: string[] = [];
  const log = createLineLog({ level: 'debug', write: (line) => lines.push(line) });
  const asked: string[] = [];
  const trustOf = ({ name }: TargetConfig) => {
    asked.push(name);
    return { sha256: [vcenter.sha256] };
  };
  const sessions = createVsphereSessions({ ...DEPS, clock, log, trustOf });
  const target = { name: 'vc01', url: vcenter.url } as TargetConfig;
  const login = () => sessions.login(target, credential, { ...o, endsAt: clock.now() + HOUR });
  return { clock, vcenter, lines, asked, sessions, target, login };
}

/** Leaves a session behind as a run does that was killed an hour ago. */
async function leaveBehind({
  clock,
  vcenter,
}: {
  clock: ReturnType<typeof createOffsetClock>;
  vcenter: DemoVcenter;
}) {
  const sessions = createVsphereSessions({
    ...DEPS,
    clock,
    trustOf: () => ({ sha256: [vcenter.sha256] }),
  });
  const left = await sessions.login({ name: 'vc01', url: vcenter.url } as TargetConfig, credential, {
    ...o,
    endsAt: clock.now() + 60_000,
  });
  clock.advance(2 * HOUR);
  return left;
}

describe('a session of the sweep', () => {
  it('needs a password: nothing is sent without one', async () => {
    const none = createVsphereSessions({ ...DEPS, trustOf: () => undefined });
    const target = { name: 'vc01', url: 'https://127.0.0.1:1/sdk' } as TargetConfig;
    const key = { ...credential, proof: { kind: 'key', privateKey: 'k' } } as unknown as Credential;
    await expect(none.login(target, key, o)).rejects.toThrow(
      'env:VC: vc01 needs a password; add one to the credential',
    );
  });

  it('lists the hosts of its target, reads them, hands out tickets and has a REST API by the same account', async () => {
    const world = await start();
    await using _ = world.vcenter;
    const session = await world.login();
    expect(world.asked).toEqual(['vc01']);
    const { hosts, unreadable } = await session.list({ managementAddress: false, kinds: ['vcenter'] }, o);
    expect([hosts.map(({ name }) => name), unreadable]).toEqual([demoHosts(3).map(({ name }) => name), []]);
    // Only a host without a vCenter has the address of the target.
    expect(hosts.every((host) => !('ownAddress' in host))).toBe(true);
    const listing = await session.list({ managementAddress: false, kinds: ['vcenter'] }, o);
    expect(listing.others.get('vcenter')?.items.map(({ name }) => name)).toEqual(['vc01']);
    const read: unknown[] = [];
    const query = { type: 'HostSystem', morefs: ['host-1'], paths: ['name'] };
    for await (const { moref, properties } of session.retrieve(query, o))
      read.push([moref.value, properties.get('name')]);
    expect(read).toEqual([['host-1', 'esx1.example.org']]);
    expect(session.rest?.account).toEqual({ username, version: 'v1' });
    let asks = 0;
    const rest = await session.rest?.logIn({
      ...o,
      beforePassword: async () => {
        asks += 1;
      },
    });
    expect([asks, world.vcenter.rest().sessions]).toEqual([1, 1]);
    await rest?.close({ ms: 1_000 });
    expect(world.vcenter.rest().sessions).toBe(0);
    const clone = await world.sessions.clone(world.target, await session.acquireCloneTicket(o), o);
    const counted: unknown[] = [];
    for await (const { moref } of clone.retrieve(query, o)) counted.push(moref.value);
    expect(counted).toEqual(['host-1']);
    expect(await clone.counters(o)).toBe(await clone.counters(o));
    expect(world.vcenter.sessions()).toBe(2);
    await clone.close({ ms: 1_000 });
    const { calls, bytes, failedLogouts } = clone.measurements();
    expect([calls > 2, bytes > 100, failedLogouts]).toEqual([true, true, 0]);
    await session.close({ ms: 1_000 });
    expect(world.vcenter.sessions()).toBe(0);
  });

  it('gives its place among the clones back where the ticket is refused', async () => {
    const world = await start();
    await using _ = world.vcenter;
    for (let tries = 0; tries < 9; tries += 1)
      await expect(world.sessions.clone(world.target, 'no ticket', o)).rejects.toThrow();
    const session = await world.login();
    const clone = await world.sessions.clone(world.target, await session.acquireCloneTicket(o), o);
    await clone.close({ ms: 1_000 });
    await session.close({ ms: 1_000 });
    expect(world.vcenter.sessions()).toBe(0);
  });
});

describe('sessions that earlier runs left', () => {
  it('are counted, and ended where the target says so', async () => {
    const world = await start({ sessionAdmins: [username] });
    await using _ = world.vcenter;
    const left = await leaveBehind(world);
    const session = await world.login();
    expect(await session.leftover({ end: false }, o)).toBe(1);
    expect(world.vcenter.sessions()).toBe(2);
    expect(await session.leftover({ end: true }, o)).toBe(1);
    expect(world.vcenter.sessions()).toBe(1);
    expect(await session.leftover({ end: true }, o)).toBe(0);
    expect(world.lines.filter((line) => line.includes('left by an earlier run'))).toEqual([
      expect.stringMatching(
        /^info {2}session left by an earlier run was ended target="vc01" userAgent="vsweep/,
      ),
    ]);
    await session.close({ ms: 1_000 });
    await left.close({ ms: 100 });
  });

  it('are unknown where the account may not see them, and nothing is ended', async () => {
    const world = await start();
    await using _ = world.vcenter;
    const session = await world.login();
    expect(await session.leftover({ end: true }, o)).toBeUndefined();
    expect(world.lines.filter((line) => line.includes('sessions'))).toEqual([
      'debug the account may not see sessions target="vc01"',
    ]);
    await session.close({ ms: 1_000 });
  });

  it('are unknown where they cannot be listed, and known where they cannot be ended; the log says why', async () => {
    const world = await start({ sessionAdmins: [username] });
    await using _ = world.vcenter;
    const left = await leaveBehind(world);
    const session = await world.login();
    world.vcenter.misbehave({
      kind: 'soap-fault',
      fault: 'NoPermission',
      operation: 'TerminateSession',
    });
    expect(await session.leftover({ end: true }, o)).toBe(1);
    expect(world.lines.filter((line) => line.startsWith('warn'))).toEqual([
      expect.stringMatching(/^warn {2}leftover sessions could not be listed or ended target="vc01" error="/),
    ]);
    world.vcenter.misbehave(undefined);
    const stopped = { signal: AbortSignal.abort(new Error('stopped')) };
    expect(await session.leftover({ end: true }, stopped)).toBeUndefined();
    await session.close({ ms: 1_000 });
    await left.close({ ms: 100 });
  });
});
