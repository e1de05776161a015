import { once } from 'node:events';
import { type ClientRequest, request as requestByHttp } from 'node:http';
import { request as requestByHttps } from 'node:https';
import { generate } from 'selfsigned';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createLambdaClient, createLambdaInvoke } from '../../../lib/platform/lambda-invoke.ts';
import { PROBE_AFTER_MS, watchedConnections } from '../../../lib/platform/watched-connections.ts';
import { keepAliveTimers } from '../../support/tcp-timers.ts';
import { answer, hang, startGateway } from '../sinks/gateway.ts';

/** After which AWS's NAT gateways and endpoints have forgotten a silent connection. */
const FORGOTTEN_MS = 350_000;

describe('a connection that waits for a late answer', () => {
  afterEach(() => vi.unstubAllEnvs());

  // While something sent is not acknowledged the kernel shows the timer of that.
  const expectWatched = (url: string, count: number) =>
    vi.waitFor(() => {
      const timers = keepAliveTimers(portOf(url));
      expect(timers).toEqual(Array.from({ length: count }, () => expect.any(Number)));
      expect(Math.max(...timers.map(Number))).toBeLessThanOrEqual(PROBE_AFTER_MS);
    });

  it.each(['http', 'https'])(
    'is asked for a sign of life before it is forgotten on the way: %s',
    async (by) => {
      const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }]);
      await using gateway = await startGateway([hang], by === 'https' ? { key, cert } : undefined);
      const { httpAgent, httpsAgent } = watchedConnections({ maxSockets: 1 });
      const asked = gateway.nextRequest();
      const calling: ClientRequest =
        by === 'https'
          ? requestByHttps(gateway.url, { agent: httpsAgent, ca: cert, checkServerIdentity: () => undefined })
          : requestByHttp(gateway.url, { agent: httpAgent });
      calling.on('error', () => undefined).end();
      await asked;
      await expectWatched(gateway.url, 1);
      calling.destroy();
      expect(PROBE_AFTER_MS).toBeLessThan(FORGOTTEN_MS);
    },
  );

  it('is the one on which a worker is invoked; there are as many as workers at once, and no more', async () => {
    await using gateway = await startGateway([hang]);
    const invoke = invokeAt(gateway.url, { maxSockets: 3 });
    const controller = new AbortController();
    const { signal } = controller;
    const calls = Array.from({ length: 5 }, () => invoke('worker', Buffer.from('{}'), { signal }));
    const given = Promise.allSettled(calls);
    while (gateway.seen.length < 3) await gateway.nextRequest();
    await expectWatched(gateway.url, 3);
    expect(gateway.seen).toHaveLength(3);
    controller.abort('out of time');
    for (const one of await given) expect(one).toMatchObject({ status: 'rejected', reason: 'out of time' });
  });

  it('serves one call: the next one gets another, which cannot have died while the sandbox was frozen', async () => {
    await using gateway = await startGateway([answer(200, '{}')]);
    const { httpAgent } = watchedConnections({ maxSockets: 1 });
    const ports: (number | undefined)[] = [];
    for (const _call of ['first', 'second']) {
      const calling = requestByHttp(gateway.url, { agent: httpAgent });
      const [response] = await once(calling.end(), 'response');
      ports.push(calling.socket?.localPort);
      response.resume();
      await once(response, 'close');
    }
    expect(new Set(ports).size).toBe(2);
  });
});

function invokeAt(url: string, { maxSockets }: { readonly maxSockets: number }) {
  vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', url);
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIATEST');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  return createLambdaInvoke({ client: createLambdaClient({ maxSockets }), functions: { worker: 'w' } });
}

const portOf = (url: string) => Number(new URL(url).port);
