import type { PollRequest } from '../method.ts';
import type { PollReply } from '../reply.ts';

/** What the reply answers. */
export interface Asked {
  /** By its present name. */
  readonly method: string;
  readonly request: PollRequest;
}

/** Prints a reply for one kind of client, as a helper module of vPoller does. */
export type PollFormat = (reply: PollReply, asked: Asked) => string;
