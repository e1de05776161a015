import { VsphereReplyError, VsphereUnsupportedError } from './errors.ts';
import { type MoRef, toMoRef } from './soap/moref.ts';
import { callForValue } from './soap/soap-reply.ts';
import { methodCall } from './soap/soap-request.ts';
import type { CallOptions, Transport } from './soap/transport.ts';
import type { XmlElement } from './soap/unit-builder.ts';

/** The entry points of a vCenter or ESXi, and what it says of itself; readable without a login. */
export interface ServiceContent {
  readonly rootFolder: MoRef;
  readonly propertyCollector: MoRef;
  readonly viewManager: MoRef;
  readonly sessionManager: MoRef;
  /** What not every endpoint has: an ESXi host lacks some of them. */
  readonly perfManager?: MoRef;
  readonly eventManager?: MoRef;
  readonly alarmManager?: MoRef;
  readonly taskManager?: MoRef;
  readonly scheduledTaskManager?: MoRef;
  readonly licenseManager?: MoRef;
  readonly guestOperationsManager?: MoRef;
  /** Who may do what. */
  readonly authorizationManager?: MoRef;
  /** The definitions of custom attributes; a vCenter has them. */
  readonly customFieldsManager?: MoRef;
  /** The OptionManager of a vCenter's advanced settings. */
  readonly setting?: MoRef;
  readonly about: About;
}

const OPTIONAL_MANAGERS = [
  'perfManager',
  'eventManager',
  'alarmManager',
  'taskManager',
  'scheduledTaskManager',
  'licenseManager',
  'guestOperationsManager',
  'authorizationManager',
  'customFieldsManager',
  'setting',
] as const;

/** A manager that the endpoint must have for what is asked of it. Throws VsphereUnsupportedError. */
export function requireManager(content: ServiceContent, name: (typeof OPTIONAL_MANAGERS)[number]): MoRef {
  const manager = content[name];
  if (manager !== undefined) return manager;
  throw new VsphereUnsupportedError(
    `${content.about.fullName} has no ${name}, so this request needs another kind of server (vCenter instead of ESXi, or the reverse)`,
    { code: 'unsupported' },
  );
}

export interface About {
  readonly fullName: string;
  /** `VirtualCenter` or `HostAgent`. */
  readonly apiType: string;
  readonly version: string;
  /** Every field of AboutInfo that is set, those above too. */
  readonly fields: ReadonlyMap<string, string>;
}

export async function readServiceContent(
  transport: Transport,
  options: CallOptions,
): Promise<ServiceContent> {
  const call = methodCall('RetrieveServiceContent', { type: 'ServiceInstance', value: 'ServiceInstance' });
  return parseServiceContent(await callForValue(transport, call, options));
}

function parseServiceContent(content: XmlElement | undefined): ServiceContent {
  const child = (parent: XmlElement | undefined, name: string) =>
    parent?.children.find((one) => one.name === name);
  const manager = (name: string): MoRef => {
    const element = child(content, name);
    if (element !== undefined && element.text !== '') return toMoRef(element);
    throw new VsphereReplyError(`RetrieveServiceContent returned no ${name}: this is not a vCenter or ESXi`, {
      code: 'not-soap',
    });
  };
  const fields = new Map(child(content, 'about')?.children.map(({ name, text }) => [name, text]));
  const word = (name: string) => fields.get(name) ?? '';
  return {
    rootFolder: manager('rootFolder'),
    propertyCollector: manager('propertyCollector'),
    viewManager: manager('viewManager'),
    sessionManager: manager('sessionManager'),
    ...optionalManagers(content),
    about: {
      fullName: word('fullName'),
      apiType: word('apiType'),
      version: word('version'),
      fields,
    },
  };
}

function optionalManagers(content: XmlElement | undefined) {
  const found = content?.children.filter(
    ({ name, text }) => text !== '' && OPTIONAL_MANAGERS.some((one) => one === name),
  );
  return Object.fromEntries(found?.map((element) => [element.name, toMoRef(element)]) ?? []);
}
