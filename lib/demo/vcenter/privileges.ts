import type { XmlElement } from '../../vsphere/soap/soap-reader.ts';
import { reference, textElement } from '../../vsphere/soap/soap-request.ts';
import { childOf, childrenOf, textOf, toReference } from './request-fields.ts';
import { DemoFault } from './soap-answer.ts';
import { VSAN_CALLS } from './vsan-service.ts';

/** What an account may do on the root folder and below: ids of privileges. */
export type Privileges = ReadonlySet<string>;

/** vCenter adds them to every role. */
const OF_EVERY_ROLE = ['System.Anonymous', 'System.View', 'System.Read'];

/** To list sessions, and to end them. */
export const OF_SESSIONS = 'Sessions.TerminateSession';

/** Of a user for whom nothing is said: everything but what lists and ends sessions. */
export const USUAL = [...OF_EVERY_ROLE, 'Global.Licenses'];

/**
 * What reading a property takes, by the first name of its path, as the vSphere API declares it; of others it is
 * System.Read. A peer test compares it with pyVmomi.
 */
const VIEW = 'System.View';
const ANONYMOUS = 'System.Anonymous';
const OF_PROPERTIES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  HostSystem: { datastore: VIEW, network: VIEW },
  VirtualMachine: { datastore: VIEW, network: VIEW },
  ResourcePool: { owner: VIEW, vm: VIEW },
  VirtualApp: { owner: VIEW, vm: VIEW },
  ComputeResource: { host: VIEW, resourcePool: VIEW },
  ClusterComputeResource: { host: VIEW, resourcePool: VIEW },
  StoragePod: { summary: VIEW },
  Alarm: { info: VIEW },
  PerformanceManager: { perfCounter: VIEW, historicalInterval: VIEW },
  EventManager: { latestEvent: VIEW },
  TaskManager: { recentTask: VIEW },
  ScheduledTaskManager: { scheduledTask: VIEW },
  CustomFieldsManager: { field: VIEW },
  // As VMware vSphere Security says of Global.Licenses; pyVmomi has no privilege of it.
  LicenseManager: { licenses: 'Global.Licenses', evaluation: 'Global.Licenses' },
  GuestOperationsManager: { processManager: ANONYMOUS },
  SessionManager: { currentSession: ANONYMOUS, sessionList: OF_SESSIONS },
};
const OF_ENTITIES: Readonly<Record<string, string>> = {
  name: VIEW,
  parent: VIEW,
  triggeredAlarmState: VIEW,
  customValue: VIEW,
};

/** The privilege that a property takes. */
export function privilegeOf(type: string, path: string): string {
  const [property = ''] = path.split('.');
  return OF_PROPERTIES[type]?.[property] ?? OF_ENTITIES[property] ?? 'System.Read';
}

/** What a call takes of whoever makes it, as the API declares it; none of what is not here. */
export const OF_METHODS: Readonly<Record<string, string>> = {
  CurrentTime: VIEW,
  Logout: VIEW,
  AcquireCloneTicket: VIEW,
  CreateContainerView: VIEW,
  DestroyView: VIEW,
  CreateCollectorForEvents: VIEW,
  GetAlarm: VIEW,
  QueryOptions: VIEW,
  QueryPerf: VIEW,
  QueryPerfProviderSummary: VIEW,
  QueryAvailablePerfMetric: VIEW,
  QueryDateTime: 'System.Read',
  HasPrivilegeOnEntities: VIEW,
  QueryHostStatus: 'System.Read',
  RetrieveDasAdvancedRuntimeInfo: 'System.Read',
  TerminateSession: OF_SESSIONS,
};

/** The same for the vSAN service, of which pyVmomi has nothing; the vSAN Management API declares it. */
const OF_VSAN = 'System.Read';

/** HasPrivilegeOnEntities of the session that asks, which is the only one that anybody asks about. */
export function answerHeld(request: XmlElement, { key }: { readonly key: string }, held: Privileges): string {
  if (textOf(request, 'sessionId') !== key)
    throw new DemoFault('InvalidArgument', 'A specified parameter was not correct: sessionId');
  const entity = reference('entity', toReference(childOf(request, 'entity')));
  const answers = childrenOf(request, 'privId').map(
    ({ text }) =>
      `<privAvailability>${textElement('privId', text)}${textElement('isGranted', String(held.has(text)))}</privAvailability>`,
  );
  return `<returnval>${entity}${answers.join('')}</returnval>`;
}

/** Throws DemoFault `NoPermission` for a call that the account may not make. */
export function checkCall(request: XmlElement, privileges: Privileges): void {
  const privilege = VSAN_CALLS.has(request.name) ? OF_VSAN : OF_METHODS[request.name];
  if (privilege === undefined || privileges.has(privilege)) return;
  const object = reference('object', toReference(childOf(request, '_this')));
  throw noPermission(object + textElement('privilegeId', privilege));
}

/** As vCenter refuses the login of an account that may see nothing. */
export function checkLogin(privileges: Privileges): void {
  if (!privileges.has(VIEW)) throw noPermission('');
}

const noPermission = (detail: string) =>
  new DemoFault('NoPermission', 'Permission to perform this operation was denied.', detail);
