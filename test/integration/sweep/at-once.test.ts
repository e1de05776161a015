import { describe, expect, it } from 'vitest';
import { createVsphereSessions } from '../../../lib/sweep/vsphere-sessions.ts';
import { pollUntil } from '../../support/peers/poll-until.ts';
import { DEPS, PROOF, startTarget, testSignal } from '../vsphere/demo-target.ts';
import { startSmallFleet } from './small-fleet.ts';

const signal = testSignal();
const until = (what: string, holds: () => boolean) =>
  pollUntil(what, () => holds() || undefined, { timeoutMs: 60_000, everyMs: 10 });

describe('the clones of one process on a vCenter', () => {
  it('are 8 at once: the next one waits until one is closed', async () => {
    await using vcenter = await startTarget();
    const target = { name: 'vc01', url: vcenter.url } as Parameters<
      ReturnType<typeof createVsphereSessions>['login']
    >[0];
    const sessions = createVsphereSessions({ ...DEPS, trustOf: () => ({ sha256: [vcenter.sha256] }) });
    const { username, password } = PROOF;
    const credential = { id: 'vc', version: 'v1', username, proof: { kind: 'password', password } } as const;
    const first = await sessions.login(target, credential, { signal });
    const clone = async () => sessions.clone(target, await first.acquireCloneTicket({ signal }), { signal });
    const open = await Promise.all(Array.from({ length: 8 }, clone));
    let isOpen = false;
    const ninth = clone().finally(() => {
      isOpen = true;
    });
    await until('the ninth has its ticket', () => vcenter.stats.calls['AcquireCloneTicket'] === 9);
    // A login that begins later, on a connection of its own, is answered: the ninth had the time to be opened.
    await (await sessions.login(target, credential, { signal })).close({ ms: 1_000 });
    expect([isOpen, vcenter.stats.clones]).toEqual([false, 8]);
    await open.pop()?.close({ ms: 1_000 });
    open.push(await ninth);
    for (const one of open) await one.close({ ms: 1_000 });
    await first.close({ ms: 1_000 });
    expect(vcenter.sessions()).toBe(0);
  });
});

describe('the batches of one process', () => {
  it('that read are 12 at once over all targets, which leaves four places for those that ask', async () => {
    const numbers = Array.from({ length: 20 }, (_, index) => index + 1);
    await using fleet = await startSmallFleet({
      hosts: numbers.map(() => ({})),
      targets: Object.fromEntries(numbers.map((number) => [`vc${number}`, [number]])),
      collectors: 'overall-status',
      every: '1m',
    });
    const vcenters = Object.values(fleet.vcenters);
    const called = (operation: string) =>
      vcenters.reduce((sum, { stats }) => sum + (stats.calls[operation] ?? 0), 0);
    for (const vcenter of vcenters) vcenter.misbehave({ kind: 'hang', operation: 'CloneSession' });
    const running = fleet.sweep({ sessionsLeft: 'any' });
    await until('all targets are listed', () => called('DestroyView') === 20);
    await until('12 batches are under way', () => called('CloneSession') >= 12);
    // A batch takes its ticket when its turn has come.
    expect([called('AcquireCloneTicket'), called('CloneSession')]).toEqual([12, 12]);
    for (const vcenter of vcenters) vcenter.misbehave({ kind: 'down' });
    await running;
  });
});
