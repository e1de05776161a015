import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { Client } from 'ssh2';
import { describe, expect, it } from 'vitest';
import { connectTcp } from '../../../lib/esxi/connect-tcp.ts';
import { execute } from '../../../lib/esxi/execute.ts';
import { DeadlineError } from '../../../lib/platform/errors.ts';

const connection = {
  client: new EventEmitter() as unknown as Client,
  socket: new EventEmitter() as unknown as Socket,
};
const request = { command: 'true', maxOutputBytes: 1, where: 'esx1:22' };

describe('a time-out', () => {
  it.each<[string, (options: { signal: AbortSignal }) => Promise<unknown>, string]>([
    [
      'of a connection',
      (options) => connectTcp({ host: '192.0.2.1', port: 22 }, {}, options),
      'check the host and',
    ],
    ['of a name', (options) => connectTcp({ host: 'esx1', port: 22 }, {}, options), 'check the DNS'],
    [
      'of a command',
      (options) => execute(connection, request, options),
      'check whether the host is overloaded',
    ],
  ])('%s says that this process was stalled, or else what to look at', async (_what, work, remedy) => {
    const failing = (stalledMs: number) =>
      work({ signal: AbortSignal.abort(new DeadlineError('it', stalledMs)) });
    await expect(failing(20_000)).rejects.toThrow(
      /(timed out|in time); this process was stalled for 20 s\. Check /,
    );
    await expect(failing(250)).rejects.toThrow(remedy);
  });
});
