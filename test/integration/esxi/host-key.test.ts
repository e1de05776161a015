import { describe, expect, it, vi } from 'vitest';
import { ADDRESS, ask, failureOf, startHost } from './demo-fleet.ts';

const quick = { timeouts: { connectMs: 300, loginMs: 300, commandMs: 300 } };

describe('runCommand, checking the host key', () => {
  it('shows the same key each time, and another one after a new installation', async () => {
    await using demo = await startHost('normal');
    const blobs: string[] = [];
    const verifyHostKey = async ({ type, blob }: { type: string; blob: string }) => {
      expect(type).toBe('ecdsa-sha2-nistp256');
      blobs.push(blob);
      return true;
    };
    await ask(demo, {}, { verifyHostKey });
    await ask(demo, { pinnedKeyType: 'ecdsa-sha2-nistp256' }, { verifyHostKey });
    demo.rekey(ADDRESS);
    await ask(demo, {}, { verifyHostKey });
    expect(blobs[1]).toBe(blobs[0]);
    expect(blobs[2]).not.toBe(blobs[0]);
  });

  it('sends nothing about the account to a host whose key differs', async () => {
    await using demo = await startHost('normal');
    const error = await failureOf(ask(demo, {}, { verifyHostKey: async () => false }));
    expect(error).toMatchObject({ code: 'hostkey', credentialSent: false, retryable: false });
    expect(error.message).toMatch(/SHA256:/);
    expect(demo.authRequests(ADDRESS)).toEqual([]);
  });

  it('sends nothing when the key cannot be looked up', async () => {
    await using demo = await startHost('normal');
    const broken = new Error('the table does not answer');
    const error = await failureOf(ask(demo, {}, { verifyHostKey: () => Promise.reject(broken) }));
    expect(error).toMatchObject({ code: 'state', credentialSent: false, cause: broken });
    expect(demo.authRequests(ADDRESS)).toEqual([]);
  });

  it('sends nothing when the look-up takes longer than the login may', async () => {
    await using demo = await startHost('normal');
    const never = () => new Promise<boolean>(() => undefined);
    const error = await failureOf(ask(demo, quick, { verifyHostKey: never }));
    expect(error).toMatchObject({ code: 'state', credentialSent: false });
    expect(demo.authRequests(ADDRESS)).toEqual([]);
  });

  it('sends nothing when the answer comes after the time was over', async () => {
    await using demo = await startHost('normal');
    const late = Promise.withResolvers<boolean>();
    await failureOf(ask(demo, quick, { verifyHostKey: () => late.promise }));
    late.resolve(true);
    await vi.waitFor(() => expect(demo.connections()).toBe(0));
    expect(demo.authRequests(ADDRESS)).toEqual([]);
  });
});
