import { describe, expect, it } from 'vitest';
import { readRecentTasks } from '../../../lib/vsphere/task/recent-tasks.ts';
import { cannedSession } from './canned-session.ts';
import { retrievalAnswer } from './soap-messages.ts';

const { signal } = new AbortController();
const property = (name: string, value: string) =>
  `<propSet><name>${name}</name><val xsi:type="xsd:string">${value}</val></propSet>`;
const object = (type: string, value: string, ...properties: string[]) =>
  `<objects><obj type="${type}">${value}</obj>${properties.join('')}</objects>`;
const reference = (value: string) => `<ManagedObjectReference type="Task">${value}</ManagedObjectReference>`;
const time = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();

/** Reads tasks that have these properties. */
function read(tasks: Readonly<Record<string, readonly string[]>>) {
  const names = Object.keys(tasks);
  const recent = `<propSet><name>recentTask</name><val xsi:type="ArrayOfManagedObjectReference">${names.map(reference).join('')}</val></propSet>`;
  const session = cannedSession(
    ({ body }) => {
      const isOfTasks = body.includes('info.state');
      const objects = names.map((name) => object('Task', name, ...(tasks[name] ?? [])));
      const content = isOfTasks ? objects.join('') : object('TaskManager', 'm', recent);
      return [Buffer.from(retrievalAnswer(content))];
    },
    { taskManager: { type: 'TaskManager', value: 'm' } },
  );
  return readRecentTasks(session, { signal });
}

describe('readRecentTasks', () => {
  it('has the time since a task runs, and of one that waits since it does', async () => {
    const state = (name: string) => property('info.state', name);
    const [started, queued] = [property('info.startTime', time(2)), property('info.queueTime', time(1))];
    expect(
      await read({
        'task-1': [state('running'), queued, started],
        'task-2': [state('queued'), queued],
        'task-3': [state('success')],
        'task-4': [started],
      }),
    ).toEqual([
      { state: 'running', since: Date.UTC(2026, 0, 1, 0, 0, 2) },
      { state: 'queued', since: Date.UTC(2026, 0, 1, 0, 0, 1) },
    ]);
  });
});
