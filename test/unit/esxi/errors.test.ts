import { describe, expect, it } from 'vitest';
import { printable, SshError, type SshFailure } from '../../../lib/esxi/errors.ts';

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
    const stageOf = (code: SshFailure) => new SshError('x', { code }).stage;
    expect(stageOf('dns')).toBe('connect');
    expect(stageOf('banner')).toBe('banner');
    expect((['auth', 'hostkey', 'state'] as const).map(stageOf)).toEqual(['login', 'login', 'login']);
    expect((['exec-timeout', 'output'] as const).map(stageOf)).toEqual(['command', 'command']);
  });

  it('knows of no secret, no answer, no login and no stall that it was not told of', () => {
    expect(new SshError('x', { code: 'timeout' }).login).toEqual({
      credentialSent: false,
      hostAnswered: false,
      loggedIn: false,
      stalledMs: 0,
    });
    expect(new SshError('x', { code: 'timeout' })).toMatchObject({ output: '', credentialSent: false });
  });

  it('keeps what it was told', () => {
    const cause = new Error('y');
    const login = { credentialSent: true, hostAnswered: true, loggedIn: true, stalledMs: 5 };
    expect(new SshError('x', { code: 'output', output: 'up', cause, ...login })).toMatchObject({
      message: 'x',
      code: 'output',
      output: 'up',
      cause,
      login,
      credentialSent: true,
    });
  });
});

describe('printable', () => {
  it('leaves no control characters and no long text of a peer in a message', () => {
    expect(printable('bye\x1b[2J\r\nnow\0')).toBe('bye [2J now');
    expect(printable('x'.repeat(10_000))).toHaveLength(200);
    expect(printable(`${'x'.repeat(200)}y`)).toBe('x'.repeat(200));
    expect(printable('\t~ a !\u00e9\u007f')).toBe('~ a !');
    expect(printable('a\u00e9\nb  c')).toBe('a b  c');
  });
});
