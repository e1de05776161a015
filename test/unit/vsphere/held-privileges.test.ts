import { expect, it } from 'vitest';
import { readHeldPrivileges } from '../../../lib/vsphere/authorization/held-privileges.ts';
import { readCurrentTime } from '../../../lib/vsphere/current-time.ts';
import { VsphereReplyError, VsphereUnsupportedError } from '../../../lib/vsphere/errors.ts';
import { answeringSession, object, property } from './answering-session.ts';

const { signal } = new AbortController();
const availability = (privId: string, isGranted: string) =>
  `<privAvailability><privId>${privId}</privId><isGranted>${isGranted}</isGranted></privAvailability>`;

const held = (answer: string, key = '<key>session-1</key>', more: object = {}) => {
  const { session, calls } = answeringSession(
    ({ operation }) =>
      operation === 'HasPrivilegeOnEntities'
        ? answer
        : object('sessionManager:sessionManager', property('currentSession', key, 'UserSession')),
    more,
  );
  return { found: readHeldPrivileges(session, ['System.Read', 'Global.Licenses'], { signal }), calls };
};

it('the privileges of the account are those that vCenter says are granted to its session on the root folder', async () => {
  const { found, calls } = held(
    `<returnval><entity type="Folder">group-d1</entity>${availability('System.Read', 'true')}${availability('Global.Licenses', 'false')}</returnval>` +
      `<returnval>${availability('System.View', 'true')}<other><privId>x</privId><isGranted>true</isGranted></other></returnval>`,
  );
  expect(await found).toEqual(new Set(['System.Read', 'System.View']));
  expect(calls[1]?.body).toBe(
    '<HasPrivilegeOnEntities xmlns="urn:vim25"><_this type="authorizationManager">authorizationManager</_this>' +
      '<entity type="rootFolder">rootFolder</entity><sessionId>session-1</sessionId>' +
      '<privId>System.Read</privId><privId>Global.Licenses</privId></HasPrivilegeOnEntities>',
  );
});

it('the privileges of the account cannot be asked without the key of its session, or a manager of them', async () => {
  const error = await held('', '<userName>x</userName>').found.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(VsphereReplyError);
  expect(error).toMatchObject({ code: 'malformed', message: 'the own session came without its key' });
  const about = { fullName: 'VMware ESXi 8.0', apiType: 'HostAgent', version: '8.0', fields: new Map() };
  const host = held('', undefined, { authorizationManager: undefined, about }).found;
  await expect(host).rejects.toThrow(VsphereUnsupportedError);
  await expect(host).rejects.toThrow(
    'VMware ESXi 8.0 has no authorizationManager, so this request needs another kind of server (vCenter instead of ESXi, or the reverse)',
  );
});

it('the time of a vCenter is what its service instance says', async () => {
  const ask = (text: string) => answeringSession(() => `<returnval>${text}</returnval>`);
  const { session, calls } = ask('2026-01-02T03:04:05Z');
  expect(await readCurrentTime(session, { signal })).toBe(Date.UTC(2026, 0, 2, 3, 4, 5));
  expect(calls.map(({ body }) => body)).toEqual([
    '<CurrentTime xmlns="urn:vim25"><_this type="ServiceInstance">ServiceInstance</_this></CurrentTime>',
  ]);
  const error = await readCurrentTime(ask('soon').session, { signal }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(VsphereReplyError);
  expect(error).toMatchObject({ code: 'malformed', message: 'CurrentTime was answered with no time' });
});
