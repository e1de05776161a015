import { EventEmitter, getEventListeners } from 'node:events';
import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import type { Client, ClientCallback, ClientChannel } from 'ssh2';
import { describe, expect, it } from 'vitest';
import { execute } from '../../../lib/esxi/execute.ts';
import { createOutputBudget, type OutputBudget } from '../../../lib/esxi/output-budget.ts';

const MAX_BYTES = 10;
/** The packets of a connection may carry 16 times what the command may print. */
const MAX_TRAFFIC = 160;

/** A command under way: `channel` has been handed out, and each side may do what it does to it. */
function start(exec?: (callback: ClientCallback) => void, budget?: OutputBudget) {
  const channel = Object.assign(new PassThrough(), { stderr: new PassThrough() });
  const commands: string[] = [];
  const client = Object.assign(new EventEmitter(), {
    exec(command: string, callback: ClientCallback) {
      commands.push(command);
      if (exec) exec(callback);
      else callback(undefined, channel as unknown as ClientChannel);
    },
  });
  const socket = new EventEmitter();
  const caller = new AbortController();
  const run = (signal = caller.signal) =>
    execute(
      { client: client as unknown as Client, socket: socket as unknown as Socket },
      { command: 'uptime', maxOutputBytes: budget ? 1_000_000 : MAX_BYTES, where: 'esx1:22', budget },
      { signal },
    );
  return { channel, client, socket, caller, commands, run };
}

describe('execute', () => {
  it('gives what the command printed on stdout, and its exit code', async () => {
    const { channel, commands, run } = start();
    const running = run();
    channel.emit('data', Buffer.from('one '));
    channel.stderr.emit('data', Buffer.from('noise'));
    channel.emit('data', Buffer.from('two'));
    channel.emit('exit', 3);
    channel.emit('close');
    expect(await running).toEqual({ stdout: 'one two', exitCode: 3 });
    expect(commands).toEqual(['uptime']);
  });

  it('knows no exit code of a command whose host did not tell one', async () => {
    const { channel, run } = start();
    const running = run();
    channel.emit('close');
    expect(await running).toEqual({ stdout: '', exitCode: null });
  });

  it.each<[string, (about: ReturnType<typeof start>) => void, string]>([
    [
      'the connection fails',
      ({ client }) => client.emit('error', new Error('it\x07broke')),
      'the connection failed during the command (it broke)',
    ],
    [
      'the host closes the connection',
      ({ client }) => client.emit('close'),
      'the host closed the connection during the command',
    ],
    [
      'the command prints too much',
      ({ channel }) => channel.emit('data', Buffer.alloc(MAX_BYTES + 1)),
      "the command printed more than 10 bytes; check that the account's shell is the default one of ESXi, and that own metrics ask for few lines",
    ],
    [
      'the command prints too much on stderr, in pieces',
      ({ channel }) => {
        channel.stderr.emit('data', Buffer.alloc(MAX_BYTES));
        channel.stderr.emit('data', Buffer.alloc(1));
      },
      "the command printed more than 10 bytes; check that the account's shell is the default one of ESXi, and that own metrics ask for few lines",
    ],
    [
      'the host sends too much beside the command',
      ({ socket }) => socket.emit('data', Buffer.alloc(MAX_TRAFFIC + 1)),
      'the host sent more than 160 bytes during the command',
    ],
  ])('says where and why it failed when %s, and is not to be repeated', async (_what, happens, message) => {
    const about = start();
    const running = about.run();
    happens(about);
    await expect(running).rejects.toMatchObject({
      message: `esx1:22: ${message}`,
      code: 'output',
      retryable: false,
      login: { loggedIn: true },
    });
  });

  it.each<[string, (callback: ClientCallback) => void, string]>([
    [
      'is refused',
      (callback) => callback(new Error('no\nshell'), undefined as unknown as ClientChannel),
      'the host does not run commands (no shell)',
    ],
    [
      'comes too late for the connection',
      () => {
        throw new Error('Not connected');
      },
      'the connection failed during the command (Not connected)',
    ],
  ])('fails a command that %s', async (_what, exec, message) => {
    await expect(start(exec).run()).rejects.toMatchObject({
      message: `esx1:22: ${message}`,
      code: 'output',
      cause: expect.any(Error),
      login: { loggedIn: true },
    });
  });

  it('hands over what was printed before it ended early, byte by byte', async () => {
    const ends: ((about: ReturnType<typeof start>) => void)[] = [
      ({ client }) => client.emit('close'),
      ({ caller }) => caller.abort(new Error('over')),
      ({ channel }) => channel.emit('data', Buffer.alloc(MAX_BYTES)),
    ];
    for (const end of ends) {
      const about = start();
      const running = about.run();
      about.channel.emit('data', Buffer.from('é'));
      about.channel.stderr.emit('data', Buffer.from('no'));
      end(about);
      await expect(running).rejects.toMatchObject({ output: 'Ã©' });
    }
    await expect(start().run(AbortSignal.abort(new Error('over')))).rejects.toMatchObject({ output: '' });
  });

  it('reads as much as it may, and no byte more', async () => {
    const { channel, socket, run } = start();
    const running = run();
    channel.emit('data', Buffer.alloc(MAX_BYTES, 'x'));
    channel.stderr.emit('data', Buffer.alloc(MAX_BYTES));
    socket.emit('data', Buffer.alloc(MAX_TRAFFIC));
    channel.emit('close');
    expect(await running).toMatchObject({ stdout: 'x'.repeat(MAX_BYTES) });
  });

  it('runs nothing when the time is over, and ends a command with it', async () => {
    const late = start();
    await expect(late.run(AbortSignal.abort(new Error('over')))).rejects.toMatchObject({
      code: 'exec-timeout',
      login: { loggedIn: true },
    });
    expect(late.commands).toEqual([]);

    const { caller, run } = start();
    const running = run();
    caller.abort(new Error('over'));
    await expect(running).rejects.toMatchObject({
      message: 'esx1:22: the command timed out; check whether the host is overloaded',
      code: 'exec-timeout',
      retryable: false,
      cause: caller.signal.reason,
    });
  });

  it.each<[string, (about: ReturnType<typeof start>) => void]>([
    ['ends', ({ channel }) => channel.emit('close')],
    ['is ended by the host', ({ client }) => client.emit('close')],
  ])('fails, and throws in no callback, where output that cannot be read %s', async (_how, end) => {
    const about = start();
    const running = about.run();
    about.channel.emit('data', { length: 3 });
    end(about);
    await expect(running).rejects.toMatchObject({
      message: expect.stringMatching(/^esx1:22: the output cannot be read \(/),
      code: 'output',
      login: { loggedIn: true },
    });
  });

  it('keeps no more than all sessions may hold, and gives it back when it ends', async () => {
    const budget = createOutputBudget(100_000);
    const loud = start(undefined, budget);
    const first = loud.run();
    loud.channel.emit('data', Buffer.alloc(300_000));
    const other = start(undefined, budget);
    const second = other.run();
    other.channel.emit('data', Buffer.alloc(200_000, 'x'));
    other.channel.emit('data', Buffer.alloc(150_000));
    await expect(second).rejects.toMatchObject({
      message:
        'esx1:22: this session and others printed more than there is memory for; let own metrics ask for fewer lines',
      code: 'output',
      output: 'x'.repeat(200_000),
    });
    other.channel.emit('close');
    loud.channel.emit('close');
    await first;
    const third = start(undefined, budget);
    const last = third.run();
    third.channel.emit('data', Buffer.alloc(350_000));
    third.channel.emit('close');
    expect((await last).stdout).toHaveLength(350_000);
  });

  it('keeps nothing that comes behind what there was no room for', async () => {
    const about = start(undefined, createOutputBudget(0));
    const running = about.run();
    about.channel.emit('data', Buffer.from('one'));
    about.channel.emit('data', Buffer.alloc(256 * 1024));
    about.channel.emit('data', Buffer.from('two'));
    await expect(running).rejects.toMatchObject({ output: 'one' });
  });

  it('listens no longer than the command runs', async () => {
    const { channel, client, socket, caller, run } = start();
    const running = run();
    const listeners = () => [
      client.listenerCount('error'),
      client.listenerCount('close'),
      socket.listenerCount('data'),
      getEventListeners(caller.signal, 'abort').length,
    ];
    expect(listeners()).toEqual([1, 1, 1, 1]);
    channel.emit('close');
    await running;
    expect(listeners()).toEqual([0, 0, 0, 0]);
  });
});
