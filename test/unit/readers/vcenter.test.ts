import { describe, expect, it } from 'vitest';
import type { VcenterNeed, VcenterReading } from '../../../lib/catalogue/sources/vcenter.ts';
import { vcenter } from '../../../lib/readers/vcenter.ts';
import { VsphereFaultError } from '../../../lib/vsphere/errors.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { NO_EVENTS } from '../../support/no-events.ts';
import { allOf, answering, retrievedObject } from './answering.ts';

const NOW = Date.UTC(2026, 0, 2, 12);
const ALL: readonly VcenterNeed[] = [
  'about',
  'sessions',
  'clock',
  'tasks',
  'certificate',
  'licenses',
  'scheduledTasks',
];
const text = (value: string) => `<val xsi:type="xsd:string">${value}</val>`;
const references = (type: string, ...morefs: string[]) =>
  `<val xsi:type="ArrayOfManagedObjectReference">${morefs.map((one) => `<ManagedObjectReference type="${type}">${one}</ManagedObjectReference>`).join('')}</val>`;
const session = (key: string, userName: string, callCount: number) =>
  `<key>${key}</key><userName>${userName}</userName><lastActiveTime>2026-01-02T11:00:00Z</lastActiveTime><callCount>${callCount}</callCount>`;
const OWN = session('1', 'VSPHERE.LOCAL\\vsweep', 3);
const SESSIONS = {
  currentSession: `<val xsi:type="UserSession">${OWN}</val>`,
  sessionList: `<val xsi:type="ArrayOfUserSession"><UserSession>${OWN}</UserSession><UserSession>${session('2', 'ann', 8)}</UserSession></val>`,
};
const OBJECTS: readonly (readonly [string, string])[] = [
  ['sessionList', retrievedObject(['SessionManager', 'sessions'], SESSIONS)],
  ['recentTask', retrievedObject(['TaskManager', 'tasks'], { recentTask: references('Task', 'task-1') })],
  [
    'info.queueTime',
    retrievedObject(['Task', 'task-1'], {
      'info.state': text('running'),
      'info.startTime': text('2026-01-02T11:59:30Z'),
    }),
  ],
];

type Fail = (what: string) => unknown;

/** What the reader finds on a vCenter whose clock is 5 s ahead, and takes 400 ms for each answer. */
async function read(
  needs: readonly VcenterNeed[],
  {
    fail = () => undefined,
    certificateEndsAt = () => NOW + 1,
    objects = OBJECTS,
  }: { fail?: Fail; certificateEndsAt?: () => number | undefined; objects?: typeof OBJECTS } = {},
): Promise<{ reading: VcenterReading | undefined; asked: string[]; morefs: string[] }> {
  const clock = createManualClock(NOW);
  const asked: string[] = [];
  const connection = answering(
    ({ operation, body }) => {
      const found = objects.find(([path]) => body.includes(`>${path}<`));
      const what = found?.[0] ?? operation;
      asked.push(what);
      const error = fail(what);
      if (error !== undefined) throw error;
      if (operation !== 'CurrentTime') return `<returnval>${found?.[1] ?? ''}</returnval>`;
      clock.advance(400);
      return `<returnval>${new Date(NOW + 5_000).toISOString()}</returnval>`;
    },
    {
      about: { fields: new Map([['version', '8.0.3']]) } as never,
      sessionManager: { type: 'SessionManager', value: 'sessions' },
      taskManager: { type: 'TaskManager', value: 'tasks' },
    },
  );
  const ofTarget = {
    connection: { ...connection, certificateEndsAt },
    rest: async () => undefined,
    events: NO_EVENTS,
  };
  const items = ['group-d1', 'group-d2'].map((moref) => ({ type: 'Folder', moref }));
  const options = { session: ofTarget as never, clock, signal: new AbortController().signal };
  const found = await allOf(vcenter.read([{ kind: 'vcenter', needs, items }], options));
  const [first, second] = found;
  expect(first?.[0]).toBe('vcenter');
  expect(second?.[2]).toBe(first?.[2]);
  return { reading: first?.[2], asked, morefs: found.map(([, moref]) => moref) };
}

const fault = (name: string, fields: Readonly<Record<string, string>> = {}) =>
  new VsphereFaultError('x', { fault: name, text: 'no', fields: new Map(Object.entries(fields)) });
const onlyOf =
  (what: string, error: unknown): Fail =>
  (asked) =>
    asked === what ? error : undefined;
const CLOCK = { time: NOW + 5_000, at: NOW + 200, roundTripMs: 400 };
const NOTHING = { answers: {}, denied: {}, lacking: {}, failed: {}, absent: new Set() };

describe('the reader of a vCenter', () => {
  it('has the answer to each need, for each item, the clock first and alone', async () => {
    const { reading, asked, morefs } = await read(ALL);
    expect(reading).toEqual({
      ...NOTHING,
      answers: {
        about: new Map([['version', '8.0.3']]),
        certificate: NOW + 1,
        clock: CLOCK,
        licenses: [],
        scheduledTasks: [],
        sessions: [
          { userClass: 'own', calls: 3 },
          { userClass: 'other', calls: 8 },
        ],
        tasks: [{ state: 'running', ageMs: 35_000 }],
      },
    });
    expect(morefs).toEqual(['group-d1', 'group-d2']);
    expect(asked[0]).toBe('CurrentTime');
    expect(asked.toSorted()).toEqual([
      'CurrentTime',
      'CurrentTime',
      'info.queueTime',
      'recentTask',
      'sessionList',
    ]);
  });

  it('asks for nothing that nobody needs', async () => {
    expect(await read(['about'])).toMatchObject({ asked: [], reading: { absent: new Set() } });
    expect(await read(['clock'])).toMatchObject({
      asked: ['CurrentTime'],
      reading: { ...NOTHING, answers: { clock: CLOCK } },
    });
  });

  it('loses what fails, and nothing else', async () => {
    const { reading } = await read(['clock', 'tasks', 'about'], {
      fail: onlyOf('recentTask', new Error('it broke')),
    });
    expect(reading).toMatchObject({
      answers: { clock: CLOCK, about: new Map([['version', '8.0.3']]) },
      failed: { tasks: 'tasks could not be read: it broke' },
    });
  });

  it('says that the certificate of the connection has no readable end', async () => {
    const { reading } = await read(['certificate'], { certificateEndsAt: () => undefined });
    const why = 'certificate could not be read: the certificate of the connection has no readable end';
    expect(reading).toEqual({ ...NOTHING, failed: { certificate: why } });
  });

  it.each<[VcenterNeed, string, unknown, string]>([
    ['tasks', 'recentTask', fault('NoPermission', { privilegeId: 'Task.Read' }), 'Task.Read'],
    ['clock', 'CurrentTime', fault('NoPermission'), 'System.View'],
  ])('names of %s the privilege that the account lacks', async (need, what, error, privilege) => {
    const { reading } = await read(['about', need], { fail: onlyOf(what, error) });
    expect(reading).toMatchObject({ lacking: { [need]: privilege }, failed: {} });
    expect(Object.keys(reading?.answers ?? {})).toEqual(['about']);
  });

  it('names the privilege without which a vCenter hides its sessions', async () => {
    const hidden = retrievedObject(
      ['SessionManager', 'sessions'],
      { currentSession: SESSIONS.currentSession },
      { sessionList: 'NoPermission' },
    );
    const { reading } = await read(['sessions'], { objects: [['sessionList', hidden]] });
    expect(reading).toEqual({ ...NOTHING, lacking: { sessions: 'Sessions.TerminateSession' } });
  });

  it('ends with the session', async () => {
    for (const what of ['CurrentTime', 'recentTask']) {
      const fail = onlyOf(what, fault('NotAuthenticated'));
      await expect(read(['clock', 'tasks'], { fail })).rejects.toMatchObject({ fault: 'NotAuthenticated' });
    }
  });
});
