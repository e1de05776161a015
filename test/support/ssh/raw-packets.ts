import { createRequire } from 'node:module';
import ssh2, { type Connection } from 'ssh2';

/** What ssh2's server keeps to itself: a test needs it to send what no well-behaved server sends. */
interface Protocol {
  readonly _packetRW: {
    readonly write: {
      readonly allocStartKEX: number;
      alloc(length: number, force: boolean): Buffer;
      finalize(packet: Buffer, force: boolean): Buffer;
    };
  };
  rekey(): void;
  _hostKeys: Readonly<Record<string, unknown>>;
}

/** From the next key exchange on the server shows another ecdsa-sha2-nistp256 key, and it asks for that exchange now. */
export function exchangeKeysWith(connection: Connection, hostKey: string): void {
  const protocol = protocolOf(connection);
  const key = ssh2.utils.parseKey(hostKey);
  if (key instanceof Error) throw key;
  protocol._hostKeys = { [key.type]: key };
  protocol.rekey();
}

const { sendPacket } = createRequire(import.meta.url)('ssh2/lib/protocol/utils.js') as {
  sendPacket(protocol: Protocol, packet: Buffer, bypass: boolean): boolean;
};

export const protocolOf = (connection: Connection): Protocol =>
  (connection as unknown as { readonly _protocol: Protocol })._protocol;

/** Sends a payload (RFC 4253, 6) as the next packet, encrypted as the connection is, whatever its state. */
export function sendPayload(connection: Connection, payload: Uint8Array): void {
  const protocol = protocolOf(connection);
  const { write } = protocol._packetRW;
  const start = write.allocStartKEX;
  const packet = write.alloc(payload.length, true);
  packet.set(payload, start);
  sendPacket(protocol, write.finalize(packet, true), true);
}

export const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
};
export const string = (text: string | Uint8Array): Buffer => {
  const bytes = Buffer.from(text);
  return Buffer.concat([uint32(bytes.length), bytes]);
};
const message = (type: number, ...parts: readonly Uint8Array[]): Buffer =>
  Buffer.concat([Buffer.from([type]), ...parts]);
const flag = (value: boolean): Buffer => Buffer.from([value ? 1 : 0]);

/** Packets from a server (RFC 4252 to 4254, 4256, 8308); `id` is the client's number of the channel, 0 for its first. */
export const packet = {
  disconnect: (reason: number, text: string) => message(1, uint32(reason), string(text), string('')),
  ignore: (bytes: number) => message(2, string(Buffer.alloc(bytes))),
  unimplemented: (sequence: number) => message(3, uint32(sequence)),
  debug: (text: string) => message(4, flag(true), string(text), string('')),
  serviceAccept: (name: string) => message(6, string(name)),
  extInfo: (algorithms: string) => message(7, uint32(1), string('server-sig-algs'), string(algorithms)),
  newKeys: () => message(21),
  authFailure: (methods: string, partial = false) => message(51, string(methods), flag(partial)),
  authSuccess: () => message(52),
  authBanner: (text: string) => message(53, string(text), string('')),
  publicKeyOk: (algorithm: string, blob: Uint8Array) => message(60, string(algorithm), string(blob)),
  prompts: (...prompts: readonly { readonly text: string; readonly echo: boolean }[]) =>
    message(
      60,
      string(''),
      string(''),
      string(''),
      uint32(prompts.length),
      ...prompts.flatMap(({ text, echo }) => [string(text), flag(echo)]),
    ),
  globalRequest: (name: string, wantReply: boolean, ...rest: readonly Uint8Array[]) =>
    message(80, string(name), flag(wantReply), ...rest),
  hostKeys: (...blobs: readonly Uint8Array[]) =>
    message(80, string('hostkeys-00@openssh.com'), flag(true), ...blobs.map(string)),
  requestSuccess: (rest: Uint8Array = Buffer.alloc(0)) => message(81, rest),
  requestFailure: () => message(82),
  channelOpen: (type: string, id: number, ...rest: readonly Uint8Array[]) =>
    message(90, string(type), uint32(id), uint32(1 << 20), uint32(32_768), ...rest),
  channelConfirm: (id: number, window = 1 << 20, maxPacket = 32_768) =>
    message(91, uint32(id), uint32(0), uint32(window), uint32(maxPacket)),
  channelRefuse: (id: number, why: string) => message(92, uint32(id), uint32(1), string(why), string('')),
  windowAdjust: (id: number, bytes: number) => message(93, uint32(id), uint32(bytes)),
  data: (id: number, text: string | Uint8Array) => message(94, uint32(id), string(text)),
  extendedData: (id: number, text: string | Uint8Array, type = 1) =>
    message(95, uint32(id), uint32(type), string(text)),
  eof: (id: number) => message(96, uint32(id)),
  close: (id: number) => message(97, uint32(id)),
  channelRequest: (id: number, name: string, wantReply: boolean, ...rest: readonly Uint8Array[]) =>
    message(98, uint32(id), string(name), flag(wantReply), ...rest),
  exitStatus: (id: number, code: number) =>
    message(98, uint32(id), string('exit-status'), flag(false), uint32(code)),
  exitSignal: (id: number, signal: string) =>
    message(
      98,
      uint32(id),
      string('exit-signal'),
      flag(false),
      string(signal),
      flag(false),
      string(''),
      string(''),
    ),
  channelSuccess: (id: number) => message(99, uint32(id)),
  channelFailure: (id: number) => message(100, uint32(id)),
} as const;
