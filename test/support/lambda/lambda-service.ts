import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type FunctionAnswer, type Sandbox, type SandboxOptions, startSandbox } from './sandbox.ts';

/** What Lambda knows of a function; invocations beyond `concurrency` at once are throttled. */
export type DeployedFunction = Pick<SandboxOptions, 'taskRoot' | 'env' | 'timeoutMs' | 'runtime'> & {
  readonly concurrency?: number;
};

/**
 * What becomes of one call of the Invoke API instead of its answer. `throttle` and `function-error` start nothing
 * and say so; `reset` starts the function, whose answer then finds nobody; `garbage` answers what is not JSON.
 */
export type InvokeFault = 'throttle' | 'function-error' | 'reset' | 'garbage';

/** One run of a function. */
export interface Invocation {
  readonly requestId: string;
  readonly functionName: string;
  /** `Event` is the asynchronous one, whose payload waits in a queue of Lambda's. */
  readonly type: 'Event' | 'RequestResponse';
  readonly payload: string;
  readonly sandbox: Pick<Sandbox, 'pid' | 'signal'>;
  /** How many of the function ran when this one began, itself included. */
  readonly atOnce: number;
  /** Settles when the function has answered or died; never rejects. */
  readonly answered: Promise<FunctionAnswer>;
}

export interface LambdaService extends AsyncDisposable {
  /** The endpoint of the Invoke API. */
  readonly url: string;
  deploy(name: string, deployed: DeployedFunction): void;
  /** Starts sandboxes and waits until they are ready, as provisioned concurrency does. */
  warmUp(name: string, count: number): Promise<void>;
  /** The next calls of the function meet these faults, in turn. */
  misbehave(name: string, faults: readonly InvokeFault[]): void;
  /** Everything that ran, of this function or of all, in the order of its start. */
  invocations(name?: string): readonly Invocation[];
  /**
   * What Lambda sends to a function's on-failure destination, as JSON: one record for each asynchronous invocation
   * that failed, with its event and its error.
   */
  failureRecords(): readonly string[];
  /** How many calls of the function were throttled. */
  throttles(name: string): number;
  /** All that the functions printed. */
  log(): string;
}

/**
 * AWS Lambda on this machine: the Invoke API for callers, and for every invocation a sandbox, a process of its own
 * that is used again afterwards. An Event invocation is not tried again.
 */
export async function startLambdaService(): Promise<LambdaService> {
  const functions = new Map<string, DeployedFunction>();
  const idle = new Map<string, Sandbox[]>();
  const faults = new Map<string, InvokeFault[]>();
  const sandboxes = new Set<Sandbox>();
  const invocations: Invocation[] = [];
  const failureRecords: string[] = [];
  const busy = new Map<string, number>();
  const throttles = new Map<string, number>();
  let log = '';

  const newSandbox = async (functionName: string, deployed: DeployedFunction) => {
    const print = (printed: string) => {
      log += printed;
    };
    const sandbox = await startSandbox({ functionName, ...deployed, log: print });
    sandboxes.add(sandbox);
    return sandbox;
  };
  const idleOf = (name: string) => {
    const waiting = (idle.get(name) ?? []).filter(({ gone }) => !gone);
    idle.set(name, waiting);
    return waiting;
  };
  const count = (name: string, change: number) => busy.set(name, (busy.get(name) ?? 0) + change);

  const start = async (
    functionName: string,
    deployed: DeployedFunction,
    call: Pick<Invocation, 'payload' | 'type'> & { readonly clientContext: string | undefined },
  ) => {
    const { payload, type, clientContext } = call;
    count(functionName, 1);
    const sandbox = idleOf(functionName).shift() ?? (await newSandbox(functionName, deployed));
    const requestId = randomUUID();
    const answered = sandbox.invoke(requestId, payload, clientContext).then((answer) => {
      count(functionName, -1);
      idleOf(functionName).push(sandbox);
      if (type === 'Event' && answer.functionError !== undefined) {
        failureRecords.push(toFailureRecord({ requestId, functionName, payload }, answer));
      }
      return answer;
    });
    const atOnce = busy.get(functionName) ?? 0;
    invocations.push({ requestId, functionName, type, payload, sandbox, atOnce, answered });
    return answered;
  };

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const payload = await text(request);
    const [, name = ''] = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(request.url ?? '') ?? [];
    const deployed = functions.get(name);
    if (deployed === undefined)
      return refuse(response, 404, 'ResourceNotFoundException', `no function ${name}`);
    const fault = faults.get(name)?.shift();
    if (fault === 'throttle' || (busy.get(name) ?? 0) >= (deployed.concurrency ?? 1_000)) {
      throttles.set(name, (throttles.get(name) ?? 0) + 1);
      return refuse(response, 429, 'TooManyRequestsException', 'Rate Exceeded.');
    }
    if (fault === 'function-error') return answerWith(response, CRASH);
    if (fault === 'garbage') return answerWith(response, { payload: '<html>' });
    const type = request.headers['x-amz-invocation-type'] === 'Event' ? 'Event' : 'RequestResponse';
    const context = request.headers['x-amz-client-context'];
    // Only a synchronous invocation is given one.
    const clientContext =
      typeof context === 'string' && type !== 'Event' ? Buffer.from(context, 'base64').toString() : undefined;
    const answered = start(name, deployed, { payload, type, clientContext });
    if (fault === 'reset') request.socket.resetAndDestroy();
    if (type === 'Event') return void response.writeHead(202).end();
    answerWith(response, await answered);
  };

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  // As AWS does, longer than a test waits between two calls.
  server.keepAliveTimeout = 120_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    deploy: (name, deployed) => void functions.set(name, deployed),
    async warmUp(name, wanted) {
      const deployed = functions.get(name);
      if (deployed === undefined) throw new RangeError(`there is no function ${name}`);
      const sandboxes = await Promise.all(Array.from({ length: wanted }, () => newSandbox(name, deployed)));
      await Promise.all(sandboxes.map(({ initialised }) => initialised));
      idleOf(name).push(...sandboxes);
    },
    misbehave: (name, planned) => void faults.set(name, [...planned]),
    invocations: (name) =>
      invocations.filter(({ functionName }) => name === undefined || functionName === name),
    failureRecords: () => failureRecords,
    throttles: (name) => throttles.get(name) ?? 0,
    log: () => log,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      await Promise.all(Array.from(sandboxes, (sandbox) => sandbox[Symbol.asyncDispose]()));
    },
  };
}

/** A destination's record, in AWS's own form. */
const toFailureRecord = (
  { requestId, functionName, payload }: Pick<Invocation, 'requestId' | 'functionName' | 'payload'>,
  answer: FunctionAnswer,
): string =>
  JSON.stringify({
    version: '1.0',
    requestContext: {
      requestId,
      functionArn: `arn:aws:lambda:eu-central-1:123456789012:function:${functionName}:$LATEST`,
      condition: 'RetriesExhausted',
      approximateInvokeCount: 1,
    },
    requestPayload: JSON.parse(payload),
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: answer.functionError },
    responsePayload: JSON.parse(answer.payload),
  });

const CRASH: FunctionAnswer = {
  payload: JSON.stringify({ errorType: 'TypeError', errorMessage: 'the function was told to fail' }),
  functionError: 'Unhandled',
};

function answerWith(response: ServerResponse, { payload, functionError }: FunctionAnswer): void {
  const headers = functionError === undefined ? {} : { 'X-Amz-Function-Error': functionError };
  response.writeHead(200, { 'Content-Type': 'application/json', ...headers }).end(payload);
}

function refuse(response: ServerResponse, status: number, type: string, message: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json', 'x-amzn-ErrorType': type });
  response.end(JSON.stringify({ Type: 'User', message }));
}
