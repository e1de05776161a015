import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import type { Client } from 'ssh2';
import { describe, expect, it, vi } from 'vitest';
import { guardChannels } from '../../../lib/esxi/guard-channels.ts';

/** A client as ssh2 1.17.0 makes it, with a channel that writes into a connection which is over. */
function openChannel() {
  const update = vi.fn();
  const client = Object.assign(new EventEmitter(), { _chanMgr: { update } });
  const over = (what: string) => () => {
    throw new Error(`${what} into a connection that is over`);
  };
  const channel = Object.assign(new PassThrough(), {
    stderr: new PassThrough(),
    eof: over('eof'),
    close: over('close'),
  });
  const errors: string[] = [];
  client.on('error', (error: Error) => errors.push(error.message));
  guardChannels(client as unknown as Client);
  client._chanMgr.update(7, channel);
  return { channel, update, errors };
}

describe('guardChannels', () => {
  it('keeps the channel as ssh2 does', () => {
    const { channel, update } = openChannel();
    expect(update).toHaveBeenCalledExactlyOnceWith(7, channel);
  });

  it('makes what a channel and its stderr complain about an error of the client', () => {
    const { channel, errors } = openChannel();
    channel.emit('error', new Error('stdout'));
    channel.stderr.emit('error', new Error('stderr'));
    expect(errors).toEqual(['stdout', 'stderr']);
  });

  it('makes what a channel cannot write at its end an error of the client, which is not thrown', () => {
    const { channel, errors } = openChannel();
    channel.eof();
    channel.close();
    expect(errors).toEqual(['eof into a connection that is over', 'close into a connection that is over']);
  });

  it('lets a channel write its end while the connection is there', () => {
    const client = Object.assign(new EventEmitter(), { _chanMgr: { update: vi.fn() } });
    const written: string[] = [];
    const channel = Object.assign(new PassThrough(), {
      stderr: new PassThrough(),
      eof: () => written.push('eof'),
      close: () => written.push('close'),
    });
    guardChannels(client as unknown as Client);
    client._chanMgr.update(0, channel);
    channel.eof();
    channel.close();
    expect(written).toEqual(['eof', 'close']);
  });
});
