import { expect, it } from 'vitest';
import { startOddServer } from '../../support/ssh/odd-server.ts';
import { packet, sendPayload } from '../../support/ssh/raw-packets.ts';
import { ask } from './demo-fleet.ts';

/** RFC 4254, 4: SSH_MSG_GLOBAL_REQUEST without a name. */
const MALFORMED = Buffer.from([80]);

/** Node tells of an unhandled rejection once the callbacks of its turn are over. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

it('a host that answers a command and breaks the protocol in the same moment ends no process by a rejection that nobody handles', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  try {
    await using server = await startOddServer({
      onExec(connection, socket) {
        const answer = [packet.channelSuccess(0), packet.data(0, 'said\n'), packet.exitStatus(0, 0)];
        for (const payload of [...answer, packet.eof(0)]) sendPayload(connection, payload);
        void turns(50).then(() => {
          // In one piece, so that they are read in one turn.
          socket.cork();
          sendPayload(connection, packet.close(0));
          sendPayload(connection, MALFORMED);
          socket.uncork();
        });
      },
    });
    const target = { host: server.address, port: server.port };
    const { stdout } = await ask(server, { target, command: 'true' });
    expect(stdout).toBe('said\n');
    await turns(5);
  } finally {
    process.off('unhandledRejection', note);
  }
  expect(unhandled).toEqual([]);
});
