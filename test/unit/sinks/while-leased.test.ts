import { describe, expect, it } from 'vitest';
import { whileLeased } from '../../../lib/sinks/http/while-leased.ts';

const { signal } = new AbortController();

describe('requests of the run with the lease', () => {
  const sendTwice = async ({ beforeAttempt }: { beforeAttempt?: (() => Promise<void>) | undefined }) => {
    await beforeAttempt?.();
    await beforeAttempt?.();
    return 'sent';
  };

  it('are sent while it has it, which is asked before each attempt', async () => {
    let asked = 0;
    const holdsLease = async () => {
      asked += 1;
      return true;
    };
    expect(await whileLeased({ signal, holdsLease }, sendTwice)).toBe('sent');
    expect(asked).toBe(2);
  });

  it('end when another run took it', async () => {
    let left = 1;
    const signals: AbortSignal[] = [];
    const holdsLease = async () => left-- > 0;
    const ended = whileLeased({ signal, holdsLease }, (sending) => {
      signals.push(sending.signal);
      return sendTwice(sending);
    });
    expect(await ended).toBe('lease-lost');
    expect(signals[0]?.aborted).toBe(true);
    expect(signal.aborted).toBe(false);
  });

  it('hand on what went wrong, and the reason of the caller who gave up', async () => {
    const holdsLease = async () => true;
    const broken = () => Promise.reject(new Error('no route'));
    await expect(whileLeased({ signal, holdsLease }, broken)).rejects.toThrow('no route');
    const over = AbortSignal.abort(new Error('the run is over'));
    await expect(whileLeased({ signal: over, holdsLease: async () => false }, sendTwice)).rejects.toThrow(
      'the run is over',
    );
    await expect(whileLeased({ signal: over, holdsLease }, broken)).rejects.toThrow('the run is over');
  });
});
