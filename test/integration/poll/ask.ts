import { Request } from 'zeromq';

/** One request, as vPoller's clients send it; the text of its reply. */
export async function ask(endpoint: string, message: unknown): Promise<string> {
  const socket = new Request({ linger: 0, receiveTimeout: 15_000 });
  try {
    socket.connect(endpoint);
    await socket.send(
      typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message),
    );
    const [reply] = await socket.receive();
    return String(reply);
  } finally {
    socket.close();
  }
}
