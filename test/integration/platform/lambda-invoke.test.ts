import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { INVOKE_FAULTS } from '../../../lib/platform/invoke-faults.ts';
import { createLambdaClient, createLambdaInvoke } from '../../../lib/platform/lambda-invoke.ts';
import { freePort } from '../../support/peers/free-port.ts';
import { type Answer, answer, type Gateway, hang, reset, startGateway } from '../sinks/gateway.ts';

const payload = Buffer.from('{"batch":1}');
const never = { signal: new AbortController().signal };
const throttled = answer(429, '{"message":"Rate Exceeded."}', {
  'x-amzn-ErrorType': 'TooManyRequestsException',
});
const functionError = (text: string) => answer(200, text, { 'X-Amz-Function-Error': 'Unhandled' });

/** The client as the sweep function makes it, calling `url`. */
function invokeAt(url: string, more: { clientContext?: object } = {}) {
  vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', url);
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIATEST');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  const client = createLambdaClient({ maxSockets: 4 });
  const functions = { 'collect-batch': 'vsweep-worker' };
  return createLambdaInvoke({ client, functions, ...more });
}

/** Invokes a function behind an endpoint that gives these answers. */
async function invokeWith(answers: readonly Answer[], use: (gateway: Gateway) => Promise<void>) {
  await using gateway = await startGateway(answers);
  await use(gateway);
}

describe('createLambdaInvoke', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('invokes the deployed function synchronously and gives back its bytes', () =>
    invokeWith([answer(200, '{"done":true}')], async ({ url, seen }) => {
      const bytes = await invokeAt(url)('collect-batch', payload, never);
      expect(Buffer.from(bytes).toString()).toBe('{"done":true}');
      expect(seen).toMatchObject([
        { method: 'POST', path: '/2015-03-31/functions/vsweep-worker/invocations', text: '{"batch":1}' },
      ]);
      expect(seen[0]?.headers['x-amz-invocation-type']).toBe('RequestResponse');
    }));

  it('gives a function its context beside the event where there is one', () =>
    invokeWith([answer(200, '{}')], async ({ url, seen }) => {
      await invokeAt(url)('collect-batch', payload, never);
      await invokeAt(url, { clientContext: { by: 'operator' } })('collect-batch', payload, never);
      const contexts = seen.map(({ headers }) => headers['x-amz-client-context']);
      expect(contexts).toEqual([undefined, btoa('{"by":"operator"}')]);
    }));

  it.each([
    [
      'a time-out of the connection',
      Object.assign(new Error('slow'), { name: 'TimeoutError' }),
      'unreachable',
    ],
    ['a reset', Object.assign(new Error('x'), { name: 'TimeoutError', code: 'ECONNRESET' }), 'lost'],
    ['a name that is not resolved', Object.assign(new Error('x'), { syscall: 'getaddrinfo' }), 'unreachable'],
    ['a read that failed', Object.assign(new Error('x'), { syscall: 'read' }), 'lost'],
    ['another error', new Error('x'), 'lost'],
    ['several errors, one of them late', new AggregateError([new Error('x')]), 'lost'],
    [
      'several errors, one of them before the first byte',
      new AggregateError([Object.assign(new Error('x'), { syscall: 'connect' }), new Error('y')]),
      'lost',
    ],
    ['what is no error', 'odd', 'lost'],
  ])('says after %s whether the function may run', async (_what, thrown, code) => {
    const client = { send: () => Promise.reject(thrown) };
    const invoked = createLambdaInvoke({ client, functions: { worker: 'w' } })('worker', payload, never);
    await expect(invoked).rejects.toMatchObject({ code, retryable: code === 'unreachable' });
    await expect(invoked).rejects.toThrow(
      code === 'lost' ? 'w: no answer arrived: ' : 'w was not started, because Lambda cannot be reached: ',
    );
  });

  it('hands the trace of its own invocation on, so that a run and its workers are one', () =>
    invokeWith([answer(200, '{}')], async ({ url, seen }) => {
      vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'vsweep-sweep');
      vi.stubEnv('_X_AMZN_TRACE_ID', 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1');
      await invokeAt(url)('collect-batch', payload, never);
      expect(seen[0]?.headers['x-amzn-trace-id']).toBe('Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1');
    }));

  it('says of what was throttled that it did not start and may be tried again', () =>
    invokeWith([throttled], async ({ url, seen }) => {
      const invoked = invokeAt(url)('collect-batch', payload, never);
      await expect(invoked).rejects.toMatchObject({ code: 'throttled', retryable: true });
      await expect(invoked).rejects.toThrow('vsweep-worker was not started');
      expect(seen).toHaveLength(1);
    }));

  it('says the same when the connection was not made', async () => {
    const invoked = invokeAt(`http://127.0.0.1:${await freePort()}`)('collect-batch', payload, never);
    await expect(invoked).rejects.toMatchObject({ code: 'unreachable', retryable: true });
    await expect(invoked).rejects.toThrow('ECONNREFUSED');
  });

  it('says the same when none of several addresses could be connected to', async () => {
    const refused = await connectToNobody();
    const client = { send: () => Promise.reject(refused) };
    const invoke = createLambdaInvoke({ client, functions: { worker: 'w' } });
    await expect(invoke('worker', payload, never)).rejects.toMatchObject({
      code: 'unreachable',
      retryable: true,
      message: expect.stringMatching(/ECONNREFUSED 127\.0\.0\.1:\d+, connect ECONNREFUSED 127\.0\.0\.2:/),
    });
  });

  it.each([
    ['the connection is reset after the request was sent', reset],
    ['the answer ends half-way', cutShort],
    ['Lambda fails inside', answer(500, '{}', { 'x-amzn-ErrorType': 'ServiceException' })],
  ])('counts the function as started, and calls once, when %s', (_when, fault) =>
    invokeWith([fault, answer(200, '{}')], async ({ url, seen }) => {
      const invoked = invokeAt(url)('collect-batch', payload, never);
      await expect(invoked).rejects.toMatchObject({ code: 'lost', retryable: false });
      expect(seen).toHaveLength(1);
    }),
  );

  it('knows every error of Invoke that the SDK knows, and no other', () => {
    expect([...INVOKE_FAULTS.keys()].toSorted()).toEqual(errorsOfInvoke());
  });

  // The status says nothing: of what did not start there are 502s.
  it.each(errorsOfInvoke().flatMap((name) => [502, 400].map((status) => [name, status] as const)))(
    'goes by the name of %s, with status %d as with any',
    (name, status) => {
      const code = INVOKE_FAULTS.get(name);
      const fault = answer(status, '{"message":"no"}', { 'x-amzn-ErrorType': name });
      return invokeWith([fault], async ({ url, seen }) => {
        const invoked = invokeAt(url)('collect-batch', payload, never);
        const retryable = code === 'throttled' || code === 'not-ready';
        await expect(invoked).rejects.toMatchObject({ code, retryable });
        const started = code === 'lost' ? 'vsweep-worker' : 'vsweep-worker was not started';
        await expect(invoked).rejects.toThrow(`${started}: ${name}: no`);
        expect(seen).toHaveLength(1);
      });
    },
  );

  it.each([
    ['ResourceNotReadyException', 'not-ready'],
    ['ENINotReadyException', 'not-ready'],
    ['EC2ThrottledException', 'not-ready'],
    ['SubnetIPAddressLimitReachedException', 'not-ready'],
    ['InvalidRuntimeException', 'refused'],
    ['KMSAccessDeniedException', 'refused'],
    ['ServiceException', 'lost'],
  ])('takes %s for %s', (name, code) => expect(INVOKE_FAULTS.get(name)).toBe(code));

  it.each([
    [503, 'lost'],
    [500, 'lost'],
    [429, 'throttled'],
    [400, 'refused'],
  ])('goes by the status, %d, of an error that it does not know', (status, code) =>
    invokeWith([answer(status, '{}', { 'x-amzn-ErrorType': 'NewException' })], async ({ url }) => {
      await expect(invokeAt(url)('collect-batch', payload, never)).rejects.toMatchObject({ code });
    }),
  );

  it.each([
    [404, 'ResourceNotFoundException'],
    [403, 'AccessDeniedException'],
    [413, 'RequestTooLargeException'],
  ])('does not try again what Lambda refuses with %d, and names the reason', (status, type) =>
    invokeWith([answer(status, '{"message":"no"}', { 'x-amzn-ErrorType': type })], async ({ url, seen }) => {
      const invoked = invokeAt(url)('collect-batch', payload, never);
      await expect(invoked).rejects.toMatchObject({ code: 'refused' });
      await expect(invoked).rejects.toThrow(type);
      expect(seen).toHaveLength(1);
    }),
  );

  it('names the type of what the function threw, and does not quote its message', () =>
    invokeWith(
      [functionError('{"errorType":"Sandbox.Timedout","errorMessage":"the ticket was cst-1234"}')],
      async ({ url }) => {
        const invoked = invokeAt(url)('collect-batch', payload, never);
        await expect(invoked).rejects.toMatchObject({ code: 'function-error' });
        await expect(invoked).rejects.toThrow('vsweep-worker failed: Sandbox.Timedout; see its log');
      },
    ));

  it('names no more than 100 characters of the type of what the function threw', () =>
    invokeWith([functionError(JSON.stringify({ errorType: 'x'.repeat(101) }))], async ({ url }) => {
      const invoked = invokeAt(url)('collect-batch', payload, never);
      await expect(invoked).rejects.toThrow(`vsweep-worker failed: ${'x'.repeat(100)}; see its log`);
    }));

  it.each(['', '[]', 'null', '{"errorType":1}', '<html>'])(
    'bears an error of the function that reads %j',
    (text) =>
      invokeWith([functionError(text)], async ({ url }) => {
        const invoked = invokeAt(url)('collect-batch', payload, never);
        await expect(invoked).rejects.toThrow('vsweep-worker failed: an unknown error; see its log');
      }),
  );

  it('rejects with the reason of its signal while it waits for the answer', () =>
    invokeWith([hang], async ({ url, nextRequest, seen }) => {
      const controller = new AbortController();
      const asked = nextRequest();
      const invoked = invokeAt(url)('collect-batch', payload, { signal: controller.signal });
      const refused = expect(invoked).rejects.toBe('out of time');
      await asked;
      controller.abort('out of time');
      await refused;
      expect(seen).toHaveLength(1);
    }));

  it('refuses a function that is not deployed, and calls nobody', () =>
    invokeWith([answer(200, '{}')], async ({ url, seen }) => {
      const invoked = invokeAt(url)('poll', payload, never);
      await expect(invoked).rejects.toMatchObject({
        code: 'refused',
        message: 'there is no function "poll"',
      });
      expect(seen).toEqual([]);
    }));
});

/** The errors that the documentation of the SDK's command names, which is made from AWS's model. */
function errorsOfInvoke(): string[] {
  const package_ = createRequire(import.meta.url).resolve('@aws-sdk/client-lambda/package.json');
  const declaration = readFileSync(join(dirname(package_), 'dist-types/commands/InvokeCommand.d.ts'), 'utf8');
  const named = [...declaration.matchAll(/@throws \{@link (\w+)\}/g)].map(([, name = '']) => name);
  return named.filter((name) => name !== 'LambdaServiceException').toSorted();
}

function cutShort(...[response]: Parameters<Answer>): void {
  response.writeHead(200, { 'Content-Length': 100 });
  response.write('{"half":', () => response.destroy());
}

/** What Node throws when it has tried every address of a name. */
async function connectToNobody(): Promise<unknown> {
  const addresses = ['127.0.0.1', '127.0.0.2'].map((address) => ({ address, family: 4 }));
  const asking = request({
    host: 'lambda.example.org',
    port: await freePort(),
    lookup: (_name, _options, found) => found(null, addresses),
  });
  const [error] = await once(asking.end(), 'error');
  return error;
}
