import type { RetrievalSession } from '../../../lib/vsphere/property/retrieval.ts';
import type { SoapCall } from '../../../lib/vsphere/soap/transport.ts';
import { cannedSession } from './canned-session.ts';
import { retrievalAnswer, soapAnswer } from './soap-messages.ts';

const MANAGERS = [
  'rootFolder',
  'propertyCollector',
  'sessionManager',
  'perfManager',
  'eventManager',
  'alarmManager',
  'taskManager',
  'scheduledTaskManager',
  'licenseManager',
  'authorizationManager',
] as const;

export const property = (name: string, value: string, type = 'xsd:string') =>
  `<propSet><name>${name}</name><val xsi:type="${type}">${value}</val></propSet>`;

/** One that could not be read. */
export const refused = (path: string, fault: string) =>
  `<missingSet><path>${path}</path><fault><fault xsi:type="${fault}"/></fault></missingSet>`;

/** An object of a retrieval; `moref` is its type and its id: `Task:task-1`. */
export function object(moref: string, ...properties: readonly string[]): string {
  const [type, value] = moref.split(':');
  return `<objects><obj type="${type}">${value}</obj>${properties.join('')}</objects>`;
}

/**
 * A session that answers each call by the XML inside of its response, and the calls that it was asked. Each manager is called
 * as its field: `eventManager:eventManager`.
 */
export function answeringSession(
  answer: (call: SoapCall) => string,
  content: Partial<RetrievalSession['content']> = {},
) {
  const calls: SoapCall[] = [];
  const tidied: SoapCall[] = [];
  const managers = Object.fromEntries(MANAGERS.map((name) => [name, { type: name, value: name }]));
  const session: RetrievalSession = {
    ...cannedSession(
      (call) => {
        calls.push(call);
        const { operation, service = 'vim25' } = call;
        const inside = answer(call);
        if (operation === 'RetrievePropertiesEx') return [Buffer.from(retrievalAnswer(inside))];
        const response = `<${operation}Response xmlns="urn:${service}">${inside}</${operation}Response>`;
        return [Buffer.from(soapAnswer(response))];
      },
      { ...managers, ...content },
    ),
    tidyUp: async (call) => {
      tidied.push(call);
    },
  };
  return { session, calls, tidied };
}
