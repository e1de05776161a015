import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../../lib/platform/clock.ts';
import { createLineLog } from '../../../../lib/platform/log.ts';
import { createAnswerRequest } from '../../../../lib/poll/gateway/answer-request.ts';
import { makeCurveKeys, toCurveKeys } from '../../../../lib/poll/gateway/curve-keys.ts';
import { parseFrames } from '../../../../lib/poll/gateway/frames.ts';
import { answerManagement } from '../../../../lib/poll/gateway/manage.ts';
import { createTellEndings } from '../../../../lib/poll/gateway/tell-endings.ts';
import { fromZ85, toZ85 } from '../../../../lib/poll/gateway/zmtp/z85.ts';
import type { PollReply } from '../../../../lib/poll/reply.ts';
import { createManualClock } from '../../../support/manual-clock.ts';

const bytes = (text: string) => Buffer.from(text);

describe('a management endpoint', () => {
  const ask = (text: string, role: 'proxy' | 'worker', shutDown?: () => void) =>
    answerManagement(bytes(text), { role, status: { hostname: 'h' }, ...(shutDown && { shutDown }) });

  it.each([
    ['{', 'Invalid message received'],
    ['7', 'Invalid message received'],
    ['null', 'Invalid message received'],
    ['{}', 'Missing method name'],
    ['[]', 'Missing method name'],
  ])('answers %s with a fault', (text, msg) => {
    expect(ask(text, 'proxy')).toEqual({ success: 1, msg });
  });

  it('answers in the words of the process that it stands for', () => {
    const result = { status: 'running', hostname: 'h' };
    expect(ask('{"method": "status"}', 'proxy')).toEqual({ success: 0, msg: 'vPoller Proxy status', result });
    expect(ask('{"method": "status"}', 'worker')).toEqual({
      success: 0,
      msg: 'vPoller Worker status',
      result,
    });
    expect(ask('{"method": "x"}', 'proxy')).toEqual({ success: 1, msg: 'Uknown method name received' });
    expect(ask('{"method": "x"}', 'worker')).toEqual({ success: 1, msg: 'Unknown method name received' });
  });

  it('shuts down where that is allowed, and only on that word', () => {
    let ended = 0;
    const shutDown = () => {
      ended += 1;
    };
    expect(ask('{"method": "shutdown"}', 'proxy')).toEqual({
      success: 1,
      msg: 'Shutdown is not allowed here; stop the process, or start it with --allow-shutdown',
    });
    ask('{"method": "status"}', 'proxy', shutDown);
    expect(ended).toBe(0);
    expect(ask('{"method": "shutdown"}', 'proxy', shutDown)).toEqual({
      success: 0,
      msg: 'Shutdown time has arrived',
    });
    expect(ended).toBe(1);
  });
});

describe('the parts of a message', () => {
  const [id, empty, body] = [bytes('id'), bytes(''), bytes('{}')];
  it('are an envelope that ends with an empty part, and one part of text', () => {
    expect(parseFrames([empty, body])).toEqual({ envelope: [empty], body });
    expect(parseFrames([id, empty, body])).toEqual({ envelope: [id, empty], body });
    expect(parseFrames([empty, empty])).toEqual({ envelope: [empty], body: empty });
  });

  it('are no request in any other form', () => {
    for (const frames of [[], [body], [id, body], [empty, id, body], [empty, empty, body], [id, id]])
      expect(parseFrames(frames)).toBeUndefined();
  });
});

describe('why a client was disconnected', () => {
  it('is told once a minute of each reason, and counted each time', () => {
    const clock = createManualClock(0);
    const lines: string[] = [];
    const counted: string[] = [];
    const log = createLineLog({ write: (line) => lines.push(line), level: 'debug' });
    const observe = {
      connected: () => {},
      disconnected: () => {},
      ended: (why: string) => counted.push(why),
    };
    const tell = createTellEndings({ endpoint: 'tcp://127.0.0.1:1', log, clock, observe });
    const levels = () => lines.map((line) => line.split(' ')[0]);
    tell('10.0.0.1', 'crowd');
    tell('10.0.0.2', 'crowd');
    tell('10.0.0.1', 'handshake');
    clock.advance(59_999);
    tell('10.0.0.1', 'crowd');
    clock.advance(1);
    tell('10.0.0.1', 'crowd');
    expect(levels()).toEqual(['warn', 'debug', 'warn', 'debug', 'warn']);
    expect(counted).toEqual(['crowd', 'crowd', 'handshake', 'crowd', 'crowd']);
    createTellEndings({ endpoint: 'e', log, clock, observe: undefined })('10.0.0.1', 'crowd');
    expect(counted).toHaveLength(5);
  });
});

describe('a request', () => {
  const time = new AbortController();
  const clock: Clock = createManualClock();

  it('that is no JSON is answered with what clients in C can read', async () => {
    const polls = { answer: async () => ({ success: 1, msg: 'asked' }) as const };
    const answer = createAnswerRequest({ polls, clock, timeoutMs: 1_000 }, time);
    expect(await answer(bytes('{'))).toBe('{"success": 1, "msg": "Invalid message received"}\0');
    expect(await answer(bytes('{"helper": "lld"}'))).toBe('asked');
  });

  it('is one of 128 of its target that are answered at once; one more is told so, and others are not held back', async () => {
    const held = Promise.withResolvers<PollReply>();
    let asked = 0;
    const polls = {
      answer: async () => {
        asked += 1;
        return await held.promise;
      },
    };
    const answer = createAnswerRequest({ polls, clock, timeoutMs: 1_000 }, time);
    const of = (hostname: unknown) => answer(bytes(JSON.stringify({ hostname })));
    const waiting = Array.from({ length: 128 }, () => of('vc01'));
    expect(JSON.parse(await of('vc01'))).toEqual({
      success: 1,
      msg: 'vc01 has 128 polls in hand; ask again later',
    });
    expect(asked).toBe(128);
    const others = [of('vc02'), of(7), answer(bytes('[]')), answer(bytes('null'))];
    held.resolve({ success: 1, msg: 'done' });
    const all = await Promise.all([...waiting, ...others]);
    expect(all.every((reply) => (JSON.parse(reply) as PollReply).msg === 'done')).toBe(true);
    expect(JSON.parse(await of('vc01'))).toEqual({ success: 1, msg: 'done' });
    expect(asked).toBe(133);
  });

  it('is given up after its time, by the clock', async () => {
    const manual = createManualClock();
    const polls = {
      answer: (_message: unknown, { signal }: { signal: AbortSignal }) =>
        new Promise<PollReply>((resolve) =>
          signal.addEventListener('abort', () => resolve({ success: 1, msg: String(signal.reason) })),
        ),
    };
    const answer = createAnswerRequest({ polls, clock: manual, timeoutMs: 1_000 }, time);
    const reply = answer(bytes('{}'));
    await expect.poll(() => manual.nextInMs()).toBe(1_000);
    manual.advance(1_000);
    expect(await reply).toContain('the poll');
    expect(manual.sleepers()).toBe(0);
  });
});

describe('keys in Z85', () => {
  it('are five characters for four bytes, as in the examples of RFC 32', () => {
    const example = Buffer.from('864fd26fb559f75b', 'hex');
    expect(toZ85(example)).toBe('HelloWorld');
    expect(fromZ85('HelloWorld')).toEqual(example);
    expect([toZ85(Buffer.alloc(4)), toZ85(Buffer.alloc(4, 0xff))]).toEqual(['00000', '%nSc0']);
    expect(fromZ85('%nSc0')).toEqual(Buffer.alloc(4, 0xff));
    expect(toZ85(Buffer.from([1, 2, 3, 4, 0x86, 0x4f, 0xd2, 0x6f]).subarray(4))).toBe('Hello');
    expect(fromZ85('')).toEqual(Buffer.alloc(0));
    for (const none of ['%nSc1', '#####', 'Hell', 'HelloWorl', 'Hell~', 'Hell '])
      expect(fromZ85(none)).toBeUndefined();
  });

  it('come back from what was made, and admit whom they name', () => {
    const [own, client] = [makeCurveKeys(), makeCurveKeys()];
    expect([own.publicKey.length, own.secretKey.length]).toEqual([40, 40]);
    expect(own.publicKey).not.toBe(client.publicKey);
    const keys = toCurveKeys(own.secretKey, [client.publicKey, 'no key']);
    expect(keys.publicKey).toBe(own.publicKey);
    expect(keys.newMechanism()).toMatchObject({ name: 'CURVE', overhead: 33 });
    expect(() => toCurveKeys('no key', [])).toThrow();
  });
});
