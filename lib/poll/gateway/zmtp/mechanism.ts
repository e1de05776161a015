import { checkProperties, commandBytes, OWN_PROPERTIES, parseCommand } from './commands.ts';
import { ZmtpError } from './errors.ts';
import type { Frame } from './frames.ts';
import type { MechanismName } from './greeting.ts';

/** The security of one connection: its handshake, and how frames are wrapped after it. */
export interface Mechanism {
  readonly name: MechanismName;
  /** Bytes that wrapping adds to a frame. */
  readonly overhead: number;
  /** The command that it sends after the greeting, if it begins. */
  readonly first?: Buffer;
  /** Answers a command of the handshake. Throws ZmtpError. */
  shake(command: Buffer): { readonly reply?: Buffer; readonly isOver: boolean };
  /** Throws ZmtpError. */
  unwrap(frame: Frame): Frame;
  wrap(frame: Frame): Frame;
}

/** No security: whoever connects is served. */
export const createNullMechanism = (): Mechanism => ({
  name: 'NULL',
  overhead: 0,
  first: commandBytes('READY', OWN_PROPERTIES),
  shake(bytes) {
    const { name, body } = parseCommand(bytes);
    if (name !== 'READY') throw new ZmtpError('not-zmtp');
    checkProperties(body);
    return { isOver: true };
  },
  unwrap: (frame) => frame,
  wrap: (frame) => frame,
});
