import { VsphereFaultError } from '../vsphere/errors.ts';
import { retrieveProperty } from '../vsphere/property/retrieve-property.ts';
import type { PropertyValue } from '../vsphere/property/retrieved-object.ts';
import { fieldOf, listOf, textOf } from '../vsphere/property/value-fields.ts';
import { PollError } from './errors.ts';
import type { PollMethod, PollSession } from './method.ts';
import { printPythonTime } from './python-text.ts';

/** Of a UserSession. Its key opens nothing. */
const FIELDS = [
  'key',
  'userName',
  'fullName',
  'loginTime',
  'lastActiveTime',
  'ipAddress',
  'userAgent',
  'callCount',
];

export const sessionGet: PollMethod = {
  name: 'session.get',
  summary: 'the sessions of the vCenter; needs the privilege Sessions.TerminateSession',
  requiredKeys: [],
  successMessage: 'Successfully retrieved sessions',
  async run(session, _request, { signal }) {
    const list = await readSessions(session, { signal });
    return list.map((one) =>
      Object.fromEntries(FIELDS.map((field) => [field, printField(fieldOf(one, field))])),
    );
  },
};

async function readSessions(
  session: PollSession,
  { signal }: { signal: AbortSignal },
): Promise<readonly PropertyValue[]> {
  try {
    return listOf(await retrieveProperty(session, session.content.sessionManager, 'sessionList', { signal }));
  } catch (error) {
    if (!(error instanceof VsphereFaultError) || error.fault !== 'NoPermission') throw error;
    throw new PollError('No permissions to view established sessions', { code: 'unavailable', cause: error });
  }
}

/** As Python prints it: everything is a text, and `None` is what is unset. */
function printField(value: PropertyValue | undefined): string {
  return printPythonTime(textOf(value) ?? 'None');
}
