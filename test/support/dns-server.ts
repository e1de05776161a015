import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIP } from 'node:net';

/**
 * What the server says of a name and a kind of address: an address of that kind, that the name has none of it (`none`),
 * that there is no such name, that it has failed itself, or nothing at all.
 */
export type DnsAnswer = string | 'none' | 'absent' | 'failure' | 'silence';

export interface DnsServer extends AsyncDisposable {
  /** `127.0.0.1:<port>`, as a resolver takes it. */
  readonly server: string;
}

const A = 1;
const HEADER_BYTES = 12;
/** RFC 1035, 4.1.1. */
const RESPONSE_CODES: Readonly<Record<string, number>> = { failure: 2, absent: 3 };

/** A DNS server on loopback. An IPv4 address is no answer to the question for an IPv6 address, and the other way round. */
export async function startDnsServer(
  answerTo: (name: string, kind: 'A' | 'AAAA') => DnsAnswer | Promise<DnsAnswer>,
): Promise<DnsServer> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 1024 * 1024 });
  socket.on('message', async (query, { address, port }) => {
    const { name, type, end } = readQuestion(query);
    const answer = await answerTo(name, type === A ? 'A' : 'AAAA');
    if (answer === 'silence') return;
    const addresses = isIP(answer) === (type === A ? 4 : 6) ? [answer] : [];
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt16BE(query.readUInt16BE(0), 0);
    header.writeUInt16BE(0x8180 + (RESPONSE_CODES[answer] ?? 0), 2);
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

/** A pointer to the name of the question, type A or AAAA, class IN, a minute, the bytes of the address. */
function toRecord(address: string): Buffer {
  const bytes = isIP(address) === 4 ? address.split('.').map(Number) : bytesOfIpv6(address);
  return Buffer.from([
    0xc0,
    HEADER_BYTES,
    0,
    bytes.length === 4 ? A : 28,
    0,
    1,
    0,
    0,
    0,
    60,
    0,
    bytes.length,
    ...bytes,
  ]);
}

function bytesOfIpv6(address: string): number[] {
  const [head = [], tail = []] = address
    .split('::')
    .map((part) => part.split(':').filter((word) => word !== ''));
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0');
  return [...head, ...zeros, ...tail].flatMap((word) => {
    const value = Number.parseInt(word, 16);
    return [value >> 8, value & 0xff];
  });
}
