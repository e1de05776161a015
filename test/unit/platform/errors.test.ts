import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { DeadlineError, messageOf, stalledMsOf, VsweepError } from '../../../lib/platform/errors.ts';

const systemError = (code: string, message: string) => Object.assign(new Error(message), { code });

class Refused extends VsweepError<'refused'> {}

describe('an error of ours', () => {
  it('has the name of its class, its code and its message, and is not worth another call unless it says so', () => {
    const error = new Refused('no', { code: 'refused' });
    expect(error).toMatchObject({ name: 'Refused', code: 'refused', message: 'no', retryable: false });
    expect(new Refused('no', { code: 'refused', retryable: true }).retryable).toBe(true);
  });

  it('has a cause only where there is one', () => {
    const cause = new Error('why');
    expect(new Refused('no', { code: 'refused', cause }).cause).toBe(cause);
    expect(new Refused('no', { code: 'refused' })).not.toHaveProperty('cause');
  });
});

describe('a DeadlineError', () => {
  it('says what is out of time, and for how long the process was stalled meanwhile', () => {
    const error = new DeadlineError('the login', 4_000);
    expect(error).toMatchObject({ code: 'deadline', message: 'the login: out of time', stalledMs: 4_000 });
    expect(stalledMsOf(error)).toBe(4_000);
    expect(stalledMsOf(new DeadlineError('the login'))).toBe(0);
    expect(stalledMsOf(Object.assign(new Error('another'), { stalledMs: 4_000 }))).toBe(0);
  });
});

describe('messageOf', () => {
  it.each([
    ['EMFILE', 'EMFILE: too many open files, open', 'raise "ulimit -n" (LimitNOFILE= of a service)'],
    ['ENFILE', 'ENFILE: file table overflow, open', 'raise fs.file-max'],
    ['ENOSPC', 'ENOSPC: no space left on device, write', 'free space there'],
    ['EDQUOT', 'EDQUOT: disk quota exceeded, write', 'free space there'],
    ['EROFS', 'EROFS: read-only file system, open', 'mounted read-only'],
  ])('says what to do about %s', (code, message, remedy) => {
    const said = messageOf(systemError(code, message));
    expect(said).toContain(message);
    expect(said).toContain(remedy);
  });

  it('leaves what others say as it is', () => {
    expect(messageOf(systemError('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1'))).toBe(
      'connect ECONNREFUSED 127.0.0.1:1',
    );
    expect(messageOf('text')).toBe('text');
  });

  it('leaves out an address that no socket had', () => {
    const said = 'connect EMFILE 10.0.0.1:22 - Local (undefined:undefined)';
    expect(messageOf(systemError('EMFILE', said))).toMatch(
      /^connect EMFILE 10\.0\.0\.1:22; this process may/,
    );
  });

  it('names the reason of a process that may open no more files, without an address that nobody had', () => {
    const script = `
      const { messageOf } = await import('./lib/platform/errors.ts');
      const { openSync } = await import('node:fs');
      const { connect } = await import('node:net');
      try { for (;;) openSync('/dev/null'); } catch {}
      connect(1, '127.0.0.1').on('error', (error) => process.stdout.write(messageOf(error)));
    `;
    const args = [
      '-c',
      'ulimit -n 48; exec "$@"',
      'sh',
      process.execPath,
      '--input-type=module',
      '-e',
      script,
    ];
    const { stdout } = spawnSync('sh', args, { encoding: 'utf8' });
    expect(stdout).toMatch(/^connect EMFILE 127\.0\.0\.1:1; this process may open no more files/);
    expect(stdout).not.toContain('undefined');
  });
});
