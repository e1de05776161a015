import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RECORD_MS } from '../../../lib/logins/trial/keep-record.ts';
import { answerPoll, answerPolls } from '../../support/answer-poll.ts';
import { demoHost, demoHosts, eventually, testSignal } from '../vsphere/demo-target.ts';
import { openSharedState, type SharedState } from './demo-poll.ts';

const signal = testSignal();
const ABOUT = { method: 'about', hostname: 'vc01' };
const DISCOVER = { method: 'host.discover', hostname: 'vc01' };

let shared: SharedState;
beforeAll(async () => {
  shared = await openSharedState();
});
afterAll(() => shared?.[Symbol.asyncDispose]());

describe('about', () => {
  it('says who answers, and leaves no session', async () => {
    await using demo = await shared.start({ hosts: [] });
    expect(await answerPoll({ ...ABOUT, properties: null }, demo.deps, { signal })).toEqual({
      success: 0,
      msg: 'Successfully retrieved properties',
      result: [{ fullName: 'VMware vCenter Server 8.0.3 (vsweep demo)' }],
    });
    const properties = ['apiVersion', 'vendor', 'localeBuild', 'nothing'];
    expect(await answerPoll({ ...ABOUT, properties }, demo.deps, { signal })).toMatchObject({
      result: [{ apiVersion: '8.0.3.0', vendor: 'VMware, Inc.', localeBuild: null, nothing: '(null)' }],
    });
    expect(demo.vcenter.sessions()).toBe(0);
    expect(demo.vcenter.stats).toMatchObject({ logins: 2, logouts: 2 });
  });
});

describe('host.discover', () => {
  it('lists every host of every page with its name and what was asked for', async () => {
    const hosts = demoHosts(250);
    await using demo = await shared.start({ hosts });
    const request = { ...DISCOVER, properties: ['overallStatus', 'runtime.inMaintenanceMode'] };
    expect(await answerPoll(request, demo.deps, { signal })).toEqual({
      success: 0,
      msg: 'Successfully discovered objects',
      result: hosts.map(({ name }) => ({
        name,
        overallStatus: 'green',
        'runtime.inMaintenanceMode': false,
      })),
    });
    expect(demo.vcenter.stats.calls).toMatchObject({ RetrievePropertiesEx: 1, DestroyView: 1, Logout: 1 });
    expect(demo.vcenter.sessions()).toBe(0);
  });

  it('gives names alone when nothing was asked for, written as vCenter writes them', async () => {
    await using demo = await shared.start({ hosts: [demoHost(1, { name: 'rack/7%' })] });
    expect(await answerPoll(DISCOVER, demo.deps, { signal })).toMatchObject({
      result: [{ name: 'rack%2f7%25' }],
    });
  });

  it('gives references and data objects as JSON', async () => {
    await using demo = await shared.start({ hosts: [demoHost(1)] });
    const request = { ...DISCOVER, properties: ['parent', 'config.service.service'] };
    expect(await answerPoll(request, demo.deps, { signal })).toMatchObject({
      result: [
        {
          parent: expect.stringMatching(/^'vim\.ClusterComputeResource:domain-c\d+'$/),
          'config.service.service': [{ key: 'TSM-SSH' }, { key: 'ntpd' }],
        },
      ],
    });
  });

  it('leaves out what is unset or may not be read', async () => {
    const hosts = [demoHost(1, { configUnset: true }), demoHost(2, { unreadable: ['config', 'name'] })];
    await using demo = await shared.start({ hosts });
    const request = { ...DISCOVER, properties: ['config.lockdownMode', 'overallStatus'] };
    expect(await answerPoll(request, demo.deps, { signal })).toMatchObject({
      success: 0,
      result: [{ name: 'esx1.example.org', overallStatus: 'green' }, { overallStatus: 'green' }],
    });
  });

  it('says what vCenter refused, when it lacks a property of the newest one', async () => {
    await using demo = await shared.start({ hosts: demoHosts(2) });
    const request = { ...DISCOVER, properties: ['runtime.podVMInfo'] };
    expect(await answerPoll(request, demo.deps, { signal })).toEqual({
      success: 1,
      msg: expect.stringMatching(/^Cannot collect properties: .*InvalidProperty/),
    });
    expect(demo.vcenter.stats.calls).toMatchObject({ DestroyView: 1 });
    expect(demo.vcenter.sessions()).toBe(0);
  });
});

describe('a request that asks for nothing there is', () => {
  it.each([
    ['runtime.powerstate', 'HostSystem has no runtime.powerstate; did you mean runtime.powerState?'],
    ['null', 'HostSystem has no null (as of vSphere'],
    ['half\ud800', '"half\\ud800" is not a property path'],
  ])('is told that %j is no property, and nobody logs in', async (property, why) => {
    await using demo = await shared.start({ hosts: demoHosts(2) });
    const request = { ...DISCOVER, properties: ['name', property] };
    expect(await answerPoll(request, demo.deps, { signal })).toEqual({
      success: 1,
      msg: expect.stringContaining(`Cannot collect properties: ${why}`),
    });
    expect(demo.vcenter.stats).toMatchObject({ logins: 0 });
  });

  it('is answered without asking the target', async () => {
    await using demo = await shared.start({ hosts: [] });
    const messages = [{ ...ABOUT, hostname: 'vc99' }, { hostname: 'vc01' }, 'about'];
    expect(await answerPolls(messages, demo.deps, { signal })).toEqual([
      { success: 1, msg: 'Unknown or missing agent name' },
      { success: 1, msg: 'Unknown or missing task/method name' },
      { success: 1, msg: "Expected a JSON message, received <class 'str'>" },
    ]);
    expect(demo.vcenter.stats.calls).not.toHaveProperty('Login');
  });
});

describe('many requests', () => {
  it('are answered in their order with one login a target', async () => {
    await using demo = await shared.start({ hosts: demoHosts(2) });
    const messages = [...Array.from({ length: 20 }, () => DISCOVER), { method: '?' }, ABOUT];
    const replies = await answerPolls(messages, demo.deps, { signal });
    expect(replies.map(({ success }) => success)).toEqual([...Array.from({ length: 20 }, () => 0), 1, 0]);
    expect(replies.at(-1)).toMatchObject({ msg: 'Successfully retrieved properties' });
    expect(demo.vcenter.stats).toMatchObject({ logins: 1, logouts: 1 });
    expect(await answerPolls([], demo.deps, { signal })).toEqual([]);
  });
});

describe('a login that is refused', () => {
  it('is recorded once, however many asked, and after the second one not tried again', async () => {
    await using demo = await shared.start({ hosts: [], password: 'wrong-and-secret' });
    const both = await answerPolls([ABOUT, DISCOVER], demo.deps, { signal });
    const refused = expect.stringContaining('vc01 refused the login of sweeper-');
    expect(both).toEqual([
      { success: 1, msg: refused },
      { success: 1, msg: refused },
    ]);
    expect(await shared.accounts.read(demo.user, '127.0.0.1', { signal })).toMatchObject({ refusals: 1 });
    // A vCenter forgets, so it may refuse twice in 15 minutes.
    expect(await answerPoll(ABOUT, demo.deps, { signal })).toEqual({ success: 1, msg: refused });
    expect(await answerPoll(ABOUT, demo.deps, { signal })).toEqual({
      success: 1,
      msg: expect.stringMatching(
        /^Account sweeper-\d+ on 127\.0\.0\.1 was refused; no further login is tried until/,
      ),
    });
    expect(demo.vcenter.stats.refusedLogins).toBe(2);
    expect(JSON.stringify([both, demo.log])).not.toContain('secret');
  });

  it('is not even sent when the table cannot be read', async () => {
    await using demo = await shared.start({ hosts: [] });
    const accounts = { ...demo.deps.accounts, read: () => Promise.reject(new Error('no table')) };
    expect(await answerPoll(ABOUT, { ...demo.deps, accounts }, { signal })).toEqual({
      success: 1,
      msg: 'Task about failed',
      traceback: 'no table',
    });
    expect(demo.vcenter.stats.calls).not.toHaveProperty('Login');
  });
});

describe('a poll that is aborted', () => {
  it('ends at once with the reason and logs out', async () => {
    await using demo = await shared.start({ hosts: demoHosts(1) });
    demo.vcenter.misbehave({ kind: 'hang', operation: 'RetrievePropertiesEx' });
    const work = new AbortController();
    const reply = answerPoll(DISCOVER, demo.deps, { signal: work.signal });
    await eventually(() => demo.vcenter.stats.calls.RetrievePropertiesEx === 1);
    work.abort(new Error('enough'));
    expect(await reply).toEqual({ success: 1, msg: 'Task host.discover failed', traceback: 'enough' });
    expect(demo.vcenter.sessions()).toBe(0);
  });

  it('does not wait longer than its margin for a vCenter that hangs on logout', async () => {
    await using demo = await shared.start({ hosts: [] });
    demo.vcenter.misbehave({ kind: 'hang', operation: 'Logout' });
    const startedAt = performance.now();
    expect(await answerPoll(ABOUT, demo.deps, { signal })).toMatchObject({ success: 0 });
    expect(performance.now() - startedAt).toBeLessThan(20_000);
    expect(demo.log).toContainEqual(
      expect.stringContaining('session not closed; it ends by its idle timeout target="vc01"'),
    );
  });
});

describe('a poll whose end is near', () => {
  it('starts no login that could not be put on record before it', async () => {
    await using demo = await shared.start({ hosts: [] });
    const near = { signal, remainingMs: () => RECORD_MS };
    expect(await answerPoll(ABOUT, demo.deps, near)).toMatchObject({
      success: 1,
      msg: expect.stringContaining('out of time'),
    });
    expect(demo.vcenter.stats.logins).toBe(0);
    const far = { signal, remainingMs: () => 60_000 };
    expect(await answerPoll(ABOUT, demo.deps, far)).toMatchObject({ success: 0 });
  });
});
