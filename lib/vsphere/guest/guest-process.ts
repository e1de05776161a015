import { VsphereUnsupportedError } from '../errors.ts';
import { toPropertyValue } from '../property/property-value.ts';
import type { RetrievalSession } from '../property/retrieval.ts';
import { retrieveProperty } from '../property/retrieve-property.ts';
import type { MoRef, PropertyValue } from '../property/retrieved-object.ts';
import { fieldOf, integerOf, moRefOf, textOf } from '../property/value-fields.ts';
import { requireManager } from '../service-content.ts';
import { callForValues } from '../soap/soap-reply.ts';
import { methodCall, reference, textElement } from '../soap/soap-request.ts';

/** GuestProcessInfo in the vSphere API. */
export interface GuestProcess {
  readonly name: string;
  readonly pid: number;
  readonly owner: string;
  readonly cmdLine: string;
  /** ISO 8601, as vSphere sent it. */
  readonly startTime: string;
  /** Of a process that was started through vSphere and has ended. */
  readonly endTime: string | undefined;
  readonly exitCode: number | undefined;
}

/** An account of the guest's own system. Never log it, never put it into a message. */
export interface GuestAccount {
  readonly username: string;
  readonly password: string;
}

/**
 * The processes in a virtual machine. Needs VMware Tools in the guest, and the privilege
 * VirtualMachine.GuestOperations.Query. It is a login to the guest, which may lock its account like any other: it is
 * sent once and never repeated. Faults are vSphere's, such as InvalidGuestLogin and GuestOperationsUnavailable.
 */
export async function listGuestProcesses(
  session: RetrievalSession,
  { virtualMachine, account }: { virtualMachine: MoRef; account: GuestAccount },
  { signal }: { signal: AbortSignal },
): Promise<readonly GuestProcess[]> {
  const manager = await readProcessManager(session, { signal });
  const { username, password } = account;
  const auth =
    '<auth xsi:type="NamePasswordAuthentication"><interactiveSession>false</interactiveSession>' +
    `${textElement('username', username)}${textElement('password', password)}</auth>`;
  const call = methodCall('ListProcessesInGuest', manager, reference('vm', virtualMachine) + auth);
  const found = await callForValues(session.transport, { ...call, secret: password }, { signal });
  return found.flatMap((element) => toGuestProcess(toPropertyValue(element)) ?? []);
}

async function readProcessManager(
  session: RetrievalSession,
  { signal }: { signal: AbortSignal },
): Promise<MoRef> {
  const operations = requireManager(session.content, 'guestOperationsManager');
  const manager = moRefOf(await retrieveProperty(session, operations, 'processManager', { signal }));
  if (manager !== undefined) return manager;
  throw new VsphereUnsupportedError(
    `${session.content.about.fullName} has no GuestProcessManager, so it cannot list processes in a guest`,
    { code: 'unsupported' },
  );
}

export function toGuestProcess(value: PropertyValue): GuestProcess | undefined {
  const pid = integerOf(fieldOf(value, 'pid'));
  if (pid === undefined) return undefined;
  const word = (field: string) => textOf(fieldOf(value, field));
  return {
    pid,
    name: word('name') ?? '',
    owner: word('owner') ?? '',
    cmdLine: word('cmdLine') ?? '',
    startTime: word('startTime') ?? '',
    endTime: word('endTime'),
    exitCode: integerOf(fieldOf(value, 'exitCode')),
  };
}
