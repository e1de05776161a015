import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDemoEstate } from '../../../lib/demo/demo-estate.ts';
import { createDemoFleet } from '../../../lib/demo/fleet.ts';
import { POLL_METHODS } from '../../../lib/poll/registry.ts';
import type { PollReply } from '../../../lib/poll/reply.ts';
import { answerPoll } from '../../support/answer-poll.ts';
import { ANSWERS, hosts } from '../../support/poll-answers.ts';
import { testSignal } from '../vsphere/demo-target.ts';
import { type DemoPoll, openSharedState, type SharedState } from './demo-poll.ts';

let shared: SharedState;
let demo: DemoPoll;
beforeAll(async () => {
  shared = await openSharedState();
  demo = await shared.start({
    hosts: createDemoFleet().map(({ vcenter }) => vcenter),
    estate: createDemoEstate(),
    isSessionAdmin: true,
  });
});
afterAll(async () => {
  await demo?.[Symbol.asyncDispose]();
  await shared?.[Symbol.asyncDispose]();
});

function ask(method: string, more: Record<string, unknown> = {}): Promise<PollReply> {
  const message = { name: null, properties: null, username: null, password: null };
  return answerPoll({ ...message, method, hostname: 'vc01', ...more }, demo.deps, { signal: testSignal() });
}

describe('each method', () => {
  // Of each way in which a vCenter is asked one; test/unit/poll/methods.test.ts has all of them.
  it.each([
    'about',
    'vm.discover',
    'vm.get',
    'vm.disk.get',
    'vm.process.get',
    'host.perf.metric.get',
    'event.latest',
    'session.get',
  ])('%s answers over the network what it says', async (name) => {
    const { ask: more = {}, result } = ANSWERS[name] ?? {};
    expect(await ask(name, more)).toEqual({
      success: 0,
      msg: expect.stringMatching(/^Successfully /),
      result,
    });
  });

  it('that requires keys is refused without one of them, before anybody logs in', async () => {
    const { logins } = demo.vcenter.stats;
    for (const { name, requiredKeys } of POLL_METHODS) {
      const message = {
        method: name,
        hostname: 'vc01',
        ...Object.fromEntries(requiredKeys.map((key) => [key, ''])),
      };
      for (const key of requiredKeys) {
        const lacking = Object.fromEntries(Object.entries(message).filter(([one]) => one !== key));
        expect(await answerPoll(lacking, demo.deps, { signal: testSignal() })).toEqual({
          success: 1,
          msg: 'Invalid task request',
        });
      }
    }
    expect(demo.vcenter.stats.logins).toBe(logins);
  });
});

describe('a request that cannot be answered', () => {
  it('has the words of vPoller', async () => {
    expect(await ask('vm.disk.get', { name: 'web01', key: '/srv' })).toEqual({
      success: 1,
      msg: 'Unable to find guest disk /srv',
    });
  });
});

describe('a session that has ended', () => {
  it('is renewed, and the request answered', async () => {
    await using other = await shared.start({ hosts: createDemoFleet().map(({ vcenter }) => vcenter) });
    other.vcenter.misbehave({ kind: 'expire-sessions', operation: 'RetrievePropertiesEx' });
    const message = { method: 'host.discover', hostname: 'vc01' };
    const reply = await answerPoll(message, other.deps, { signal: testSignal() });
    expect(reply).toMatchObject({ success: 0, result: hosts });
    expect(other.vcenter.stats.logins).toBe(2);
  });
});

describe('the password of a guest', () => {
  it('stands in no reply and in no log', async () => {
    const more = { name: 'web01', username: 'monitor', password: 'marked-guest-secret' };
    const reply = await ask('vm.process.get', more);
    expect(reply).toEqual({
      success: 1,
      msg: expect.stringMatching(/^Cannot get guest processes: .*InvalidGuestLogin/),
    });
    expect(demo.log).toContainEqual(expect.stringContaining('InvalidGuestLogin'));
    expect(JSON.stringify([reply, demo.log])).not.toContain('marked-guest-secret');
  });
});

describe('logins to a guest that were refused', () => {
  const guest = { method: 'vm.process.get', hostname: 'vc01', username: 'monitor' };
  const asked = (of: DemoPoll) => of.vcenter.stats.calls['ListProcessesInGuest'] ?? 0;
  const start = () =>
    shared.start({ hosts: createDemoFleet().map(({ vcenter }) => vcenter), estate: createDemoEstate() });
  const poll = (of: DemoPoll, more: Record<string, unknown>) =>
    answerPoll({ ...guest, ...more }, of.deps, { signal: testSignal() });

  it('are two in 15 minutes per guest and account: then nobody asks the guest, with whatever password', async () => {
    await using other = await start();
    for (const password of ['wrong-1', 'wrong-2'])
      expect(await poll(other, { name: 'web02', password })).toMatchObject({
        msg: expect.stringContaining('InvalidGuestLogin'),
      });
    expect(asked(other)).toBe(2);
    for (const password of ['wrong-3', 'demo-guest'])
      expect(await poll(other, { name: 'web02', password })).toEqual({
        success: 1,
        msg: expect.stringMatching(
          /^Cannot get guest processes: Account monitor on guest:vc01\/vm-\d+ was refused; no further login is tried until .*blacklist lift/,
        ),
      });
    expect(asked(other)).toBe(2);
    expect(await poll(other, { name: 'web01', password: 'demo-guest' })).toMatchObject({ success: 0 });
  });

  it('hold in the next process, too, and hold no login to the vCenter back', async () => {
    {
      await using first = await start();
      for (const password of ['wrong-1', 'wrong-2']) await poll(first, { name: 'db01', password });
      expect(asked(first)).toBe(2);
    }
    await using next = await start();
    expect(await poll(next, { name: 'db01', password: 'demo-guest' })).toMatchObject({
      msg: expect.stringContaining('no further login is tried until'),
    });
    expect(asked(next)).toBe(0);
    expect(await poll(next, { method: 'about' })).toMatchObject({ success: 0 });
  });

  it('count over all guests for an account of a directory', async () => {
    await using other = await start();
    const username = 'monitor@corp.example';
    for (const name of ['web01', 'web02']) await poll(other, { name, username, password: 'wrong' });
    expect(await poll(other, { name: 'db01', username, password: 'wrong' })).toMatchObject({
      msg: expect.stringContaining('Account monitor on guest:* was refused'),
    });
    expect(asked(other)).toBe(2);
  });

  it('are forgotten once one is accepted', async () => {
    await using other = await start();
    for (const password of ['wrong', 'demo-guest', 'wrong', 'demo-guest'])
      await poll(other, { name: 'web01', username: 'monitor', password });
    expect(asked(other)).toBe(4);
  });

  it('are not counted where the vCenter could not ask the guest', async () => {
    await using other = await start();
    other.vcenter.misbehave({ kind: 'soap-fault', fault: 'SystemError', operation: 'ListProcessesInGuest' });
    for (const password of ['a', 'b', 'c'])
      await poll(other, { name: 'web01', username: 'backup', password });
    expect(asked(other)).toBe(3);
  });
});

describe('the performance counters', () => {
  it('are read once a session', async () => {
    const before = demo.vcenter.stats.calls['RetrievePropertiesEx'] ?? 0;
    expect(await ask('perf.metric.info')).toMatchObject({ success: 0 });
    expect(demo.vcenter.stats.calls['RetrievePropertiesEx']).toBe(before + 1);
  });
});
