import { describe, expect, it } from 'vitest';
import { listInventory } from '../../../lib/inventory/list-inventory.ts';
import { isNotAuthenticated, VsphereLoginRefusedError } from '../../../lib/vsphere/errors.ts';
import { retrieveObjects } from '../../../lib/vsphere/property/retrieval.ts';
import { endSessions } from '../../../lib/vsphere/session/leftover-sessions.ts';
import { cloneSession, login } from '../../../lib/vsphere/session/session.ts';
import { readSessionList } from '../../../lib/vsphere/session/session-list.ts';
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
      expect(await openSessions()).toBe(1);
      await clone.logout({ signal });
      expect(await openSessions()).toBe(0);
    });

    it('is told to be over after its logout', async () => {
      const session = await logInTo(peerOf());
      await session.logout({ signal });
      await expect(session.acquireCloneTicket({ signal })).rejects.toSatisfy(isNotAuthenticated);
    });

    it('is told to be over by whatever it reads, after its logout', async () => {
      const session = await logInTo(peerOf());
      const { type, value } = session.content.rootFolder;
      await session.logout({ signal });
      const folder = { type, morefs: [value], paths: ['name', 'overallStatus'] };
      await expect(retrieveObjects(session, folder, { signal }).next()).rejects.toSatisfy(isNotAuthenticated);
      const hosts = listInventory(session, { managementAddress: false }, { signal });
      await expect(hosts).rejects.toSatisfy(isNotAuthenticated);
      await expect(readSessionList(session, { signal })).rejects.toSatisfy(isNotAuthenticated);
    });

    it('is listed with its user and its User-Agent, and ended by another of the same user', async () => {
      const { endpoint, proof, openSessions } = peerOf();
      const endsAt = Date.UTC(2026, 0, 1);
      await using session = await logInTo(peerOf());
      const other = await login(endpoint, proof, CONTRACT_DEPS, { signal, endsAt });
      const list = await readSessionList(session, { signal });
      expect(list?.current).toMatchObject({ userAgent: 'vsweep/contract' });
      const [found, ...more] = list?.all.filter(({ key }) => key !== list.current.key) ?? [];
      expect(more).toEqual([]);
      expect(found).toEqual({
        key: expect.stringMatching(/./),
        userName: list?.current.userName,
        userAgent: 'vsweep/contract (until 2026-01-01T00:00:00Z)',
        lastActiveAt: Date.parse(found?.lastActiveTime ?? ''),
        lastActiveTime: expect.stringMatching(/^20\d\d-/),
        loginTime: expect.stringMatching(/^20\d\d-/),
        fullName: expect.any(String),
        ipAddress: '127.0.0.1',
        callCount: expect.any(Number),
      });
      const leftover = found === undefined ? [] : [found, found];
      expect(await endSessions(session, leftover, CONTRACT_DEPS, { signal })).toBe(2);
      expect(await openSessions()).toBe(1);
      await expect(other.acquireCloneTicket({ signal })).rejects.toSatisfy(isNotAuthenticated);
      await other.logout({ signal });
      expect(other.measurements().failedLogouts).toBe(0);
    });
  });
}
