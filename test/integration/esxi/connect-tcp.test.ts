import { describe, expect, it, vi } from 'vitest';
import { connectTcp } from '../../../lib/esxi/connect-tcp.ts';
import { ADDRESS, startHost } from './demo-fleet.ts';

describe('connectTcp', () => {
  it.each([
    ['timeout', 'an address', ADDRESS],
    ['dns', 'a name that is not resolved yet', 'localhost'],
  ])('ends with %s when the time is over for %s', async (code, _what, host) => {
    await using demo = await startHost('silent');
    const limit = new AbortController();
    const connecting = connectTcp({ host, port: demo.port }, {}, { signal: limit.signal });
    limit.abort(new Error('out of time'));
    await expect(connecting).rejects.toMatchObject({
      code,
      credentialSent: false,
      retryable: true,
      cause: limit.signal.reason,
    });
    await vi.waitFor(() => expect(demo.connections()).toBe(0));
  });

  it('does not blame the host for a port that cannot be', async () => {
    const connecting = connectTcp(
      { host: ADDRESS, port: 65_536 },
      {},
      { signal: new AbortController().signal },
    );
    await expect(connecting).rejects.toMatchObject({ code: 'ERR_SOCKET_BAD_PORT' });
  });
});
