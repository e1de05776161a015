import { reference, textElement } from '../../vsphere/soap/soap-request.ts';
import type { DemoCustomField, DemoEvent, DemoLicense, DemoScheduledTask, DemoTask } from './estate.ts';
import { toEvent } from './event-history.ts';
import { licenseProperties } from './license-manager.ts';
import type { ManagedObject } from './managed-object.ts';
import { historicalIntervalValue, perfCounterValue } from './performance-counters.ts';
import { element, moRefsValue, moRefValue, value } from './property-xml.ts';

/** The managers that have properties, by the values of their references, as they are at this moment. */
export function toManagers(
  eventsNow: () => readonly DemoEvent[],
  customFields: readonly DemoCustomField[] = [],
  tasks: readonly DemoTask[] = [],
  scheduled: readonly DemoScheduledTask[] = [],
  licenses: readonly DemoLicense[] = [],
): ReadonlyMap<string, () => ManagedObject> {
  return new Map([
    ...tasks.map((one) => [one.moref, () => toTask(one)] as const),
    ...scheduled.map((one) => [one.moref, () => toScheduledTask(one)] as const),
    [
      'ScheduledTaskManager',
      () =>
        manager('ScheduledTaskManager', 'ScheduledTaskManager', {
          scheduledTask: moRefsValue(scheduled.map(({ moref }) => ({ type: 'ScheduledTask', value: moref }))),
        }),
    ],
    ['LicenseManager', () => manager('LicenseManager', 'LicenseManager', licenseProperties(licenses))],
    [
      'TaskManager',
      () => {
        const morefs = tasks.map(({ moref }) =>
          reference('ManagedObjectReference', { type: 'Task', value: moref }),
        );
        const recentTask = element('val', 'ArrayOfManagedObjectReference', morefs.join(''));
        return manager('TaskManager', 'TaskManager', { recentTask });
      },
    ],
    [
      'PerfMgr',
      () =>
        manager('PerformanceManager', 'PerfMgr', {
          perfCounter: perfCounterValue(),
          historicalInterval: historicalIntervalValue(),
        }),
    ],
    [
      'EventManager',
      () => {
        const latest = eventsNow().at(-1);
        return manager(
          'EventManager',
          'EventManager',
          latest === undefined ? {} : { latestEvent: toEvent(latest) },
        );
      },
    ],
    [
      'CustomFieldsManager',
      () =>
        manager('CustomFieldsManager', 'CustomFieldsManager', {
          field: element('val', 'ArrayOfCustomFieldDef', customFields.map(toFieldDef).join('')),
        }),
    ],
    [
      'guestOperationsManager',
      () =>
        manager('GuestOperationsManager', 'guestOperationsManager', {
          processManager: moRefValue({ type: 'GuestProcessManager', value: 'guestOperationsProcessManager' }),
        }),
    ],
  ]);
}

/** The references of the managers in a ServiceContent. */
export const MANAGERS = [
  ['setting', 'OptionManager', 'VpxSettings'],
  ['customFieldsManager', 'CustomFieldsManager', 'CustomFieldsManager'],
  ['perfManager', 'PerformanceManager', 'PerfMgr'],
  ['eventManager', 'EventManager', 'EventManager'],
  ['alarmManager', 'AlarmManager', 'AlarmManager'],
  ['taskManager', 'TaskManager', 'TaskManager'],
  ['licenseManager', 'LicenseManager', 'LicenseManager'],
  ['scheduledTaskManager', 'ScheduledTaskManager', 'ScheduledTaskManager'],
  ['guestOperationsManager', 'GuestOperationsManager', 'guestOperationsManager'],
  ['authorizationManager', 'AuthorizationManager', 'AuthorizationManager'],
]
  .map(([name = '', type = '', value = '']) => reference(name, { type, value }))
  .join('');

const toFieldDef = ({ key, name }: DemoCustomField): string =>
  element(
    'CustomFieldDef',
    'CustomFieldDef',
    textElement('key', String(key)) + textElement('name', name) + textElement('type', 'string'),
  );

function manager(type: string, id: string, properties: Record<string, string>): ManagedObject {
  return { type, value: id, unreadable: [], properties: new Map(Object.entries(properties)) };
}

const toTask = ({ moref, state, queueTime, startTime }: DemoTask): ManagedObject =>
  manager('Task', moref, {
    'info.state': value('TaskInfoState', state),
    'info.queueTime': value('xsd:dateTime', queueTime),
    ...(startTime === undefined ? {} : { 'info.startTime': value('xsd:dateTime', startTime) }),
  });

const toScheduledTask = ({ moref, name, enabled, state, nextRunTime }: DemoScheduledTask): ManagedObject =>
  manager('ScheduledTask', moref, {
    'info.name': value('xsd:string', name),
    'info.enabled': value('xsd:boolean', enabled),
    'info.state': value('TaskInfoState', state),
    ...(nextRunTime === undefined ? {} : { 'info.nextRunTime': value('xsd:dateTime', nextRunTime) }),
  });
