import { VsweepError } from '../../../platform/errors.ts';

/** Why the gateway ends a connection, and what its log says of it. */
export const ENDINGS = {
  'not-zmtp': 'it does not speak ZMTP as a REQ, DEALER or ROUTER socket does',
  mechanism: 'it asks for another security mechanism than this endpoint has',
  'client-key': 'it has no key that this endpoint admits, or expects another key of the server',
  'message-bytes': 'its message is larger than 64 KiB',
  'message-parts': 'its message has more than 16 parts',
  handshake: 'it did not finish the handshake within 10 s',
  'unread-replies': 'it does not read its replies',
  crowd: 'there are too many connections',
  fault: 'the gateway has failed on it, which is a fault of vsweep',
} as const;

export type Ending = keyof typeof ENDINGS;

/** A peer does what the gateway does not accept; its connection ends. */
export class ZmtpError extends VsweepError<Ending> {
  constructor(code: Ending) {
    super(ENDINGS[code], { code });
  }
}
