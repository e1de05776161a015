import { describe, expect, it } from 'vitest';
import { isNotAuthenticated, VsphereLoginRefusedError } from '../../../lib/vsphere/errors.ts';
import { cloneSession, login } from '../../../lib/vsphere/session/session.ts';
import { CONTRACT_DEPS, contractSignal, logInTo, type PeerOf } from './contract-peer.ts';

export function describeSession(peerOf: PeerOf): void {
  describe('session', () => {
    const signal = contractSignal();

    it('opens with a login and is gone after the logout', async () => {
      const session = await logInTo(peerOf());
      expect(session.about.apiType).toBe('VirtualCenter');
      expect(await peerOf().openSessions()).toBe(1);
      await session.logout({ signal });
      expect(await peerOf().openSessions()).toBe(0);
    });

    it('is refused to a wrong password, and none is left', async () => {
      const { endpoint, proof } = peerOf();
      const wrong = { ...proof, password: `${proof.password}-not` };
      const attempt = login(endpoint, wrong, CONTRACT_DEPS, { signal });
      await expect(attempt).rejects.toBeInstanceOf(VsphereLoginRefusedError);
      await expect(attempt).rejects.toMatchObject({ fault: 'InvalidLogin', credentialSent: true });
      expect(await peerOf().openSessions()).toBe(0);
    });

    it('is cloned once by a ticket, and each of the two logs out for itself', async () => {
      const { endpoint, openSessions } = peerOf();
      await using session = await logInTo(peerOf());
      const ticket = await session.acquireCloneTicket({ signal });
      const clone = await cloneSession(endpoint, ticket, CONTRACT_DEPS, { signal });
      expect(await openSessions()).toBe(2);
      const again = cloneSession(endpoint, ticket, CONTRACT_DEPS, { signal });
      await expect(again).rejects.toMatchObject({ code: 'fault', fault: 'InvalidLogin' });
      await session.logout({ signal });
      expect((await clone.acquireCloneTicket({ signal })).length).toBeGreaterThan(0);
      await clone.logout({ signal });
    });

    it('is told to be over after its logout', async () => {
      const session = await logInTo(peerOf());
      await session.logout({ signal });
      await expect(session.acquireCloneTicket({ signal })).rejects.toSatisfy(isNotAuthenticated);
    });
  });
}
