import { describe, expect, it } from 'vitest';
import { printable, SshError } from '../../../lib/esxi/errors.ts';

describe('SshError', () => {
  it('is worth another call only as long as no credential was sent and nothing has to be changed', () => {
    expect(new SshError('x', { code: 'timeout' }).retryable).toBe(true);
    expect(new SshError('x', { code: 'timeout', credentialSent: true }).retryable).toBe(false);
    expect(new SshError('x', { code: 'timeout', loggedIn: true }).retryable).toBe(false);
    expect(new SshError('x', { code: 'auth' }).retryable).toBe(false);
    expect(new SshError('x', { code: 'hostkey' }).retryable).toBe(false);
  });

  it.each(['dns', 'connection-refused', 'timeout', 'banner', 'state'] as const)(
    'is worth another call after %s',
    (code) => expect(new SshError('x', { code }).retryable).toBe(true),
  );

  it.each(['auth', 'hostkey', 'exec-timeout', 'output'] as const)('is worth no other call after %s', (code) =>
    expect(new SshError('x', { code }).retryable).toBe(false),
  );

  it('takes a host for reached unless it is told otherwise: only before TCP it was told nothing', () => {
    expect(new SshError('x', { code: 'timeout' }).stage).toBe('login');
    expect(new SshError('x', { code: 'timeout', stage: 'connect' }).stage).toBe('connect');
    expect(new SshError('x', { code: 'connection-refused' }).stage).toBe('connect');
    expect(new SshError('x', { code: 'banner' }).stage).toBe('banner');
    expect(new SshError('x', { code: 'output' }).stage).toBe('command');
  });

  it('knows of no secret, no answer, no login and no stall that it was not told of', () => {
    expect(new SshError('x', { code: 'timeout' }).login).toEqual({
      credentialSent: false,
      hostAnswered: false,
      loggedIn: false,
      stalledMs: 0,
    });
  });
});

describe('printable', () => {
  it('leaves no control characters and no long text of a peer in a message', () => {
    expect(printable('bye\x1b[2J\r\nnow\0')).toBe('bye [2J now');
    expect(printable('x'.repeat(10_000))).toHaveLength(200);
  });
});
