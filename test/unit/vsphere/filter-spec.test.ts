import { describe, expect, it } from 'vitest';
import { countElements, toObjectSet, toPropSets } from '../../../lib/vsphere/property/filter-spec.ts';
import { readSessionList } from '../../../lib/vsphere/session/session-list.ts';
import { answeringSession, object, property } from './answering-session.ts';

describe('a filter of a retrieval', () => {
  it('names the properties of each type', () => {
    expect(
      toPropSets([
        { type: 'HostSystem', paths: ['name', 'config.option["a&b"].value'] },
        { type: 'Folder', paths: [] },
      ]),
    ).toBe(
      '<propSet><type>HostSystem</type><all>false</all><pathSet>name</pathSet>' +
        '<pathSet>config.option[&quot;a&amp;b&quot;].value</pathSet></propSet>' +
        '<propSet><type>Folder</type><all>false</all></propSet>',
    );
  });

  it('begins at an object, and goes on by steps that may name each other', () => {
    const obj = { type: 'Folder', value: 'group-d1' };
    expect(toObjectSet({ obj })).toBe('<objectSet><obj type="Folder">group-d1</obj></objectSet>');
    const step = {
      name: 'down',
      type: 'Folder',
      path: 'childEntity',
      skip: true,
      selectSet: ['down'],
    } as const;
    expect(toObjectSet({ obj, skip: true, selectSet: [step, { type: 'A', path: 'b' }] })).toBe(
      '<objectSet><obj type="Folder">group-d1</obj><skip>true</skip>' +
        '<selectSet xsi:type="TraversalSpec"><name>down</name><type>Folder</type><path>childEntity</path>' +
        '<skip>true</skip><selectSet><name>down</name></selectSet></selectSet>' +
        '<selectSet xsi:type="TraversalSpec"><type>A</type><path>b</path></selectSet></objectSet>',
    );
  });

  it('has as many elements as tags that begin one', () => {
    expect(countElements('<a><b/><c>x</c></a>')).toBe(3);
    expect(countElements('')).toBe(0);
  });
});

describe('the list of sessions', () => {
  const { signal } = new AbortController();
  const listed = (fields: Readonly<Record<string, string>>) =>
    Object.entries(fields)
      .map(([name, value]) => `<${name}>${value}</${name}>`)
      .join('');
  const ONE = {
    key: '52-1',
    userName: 'VSPHERE.LOCAL\\vsweep',
    fullName: 'v sweep',
    loginTime: '2026-01-02T03:00:00Z',
    lastActiveTime: '2026-01-02T03:04:05Z',
    userAgent: 'vsweep/1',
    ipAddress: '192.0.2.1',
    callCount: '7',
  };
  const sessionsOf = (current: string, ...all: string[]) => {
    const list = all.map((one) => `<UserSession>${one}</UserSession>`).join('');
    const { session, calls } = answeringSession(() =>
      object(
        'sessionManager:sessionManager',
        property('currentSession', current, 'UserSession'),
        property('sessionList', list, 'ArrayOfUserSession'),
      ),
    );
    return { found: readSessionList(session, { signal }), calls };
  };

  it('has what vCenter says of each, and none without a name, a user or a time', async () => {
    const { key: _key, ...keyless } = ONE;
    const { userName: _user, ...userless } = ONE;
    const bare = { key: '52-2', userName: 'a', lastActiveTime: '2026-01-02T03:00:00Z' };
    const { found, calls } = sessionsOf(
      listed(ONE),
      listed(ONE),
      listed(bare),
      listed(keyless),
      listed(userless),
      listed({ ...ONE, lastActiveTime: 'x' }),
    );
    const current = { ...ONE, callCount: 7, lastActiveAt: Date.UTC(2026, 0, 2, 3, 4, 5) };
    expect(await found).toEqual({
      current,
      all: [
        current,
        {
          ...bare,
          userAgent: '',
          lastActiveAt: Date.UTC(2026, 0, 2, 3),
          loginTime: '',
          fullName: '',
          ipAddress: '',
          callCount: 0,
        },
      ],
    });
    expect(calls[0]?.body).toContain('<pathSet>currentSession</pathSet><pathSet>sessionList</pathSet>');
  });

  it('is an error without the own session or without any list', async () => {
    const message = 'the list of sessions came without what it must have';
    await expect(sessionsOf(listed({ key: 'x' }), listed(ONE)).found).rejects.toMatchObject({
      code: 'not-soap',
      message,
    });
    const { session } = answeringSession(() =>
      object('sessionManager:sessionManager', property('currentSession', listed(ONE), 'UserSession')),
    );
    await expect(readSessionList(session, { signal })).rejects.toThrow(message);
    const { session: empty } = answeringSession(() => '');
    await expect(readSessionList(empty, { signal })).rejects.toThrow(message);
  });
});
