import { setImmediate } from 'node:timers/promises';
import type { Connection } from 'ssh2';
import { describe, expect, it, vi } from 'vitest';
import { startOddServer } from '../../support/ssh/odd-server.ts';
import { packet, protocolOf, sendPayload, string, uint32 } from '../../support/ssh/raw-packets.ts';
import { ask, failureOf } from './demo-fleet.ts';

const at = ({ address, port }: { address: string; port: number }) => ({
  target: { host: address, port },
  command: 'true',
  timeouts: { connectMs: 5_000, loginMs: 5_000, commandMs: 1_000 },
});

const UNHURRIED = { connectMs: 20_000, loginMs: 20_000, commandMs: 20_000 };

const sendAll = (connection: Connection, payloads: readonly Uint8Array[]) => {
  for (const payload of payloads) sendPayload(connection, payload);
};

/** Vitest fails the run when an event of the client's streams is unhandled, also after the test's end. */
async function lateEvents(server: { connections(): number }): Promise<void> {
  await vi.waitFor(() => expect(server.connections()).toBe(0));
  await setImmediate();
}

describe('runCommand, on a host whose packets come in no order', () => {
  it.each<[string, readonly Uint8Array[]]>([
    ['stderr after the end', [packet.channelSuccess(0), packet.eof(0), packet.extendedData(0, 'late')]],
    ['output after the end', [packet.channelSuccess(0), packet.eof(0), packet.data(0, 'late')]],
    [
      'stderr after the end, before the command is confirmed',
      [packet.eof(0), packet.extendedData(0, 'late')],
    ],
    ['output after the end, before the command is confirmed', [packet.eof(0), packet.data(0, 'late')]],
    ['another end and stderr', [packet.eof(0), packet.eof(0), packet.extendedData(0, 'late')]],
    ['a packet that is malformed', [packet.channelSuccess(0), Buffer.from([94, 0])]],
    ['a channel number that no channel has', [packet.data(0xff_ff_ff_ff, 'x')]],
    ['a disconnect with its reason', [packet.disconnect(2, 'no more')]],
    ['the end of the channel in the place of the confirmation', [packet.close(0)]],
    ['a refusal of the command', [packet.channelFailure(0)]],
    ['an unexpected key exchange message', [packet.newKeys()]],
  ])('fails a host that sends %s', async (_what, payloads) => {
    await using server = await startOddServer({ onExec: (connection) => sendAll(connection, payloads) });
    const error = await failureOf(ask(server, at(server)));
    expect(['output', 'exec-timeout']).toContain(error.code);
    expect(error).toMatchObject({ credentialSent: false, retryable: false });
    await lateEvents(server);
  });

  it('fails a host that ends the conversation in the same moment as it accepts the login', async () => {
    await using server = await startOddServer({
      onReady: (connection) => sendPayload(connection, Buffer.from([94, 0])),
    });
    const error = await failureOf(ask(server, at(server)));
    expect(error).toMatchObject({ code: 'output', credentialSent: false });
    await lateEvents(server);
  });

  it('reads a host that sends what no client needs before and after its answer', async () => {
    const noise = [
      packet.globalRequest('keepalive@openssh.com', true),
      packet.channelOpen('x11', 7, string('127.0.0.1'), uint32(6_000)),
      packet.channelOpen('auth-agent@openssh.com', 8),
      packet.channelConfirm(0),
      packet.channelConfirm(5),
      packet.requestSuccess(),
      packet.ignore(10),
      packet.debug('hello'),
      packet.authSuccess(),
      packet.authFailure('password'),
      packet.prompts({ text: 'Password: ', echo: false }),
    ];
    const answer = [
      packet.channelSuccess(0),
      packet.data(0, 'said\n'),
      packet.exitStatus(0, 0),
      packet.eof(0),
    ];
    await using server = await startOddServer({
      onExec: (connection) =>
        sendAll(connection, [
          ...noise,
          ...answer,
          packet.extendedData(0, ''),
          packet.close(0),
          packet.close(0),
        ]),
    });
    expect(await ask(server, at(server))).toMatchObject({ stdout: 'said\n', exitCode: 0 });
    await lateEvents(server);
  });

  it('survives stderr that comes when the command has been given up', async () => {
    const asked = Promise.withResolvers<Connection>();
    await using server = await startOddServer({ onExec: (connection) => asked.resolve(connection) });
    const caller = new AbortController();
    const run = failureOf(ask(server, at(server), {}, caller.signal));
    sendAll(await asked.promise, [packet.channelSuccess(0), packet.eof(0), packet.extendedData(0, 'late')]);
    caller.abort(new Error('enough'));
    expect(await run).toMatchObject({ code: 'timeout', credentialSent: false });
    await lateEvents(server);
  });

  it('ends a host that exchanges keys again and again', async () => {
    let exchanges = 0;
    await using server = await startOddServer({
      onHandshake: (connection) => {
        exchanges += 1;
        if (exchanges < 100) setTimeout(() => protocolOf(connection).rekey(), 1);
      },
      onExec: () => undefined,
    });
    const error = await failureOf(ask(server, { ...at(server) }));
    expect(error.message).toMatch(/the host exchanged keys 9 times/);
    expect(exchanges).toBeLessThan(12);
    await lateEvents(server);
  });

  it('ends a host that floods the connection beside the command', async () => {
    await using server = await startOddServer({
      onExec: (connection) => {
        for (let sent = 0; sent < 200; sent += 1) sendPayload(connection, packet.ignore(10_000));
      },
    });
    const error = await failureOf(
      ask(server, { ...at(server), maxOutputBytes: 65_536, timeouts: UNHURRIED }),
    );
    expect(error).toMatchObject({
      code: 'output',
      message: expect.stringMatching(/sent more than \d+ bytes/),
    });
    await lateEvents(server);
  });

  it('ends a host whose command prints too much on stderr', async () => {
    await using server = await startOddServer({
      onExec: (connection) =>
        sendAll(connection, [packet.channelSuccess(0), packet.extendedData(0, 'x'.repeat(1_001))]),
    });
    const error = await failureOf(ask(server, { ...at(server), maxOutputBytes: 1_000 }));
    expect(error).toMatchObject({
      code: 'output',
      message: expect.stringContaining('printed more than 1000 bytes'),
    });
  });

  it('ends a host that floods the connection before the login', async () => {
    await using server = await startOddServer({
      onHandshake: (connection) => {
        for (let sent = 0; sent < 30; sent += 1) sendPayload(connection, packet.ignore(10_000));
      },
    });
    const error = await failureOf(ask(server, at(server)));
    expect(error).toMatchObject({ code: 'banner', credentialSent: false });
    expect(error.message).toContain('sent too much data before the login');
    await lateEvents(server);
  });

  it('ends a host that says too much before its banner', async () => {
    await using server = await startOddServer({
      onSocket: (socket) => socket.resume().write('hello\n'.repeat(4_000)),
    });
    const error = await failureOf(ask(server, at(server)));
    expect(error).toMatchObject({ code: 'banner', credentialSent: false });
    await lateEvents(server);
  });
});
