import { expect, it } from 'vitest';
import { VsphereFaultError } from '../../../lib/vsphere/errors.ts';
import { readScheduledTasks } from '../../../lib/vsphere/task/scheduled-tasks.ts';
import { answeringSession, object, property, refused } from './answering-session.ts';

const { signal } = new AbortController();
const NEXT = '2026-01-02T03:04:05Z';
const task = (name: string, enabled: string, state: string, next = NEXT) => [
  property('info.name', name),
  property('info.enabled', enabled, 'xsd:boolean'),
  property('info.state', state, 'TaskInfoState'),
  ...(next === '' ? [] : [property('info.nextRunTime', next, 'xsd:dateTime')]),
];

function read(tasks: Readonly<Record<string, readonly string[]>>, more: object = {}) {
  const ids = Object.keys(tasks);
  const listed = ids
    .map((id) => `<ManagedObjectReference type="ScheduledTask">${id}</ManagedObjectReference>`)
    .join('');
  const { session, calls } = answeringSession(
    ({ body }) =>
      body.includes('info.state')
        ? ids
            .filter((id) => body.includes(`>${id}<`))
            .map((id) => object(`ScheduledTask:${id}`, ...(tasks[id] ?? [])))
            .join('')
        : object(
            'scheduledTaskManager:scheduledTaskManager',
            property('scheduledTask', listed, 'ArrayOfManagedObjectReference'),
          ),
    more,
  );
  return { calls, found: readScheduledTasks(session, { signal }) };
}

it('a scheduled task has the state of its last run, and when it runs next', async () => {
  const { found, calls } = read({
    't-1': task('backup', 'true', 'success'),
    't-2': task('off', 'false', 'error', ''),
    't-3': task('', 'true', 'success').slice(1),
    't-4': task('no state', 'true', '').slice(0, 2),
    't-5': [property('info.name', 'x'), property('info.state', 'error')],
  });
  expect(await found).toEqual([
    { name: 'backup', enabled: true, state: 'success', nextRunAt: Date.parse(NEXT) },
    { name: 'off', enabled: false, state: 'error', nextRunAt: undefined },
  ]);
  for (const path of ['info.name', 'info.enabled', 'info.state', 'info.nextRunTime'])
    expect(calls.at(-1)?.body).toContain(`<pathSet>${path}</pathSet>`);
});

it('a server without scheduled tasks is asked for none', async () => {
  const { found, calls } = read({}, { scheduledTaskManager: undefined });
  expect(await found).toEqual([]);
  expect(calls).toEqual([]);
});

it('scheduled tasks that the account may not read are a fault with the privilege for it', async () => {
  const denied = [refused('info.state', 'NoPermission')];
  const error = await read({ 't-1': denied, 't-2': denied }).found.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(VsphereFaultError);
  expect(error).toMatchObject({
    fault: 'NoPermission',
    message: 'info.state returned the fault NoPermission: it cannot be read',
    fields: new Map([['privilegeId', 'System.Read']]),
  });
  expect(await read({ 't-1': denied, 't-2': task('a', 'true', 'success') }).found).toHaveLength(1);
  expect(await read({ 't-1': [refused('info.state', 'ManagedObjectNotFound')] }).found).toEqual([]);
});

it('2,000 scheduled tasks are read at most', async () => {
  const ids = Array.from({ length: 2_001 }, (_, index) => `t-${index}`);
  const { found, calls } = read(Object.fromEntries(ids.map((id) => [id, task(id, 'true', 'success')])));
  expect(await found).toHaveLength(2_000);
  expect(calls.at(-1)?.body.match(/<objectSet>/g)).toHaveLength(2_000);
});
