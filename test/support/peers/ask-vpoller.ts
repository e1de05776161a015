import { Request } from 'zeromq';

/** One request to vPoller, or to what speaks as it does, as its clients send it; the bytes of the reply. */
export async function askVpoller(
  endpoint: string,
  message: unknown,
  { timeoutMs = 15_000 }: { timeoutMs?: number } = {},
): Promise<Buffer> {
  const socket = new Request({ linger: 0, receiveTimeout: timeoutMs });
  try {
    socket.connect(endpoint);
    await socket.send(
      typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message),
    );
    const [reply] = await socket.receive();
    return reply as Buffer;
  } finally {
    socket.close();
  }
}
