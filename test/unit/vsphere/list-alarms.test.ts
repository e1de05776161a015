import { describe, expect, it } from 'vitest';
import { listAlarms } from '../../../lib/vsphere/alarm/list-alarms.ts';
import { envelope } from '../../../lib/vsphere/soap/soap-request.ts';
import { cannedSession } from './canned-session.ts';
import { retrievalAnswer, soapAnswer } from './soap-messages.ts';

const { signal } = new AbortController();
const property = (name: string, value: string) =>
  `<propSet><name>${name}</name><val xsi:type="xsd:string">${value}</val></propSet>`;

/** Lists alarms that have these properties. */
function list(alarms: Readonly<Record<string, string>>) {
  const session = cannedSession(
    ({ operation }) => {
      const names = Object.entries(alarms);
      const found = names.map(([name]) => `<returnval type="Alarm">${name}</returnval>`).join('');
      const objects = names
        .map(([name, own]) => `<objects><obj type="Alarm">${name}</obj>${own}</objects>`)
        .join('');
      const answer =
        operation === 'GetAlarm'
          ? soapAnswer(`<GetAlarmResponse xmlns="urn:vim25">${found}</GetAlarmResponse>`)
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
