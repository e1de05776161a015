import { uncompress } from 'snappyjs';
import { describe, expect, it } from 'vitest';
import { PushError, type PushErrorCode } from '../../../../lib/sinks/http/errors.ts';
import type { HttpLink } from '../../../../lib/sinks/http/http-link.ts';
import { LEASE_LOST, openWrites } from '../../../../lib/sinks/remote-write/writes.ts';

const { signal } = new AbortController();
const error = (code: PushErrorCode, status?: number, message = `POST: ${status ?? code}.`) =>
  new PushError(message, { code, ...(status === undefined ? {} : { status }) });
const batch = (name: string, more: object = {}) => ({
  message: Buffer.from(name),
  series: 1,
  samples: 2,
  hasSeveral: false,
  first: `esxi_x{host="${name}"}`,
  ...more,
});

/** What the attempts of each request end with, the last one of which ends the request; none: it is taken. */
function linkOf(...requests: readonly (readonly PushError[])[]) {
  const sent: unknown[] = [];
  let destroyed = 0;
  const agent = { destroy: () => (destroyed += 1) };
  const left = [...requests];
  const link = {
    createAgent: () => agent,
    async send(query: string, request: { body: Uint8Array }, options: Parameters<HttpLink['send']>[2]) {
      await options.beforeAttempt?.();
      const { body, ...more } = request;
      sent.push([
        query,
        String(Buffer.from(uncompress(body))),
        more,
        options.attempts,
        (options.agent as unknown) === agent,
      ]);
      const failures = left.shift() ?? [];
      for (const one of failures) options.onFailed?.(one);
      const last = failures.at(-1);
      if (last !== undefined) throw last;
    },
  } as unknown as HttpLink;
  return { link, sent, destroyed: () => destroyed };
}

const open = (link: HttpLink, more: object = {}) =>
  openWrites(link, '?x', { signal, holdsLease: async () => true, ...more });

describe('the requests of a delivery', () => {
  it('are sent one behind the other over one connection, which is closed at the end', async () => {
    const { link, sent, destroyed } = linkOf();
    {
      using writes = open(link);
      await writes.sendAll([batch('a'), batch('b')], { attempts: 1 });
    }
    const headers = {
      'content-type': 'application/x-protobuf',
      'content-encoding': 'snappy',
      'x-prometheus-remote-write-version': '0.1.0',
    };
    const request = { method: 'POST', headers };
    expect(sent).toEqual([
      ['?x', 'a', request, 1, true],
      ['?x', 'b', request, 1, true],
    ]);
    expect(destroyed()).toBe(1);
  });

  it('go on where one is refused, and the first refused one is told with its samples', async () => {
    const refusal = error('inconsistent', 400);
    const { link, sent } = linkOf([], [refusal], [], [error('inconsistent', 422)]);
    const failed = open(link).sendAll(['a', 'b', 'c', 'd'].map((name) => batch(name)));
    await expect(failed).rejects.toMatchObject({
      message:
        'POST: 400. It had 2 samples of 1 series, from esxi_x{host="b"} on. 2 of 4 requests were refused.',
      code: 'inconsistent',
      status: 400,
      mayBeThere: false,
      cause: refusal,
    });
    expect(sent).toHaveLength(4);
    await expect(open(linkOf([refusal]).link).sendAll([batch('a')])).rejects.toThrow(
      /^POST: 400\. It had 2 samples of 1 series, from esxi_x\{host="a"\} on\.$/,
    );
  });

  it('end with any other error', async () => {
    const busy = error('busy', 503);
    const { link, sent } = linkOf([busy]);
    await expect(open(link).sendAll([batch('a'), batch('b')])).rejects.toBe(busy);
    expect(sent).toHaveLength(1);
  });

  it('end when another run took the lease, and with the reason of the caller', async () => {
    const { link, sent } = linkOf();
    const lost = open(link, { holdsLease: async () => false }).sendAll([batch('a')]);
    await expect(lost).rejects.toBe(LEASE_LOST);
    const over = AbortSignal.abort(new Error('the run is over'));
    await expect(open(link, { signal: over }).sendAll([batch('a')])).rejects.toThrow('the run is over');
    expect(sent).toEqual([]);
  });

  const outOfOrder = (words = 'out of order sample') => error('inconsistent', 400, `POST: ${words}`);
  const several = { hasSeveral: true };

  it.each([
    [error('network'), true],
    [error('timeout'), true],
    [error('busy', 502), true],
    [error('busy', 504), true],
    [error('busy', 503), false],
    [error('busy', 500), false],
    [error('busy', 429), false],
  ])('after %s may have been taken before: %s', async (before, mayBeThere) => {
    const { link } = linkOf([before, outOfOrder()]);
    await expect(open(link).sendAll([batch('a', several)])).rejects.toMatchObject({
      mayBeThere,
      status: 400,
    });
  });

  it.each([
    ['out-of-order', true],
    ['Too Old sample', true],
    ['too-old', true],
    ['out of bounds', true],
    ['duplicate timestamp', true],
    ['label name is too long', false],
  ])('that are refused as %j after a lost answer may have been taken: %s', async (words, mayBeThere) => {
    const { link } = linkOf([error('network'), outOfOrder(words)]);
    await expect(open(link).sendAll([batch('a', several)])).rejects.toMatchObject({ mayBeThere });
  });

  it('were not taken before where each series has one sample, or no answer was lost', async () => {
    const ofOne = open(linkOf([error('network'), outOfOrder()]).link).sendAll([batch('a')]);
    await expect(ofOne).rejects.toMatchObject({ mayBeThere: false });
    const answered = open(linkOf([outOfOrder()]).link).sendAll([batch('a', several)]);
    await expect(answered).rejects.toMatchObject({ mayBeThere: false });
  });

  it('may have been taken only where all that were refused may', async () => {
    const { link } = linkOf([error('network'), outOfOrder()], [outOfOrder()]);
    const failed = open(link).sendAll([batch('a', several), batch('b', several)]);
    await expect(failed).rejects.toMatchObject({ mayBeThere: false });
  });
});
