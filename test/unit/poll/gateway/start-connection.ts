import { Connection, type ConnectionOptions } from '../../../../lib/poll/gateway/connection.ts';
import type { Received } from '../../../../lib/poll/gateway/frames.ts';
import { Turns } from '../../../../lib/poll/gateway/turns.ts';
import { createNullMechanism } from '../../../../lib/poll/gateway/zmtp/mechanism.ts';
import { createMemorySocket, settle } from './memory-socket.ts';
import { bytesOfMessage, openingOf } from './zmtp-client.ts';

export const OPENING: Buffer = openingOf('ZMTP 3.1');
/** What a client reads of the gateway before the first reply. */
export const OWN_OPENING_BYTES = 107;

/** A request as a REQ socket sends it. */
export const request = (body: string | Buffer): Buffer =>
  bytesOfMessage('v2', [Buffer.alloc(0), Buffer.from(body)]);

/** A connection over a socket in memory. Requests wait until the test answers them. */
export function startConnection(options: Partial<ConnectionOptions> & { places?: number } = {}) {
  const memory = createMemorySocket();
  /** All that the connection told its owner. */
  const told: string[] = [];
  const asked: string[] = [];
  const inHand: { received: Received; reply: (text: string) => void; fail: (why: Error) => void }[] = [];
  const turns = new Turns(options.places ?? 1_000);
  const connection = new Connection({
    socket: memory.socket,
    address: '10.0.0.1',
    mechanism: createNullMechanism(),
    turns,
    answer: (received) =>
      new Promise((resolve, reject) => {
        asked.push(Buffer.from(received.body).toString());
        inHand.push({
          received,
          reply: (text) => resolve([...received.envelope, Buffer.from(text)]),
          fail: reject,
        });
      }),
    onStray: (parts) => told.push(`stray of ${parts}`),
    onRequest: () => told.push('request'),
    onUnread: () => told.push('unread'),
    onRefused: (ending) => told.push(`refused: ${ending}`),
    onFault: (error) => told.push(`fault: ${error}`),
    onEnd: (ending) => told.push(`end: ${ending}`),
    ...options,
  });
  /** Bytes that the client sends; all that follows without an answer has happened then. */
  const receive = async (...bytes: Uint8Array[]) => {
    memory.receive(Buffer.concat(bytes));
    await settle();
  };
  const answer = async (text: string, count = 1) => {
    for (const { reply } of inHand.splice(0, count)) reply(text);
    await settle();
  };
  const tick = (count: number) => {
    for (let ticks = 0; ticks < count; ticks += 1) connection.tick();
  };
  return { ...memory, connection, turns, told, asked, inHand, receive, answer, tick };
}
