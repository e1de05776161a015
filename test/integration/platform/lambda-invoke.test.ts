import { once } from 'node:events';
import { createServer, request } from 'node:http';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Clock, systemClock } from '../../../lib/platform/clock.ts';
import { createLambdaClient, createLambdaInvoke } from '../../../lib/platform/lambda-invoke.ts';
import { freePort } from '../../support/peers/free-port.ts';
import { type Answer, answer, type Gateway, hang, reset, startGateway } from '../sinks/gateway.ts';

const payload = Buffer.from('{"batch":1}');
const never = { signal: new AbortController().signal };
const throttled = answer(429, '{"message":"Rate Exceeded."}', {
  'x-amzn-ErrorType': 'TooManyRequestsException',
});
const functionError = (text: string) => answer(200, text, { 'X-Amz-Function-Error': 'Unhandled' });

/** Waits for nothing and notes for how long it would have; `onSleep` happens in each pause. */
function quickClock(onSleep: () => Promise<unknown> | undefined = () => undefined) {
  const pauses: number[] = [];
  const clock: Clock = {
    ...systemClock,
    async sleep(ms, { signal }) {
      pauses.push(ms);
      await onSleep();
      signal.throwIfAborted();
    },
  };
  return { clock, pauses };
}

/** The client as the sweep function makes it, calling `url`. */
function invokeAt(url: string, { clock, random = 0.5 }: { clock: Clock; random?: number }) {
  vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', url);
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIATEST');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  const client = createLambdaClient({ maxSockets: 4 });
  const functions = { 'collect-batch': 'vsweep-worker' };
  return createLambdaInvoke({ client, functions, clock, random: () => random });
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
      const bytes = await invokeAt(url, quickClock())('collect-batch', payload, never);
      expect(Buffer.from(bytes).toString()).toBe('{"done":true}');
      expect(seen).toMatchObject([
        { method: 'POST', path: '/2015-03-31/functions/vsweep-worker/invocations', text: '{"batch":1}' },
      ]);
      expect(seen[0]?.headers['x-amz-invocation-type']).toBe('RequestResponse');
    }));

  it('tries again what was throttled, after pauses that grow', () =>
    invokeWith([throttled, throttled, throttled, answer(200, '{}')], async ({ url, seen }) => {
      const { clock, pauses } = quickClock();
      await invokeAt(url, { clock })('collect-batch', payload, never);
      expect(seen).toHaveLength(4);
      expect(pauses).toEqual([250, 500, 1_000]);
    }));

  it('gives up a function that stays throttled, and says that it was not started', () =>
    invokeWith([throttled], async ({ url, seen }) => {
      const invoked = invokeAt(url, quickClock())('collect-batch', payload, never);
      await expect(invoked).rejects.toMatchObject({ code: 'throttled', retryable: true });
      await expect(invoked).rejects.toThrow('vsweep-worker was not started');
      expect(seen).toHaveLength(6);
    }));

  it('spreads the pauses around their middle, so that workers do not come back together', () =>
    fc.assert(
      fc.asyncProperty(fc.double({ min: 0, max: 1, noNaN: true }), (random) =>
        invokeWith([throttled, throttled, answer(200, '{}')], async ({ url }) => {
          const { clock, pauses } = quickClock();
          await invokeAt(url, { clock, random })('collect-batch', payload, never);
          const [first = 0, second = 0] = pauses;
          expect(first).toBeGreaterThanOrEqual(125);
          expect(second).toBeLessThanOrEqual(750);
          expect(second).toBeCloseTo(2 * first);
        }),
      ),
      { numRuns: 10 },
    ));

  it('tries again when the connection was not made', async () => {
    const port = await freePort();
    const lambda = createServer((_request, response) => response.end('{}'));
    const { clock, pauses } = quickClock(() => once(lambda.listen(port, '127.0.0.1'), 'listening'));
    const bytes = await invokeAt(`http://127.0.0.1:${port}`, { clock })('collect-batch', payload, never);
    expect(Buffer.from(bytes).toString()).toBe('{}');
    expect(pauses).toHaveLength(1);
    lambda.closeAllConnections();
    await once(lambda.close(), 'close');
  });

  it('tries again when none of several addresses could be connected to', async () => {
    const refused = await connectToNobody();
    const { clock } = quickClock();
    let calls = 0;
    const client = {
      send: async () => {
        calls += 1;
        if (calls === 1) throw refused;
        return { Payload: payload };
      },
    } as unknown as Parameters<typeof createLambdaInvoke>[0]['client'];
    const invoke = createLambdaInvoke({ client, functions: { worker: 'w' }, clock, random: () => 0 });
    expect(await invoke('worker', payload, never)).toBe(payload);
  });

  it.each([
    ['the connection is reset after the request was sent', reset],
    ['the answer ends half-way', cutShort],
    ['Lambda fails inside', answer(500, '{}', { 'x-amzn-ErrorType': 'ServiceException' })],
  ])('counts the function as started, and calls once, when %s', (_when, fault) =>
    invokeWith([fault, answer(200, '{}')], async ({ url, seen }) => {
      const { clock, pauses } = quickClock();
      const invoked = invokeAt(url, { clock })('collect-batch', payload, never);
      await expect(invoked).rejects.toMatchObject({ code: 'lost', retryable: false });
      expect(seen).toHaveLength(1);
      expect(pauses).toEqual([]);
    }),
  );

  it.each([
    [404, 'ResourceNotFoundException'],
    [403, 'AccessDeniedException'],
    [413, 'RequestTooLargeException'],
  ])('does not try again what Lambda refuses with %d, and names the reason', (status, type) =>
    invokeWith([answer(status, '{"message":"no"}', { 'x-amzn-ErrorType': type })], async ({ url, seen }) => {
      const invoked = invokeAt(url, quickClock())('collect-batch', payload, never);
      await expect(invoked).rejects.toMatchObject({ code: 'refused' });
      await expect(invoked).rejects.toThrow(type);
      expect(seen).toHaveLength(1);
    }),
  );

  it('names the type of what the function threw, and does not quote its message', () =>
    invokeWith(
      [functionError('{"errorType":"Sandbox.Timedout","errorMessage":"the ticket was cst-1234"}')],
      async ({ url }) => {
        const invoked = invokeAt(url, quickClock())('collect-batch', payload, never);
        await expect(invoked).rejects.toMatchObject({ code: 'function-error' });
        await expect(invoked).rejects.toThrow('vsweep-worker failed: Sandbox.Timedout; see its log');
      },
    ));

  it.each(['', '[]', 'null', '{"errorType":1}', '<html>'])(
    'bears an error of the function that reads %j',
    (text) =>
      invokeWith([functionError(text)], async ({ url }) => {
        const invoked = invokeAt(url, quickClock())('collect-batch', payload, never);
        await expect(invoked).rejects.toThrow('vsweep-worker failed: an unknown error; see its log');
      }),
  );

  it('rejects with the reason of its signal while it waits for the answer', () =>
    invokeWith([hang], async ({ url, nextRequest, seen }) => {
      const controller = new AbortController();
      const asked = nextRequest();
      const invoked = invokeAt(url, quickClock())('collect-batch', payload, { signal: controller.signal });
      const refused = expect(invoked).rejects.toBe('out of time');
      await asked;
      controller.abort('out of time');
      await refused;
      expect(seen).toHaveLength(1);
    }));

  it('rejects with the reason of its signal in a pause', () =>
    invokeWith([throttled], async ({ url, seen }) => {
      const controller = new AbortController();
      const { clock } = quickClock(async () => controller.abort('out of time'));
      const invoked = invokeAt(url, { clock })('collect-batch', payload, { signal: controller.signal });
      await expect(invoked).rejects.toBe('out of time');
      expect(seen).toHaveLength(1);
    }));

  it('refuses a function that is not deployed, and calls nobody', () =>
    invokeWith([answer(200, '{}')], async ({ url, seen }) => {
      const invoked = invokeAt(url, quickClock())('poll', payload, never);
      await expect(invoked).rejects.toMatchObject({ code: 'refused' });
      expect(seen).toEqual([]);
    }));
});

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
