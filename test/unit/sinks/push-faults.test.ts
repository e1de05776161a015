import { describe, expect, it } from 'vitest';
import type { PeerWords } from '../../../lib/sinks/http/faults.ts';
import {
  networkError,
  pageError,
  statusError,
  strangerError,
  timeoutError,
  trustError,
} from '../../../lib/sinks/http/faults.ts';
import { partsError, pushgatewayWords } from '../../../lib/sinks/pushgateway/push-faults.ts';

const WORDS = pushgatewayWords({ gzip: true });

const answered = (
  status: number,
  { statusText = '', text = '', headers = {} } = {},
  words: PeerWords = WORDS,
) =>
  statusError(
    'PUT http://gw',
    { status, statusText, text, headers, bytes: Buffer.from(text), bodyEnd: 'whole' },
    { words, secrets: [], now: 1_000_000 },
  );

describe('statusError', () => {
  it.each([
    [{}, '418.'],
    [{ statusText: "I'm a teapot" }, "418 I'm a teapot."],
    [{ text: 'short and stout' }, '418: short and stout.'],
    [{ statusText: 'Teapot', text: 'short' }, '418 Teapot: short.'],
    [{ text: 'a.b. short. ..' }, '418: a.b. short.'],
  ])('quotes what came of the answer: %j', (said, quoted) => {
    expect(answered(418, said).message).toContain(`PUT http://gw: the Pushgateway answered ${quoted} `);
  });

  it.each([
    [428, 'status', false, 'push.url is the Pushgateway itself'],
    [429, 'busy', true, 'limits requests'],
    [430, 'status', false, 'push.url is the Pushgateway itself'],
    [499, 'status', false, 'push.url is the Pushgateway itself'],
    [500, 'busy', true, 'health and log of the gateway'],
    [599, 'busy', true, 'health and log of the gateway'],
  ])('tells a busy gateway from one that refuses: %i', (status, code, retryable, remedy) => {
    expect(answered(status)).toMatchObject({
      code,
      status,
      retryable,
      message: expect.stringContaining(remedy),
    });
  });
});

describe('the words of a Pushgateway', () => {
  const CLASH =
    'Nothing of this request was stored. The gateway rejects series that clash with another group.';
  const PATH = 'Check the path of push.url: leave out /metrics.';

  it.each([
    [400, { code: 'inconsistent', remedy: CLASH }],
    [415, { code: 'inconsistent', remedy: CLASH }],
    [404, { code: 'not-found', remedy: PATH }],
    [405, { code: 'not-found', remedy: PATH }],
    [401, undefined],
    [500, undefined],
  ])('say of %i what is special about it', (status, fault) => {
    expect(pushgatewayWords({ gzip: false }).faultOf?.(status)).toEqual(fault);
  });

  it('say of what was packed that an older one does not read it', () => {
    expect(WORDS.faultOf?.(400)?.remedy).toBe(
      `${CLASH} A gateway older than 1.5 does not read gzip: set push.gzip: false.`,
    );
  });

  it('are of one error for all parts, which is that of the part where there is one', () => {
    const refused = [
      { part: 'b', error: new Error('no room') },
      { part: 'c', error: new Error('late') },
    ];
    expect(partsError(refused.slice(0, 1), 1)).toBe(refused[0]?.error);
    expect(partsError(refused, 3)).toMatchObject({
      code: 'parts',
      cause: refused[0]?.error,
      message: '2 of 3 parts were not taken (vsweep_part b, c). The others were taken. The first: no room',
    });
    expect(partsError(refused, 2)).toMatchObject({
      message: '2 of 2 parts were not taken (vsweep_part b, c). The first: no room',
    });
  });
});

describe('statusError for any destination', () => {
  const plain: PeerWords = { name: 'the peer', short: 'the peer', section: 'x', isSuccess: () => true };
  it.each([
    [401, 'credentials', 'Check x.credentials.'],
    [403, 'credentials', 'Check x.credentials.'],
    [404, 'not-found', 'Check the path of x.url.'],
    [405, 'not-found', 'Check the path of x.url.'],
    [413, 'too-large', 'Raise the body limit of the proxy in front of the peer.'],
    [429, 'busy', 'The peer or its proxy limits requests; raise the limit.'],
    [302, 'status', 'Check that x.url is the peer itself; redirects are not followed.'],
    [500, 'busy', 'Check the health and log of the peer.'],
  ])('says of %i that it is %s', (status, code, remedy) => {
    expect(answered(status, {}, plain)).toMatchObject({
      code,
      status,
      message: `PUT http://gw: the peer answered ${status}. ${remedy}`,
    });
  });

  it.each([
    'Client sent an HTTP request to an HTTPS server.',
    'The plain HTTP request was sent to HTTPS port',
    "You're speaking plain HTTP to an SSL-enabled server port",
  ])('says to write https where the answer does: %s', (text) => {
    expect(answered(400, { text }, plain).message).toMatch(/ Write x\.url with https\.$/);
  });

  it('is of a time-out and of a peer that is not trusted', () => {
    expect(timeoutError('PUT x', 1_500, plain)).toMatchObject({
      code: 'timeout',
      retryable: true,
      message: 'PUT x: no answer within 1.5 s. Check the load of the peer and the network path to it.',
    });
    const cause = new Error('another certificate') as never;
    expect(trustError('PUT x', cause)).toMatchObject({
      code: 'tls',
      retryable: false,
      message: 'PUT x: another certificate',
    });
  });
});

describe('what is asked by Retry-After', () => {
  it.each([429, 500, 503])('is heard in an answer of %i', (status) => {
    expect(answered(status, { headers: { 'retry-after': '60' } })).toMatchObject({
      retryable: true,
      retryAfterMs: 60_000,
    });
  });

  it('ends the attempts of a run when it is longer than a run waits, and is told', () => {
    const asked = answered(503, { headers: { 'retry-after': '61' } });
    expect(asked).toMatchObject({ code: 'busy', retryable: false });
    expect(asked.message).toMatch(
      /It asks to wait 61 s, so this run does not try again; the next one does\.$/,
    );
  });

  it('makes nothing repeatable that is not', () => {
    const refused = answered(400, { headers: { 'retry-after': '1' } });
    expect(refused.retryable).toBe(false);
    expect(answered(400, { headers: { 'retry-after': '100' } }).message).not.toContain('asks to wait');
  });
});

describe('which answers may be followed by the same request', () => {
  it('is up to the destination', () => {
    const words = { ...WORDS, mayRepeat: (status: number) => status === 503 };
    expect([500, 503].map((status) => answered(status, {}, words).retryable)).toEqual([false, true]);
  });
});

describe('strangerError', () => {
  const of = (status: number, text = '') =>
    strangerError(
      'PUT http://gw',
      { status, statusText: '', text, headers: {}, bytes: Buffer.from(text), bodyEnd: 'whole' },
      { words: WORDS, secrets: ['tops3cret'] },
    );

  it.each([200, 202])('takes %i without a body for the success of a Pushgateway', (status) => {
    expect(of(status)).toBeUndefined();
    expect(of(status, '\n')).toBeUndefined();
  });

  it.each([
    [200, 'OK'],
    [202, '{"status":"success"}'],
    [201, ''],
    [204, ''],
  ])('takes %i with %j for that of something else', (status, text) => {
    expect(of(status, text)).toMatchObject({ code: 'stranger', status, retryable: false });
  });

  it('shows some of it in one line, and nothing that repeats a secret', () => {
    expect(of(200, `a\n\u0007b${'x'.repeat(500)}`)?.message).toBe(
      `PUT http://gw: answered 200: a b${'x'.repeat(196)}. The Pushgateway does not answer so, so something else did ` +
        'and nothing was stored. Check push.url, and any proxy in front of it.',
    );
    expect(of(200, 'you sent tops3cret')?.message).toMatch(
      /^PUT http:\/\/gw: answered 200\. The Pushgateway/,
    );
  });
});

describe('networkError', () => {
  it.each([
    [new Error('socket hang up'), 'socket hang up', ''],
    [Object.assign(new Error(''), { code: 'ECONNREFUSED' }), 'ECONNREFUSED', 'that the gateway runs, '],
    [new TypeError(''), 'TypeError', ''],
    ['', 'unknown', ''],
  ])('names the reason as well as it is known: %s', (cause, reason, also) => {
    expect(networkError('GET http://gw', cause, WORDS)).toMatchObject({
      code: 'network',
      retryable: true,
      cause,
      message: `GET http://gw: no answer: ${reason}. Check ${also}push.url and the network path to it.`,
    });
  });
});

describe('pageError', () => {
  const of = (text: string, type?: string) =>
    pageError(
      'PUT http://gw',
      {
        status: 200,
        statusText: '',
        text,
        headers: type === undefined ? {} : { 'content-type': type },
        bytes: Buffer.from(text),
        bodyEnd: 'whole',
      },
      WORDS,
    );

  it.each([
    ['<html><body>Log in</body></html>', undefined],
    ['\n <!DOCTYPE html><title>502</title>', 'text/plain'],
    ['<HTML>', 'application/octet-stream'],
    ['', 'text/html; charset=utf-8'],
    ['Log in', 'Text/HTML'],
  ])('takes %j with the type %s for a page, which took nothing', (text, type) => {
    expect(of(text, type)).toMatchObject({
      code: 'page',
      retryable: false,
      message: expect.stringMatching(/a web page, so it was not the Pushgateway .* Check push\.url/),
    });
  });

  it.each([
    ['', undefined],
    ['', 'text/plain; charset=utf-8'],
    ['{"status":"success"}', 'application/json'],
    ['OK', 'text/plain'],
    ['1 < 2', undefined],
  ])('takes %j with the type %s for an answer', (text, type) => {
    expect(of(text, type)).toBeUndefined();
  });
});
