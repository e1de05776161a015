import { commandBytes } from '../../../../lib/poll/gateway/zmtp/commands.ts';
import { ZmtpError } from '../../../../lib/poll/gateway/zmtp/errors.ts';
import { type Framing, frameBytes } from '../../../../lib/poll/gateway/zmtp/frames.ts';

/** What clients send first, as libzmq does: 2.x, 3.x, and 4.x; and the framing after it. */
export const GREETINGS = {
  'ZMTP 1.0': { greeting: Buffer.alloc(0), framing: 'v1' },
  'ZMTP 1.0 with a version': { greeting: Buffer.from('ff00000000000000017f0003', 'hex'), framing: 'v1' },
  'ZMTP 2.0': { greeting: Buffer.from('ff00000000000000017f0103', 'hex'), framing: 'v2' },
  'ZMTP 3.0': { greeting: threeGreeting(0), framing: 'v2' },
  'ZMTP 3.1': { greeting: threeGreeting(1), framing: 'v2' },
} as const satisfies Record<string, { greeting: Buffer; framing: Framing }>;

function threeGreeting(minor: number): Buffer {
  const rest = Buffer.alloc(52);
  rest.write('NULL');
  return Buffer.concat([Buffer.from('ff00000000000000017f03', 'hex'), Buffer.of(minor), rest]);
}

const REQ = Buffer.from('\x0bSocket-Type\0\0\0\x03REQ\x08Identity\0\0\0\0', 'latin1');

/** All that comes before the first message: the greeting, and READY or an identity. */
export function openingOf(version: keyof typeof GREETINGS): Buffer {
  const { greeting, framing } = GREETINGS[version];
  const isNew = version.startsWith('ZMTP 3');
  const body = isNew ? commandBytes('READY', REQ) : Buffer.alloc(0);
  return Buffer.concat([greeting, ...frameBytes(framing, { more: false, command: isNew, body })]);
}

export const bytesOfMessage = (framing: Framing, parts: readonly Buffer[]): Buffer =>
  Buffer.concat(
    parts.flatMap((body, index) =>
      frameBytes(framing, { more: index < parts.length - 1, command: false, body }),
    ),
  );

/** Why it ends the connection, if it does. */
export function endings(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof ZmtpError) return error.code;
    throw error;
  }
}
