import { messageOf } from '../platform/errors.ts';
import { isNotAuthenticated } from '../vsphere/errors.ts';
import { type GuestProcess, listGuestProcesses } from '../vsphere/guest/guest-process.ts';
import { PollError } from './errors.ts';
import { requireObject } from './find-object.ts';
import type { PollMethod, PollRequest } from './method.ts';
import { readableValue } from './readable-value.ts';
import type { JsonValue } from './reply.ts';
import type { Subject } from './subject.ts';

/** The processes in a guest: a login there, with the account of the request, which is kept nowhere. */
export function guestProcessMethod(subject: Subject): PollMethod {
  return {
    name: 'vm.process.get',
    summary: 'the processes in the guest of one VirtualMachine',
    requiredKeys: ['name', 'username', 'password'],
    propertiesOf: 'GuestProcessInfo',
    successMessage: 'Successfully retrieved properties',
    async run(session, request, { signal }) {
      const paths = ['guest.toolsRunningStatus'];
      const machine = await requireObject(session, request, { subject, paths }, { signal });
      if (readableValue(machine, 'guest.toolsRunningStatus') !== 'guestToolsRunning') {
        throw new PollError(`${request.name} is not running VMware Tools`, { code: 'unavailable' });
      }
      const asked = { virtualMachine: machine.moref, account: toAccount(request) };
      const guest = { moref: machine.moref.value, account: asked.account };
      const list = () => listGuestProcesses(session, asked, { signal });
      const processes = await session.guestLogin(guest, list, { signal }).catch((error) => {
        signal.throwIfAborted();
        if (isNotAuthenticated(error)) throw error;
        throw new PollError(`Cannot get guest processes: ${messageOf(error)}`, {
          code: 'unavailable',
          cause: error,
        });
      });
      const fields = [...new Set(['cmdLine', ...request.properties])];
      return processes.map((one) => Object.fromEntries(fields.map((field) => [field, fieldOf(one, field)])));
    },
  };
}

function toAccount({ name, username, password }: PollRequest) {
  if (username !== undefined && password !== undefined) return { username, password };
  throw new PollError(`Need username and password for authentication in guest system ${name}`, {
    code: 'request',
  });
}

/** Null for what is unset, `(null)` for what a process does not have. */
function fieldOf(process: GuestProcess, field: string): JsonValue {
  if (!Object.hasOwn(process, field)) return '(null)';
  return process[field as keyof GuestProcess] ?? null;
}
