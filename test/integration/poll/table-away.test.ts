import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { answerPoll } from '../../support/answer-poll.ts';
import { testSignal } from '../vsphere/demo-target.ts';
import { openSharedState, type SharedState } from './demo-poll.ts';

const signal = testSignal();
const ABOUT = { method: 'about', hostname: 'vc01' };
const away = () => Promise.reject(new Error('the table is away'));

let shared: SharedState;
beforeAll(async () => {
  shared = await openSharedState();
});
afterEach(() => {
  shared.table.answer = undefined;
});
afterAll(() => shared?.[Symbol.asyncDispose]());

describe('a poll whose state table is away', () => {
  it('goes on where this process saw the account accepted, costs one refusal, and pays it when the table is back', async () => {
    await using demo = await shared.start({ hosts: [] });
    const poll = () => answerPoll(ABOUT, demo.deps, { signal });
    const logins = () => demo.vcenter.stats.calls.Login;
    expect(await poll()).toMatchObject({ success: 0 });

    shared.table.answer = away;
    expect([(await poll()).success, (await poll()).success, logins()]).toEqual([0, 0, 3]);

    demo.vcenter.misbehave({ kind: 'soap-fault', operation: 'Login', fault: 'InvalidLogin' });
    const seen: unknown[] = [];
    for (let again = 0; again < 3; again += 1) seen.push([(await poll()).success, logins()]);
    expect(seen).toEqual([1, 1, 1].map((success) => [success, 4]));
    expect((await poll()).msg).toContain('the table is away');

    shared.table.answer = undefined;
    const known = () => shared.accounts.read(demo.user, '127.0.0.1', { signal });
    expect(await known()).toMatchObject({ refusals: 0 });
    expect([(await poll()).success, logins()]).toEqual([1, 5]);
    // The one of the time without a table, and the one of now.
    expect(await known()).toMatchObject({ refusals: 2 });
    expect((await poll()).msg).toContain('no further login is tried until');
    expect(logins()).toBe(5);
  });

  it('logs in nowhere when this process saw nothing of the account', async () => {
    await using demo = await shared.start({ hosts: [] });
    shared.table.answer = away;
    expect(await answerPoll(ABOUT, demo.deps, { signal })).toMatchObject({
      success: 1,
      msg: expect.stringContaining('the table is away'),
    });
    expect(demo.vcenter.stats.calls.Login).toBeUndefined();
  });
});
