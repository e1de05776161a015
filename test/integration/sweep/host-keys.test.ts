import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { printKnownHost } from '../../../lib/config/known-hosts/known-hosts.ts';
import { readPresentedKey } from '../../../lib/esxi/read-presented-key.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import type { RunSummary } from '../../../lib/sweep/result/summary.ts';
import { outcomesOf, type SmallFleet, startSmallFleet } from './small-fleet.ts';

const running = { signal: new AbortController().signal };
const REFUSE = '{ unknown: refuse, file: known_hosts }';

const keyOf = (fleet: SmallFleet, number: number) =>
  readPresentedKey(
    {
      target: { host: fleet.addressOf(number), port: fleet.esxi.port },
      timeouts: { connectMs: 2_000, loginMs: 5_000 },
    },
    { clock: systemClock },
    running,
  );

const lineOf = async (fleet: SmallFleet, number: number, shownBy = number) =>
  printKnownHost({ address: fleet.addressOf(number), port: fleet.esxi.port }, await keyOf(fleet, shownBy));

const writeKnownHosts = (fleet: SmallFleet, lines: readonly string[]) =>
  writeFile(join(fleet.folder, 'known_hosts'), `${lines.join('\n')}\n`);

const detailsOf = ({ targets }: RunSummary, name: string) =>
  targets
    .flatMap(({ hosts }) => hosts.filter((host) => host.name === name))
    .flatMap(({ details }) => details);

const connections = (fleet: SmallFleet, number: number) => fleet.esxi.connectionsTo(fleet.addressOf(number));

describe('esxi.hostKeys', () => {
  it('refuse: no connection at all is made to a host whose key was never accepted', async () => {
    await using fleet = await startSmallFleet({ hosts: [{}, {}] });
    await writeKnownHosts(fleet, [await lineOf(fleet, 1)]);
    await fleet.configure({ hostKeys: REFUSE });
    const before = connections(fleet, 2);
    const run = await fleet.sweep();
    expect(outcomesOf(run)).toEqual(['esx1: ok ok', 'esx2: ok skipped(hostkey-unknown)']);
    expect(connections(fleet, 2)).toBe(before);
    expect(run.exitCode).toBe(3);
    expect(run.targets[0]?.hostKeysPinned).toBe(0);
    const at = `${fleet.addressOf(2)}:${fleet.esxi.port}`;
    expect(detailsOf(run, 'esx2')).toEqual([expect.stringContaining(`vsweep hostkey accept vc1 ${at}`)]);
  });

  it('refuse: with no key accepted yet nobody is asked, and the credential is as untried as before', async () => {
    await using fleet = await startSmallFleet({ hosts: [{}, {}, {}], hostKeys: '{ unknown: refuse }' });
    const run = await fleet.sweep();
    expect(run.targets[0]?.paths.ssh?.reasons).toEqual({ 'skipped(hostkey-unknown)': 3 });
    expect([1, 2, 3].map((number) => connections(fleet, number))).toEqual([0, 0, 0]);
    await using container = await fleet.open();
    const id = `file:${join(fleet.folder, 'esxi.yaml')}`;
    const { state } = await container.state.credentialStates.read(id, running);
    expect(state).toEqual({ id });
  });

  it('what was pinned under trust-first is known under refuse', async () => {
    await using fleet = await startSmallFleet({ hosts: [{}] });
    expect((await fleet.sweep()).targets[0]?.hostKeysPinned).toBe(1);
    await fleet.configure({ hostKeys: '{ unknown: refuse }' });
    const run = await fleet.sweep();
    expect(outcomesOf(run)).toEqual(['esx1: ok ok']);
    expect(run.targets[0]?.hostKeysPinned).toBe(0);
  });

  it('a pin that no push told is counted by the next run, once; a key that was accepted is none', async () => {
    // Nobody listens at port 1.
    await using fleet = await startSmallFleet({ hosts: [{}, {}], pushUrl: 'http://127.0.0.1:1' });
    const pinned = async () => {
      const { targets } = await fleet.sweep();
      return targets.flatMap(({ deliveries, hostKeysPinned }) => [
        deliveries[0]?.outcome ?? 'no sink',
        hostKeysPinned,
      ]);
    };
    expect(await pinned()).toEqual(['failed', 2]);
    expect(await pinned()).toEqual(['failed', 2]);
    await fleet.configure({ pushUrl: undefined });
    expect(await pinned()).toEqual(['no sink', 2]);
    expect(await pinned()).toEqual(['no sink', 0]);
    await fleet.configure({ pushUrl: 'http://127.0.0.1:1' });
    expect(await pinned()).toEqual(['failed', 0]);
    await using container = await fleet.open();
    const at = `${fleet.addressOf(1)}:${fleet.esxi.port}`;
    const seen = await container.state.hostKeys.read(at, running);
    if (seen === undefined) throw new Error('no key is pinned');
    const { type, blob } = seen;
    const change = { key: { type, blob }, target: 'vc1', seen };
    expect(await container.state.hostKeys.replace(at, change, running)).toBe(true);
    expect(await pinned()).toEqual(['failed', 0]);
  });

  it("trust-first ends with the day of 'until'", async () => {
    await using fleet = await startSmallFleet({ hosts: [{}] });
    await fleet.configure({ hostKeys: '{ unknown: trust-first, until: 2020-01-01 }' });
    expect(outcomesOf(await fleet.sweep())).toEqual(['esx1: ok skipped(hostkey-unknown)']);
    await fleet.configure({ hostKeys: '{ unknown: trust-first, until: 2999-01-01 }' });
    expect(outcomesOf(await fleet.sweep())).toEqual(['esx1: ok ok']);
  });

  it('a revoked key gets no password, pinned or not', async () => {
    await using fleet = await startSmallFleet({ hosts: [{}, {}] });
    await fleet.sweep();
    await fleet.esxi.rekey(fleet.addressOf(2));
    const seen = [1, 2].map((number) => fleet.esxi.authRequests(fleet.addressOf(number)).length);
    await using container = await fleet.open();
    const second = `${fleet.addressOf(2)}:${fleet.esxi.port}`;
    await container.state.hostKeys.forget({ endpoint: second }, running);
    await container[Symbol.asyncDispose]();
    const revoke = async (number: number) => `@revoked ${(await lineOf(fleet, number)).replace(/^\S+/, '*')}`;
    await writeKnownHosts(fleet, [await revoke(1), await revoke(2)]);
    await fleet.configure({ hostKeys: '{ unknown: trust-first, file: known_hosts }' });
    const run = await fleet.sweep();
    expect(outcomesOf(run)).toEqual(['esx1: ok skipped(hostkey-unknown)', 'esx2: ok failed(hostkey)']);
    expect(detailsOf(run, 'esx2')[0]).toMatch(/is revoked in esxi\.hostKeys\.file; no password was sent/);
    expect([1, 2].map((number) => fleet.esxi.authRequests(fleet.addressOf(number)).length)).toEqual(seen);
  });

  it('the file wins over what is pinned, and a host that shows another key than it names gets nothing', async () => {
    await using fleet = await startSmallFleet({ hosts: [{}, {}] });
    await fleet.sweep();
    await fleet.esxi.rekey(fleet.addressOf(1));
    await writeKnownHosts(fleet, [await lineOf(fleet, 1), await lineOf(fleet, 2, 1)]);
    await fleet.configure({ hostKeys: REFUSE });
    const run = await fleet.sweep();
    expect(outcomesOf(run)).toEqual(['esx1: ok ok', 'esx2: ok failed(hostkey)']);
    expect(detailsOf(run, 'esx2')[0]).toMatch(/is none of those in esxi\.hostKeys\.file/);
  });

  it('a host that moves to another target keeps its key: no first contact, and no other key is taken', async () => {
    await using fleet = await startSmallFleet({
      hosts: [{}, {}],
      targets: { vc1: [1], vc2: [2] },
    });
    await fleet.warmUp();
    const at = (number: number) => `${fleet.addressOf(number)}:${fleet.esxi.port}`;
    await fleet.configure({ dialled: { esx1: at(2), esx2: at(1) }, hostKeys: '{ unknown: refuse }' });
    const moved = await fleet.sweep();
    expect(moved.targets.map(({ paths, hostKeysPinned }) => [paths.ssh?.ok, hostKeysPinned])).toEqual([
      [1, 0],
      [1, 0],
    ]);
    fleet.esxi.rekey(fleet.addressOf(1));
    await fleet.configure({ hostKeys: '{ unknown: trust-first }' });
    expect(outcomesOf(await fleet.sweep(), 'vc2')).toEqual(['esx2: ok failed(hostkey)']);
  });
});
