import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../lib/platform/clock.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { VsphereConnectionError, VsphereFaultError } from '../../../lib/vsphere/errors.ts';
import type { SoapReply, Transport } from '../../../lib/vsphere/soap/transport.ts';
import { withMeasuring } from '../../../lib/vsphere/transport/with-measuring.ts';
import { withRetry } from '../../../lib/vsphere/transport/with-retry.ts';

const { signal } = new AbortController();
const READ = { operation: 'RetrievePropertiesEx', body: '' };
const refused = () => new VsphereConnectionError('refused', { code: 'connection-refused', retryable: true });
const fault = (name: string) => new VsphereFaultError('x on vc', { fault: name, text: '' });

function reply(...chunks: string[]): SoapReply {
  return {
    origin: 'x on vc',
    secrets: [],
    body: (async function* () {
      for (const chunk of chunks) yield Buffer.from(chunk);
    })(),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/** Fails with these errors, one a call, and then answers. */
function failing(...errors: Error[]): Transport & { calls: string[] } {
  const calls: string[] = [];
  const transport: Transport = async ({ operation }) => {
    calls.push(operation);
    const error = errors.shift();
    if (error !== undefined) throw error;
    return reply('ok');
  };
  return Object.assign(transport, { calls });
}

/** A clock that stands still but for its sleeps, which it writes down. */
function manualClock(): Clock & { slept: number[]; at: number } {
  const clock = {
    slept: [] as number[],
    at: 0,
    now: () => clock.at,
    monotonic: () => clock.at,
    async sleep(ms: number, options: { signal: AbortSignal }) {
      options.signal.throwIfAborted();
      clock.slept.push(ms);
      clock.at += ms;
    },
  };
  return clock;
}

describe('withRetry', () => {
  const retrying = (transport: Transport, clock = manualClock()) =>
    withRetry(transport, { clock, log: silentLog, random: () => 0.5, attempts: 3, pauseMs: 100 });

  it('repeats a read that failed with a retryable error, with growing pauses', async () => {
    const transport = failing(refused(), refused());
    const clock = manualClock();
    expect((await retrying(transport, clock)(READ, { signal })).origin).toBe('x on vc');
    expect(transport.calls).toHaveLength(3);
    expect(clock.slept).toEqual([100, 200]);
  });

  it('gives up after the last attempt with its error', async () => {
    const transport = failing(refused(), refused(), refused());
    await expect(retrying(transport)(READ, { signal })).rejects.toThrow('refused');
    expect(transport.calls).toHaveLength(3);
  });

  it.each([
    'Login',
    'CloneSession',
    'AcquireCloneTicket',
    'ContinueRetrievePropertiesEx',
    'CreateContainerView',
  ])('never repeats %s', async (operation) => {
    const transport = failing(refused());
    await expect(retrying(transport)({ operation, body: '' }, { signal })).rejects.toThrow('refused');
    expect(transport.calls).toEqual([operation]);
  });

  it('does not repeat what will fail again', async () => {
    const transport = failing(fault('NotAuthenticated'));
    await expect(retrying(transport)(READ, { signal })).rejects.toThrow('NotAuthenticated');
    expect(transport.calls).toHaveLength(1);
  });

  it('stops pausing when the signal aborts', async () => {
    const transport = failing(refused(), refused());
    const aborted = AbortSignal.abort(new Error('enough'));
    await expect(retrying(transport)(READ, { signal: aborted })).rejects.toThrow('enough');
    expect(transport.calls).toHaveLength(1);
  });
});

describe('withMeasuring', () => {
  it('counts calls, the bytes of their replies, and the time up to the end of each', async () => {
    const clock = manualClock();
    const { transport, measurements } = withMeasuring(
      async () => {
        clock.at += 10;
        return reply('abc', 'de');
      },
      { clock },
    );
    {
      await using measured = await transport(READ, { signal });
      for await (const _ of measured.body) clock.at += 5;
    }
    expect(measurements()).toEqual({ calls: 1, bytes: 5, ms: 20 });
  });

  it('hands on what the reply says of itself, and disposes it', async () => {
    let disposed = 0;
    const told = (more: object): SoapReply => ({
      ...reply('a'),
      ...more,
      secrets: ['hunter2'],
      [Symbol.asyncDispose]: async () => {
        disposed += 1;
      },
    });
    for (const more of [{}, { isConfidential: true }, { isConfidential: false }]) {
      const { transport } = withMeasuring(async () => told(more), { clock: manualClock() });
      const { body, [Symbol.asyncDispose]: dispose, ...measured } = await transport(READ, { signal });
      expect(measured).toStrictEqual({ origin: 'x on vc', secrets: ['hunter2'], ...more });
      await dispose();
    }
    expect(disposed).toBe(3);
  });

  it('counts a call that failed', async () => {
    const clock = manualClock();
    const failed = async () => {
      clock.at += 7;
      throw refused();
    };
    const { transport, measurements } = withMeasuring(failed, { clock });
    await expect(transport(READ, { signal })).rejects.toThrow('refused');
    expect(measurements()).toEqual({ calls: 1, bytes: 0, ms: 7 });
  });
});
