import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { awsEnvironment } from './aws-environment.ts';
import { bundlesHere } from './bundles-here.ts';

/** What Lambda answers to whoever invoked a function synchronously. */
export interface FunctionAnswer {
  readonly payload: string;
  /** `X-Amz-Function-Error`. */
  readonly functionError?: 'Unhandled';
}

export interface SandboxOptions {
  readonly functionName: string;
  /** The folder with the bundle; nothing else is in reach. */
  readonly taskRoot: string;
  /** The function's own variables, beside those of AWS. */
  readonly env: Readonly<Record<string, string>>;
  /** How long an invocation may take; asked for each. */
  readonly timeoutMs: () => number;
  /** The script that fetches invocations for the function, and its arguments, in the place of our own. */
  readonly runtime?: readonly string[];
  /** Takes what the function prints. */
  readonly log: (text: string) => void;
}

/** A process that runs one function, one invocation at a time, for as many as come. */
export interface Sandbox extends AsyncDisposable {
  readonly pid: number;
  /** Settles when the function is loaded and waits for its first invocation, or has failed. */
  readonly initialised: Promise<void>;
  /** It has died, or its initialisation failed: it takes no more invocations. */
  readonly gone: boolean;
  /** `clientContext` is JSON. */
  invoke(requestId: string, payload: string, clientContext?: string): Promise<FunctionAnswer>;
  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void;
}

interface Invocation {
  readonly requestId: string;
  readonly payload: string;
  readonly clientContext: string | undefined;
  readonly answer: (answer: FunctionAnswer) => void;
}

const BOOTSTRAP = join(import.meta.dirname, 'bootstrap.cjs');

/** Starts the process and serves Lambda's Runtime API to it. The time of an invocation counts from when it is taken. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const compiled = join(bundlesHere(), 'compiled');
  const { functionName, taskRoot, env, runtime = [BOOTSTRAP, compiled], log } = options;
  let current: Invocation | undefined;
  let idle: ServerResponse | undefined;
  let timer: NodeJS.Timeout | undefined;
  let initError: string | undefined;
  let gone = false;
  const initialised = Promise.withResolvers<void>();

  const finish = (answer: FunctionAnswer) => {
    clearTimeout(timer);
    current?.answer(answer);
    current = undefined;
  };
  const fail = (payload: string) => finish({ payload, functionError: 'Unhandled' });
  const handOver = () => {
    if (idle === undefined || current === undefined) return;
    const { requestId, payload, clientContext } = current;
    const timeoutMs = options.timeoutMs();
    const headers = {
      'Lambda-Runtime-Aws-Request-Id': requestId,
      'Lambda-Runtime-Invoked-Function-Arn': `arn:aws:lambda:eu-central-1:123456789012:function:${functionName}`,
      'Lambda-Runtime-Deadline-Ms': Date.now() + timeoutMs,
      'Content-Type': 'application/json',
      ...(clientContext === undefined ? {} : { 'Lambda-Runtime-Client-Context': clientContext }),
    };
    idle.writeHead(200, headers).end(payload);
    idle = undefined;
    timer = setTimeout(() => {
      gone = true;
      const seconds = (timeoutMs / 1_000).toFixed(2);
      fail(
        fault('Sandbox.Timedout', `RequestId: ${requestId} Error: Task timed out after ${seconds} seconds`),
      );
      child.kill('SIGKILL');
    }, timeoutMs);
  };
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const [, , , kind, requestId, part] = request.url?.split('/') ?? [];
    const body = await text(request);
    if (kind === 'invocation' && requestId === 'next') {
      idle = response;
      initialised.resolve();
      return handOver();
    }
    if (kind === 'init') {
      initError = body;
      gone = true;
      fail(body);
    } else if (requestId === current?.requestId) {
      if (part === 'response') finish({ payload: body });
      else fail(body);
    }
    response.writeHead(202).end('{"status":"OK"}');
  };

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const runtimeApi = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const child = spawn(process.execPath, [...runtime], {
    cwd: taskRoot,
    env: { ...awsEnvironment({ functionName, taskRoot, runtimeApi }), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.setEncoding('utf8').on('data', log);
  child.stderr.setEncoding('utf8').on('data', log);
  const closed = once(child, 'close').then(([code, signal]) => {
    gone = true;
    initialised.resolve();
    const how = signal === null ? `exit status ${code}` : `signal: ${signal}`;
    const message = `RequestId: ${current?.requestId} Error: Runtime exited with error: ${how}`;
    fail(fault('Runtime.ExitError', message));
  });
  await once(child, 'spawn');

  return {
    pid: child.pid ?? 0,
    initialised: initialised.promise,
    get gone() {
      return gone;
    },
    invoke(requestId, payload, clientContext) {
      const { promise, resolve } = Promise.withResolvers<FunctionAnswer>();
      current = { requestId, payload, clientContext, answer: resolve };
      if (gone) fail(initError ?? fault('Runtime.ExitError', 'the sandbox is gone'));
      else handOver();
      return promise;
    },
    signal: (name) => void child.kill(name),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await closed;
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const fault = (errorType: string, errorMessage: string) => JSON.stringify({ errorType, errorMessage });
