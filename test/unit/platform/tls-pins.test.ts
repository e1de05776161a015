import { describe, expect, it } from 'vitest';
import { createTlsAgent } from '../../../lib/platform/tls.ts';

const HEX = 'ab'.repeat(32);
const agentFor = (...sha256: string[]) => createTlsAgent({ sha256 }, { connectTimeoutMs: 1_000 });

describe('a pinned certificate', () => {
  it.each([HEX, HEX.toUpperCase(), HEX.match(/../g)?.join(':') ?? ''])('may be written %s', (pin) => {
    agentFor(pin).destroy();
  });

  it.each(['', 'AB:CD', `${HEX}00`, `00${HEX}`, `${HEX}\n`, HEX.replace('a', 'g')])(
    'may not be written %j, which nobody would ever show',
    (pin) => {
      expect(() => agentFor(HEX, pin)).toThrow(expect.objectContaining({ code: 'pin-malformed' }));
    },
  );

  it('is asked for where there is none', () => {
    expect(() => agentFor()).toThrow('tls.sha256 is empty: give at least one SHA-256 fingerprint');
  });
});
