import { hostname } from 'node:os';
import { expect, it } from 'vitest';
import { createLineLog } from '../../../lib/platform/log.ts';
import { POLL_FORMATS } from '../../../lib/poll/format/print-reply.ts';
import { openGateway } from '../../../lib/poll/gateway/gateway.ts';
import { createNullMechanism } from '../../../lib/poll/gateway/zmtp/mechanism.ts';
import { POLL_METHODS } from '../../../lib/poll/registry.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { ask } from './ask.ts';

const ANY = 'tcp://127.0.0.1:*';

it('the status of each process has all that vPoller tells, and a shutdown is logged with where it came from', async () => {
  const lines: string[] = [];
  const secured: string[] = [];
  const stop = new AbortController();
  const manage = [
    { role: 'proxy', endpoint: ANY },
    { role: 'worker', endpoint: ANY },
  ] as const;
  await using gateway = await openGateway(
    {
      listen: ANY,
      manage,
      timeoutMs: 1_000,
      allowShutdown: true,
      mechanismAt(endpoint) {
        secured.push(endpoint);
        return createNullMechanism;
      },
    },
    {
      polls: { answer: async () => ({ success: 1, msg: 'none' }) },
      clock: createManualClock(),
      log: createLineLog({ write: (line) => lines.push(line), level: 'info' }),
    },
    stop,
  );
  try {
    const [proxy = '', worker = ''] = gateway.manage;
    const status = async (endpoint: string) => JSON.parse(await ask(endpoint, { method: 'status' }));
    const common = { status: 'running', hostname: hostname(), mgmt: ANY };
    expect((await status(proxy)).result).toEqual({
      ...common,
      frontend: gateway.listen,
      backend: gateway.listen,
    });
    expect((await status(worker)).result).toEqual({
      ...common,
      proxy: gateway.listen,
      db: 'vsweep.yaml',
      concurrency: 512,
      helpers: [...POLL_FORMATS.keys()],
      tasks: POLL_METHODS.map(({ name }) => name),
    });
    expect(secured).toEqual([ANY, ANY, ANY]);
    await ask(worker, { method: 'shutdown' });
    expect(await gateway.done).toBeUndefined();
    expect(lines).toEqual([`info  shut down by a client endpoint="${ANY}"`]);
  } finally {
    stop.abort(new Error('the test is over'));
  }
});
