import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** What the server says of a name: its IPv4 address, that there is no such name, or nothing at all. */
export type DnsAnswer = string | 'absent' | 'silence';

export interface DnsServer extends AsyncDisposable {
  /** `127.0.0.1:<port>`, as a resolver takes it. */
  readonly server: string;
}

const A = 1;
const HEADER_BYTES = 12;
const NO_SUCH_NAME = 3;

/** A DNS server on loopback that knows A records; a name has no address of another kind. */
export async function startDnsServer(answerTo: (name: string) => DnsAnswer): Promise<DnsServer> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 1024 * 1024 });
  socket.on('message', (query, { address, port }) => {
    const { name, type, end } = readQuestion(query);
    const answer = answerTo(name);
    if (answer === 'silence') return;
    const addresses = answer === 'absent' || type !== A ? [] : [answer];
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt16BE(query.readUInt16BE(0), 0);
    header.writeUInt16BE(0x8180 + (answer === 'absent' ? NO_SUCH_NAME : 0), 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(addresses.length, 6);
    socket.send(
      Buffer.concat([header, query.subarray(HEADER_BYTES, end), ...addresses.map(toRecord)]),
      port,
      address,
    );
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    server: `127.0.0.1:${socket.address().port}`,
    async [Symbol.asyncDispose]() {
      socket.close();
      await once(socket, 'close');
    },
  };
}

function readQuestion(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.'), type: query.readUInt16BE(at + 1), end: at + 5 };
}

/** A pointer to the name of the question, type A, class IN, a minute, four bytes. */
const toRecord = (address: string): Buffer =>
  Buffer.from([0xc0, HEADER_BYTES, 0, A, 0, 1, 0, 0, 0, 60, 0, 4, ...address.split('.').map(Number)]);
