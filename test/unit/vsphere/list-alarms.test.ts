import { describe, expect, it } from 'vitest';
import { listAlarms } from '../../../lib/vsphere/alarm/list-alarms.ts';
import { envelope } from '../../../lib/vsphere/soap/soap-request.ts';
import type { SoapCall } from '../../../lib/vsphere/soap/transport.ts';
import { cannedSession } from './canned-session.ts';
import { retrievalAnswer, soapAnswer } from './soap-messages.ts';

const { signal } = new AbortController();
const property = (name: string, value: string) =>
  `<propSet><name>${name}</name><val xsi:type="xsd:string">${value}</val></propSet>`;

/** Lists alarms that have these properties; `more` comes with their references. */
function list(alarms: Readonly<Record<string, string>>, { more = '', calls = [] as SoapCall[] } = {}) {
  const session = cannedSession(
    (call) => {
      const { operation } = call;
      calls.push(call);
      const names = Object.entries(alarms);
      const found = names.map(([name]) => `<returnval type="Alarm">${name}</returnval>`).join('');
      const objects = names
        .map(([name, own]) => `<objects><obj type="Alarm">${name}</obj>${own}</objects>`)
        .join('');
      const answer =
        operation === 'GetAlarm'
          ? soapAnswer(`<GetAlarmResponse xmlns="urn:vim25">${found}${more}</GetAlarmResponse>`)
          : retrievalAnswer(objects);
      return [Buffer.from(answer)];
    },
    { alarmManager: { type: 'AlarmManager', value: 'a' } },
  );
  return listAlarms(session, { signal });
}

describe('listAlarms', () => {
  it('has the names of all definitions, and leaves out one without a readable name', async () => {
    const found = await list({
      'alarm-1': property('info.name', 'Host error') + property('info.systemName', 'alarm.HostErrorAlarm'),
      'alarm-2': property('info.name', 'ours'),
      'alarm-3': property('info.name', ''),
      'alarm-4': property('info.systemName', 'alarm.Other'),
    });
    expect(found).toEqual([
      { moref: 'alarm-1', name: 'Host error', systemName: 'alarm.HostErrorAlarm' },
      { moref: 'alarm-2', name: 'ours', systemName: '' },
    ]);
  });

  it('asks for the alarms of the whole inventory, and then for what alarms and nothing else are called', async () => {
    const calls: SoapCall[] = [];
    await list(
      { 'alarm-1': property('info.name', 'a') },
      { more: '<returnval type="Task">t-1</returnval>', calls },
    );
    expect(calls.map(({ operation }) => operation)).toEqual(['GetAlarm', 'RetrievePropertiesEx']);
    expect(calls[0]?.body).toBe(
      '<GetAlarm xmlns="urn:vim25"><_this type="AlarmManager">a</_this></GetAlarm>',
    );
    expect(calls[1]?.body).toContain(
      '<propSet><type>Alarm</type><all>false</all><pathSet>info.name</pathSet><pathSet>info.systemName</pathSet></propSet>' +
        '<objectSet><obj type="Alarm">alarm-1</obj></objectSet>',
    );
  });

  it('asks nothing of a server without alarms', async () => {
    const session = cannedSession(() => {
      throw new Error('it was asked');
    });
    expect(await listAlarms(session, { signal })).toEqual([]);
  });
});

it('a request is a document that says its version and encoding first', () => {
  expect(envelope('<a/>')).toMatch(
    /^<\?xml version="1\.0" encoding="UTF-8"\?><soapenv:Envelope [^>]*><soapenv:Body><a\/><\/soapenv:Body><\/soapenv:Envelope>$/,
  );
});
