import { describe, expect, it } from 'vitest';
import { networkError, pageError, statusError } from '../../../lib/sinks/http/faults.ts';
import { pushgatewayWords } from '../../../lib/sinks/pushgateway/push-faults.ts';

const WORDS = pushgatewayWords({ gzip: true });

const answered = (status: number, { statusText = '', text = '' } = {}) =>
  statusError(
    'PUT http://gw',
    { status, statusText, text, headers: {}, bodyEnd: 'whole' },
    { words: WORDS, secrets: [] },
  );

describe('statusError', () => {
  it.each([
    [{}, '418.'],
    [{ statusText: "I'm a teapot" }, "418 I'm a teapot."],
    [{ text: 'short and stout' }, '418: short and stout.'],
    [{ statusText: 'Teapot', text: 'short' }, '418 Teapot: short.'],
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

describe('networkError', () => {
  it.each([
    [new Error('socket hang up'), 'socket hang up'],
    [Object.assign(new Error(''), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
    [new TypeError(''), 'TypeError'],
    ['', 'unknown'],
  ])('names the reason as well as it is known: %s', (cause, reason) => {
    expect(networkError('GET http://gw', cause, WORDS)).toMatchObject({
      code: 'network',
      retryable: true,
      cause,
      message: `GET http://gw: no answer: ${reason}. Check push.url and the network path to it.`,
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
