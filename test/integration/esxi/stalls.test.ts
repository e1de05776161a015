import type { AuthContext } from 'ssh2';
import { describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../lib/platform/clock.ts';
import { withHeartbeat } from '../../../lib/platform/heartbeat.ts';
import { type OddServer, type OddServerScript, startOddServer } from '../../support/ssh/odd-server.ts';
import { packet, sendPayload } from '../../support/ssh/raw-packets.ts';
import { ask, failureOf } from './demo-fleet.ts';

const LOGIN_MS = 1_000;
const timeouts = { connectMs: 5_000, loginMs: LOGIN_MS, commandMs: 5_000 };

/** Keeps this process from anything else, as a stop from outside does: what was sent by then waits in the kernel. */
function stall(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

type Authentication = NonNullable<OddServerScript['onAuthentication']>;

/** A prompt for the password, and what happens when its answer has come. */
const answered =
  (onAnswer: (context: AuthContext) => void): Authentication =>
  (context) => {
    if (context.method !== 'keyboard-interactive') context.reject(['keyboard-interactive']);
    else context.prompt([{ prompt: 'Password: ', echo: false }], () => onAnswer(context));
  };

/** Asks the host in a process whose stalls are measured. */
async function askStalled(server: OddServer, deps: Parameters<typeof ask>[2] = {}, signal?: AbortSignal) {
  using clock = withHeartbeat(systemClock);
  const target = { host: server.address, port: server.port };
  return await ask(server, { target, command: 'true', timeouts }, { clock, ...deps }, signal);
}

describe('runCommand, in a process that is stalled', () => {
  it('takes the answer that came while the login ran out of time', async () => {
    await using server = await startOddServer({
      onAuthentication: answered((context) => {
        context.accept();
        stall(LOGIN_MS + 500);
      }),
    });
    expect(await askStalled(server)).toMatchObject({ stdout: 'said\n', exitCode: 0 });
  });

  it('gives a host as much time as the stall took', async () => {
    await using server = await startOddServer({
      onAuthentication: answered((context) => {
        stall(LOGIN_MS + 500);
        setTimeout(() => context.accept(), LOGIN_MS / 2);
      }),
    });
    expect(await askStalled(server)).toMatchObject({ stdout: 'said\n', exitCode: 0 });
  });

  it('gives a command as much time as the stall took', async () => {
    await using server = await startOddServer({
      onExec: (connection) => {
        stall(timeouts.commandMs + 500);
        const answer = [packet.channelSuccess(0), packet.data(0, 'said\n'), packet.exitStatus(0, 0)];
        for (const payload of [...answer, packet.close(0)]) sendPayload(connection, payload);
      },
    });
    expect(await askStalled(server)).toMatchObject({ stdout: 'said\n', exitCode: 0 });
  });

  it('reads an acceptance that waits when the time of its caller is over, and runs no command', async () => {
    const caller = new AbortController();
    const commands: string[] = [];
    await using server = await startOddServer({
      onAuthentication: answered((context) => {
        setTimeout(() => caller.abort(new Error('the worker ends')), 100);
        context.accept();
        stall(500);
      }),
      onExec: () => void commands.push('exec'),
    });
    const error = await failureOf(askStalled(server, {}, caller.signal));
    expect(error).toMatchObject({ code: 'timeout', login: { loggedIn: true, credentialSent: false } });
    await vi.waitFor(() => expect(server.connections()).toBe(0));
    expect(commands).toEqual([]);
  });

  it('reads a refusal that waits when the time of its caller is over', async () => {
    const caller = new AbortController();
    await using server = await startOddServer({
      onAuthentication: answered((context) => {
        setTimeout(() => caller.abort(new Error('the worker ends')), 100);
        context.reject(['keyboard-interactive']);
        stall(500);
      }),
    });
    const error = await failureOf(askStalled(server, {}, caller.signal));
    expect(error.login).toMatchObject({ loggedIn: false, credentialSent: true, hostAnswered: true });
  });

  it('sends no password when the time of its caller was over before the prompt was read', async () => {
    const answers: string[][] = [];
    let left = 10_000;
    await using server = await startOddServer({
      onAuthentication: (context) => {
        if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
        context.prompt([{ prompt: 'Password: ', echo: false }], (given) => void answers.push(given));
        left = LOGIN_MS / 5 - 1;
      },
    });
    const error = await failureOf(askStalled(server, { remainingMs: () => left }));
    expect(error).toMatchObject({ code: 'timeout', credentialSent: false, retryable: true });
    expect(error.message).toContain('too little time is left for the login; no password was sent');
    await vi.waitFor(() => expect(server.connections()).toBe(0));
    expect(answers).toEqual([]);
  });

  it('says how long it was stalled when no answer came in the time that it gave', async () => {
    await using server = await startOddServer({ onAuthentication: answered(() => stall(LOGIN_MS + 500)) });
    const error = await failureOf(askStalled(server));
    expect(error).toMatchObject({ code: 'timeout', login: { credentialSent: true, hostAnswered: false } });
    expect(error.login.stalledMs).toBeGreaterThan(1_200);
    expect(error.message).toMatch(
      /; this process was stalled for \d\.\d s\. Check whether its machine was paused or is overloaded$/,
    );
  });

  it('says of a connection that was cut during a stall how long that was, and of a refusal what to check', async () => {
    await using cutting = await startOddServer({
      onAuthentication: (context, connection, socket) =>
        answered(() => {
          stall(500);
          socket.destroySoon();
        })(context, connection, socket),
    });
    expect((await failureOf(askStalled(cutting))).message).toContain('; this process was stalled for 0.');
    await using refusing = await startOddServer({
      onAuthentication: answered((context) => {
        stall(500);
        context.reject(['keyboard-interactive']);
      }),
    });
    expect((await failureOf(askStalled(refusing))).message).toContain(
      '; check the user name, the password or key',
    );
  });
});

describe('runCommand, of a login that failed', () => {
  it.each<[string, boolean, Authentication]>([
    ['a refusal', true, answered((context) => context.reject(['keyboard-interactive']))],
    ['another method that is asked for', true, answered((context) => context.reject(['publickey'], true))],
  ])('says after %s whether the host answered: %s', async (_what, hostAnswered, onAuthentication) => {
    await using server = await startOddServer({ onAuthentication });
    const error = await failureOf(askStalled(server));
    expect(error.login).toMatchObject({ credentialSent: true, hostAnswered });
  });

  it.each<[string, boolean]>([
    ['a disconnect', true],
    ['a cut', false],
  ])('says after %s whether the host answered: %s', async (what, hostAnswered) => {
    await using server = await startOddServer({
      onAuthentication: (context, connection, socket) =>
        answered(() => {
          if (what === 'a disconnect') sendPayload(connection, packet.disconnect(14, 'no more methods'));
          socket.destroySoon();
        })(context, connection, socket),
    });
    const error = await failureOf(askStalled(server));
    expect(error.login).toMatchObject({ credentialSent: true, hostAnswered });
    expect(error.login.stalledMs).toBeLessThanOrEqual(250);
  });

  it('knows of no answer when nothing was sent', async () => {
    await using server = await startOddServer({
      onAuthentication: (context) => context.reject(['hostbased']),
    });
    const error = await failureOf(askStalled(server));
    expect(error.login).toMatchObject({ credentialSent: false, hostAnswered: false });
  });
});
