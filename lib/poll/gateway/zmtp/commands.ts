import { ZmtpError } from './errors.ts';

/** A command of a connection: its name and what follows it. */
export interface Command {
  readonly name: string;
  readonly body: Buffer;
}

export function parseCommand(bytes: Buffer): Command {
  const nameEnd = 1 + (bytes[0] ?? 0);
  if (nameEnd < 2 || nameEnd > bytes.length) throw new ZmtpError('not-zmtp');
  return { name: bytes.toString('latin1', 1, nameEnd), body: bytes.subarray(nameEnd) };
}

export const commandBytes = (name: string, ...body: readonly Uint8Array[]): Buffer =>
  Buffer.concat([Buffer.from([name.length]), Buffer.from(name, 'latin1'), ...body]);

/** What a ROUTER socket tells of itself in its handshake. */
export const OWN_PROPERTIES = Buffer.concat([
  propertyBytes('Socket-Type', 'ROUTER'),
  propertyBytes('Identity', ''),
]);

/** Those that a ROUTER socket speaks with. */
const PEERS: readonly (string | undefined)[] = ['REQ', 'DEALER', 'ROUTER', undefined];

/** Checks what a client tells of itself in its handshake. Throws ZmtpError. */
export function checkProperties(bytes: Buffer): void {
  let socketType: string | undefined;
  let at = 0;
  while (at < bytes.length) {
    const nameEnd = at + 1 + (bytes[at] ?? 0);
    const valueStart = nameEnd + 4;
    if (valueStart > bytes.length) throw new ZmtpError('not-zmtp');
    const valueEnd = valueStart + bytes.readUInt32BE(nameEnd);
    if (valueEnd > bytes.length) throw new ZmtpError('not-zmtp');
    const name = bytes.toString('latin1', at + 1, nameEnd).toLowerCase();
    if (name === 'socket-type') socketType = bytes.toString('latin1', valueStart, valueEnd);
    at = valueEnd;
  }
  if (!PEERS.includes(socketType)) throw new ZmtpError('not-zmtp');
}

function propertyBytes(name: string, value: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(value.length);
  return Buffer.concat([Buffer.from([name.length]), Buffer.from(name), length, Buffer.from(value)]);
}

/** What answers a heartbeat: its context, after the two bytes that say how long the connection may be silent. */
export function pongFor({ name, body }: Command): Buffer | undefined {
  if (name !== 'PING') return undefined;
  if (body.length < 2 || body.length > 2 + MAX_CONTEXT) throw new ZmtpError('not-zmtp');
  return commandBytes('PONG', body.subarray(2));
}

const MAX_CONTEXT = 16;
