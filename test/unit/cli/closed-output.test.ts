import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { surviveClosedOutput } from '../../../lib/cli/closed-output.ts';

const fault = (code: string) => Object.assign(new Error(`write ${code}`), { code });

describe('surviveClosedOutput', () => {
  it.each(['EPIPE', 'EIO'])('lets the command go on when nobody reads any more (%s)', (code) => {
    const stream = new PassThrough();
    surviveClosedOutput([stream]);
    expect(() => stream.emit('error', fault(code))).not.toThrow();
  });

  it('leaves any other fault to end the process', () => {
    const stream = new PassThrough();
    surviveClosedOutput([stream]);
    expect(() => stream.emit('error', fault('ENOSPC'))).toThrow('write ENOSPC');
  });
});
