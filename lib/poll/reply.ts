import { messageOf, VsweepError } from '../platform/errors.ts';

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** One object of a result: property path -> value. */
export type PollResult = Readonly<Record<string, JsonValue>>;

/** What a poll is answered with, as vPoller answers. `success` is 0 when it succeeded. */
export type PollReply =
  | { readonly success: 0; readonly msg: string; readonly result: readonly PollResult[] }
  | { readonly success: 1; readonly msg: string; readonly traceback?: string };

/** Our own errors say what to do; anything else is answered as vPoller answers a task that raised. */
export function toFailure(error: unknown, method: string): PollReply {
  if (error instanceof VsweepError) return { success: 1, msg: error.message };
  return { success: 1, msg: `Task ${method} failed`, traceback: messageOf(error) };
}
