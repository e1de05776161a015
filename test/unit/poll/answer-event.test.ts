import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerEvent } from '../../../lib/poll/answer-event.ts';
import type { UrlAnswer } from '../../../lib/poll/function-url.ts';
import type { PollReply } from '../../../lib/poll/reply.ts';
import { DOCUMENTED_URL_EVENT, urlEvent } from '../../support/lambda/url-event.ts';

const { signal } = new AbortController();
const ABOUT = { method: 'about', hostname: 'vc01' };
const GUEST = { ...ABOUT, method: 'vm.process.get', username: 'root', password: 'Leak' };
/** Lambda's limit for what a function answers. */
const LAMBDA_LIMIT = 6 * 1024 * 1024;

/** Polls that answer with what was asked. */
const echo = (
  reply = (message: unknown): PollReply => ({ success: 0, msg: JSON.stringify(message), result: [] }),
) => {
  const asked: unknown[] = [];
  const answer = async (message: unknown) => {
    asked.push(message);
    return reply(message);
  };
  return { polls: { answer }, asked };
};

const answerOf = async (event: unknown, hasClientContext = false) => {
  const { polls, asked } = echo();
  const answer = await answerEvent(event, { polls, hasClientContext }, { signal });
  return { answer, asked };
};
const httpAnswer = async (event: object) => {
  const { answer, asked } = await answerOf(event);
  const { statusCode, headers, body } = answer as UrlAnswer;
  return { statusCode, headers, reply: JSON.parse(body), asked };
};

describe('an event of a function URL', () => {
  it('is one when it has the form that AWS documents, whose example is no request', async () => {
    const { statusCode, reply, asked } = await httpAnswer(DOCUMENTED_URL_EVENT);
    expect({ statusCode, reply, asked }).toEqual({
      statusCode: 400,
      reply: { success: 1, msg: 'Invalid message received' },
      asked: [],
    });
  });

  it.each([
    ['text', { body: JSON.stringify(ABOUT) }],
    ['Base64', { body: Buffer.from(JSON.stringify(ABOUT)).toString('base64'), isBase64Encoded: true }],
  ])('has its request in the body, as %s', async (_form, given) => {
    const { statusCode, headers, reply, asked } = await httpAnswer(urlEvent(given));
    expect(asked).toEqual([ABOUT]);
    expect(statusCode).toBe(200);
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' });
    expect(reply).toEqual({ success: 0, msg: JSON.stringify(ABOUT), result: [] });
  });

  it('may have a list, of which a list comes', async () => {
    const { reply, asked } = await httpAnswer(urlEvent({ body: JSON.stringify([ABOUT, 5]) }));
    expect(asked).toEqual([ABOUT, 5]);
    expect(reply).toMatchObject([{ success: 0 }, { success: 0 }]);
  });

  it('may have guest credentials: it was in no queue', async () => {
    expect((await httpAnswer(urlEvent({ body: JSON.stringify(GUEST) }))).asked).toEqual([GUEST]);
  });

  it.each([
    ['whose caller nobody has checked', { authorizer: null }, 403, /AWS_IAM/],
    ['by another method', { method: 'GET' }, 405, /POST/],
    ['without a body', { body: undefined }, 400, /^Invalid message received$/],
    [
      'with a body that is no UTF-8',
      { body: '/w==', isBase64Encoded: true },
      400,
      /^Invalid message received$/,
    ],
    ['with a body that is too large', { body: 'x'.repeat(256 * 1024 + 1) }, 413, /262144 bytes/],
  ])('is refused %s', async (_what, given, status, msg) => {
    const { statusCode, reply, asked } = await httpAnswer(
      urlEvent({ body: JSON.stringify(ABOUT), ...given }),
    );
    expect({ statusCode, reply, asked }).toEqual({
      statusCode: status,
      reply: { success: 1, msg: expect.stringMatching(msg) },
      asked: [],
    });
  });

  it('is answered over HTTP whatever its body is', async () => {
    const body = fc.oneof(fc.string(), fc.json(), fc.base64String());
    const form = fc.record({ body, isBase64Encoded: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(form, async (given) => {
        const { statusCode, reply } = await httpAnswer(urlEvent(given));
        expect([200, 400]).toContain(statusCode);
        for (const one of [reply].flat()) expect(one).toMatchObject({ msg: expect.any(String) });
      }),
    );
  });
});

describe('an event of an invocation', () => {
  it('is itself the request, or a list of them', async () => {
    expect(await answerOf(ABOUT)).toEqual({
      answer: { success: 0, msg: JSON.stringify(ABOUT), result: [] },
      asked: [ABOUT],
    });
    expect((await answerOf([ABOUT, null])).answer).toHaveLength(2);
    expect((await answerOf([])).answer).toEqual([]);
  });

  it('has guest credentials only beside a client context', async () => {
    const { answer, asked } = await answerOf([GUEST, ABOUT]);
    expect(answer).toMatchObject([
      { success: 1, msg: expect.stringContaining('synchronous') },
      { success: 0 },
    ]);
    expect(asked).toEqual([ABOUT]);
    expect((await answerOf(GUEST, true)).asked).toEqual([GUEST]);
  });

  it('has a thousand requests at most', async () => {
    const { answer, asked } = await answerOf(Array.from({ length: 1_001 }, () => ABOUT));
    expect(answer).toEqual({ success: 1, msg: expect.stringContaining('1000 requests') });
    expect(asked).toEqual([]);
  });
});

describe('what Lambda would not deliver', () => {
  const large: PollReply = { success: 0, msg: 'x', result: [{ name: '"'.repeat(1_000_000) }] };
  const small: PollReply = { success: 0, msg: 'x', result: [] };
  const { polls } = echo((message) => (message === 'large' ? large : small));
  const ask = async (event: unknown) =>
    await answerEvent(event, { polls, hasClientContext: false }, { signal });

  it('is a failure for those replies that do not fit, and for no others', async () => {
    const answer = await ask(['large', 'large', 'large', 'small', 'large', 'small']);
    const tooLarge = { success: 1, msg: expect.stringContaining('more than Lambda delivers in one answer') };
    expect(answer).toEqual([large, large, tooLarge, small, tooLarge, small]);
    expect(JSON.stringify(answer).length).toBeLessThan(LAMBDA_LIMIT);
  });

  it('counts the backslashes that a body takes inside an answer', async () => {
    const answer = await ask(urlEvent({ body: '["large", "large", "small"]' }));
    expect(JSON.parse((answer as UrlAnswer).body)).toMatchObject([
      { success: 0 },
      { success: 1 },
      { success: 0 },
    ]);
    expect(JSON.stringify(answer).length).toBeLessThan(LAMBDA_LIMIT);
  });
});
