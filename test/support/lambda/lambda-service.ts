import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { createConcurrency, type ThrottleReason } from './concurrency.ts';
import { type FunctionAnswer, type Sandbox, type SandboxOptions, startSandbox } from './sandbox.ts';

/** What Lambda knows of a function. */
export type DeployedFunction = Pick<SandboxOptions, 'taskRoot' | 'env' | 'runtime'> & {
  readonly timeoutMs: number;
  /** What it has reserved of the account's concurrency. */
  readonly concurrency?: number;
};

/** What all functions of a new account may run at once; quotas are raised by AWS. */
export const NEW_ACCOUNT = 10;

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
  /** Changes how long an invocation of the function may take, from the next one on. */
  limit(name: string, timeoutMs: number): void;
  /** Starts sandboxes and waits until they are ready, as provisioned concurrency does. */
  warmUp(name: string, count: number): Promise<void>;
  /** The next calls of the function, or of those whose payload `isHit`, meet these faults, in turn. */
  misbehave(name: string, faults: readonly InvokeFault[], isHit?: (payload: string) => boolean): void;
  /** Everything that ran, of this function or of all, in the order of its start. */
  invocations(name?: string): readonly Invocation[];
  /**
   * What Lambda sends to a function's on-failure destination, as JSON: one record for each asynchronous invocation
   * that failed, with its event and its error.
   */
  failureRecords(): readonly string[];
  /** How many calls of the function were throttled, those of events that wait included. */
  throttles(name: string): number;
  /**
   * Lambda reclaims the function's network: its next call fails and begins to wake it, and for `wakesInMs` from then on
   * every call fails (https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html).
   */
  makeInactive(name: string, wakesInMs: number): void;
  /** All that the functions printed. */
  log(): string;
}

/** As cdk/ deploys the functions: an event that could not be started by then is given up. */
const MAX_EVENT_AGE_MS = 60_000;
const FIRST_EVENT_PAUSE_MS = 1_000;

/**
 * AWS Lambda on this machine: the Invoke API for callers, and for every invocation a sandbox, a process of its own
 * that is used again afterwards. The functions share the concurrency of one account. An Event invocation waits while it
 * cannot be started, and is not tried again once it was.
 */
export async function startLambdaService({
  accountConcurrency = NEW_ACCOUNT,
}: {
  accountConcurrency?: number;
} = {}): Promise<LambdaService> {
  const functions = new Map<string, DeployedFunction>();
  const idle = new Map<string, Sandbox[]>();
  const faults = new Map<string, { planned: InvokeFault[]; isHit: (payload: string) => boolean }>();
  const nextFault = (name: string, payload: string): InvokeFault | undefined => {
    const { planned = [], isHit } = faults.get(name) ?? {};
    return isHit?.(payload) === true ? planned.shift() : undefined;
  };
  const sandboxes = new Set<Sandbox>();
  const invocations: Invocation[] = [];
  const failureRecords: string[] = [];
  const concurrency = createConcurrency(
    accountConcurrency,
    () =>
      new Map(Array.from(functions, ([name, { concurrency: own }]) => [name, own] as const).filter(hasOwn)),
  );
  /** When functions that wake are active; undefined for those that nobody has called yet. */
  const asleep = new Map<string, { readonly wakesInMs: number; activeAt?: number }>();
  const throttles = new Map<string, number>();
  const waiting = new AbortController();
  let log = '';

  const newSandbox = async (functionName: string, deployed: DeployedFunction) => {
    const print = (printed: string) => {
      log += printed;
    };
    const timeoutMs = () => (functions.get(functionName) ?? deployed).timeoutMs;
    const sandbox = await startSandbox({ functionName, ...deployed, timeoutMs, log: print });
    sandboxes.add(sandbox);
    return sandbox;
  };
  const idleOf = (name: string) => {
    const waiting = (idle.get(name) ?? []).filter(({ gone }) => !gone);
    idle.set(name, waiting);
    return waiting;
  };

  /** Of a function that has a place. */
  const start = async (functionName: string, deployed: DeployedFunction, call: Call) => {
    const { payload, type, clientContext } = call;
    const atOnce = concurrency.running(functionName);
    const sandbox = idleOf(functionName).shift() ?? (await newSandbox(functionName, deployed));
    const requestId = randomUUID();
    const answered = sandbox.invoke(requestId, payload, clientContext).then((answer) => {
      concurrency.giveBack(functionName);
      idleOf(functionName).push(sandbox);
      if (type === 'Event' && answer.functionError !== undefined) {
        failureRecords.push(toFailureRecord({ requestId, functionName, payload }, answer));
      }
      return answer;
    });
    invocations.push({ requestId, functionName, type, payload, sandbox, atOnce, answered });
    return answered;
  };

  /** Why a call of the function cannot start now; else it has a place. */
  const refusalOf = (name: string, fault: InvokeFault | undefined): Refusal | undefined => {
    const sleeper = asleep.get(name);
    if (sleeper !== undefined) {
      sleeper.activeAt ??= Date.now() + sleeper.wakesInMs;
      if (Date.now() < sleeper.activeAt) return PENDING;
      asleep.delete(name);
    }
    const reason = fault === 'throttle' ? 'ConcurrentInvocationLimitExceeded' : concurrency.take(name);
    if (reason === undefined) return undefined;
    throttles.set(name, (throttles.get(name) ?? 0) + 1);
    return throttled(reason);
  };

  const startEvent = async (name: string, deployed: DeployedFunction, call: Call) => {
    const givesUpAt = Date.now() + MAX_EVENT_AGE_MS;
    for (let pauseMs = FIRST_EVENT_PAUSE_MS; ; pauseMs *= 2) {
      if (refusalOf(name, nextFault(name, call.payload)) === undefined) break;
      if (Date.now() + pauseMs > givesUpAt) return;
      await setTimeout(pauseMs, undefined, { signal: waiting.signal });
    }
    await start(name, deployed, call);
  };

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const payload = await text(request);
    const [, name = ''] = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(request.url ?? '') ?? [];
    const deployed = functions.get(name);
    if (deployed === undefined)
      return refuse(response, {
        status: 404,
        type: 'ResourceNotFoundException',
        message: `no function ${name}`,
      });
    if (request.headers['x-amz-invocation-type'] === 'Event') {
      startEvent(name, deployed, { payload, type: 'Event', clientContext: undefined }).catch(() => undefined);
      return void response.writeHead(202).end();
    }
    const fault = nextFault(name, payload);
    if (fault === 'function-error') return answerWith(response, CRASH);
    if (fault === 'garbage') return answerWith(response, { payload: '<html>' });
    const refusal = refusalOf(name, fault);
    if (refusal !== undefined) return refuse(response, refusal);
    const context = request.headers['x-amz-client-context'];
    // Only a synchronous invocation is given one.
    const clientContext = typeof context === 'string' ? Buffer.from(context, 'base64').toString() : undefined;
    const answered = start(name, deployed, { payload, type: 'RequestResponse', clientContext });
    if (fault === 'reset') request.socket.resetAndDestroy();
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
    limit(name, timeoutMs) {
      const deployed = functions.get(name);
      if (deployed === undefined) throw new RangeError(`there is no function ${name}`);
      functions.set(name, { ...deployed, timeoutMs });
    },
    makeInactive: (name, wakesInMs) => void asleep.set(name, { wakesInMs }),
    async warmUp(name, wanted) {
      const deployed = functions.get(name);
      if (deployed === undefined) throw new RangeError(`there is no function ${name}`);
      const sandboxes = await Promise.all(Array.from({ length: wanted }, () => newSandbox(name, deployed)));
      await Promise.all(sandboxes.map(({ initialised }) => initialised));
      idleOf(name).push(...sandboxes);
    },
    misbehave: (name, planned, isHit = () => true) => void faults.set(name, { planned: [...planned], isHit }),
    invocations: (name) =>
      invocations.filter(({ functionName }) => name === undefined || functionName === name),
    failureRecords: () => failureRecords,
    throttles: (name) => throttles.get(name) ?? 0,
    log: () => log,
    async [Symbol.asyncDispose]() {
      waiting.abort();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      await Promise.all(Array.from(sandboxes, (sandbox) => sandbox[Symbol.asyncDispose]()));
    },
  };
}

interface Call extends Pick<Invocation, 'payload' | 'type'> {
  readonly clientContext: string | undefined;
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

interface Refusal {
  readonly status: number;
  readonly type: string;
  readonly message: string;
  /** The rest of the body. */
  readonly more?: Readonly<Record<string, string>>;
}

const throttled = (reason: ThrottleReason): Refusal => ({
  status: 429,
  type: 'TooManyRequestsException',
  message: 'Rate Exceeded.',
  more: { Reason: reason },
});

/** https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html */
const PENDING: Refusal = {
  status: 409,
  type: 'ResourceConflictException',
  message:
    'The operation cannot be performed at this time. The function is currently in the following state: Pending',
};

function refuse(response: ServerResponse, { status, type, message, more }: Refusal): void {
  response.writeHead(status, { 'Content-Type': 'application/json', 'x-amzn-ErrorType': type });
  response.end(JSON.stringify({ Type: 'User', message, ...more }));
}

const hasOwn = (entry: readonly [string, number | undefined]): entry is readonly [string, number] =>
  entry[1] !== undefined;
