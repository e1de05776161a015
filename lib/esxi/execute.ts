import type { Socket } from 'node:net';
import type { Client, ClientCallback, ClientChannel } from 'ssh2';
import { messageOf, stalledMsOf } from '../platform/errors.ts';
import { remedyForStall } from '../platform/heartbeat.ts';
import { printable, SshError } from './errors.ts';
import type { OutputBudget, OutputShare } from './output-budget.ts';

export interface Executed {
  /** Bytes as latin1: a character each. */
  readonly stdout: string;
  /** Null when a signal ended the command, or when the host did not tell. */
  readonly exitCode: number | null;
}

/** How much a connection may carry for each byte of output: packets have an overhead, and a host says other things too. */
const OVERHEAD = 16;

/**
 * Runs one command in one channel and keeps its stdout; stderr is dropped. Either stream may be `maxOutputBytes`
 * long, and stdout no longer than the budget of all sessions has room. Rejects with SshError `exec-timeout` when the signal aborts, else `output`; either holds what was printed by then.
 * The caller ends the connection.
 */
export async function execute(
  { client, socket }: { client: Client; socket: Socket },
  request: { command: string; maxOutputBytes: number; where: string; budget?: OutputBudget | undefined },
  { signal }: { signal: AbortSignal },
): Promise<Executed> {
  const { command, maxOutputBytes, where, budget } = request;
  const done = Promise.withResolvers<Executed>();
  const chunks: Buffer[] = [];
  const share = budget?.open();
  const printed = () => Buffer.concat(chunks).toString('latin1');
  let isOver = false;
  // What came before may be on its way through the channel's stream: it is read in this turn of the event loop.
  const end = (toError: (output: string) => SshError) => {
    isOver = true;
    setImmediate(() => settle(done, where, () => toError(printed())));
  };
  const fail = (what: string, cause?: unknown) =>
    end((output) => new SshError(`${where}: ${what}`, { code: 'output', loggedIn: true, output, cause }));
  const onAbort = () => end((output) => outOfTime(where, output, signal.reason));
  const onError = (error: Error) =>
    fail(`the connection failed during the command (${printable(messageOf(error))})`, error);
  const onClose = () => fail('the host closed the connection during the command');
  const onData = limited(maxOutputBytes * OVERHEAD, () =>
    fail(`the host sent more than ${maxOutputBytes * OVERHEAD} bytes during the command`),
  );
  signal.addEventListener('abort', onAbort);
  client.on('error', onError).on('close', onClose);
  socket.on('data', onData);
  try {
    if (signal.aborted) throw outOfTime(where, '', signal.reason);
    startCommand(client, command, onError, (error, channel) => {
      if (error) return fail(`the host does not run commands (${printable(messageOf(error))})`, error);
      collect(channel, { maxBytes: maxOutputBytes, chunks, share, fail }, (exitCode) => {
        if (!isOver) settle(done, where, () => ({ stdout: printed(), exitCode }));
      });
    });
    return await done.promise;
  } finally {
    signal.removeEventListener('abort', onAbort);
    client.off('error', onError).off('close', onClose);
    socket.off('data', onData);
    share?.release();
  }
}

/**
 * In a callback of a stream nobody would catch what is thrown, and it would end the process. So would a promise that is
 * rejected after `done` was settled: a host may answer and break the protocol in the same moment.
 */
function settle(done: PromiseWithResolvers<Executed>, where: string, make: () => Executed | SshError): void {
  try {
    const made = make();
    if (made instanceof SshError) done.reject(made);
    else done.resolve(made);
  } catch (cause) {
    const what = `the output cannot be read (${printable(messageOf(cause))})`;
    done.reject(new SshError(`${where}: ${what}`, { code: 'output', loggedIn: true, cause }));
  }
}

/** A connection that ended in the same moment as the login makes `exec` throw. */
function startCommand(
  client: Client,
  command: string,
  onError: (error: Error) => void,
  onChannel: ClientCallback,
): void {
  try {
    client.exec(command, onChannel);
  } catch (error) {
    onError(error as Error);
  }
}

/** Calls `onMore` for the piece that makes all pieces together longer than `maxBytes`, and `keep` for those before. */
function limited(maxBytes: number, onMore: () => void, keep: (chunk: Buffer) => void = () => undefined) {
  let bytes = 0;
  return (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= maxBytes) keep(chunk);
    else onMore();
  };
}

function collect(
  channel: ClientChannel,
  {
    maxBytes,
    chunks,
    share,
    fail,
  }: {
    maxBytes: number;
    chunks: Buffer[];
    share: OutputShare | undefined;
    fail: (what: string) => void;
  },
  onClose: (exitCode: number | null) => void,
): void {
  let exitCode: number | null = null;
  const tooMuch = () =>
    fail(
      `the command printed more than ${maxBytes} bytes; check that the account's shell is the default one of ESXi, and that own metrics ask for few lines`,
    );
  let hasRoom = true;
  const keep = (chunk: Buffer) => {
    hasRoom &&= share?.take(chunk.length) ?? true;
    if (hasRoom) chunks.push(chunk);
    else
      fail(
        'this session and others printed more than there is memory for; let own metrics ask for fewer lines',
      );
  };
  channel.on('data', limited(maxBytes, tooMuch, keep));
  channel.stderr.on('data', limited(maxBytes, tooMuch));
  channel.on('exit', (code: number | null) => {
    exitCode = code;
  });
  channel.on('close', () => onClose(exitCode));
}

function outOfTime(where: string, output: string, cause: unknown): SshError {
  const remedy = remedyForStall(stalledMsOf(cause)) ?? 'check whether the host is overloaded';
  const options = { code: 'exec-timeout', loggedIn: true, output, cause } as const;
  return new SshError(`${where}: the command timed out; ${remedy}`, options);
}
