import { messageOf, VsweepError } from '../platform/errors.ts';
import {
  VsphereConnectionError,
  VsphereFaultError,
  VspherePathError,
  VsphereReplyError,
  VsphereUnsupportedError,
} from '../vsphere/errors.ts';

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** One object of a result: property path -> value. */
export type PollResult = Readonly<Record<string, JsonValue>>;

/** Most methods answer a list; those about one object and what belongs to it, as `host.net.get`, answer an object. */
export type PollAnswer = readonly PollResult[] | PollResult;

/** What a poll is answered with, as vPoller answers. `success` is 0 when it succeeded. */
export type PollReply =
  | { readonly success: 0; readonly msg: string; readonly result: PollAnswer }
  | { readonly success: 1; readonly msg: string; readonly traceback?: string };

/** A result as a list: an answer that is one object is a list of one. */
export function toResultList(answer: PollAnswer): readonly PollResult[] {
  return isList(answer) ? answer : [answer];
}

/** Our own errors say what to do; anything else is answered as vPoller answers a task that raised. */
export function toFailure(error: unknown, method: string): PollReply {
  if (isCollecting(error)) return { success: 1, msg: `Cannot collect properties: ${error.message}` };
  if (error instanceof VsweepError) return { success: 1, msg: error.message };
  return { success: 1, msg: `Task ${method} failed`, traceback: messageOf(error) };
}

const COLLECTING = [
  VspherePathError,
  VsphereFaultError,
  VsphereReplyError,
  VsphereConnectionError,
  VsphereUnsupportedError,
] as const;

/** What vSphere, or the way to it, answered a session that is logged in; a login fails with errors of its own. */
function isCollecting(error: unknown): error is VsweepError {
  return COLLECTING.some((one) => error instanceof one);
}

/** Array.isArray does not narrow to readonly arrays. */
function isList(answer: PollAnswer): answer is readonly PollResult[] {
  return Array.isArray(answer);
}
