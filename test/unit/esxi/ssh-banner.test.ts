import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { watchBanner } from '../../../lib/esxi/ssh-banner.ts';

/** What a watch knows after the pieces came one after the other. */
function hear(pieces: readonly (string | Buffer)[]) {
  const socket = new PassThrough();
  const onFlood = vi.fn();
  const watch = watchBanner(socket as unknown as Socket, onFlood);
  for (const piece of pieces) socket.emit('data', Buffer.from(piece));
  return { watch, onFlood };
}

/** The text cut at the places. */
function cut(text: string, places: readonly number[]): string[] {
  const ends = [...places.map((place) => place % text.length), text.length].toSorted((a, b) => a - b);
  return ends.map((end, index) => text.slice(index === 0 ? 0 : ends[index - 1], end));
}

const places = fc.array(fc.nat(1_000), { maxLength: 12 });

describe('watchBanner', () => {
  it('sees a banner at the beginning of a line, in whatever pieces it comes', () => {
    const greeting = fc.constantFrom('', 'Welcome\r\n', 'SSH is here:\n\n', 'x'.repeat(300).concat('\n'));
    fc.assert(
      fc.property(greeting, places, (before, at) => {
        expect(hear(cut(`${before}SSH-2.0-OpenSSH_8.8\r\n`, at)).watch.seen).toBe(true);
      }),
    );
  });

  it('sees none in the middle of a line, in whatever pieces it comes', () => {
    fc.assert(
      fc.property(places, (at) => {
        expect(hear(cut('this is no SSH-2.0-banner\r\nxSSH-2.0\r\n', at)).watch.seen).toBe(false);
      }),
    );
  });

  it('keeps the first line of what came in the place of a banner, and nothing once a banner came', () => {
    expect(hear(['\r\nExceeded Max', 'Startups\r\nbye\r\n']).watch.words).toBe('Exceeded MaxStartups');
    expect(hear([]).watch.words).toBe('');
    expect(hear(['hello\r\n', 'SSH-2.0-x\r\n']).watch.words).toBe('');
  });

  it('calls 16 KiB before a banner a flood, and 256 KiB with one', () => {
    expect(hear(['x'.repeat(16 * 1024)]).onFlood).not.toHaveBeenCalled();
    expect(hear(['x'.repeat(16 * 1024), 'x']).onFlood).toHaveBeenCalled();
    const banner = 'SSH-2.0-x\r\n';
    const rest = Buffer.alloc(256 * 1024 - banner.length);
    expect(hear([banner, rest]).onFlood).not.toHaveBeenCalled();
    expect(hear([banner, rest, 'x']).onFlood).toHaveBeenCalled();
  });

  it('lets nothing pass before somebody else listens', async () => {
    const socket = new PassThrough();
    const watch = watchBanner(socket as unknown as Socket, () => undefined);
    socket.write('SSH-2.0-x\r\n');
    await setImmediate();
    expect(watch.seen).toBe(false);
    socket.resume();
    await vi.waitFor(() => expect(watch.seen).toBe(true));
  });

  it('hears nothing any more once it is disposed', () => {
    const socket = new PassThrough();
    const watch = watchBanner(socket as unknown as Socket, () => undefined);
    watch[Symbol.dispose]();
    socket.emit('data', Buffer.from('SSH-2.0-x\r\n'));
    expect(watch.seen).toBe(false);
  });
});
