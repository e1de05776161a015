import { describe, expect, it } from 'vitest';
import { createAnswerRequest } from '../../../../lib/poll/gateway/answer-request.ts';
import type { PollReply } from '../../../../lib/poll/reply.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import { settle } from './memory-socket.ts';

const DONE: PollReply = { success: 0, msg: 'done', result: [] };

/** Polls that wait until the test ends them. */
function startAnswering() {
  const clock = createManualClock();
  const stop = new AbortController();
  const asked: {
    message: unknown;
    signal: AbortSignal;
    end: (reply: PollReply) => void;
    fail: (why: Error) => void;
  }[] = [];
  const polls = {
    answer: (message: unknown, { signal }: { signal: AbortSignal }) =>
      new Promise<PollReply>((resolve, reject) => {
        asked.push({ message, signal, end: resolve, fail: reject });
      }),
  };
  const answer = createAnswerRequest({ polls, clock, timeoutMs: 10_000 }, stop);
  return { clock, stop, asked, ask: (body: string | Buffer) => answer(Buffer.from(body)) };
}

const requestOf = (hostname: unknown) => JSON.stringify({ method: 'about', hostname });

describe('a request', () => {
  it('is asked as it came, and answered with the reply in the form that it wants', async () => {
    const { ask, asked } = startAnswering();
    const message = { method: 'about', hostname: 'vc01', helper: 'cclient' };
    const replies = [ask(JSON.stringify(message)), ask(requestOf('vc01'))];
    expect(asked.map((one) => one.message)).toEqual([message, { method: 'about', hostname: 'vc01' }]);
    for (const { end } of asked) end(DONE);
    const json = '{"success": 0, "msg": "done", "result": []}';
    expect(await Promise.all(replies)).toEqual([`${json}\0`, json]);
  });

  it.each([
    ['no JSON', 'hello'],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['empty', ''],
  ])('that is %s is answered with a text that ends for clients in C', async (_what, body) => {
    const { ask, asked } = startAnswering();
    expect(await ask(body)).toBe('{"success": 1, "msg": "Invalid message received"}\0');
    expect(asked).toEqual([]);
  });

  it('is given up in its time, and no sooner', async () => {
    const { ask, asked, clock } = startAnswering();
    ask(requestOf('vc01')).catch(() => undefined);
    clock.advance(9_999);
    expect(asked[0]?.signal.aborted).toBe(false);
    clock.advance(1);
    await settle();
    expect(asked[0]?.signal.reason).toMatchObject({ message: 'the poll: out of time' });
  });

  it('is given up with all others', () => {
    const { ask, asked, stop } = startAnswering();
    ask(requestOf('vc01')).catch(() => undefined);
    const reason = new Error('over');
    stop.abort(reason);
    expect(asked[0]?.signal.reason).toBe(reason);
  });

  it('that was answered holds no timer', async () => {
    const { ask, asked, clock } = startAnswering();
    const reply = ask(requestOf('vc01'));
    expect(clock.sleepers()).toBe(1);
    asked[0]?.end(DONE);
    await reply;
    expect(clock.sleepers()).toBe(0);
  });
});

describe('requests for a target that hangs', () => {
  const refused = (target: string) =>
    `{"success": 1, "msg": "${target} has 128 polls in hand; ask again later"}`;

  it('are refused beyond 128, until one of them is over, however it ends', async () => {
    const { ask, asked } = startAnswering();
    const all = Array.from({ length: 128 }, () => ask(requestOf('vc01')));
    expect(await ask(requestOf('vc01'))).toBe(refused('vc01'));
    expect(asked).toHaveLength(128);
    asked[0]?.end(DONE);
    asked[1]?.fail(new Error('broken'));
    expect(await all[0]).toContain('done');
    await expect(all[1]).rejects.toThrow('broken');
    for (const _ of 'ab') void ask(requestOf('vc01'));
    expect(asked).toHaveLength(130);
    expect(await ask(requestOf('vc01'))).toBe(refused('vc01'));
    for (const { end } of asked) end(DONE);
    await Promise.all(all.slice(2));
    for (let count = 0; count < 128; count += 1) void ask(requestOf('vc01'));
    expect(asked).toHaveLength(130 + 128);
    expect(await ask(requestOf('vc01'))).toBe(refused('vc01'));
  });

  it('do not keep those for another one from it; all that name none count together', async () => {
    const { ask, asked } = startAnswering();
    for (let count = 0; count < 128; count += 1) void ask(requestOf('vc01'));
    void ask(requestOf('vc02'));
    expect(asked).toHaveLength(129);
    const nameless = ['5', 'null', '"vc01"', '[]', '{}', requestOf(7), requestOf(null), requestOf({})];
    for (let count = 0; count < 16; count += 1) for (const one of nameless) void ask(one);
    expect(asked).toHaveLength(129 + 128);
    for (const one of nameless) expect(await ask(one)).toBe(refused(''));
  });
});
