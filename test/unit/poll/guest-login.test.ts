import { describe, expect, it } from 'vitest';
import { createLoginQueue } from '../../../lib/logins/trial/guarded-login.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { guestLogin } from '../../../lib/poll/guest-login.ts';
import { createAccountStore } from '../../../lib/state/stores/accounts.ts';
import { VsphereConnectionError, VsphereFaultError } from '../../../lib/vsphere/errors.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createMemoryTable } from '../../support/world/memory-table.ts';

/** A guest that is polled with a password; the login ends as is told. */
function startGuest(end: () => Promise<string>) {
  const clock = createManualClock(Date.UTC(2026, 0, 1));
  const { now } = clock;
  const deps = {
    clock,
    log: silentLog,
    accounts: createAccountStore({ table: createMemoryTable(), now }),
    blacklistMinutes: 20,
    logins: createLoginQueue(),
    randomId: () => crypto.randomUUID(),
  };
  const sent: string[] = [];
  const poll = async (password: string) => {
    const of = { target: 'vc1', moref: 'vm-1', account: { username: 'root', password } };
    const work = async () => {
      sent.push(password);
      return await end();
    };
    await guestLogin(of, work, deps, new AbortController()).catch(() => undefined);
  };
  return { clock, sent, poll };
}

/** How often the password leaves while a guest is polled five times, each time with this end. */
async function sentBy(end: () => Promise<string>): Promise<number> {
  const { sent, poll } = startGuest(end);
  for (let polls = 0; polls < 5; polls += 1) await poll('p');
  return sent.length;
}

const failing = (error: Error) => () => Promise.reject(error);
const lost = (code: VsphereConnectionError['code']) => failing(new VsphereConnectionError('cut', { code }));
const fault = (name: string) => failing(new VsphereFaultError('https://vc1', { fault: name, text: '' }));

describe('a login to a guest', () => {
  it('that the guest refuses is made twice at most: its account could be locked', async () => {
    expect(await sentBy(fault('InvalidGuestLogin'))).toBe(2);
  });

  it.each([
    ['the password that was refused twice is held back for longer', 'old', 2],
    ['a new password is tried', 'new', 3],
  ])('after 15 minutes: %s', async (_what, next, times) => {
    const { clock, sent, poll } = startGuest(fault('InvalidGuestLogin'));
    for (const password of ['old', 'old']) await poll(password);
    clock.advance(16 * 60_000);
    await poll(next);
    expect(sent).toHaveLength(times);
  });

  it('that is held back is not counted: nothing was sent, and a new password has not to wait for it', async () => {
    const { clock, sent, poll } = startGuest(fault('InvalidGuestLogin'));
    for (const password of ['old', 'old']) await poll(password);
    for (let minutes = 0; minutes < 14; minutes += 1) {
      clock.advance(60_000);
      await poll('old');
    }
    clock.advance(6 * 60_000);
    await poll('new');
    expect(sent).toEqual(['old', 'old', 'new']);
  });

  it('that is cut off after its password left, or waited for in vain, counts as a refusal', async () => {
    expect(await sentBy(lost('timeout'))).toBe(2);
    expect(await sentBy(lost('cut-off'))).toBe(2);
  });

  it('that did not leave, or that another fault answers, counts as none', async () => {
    expect(await sentBy(lost('connection-refused'))).toBe(5);
    expect(await sentBy(fault('TaskInProgress'))).toBe(5);
  });

  it('that the guest takes is repeated for each poll', async () => {
    expect(await sentBy(async () => 'processes')).toBe(5);
  });
});
