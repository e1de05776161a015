/** What a client sent: its envelope, which the reply carries back, and the one frame of text. */
export interface Received {
  /** Whatever stands before the text, the empty frame included. */
  readonly envelope: readonly Uint8Array[];
  readonly body: Uint8Array;
}

/**
 * Takes a message apart: the ids of proxies on the way, an empty frame, the text. Undefined when it
 * is not of this form, as a socket other than REQ may send it: there is no reply that such a client could read.
 */
export function parseFrames(frames: readonly Uint8Array[]): Received | undefined {
  const [body] = frames.slice(-1);
  const envelope = frames.slice(0, -1);
  if (body === undefined || envelope.length === 0) return undefined;
  const isEmpty = ({ length }: Uint8Array) => length === 0;
  return envelope.findIndex(isEmpty) === envelope.length - 1 ? { envelope, body } : undefined;
}
