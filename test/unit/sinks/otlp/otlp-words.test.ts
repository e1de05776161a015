import { describe, expect, it } from 'vitest';
import { PushError } from '../../../../lib/sinks/http/errors.ts';
import { OTLP, rejectedError } from '../../../../lib/sinks/otlp/otlp-words.ts';

describe('the words of a receiver of OTLP', () => {
  it.each([
    [400, 'inconsistent', /^Nothing of this request is sent again\.$/],
    [401, 'credentials', /^Check otlp\.credentials, otlp\.token or otlp\.headers; .*this machine\.$/],
    [403, 'credentials', /^Check otlp\.credentials/],
    [404, 'not-found', /^Check otlp\.url, without \/v1\/metrics: .*http:\/\/<host>:4318\.$/],
    [405, 'not-found', /^Check otlp\.url/],
    [415, 'inconsistent', /takes protobuf\.$/],
    [422, 'inconsistent', /^Nothing/],
  ])('say of %i that it is %s', (status, code, remedy) => {
    expect(OTLP.faultOf?.(status)).toEqual({ code, remedy: expect.stringMatching(remedy) });
  });

  it('take what a receiver answers for a success, and show the message of a fault', () => {
    expect([OTLP.name, OTLP.short, OTLP.section]).toEqual(['the OTLP receiver', 'the receiver', 'otlp']);
    const answer = (text: string, type?: string) => ({
      status: 200,
      text,
      bytes: Buffer.from(text),
      headers: type === undefined ? {} : { 'content-type': type },
    });
    expect([answer(''), answer('OK'), answer('{}', 'application/json')].map(OTLP.isSuccess)).toEqual([
      true,
      false,
      true,
    ]);
    const status = '\u0012\u0003bad';
    expect(
      [answer(status, 'application/x-protobuf'), answer('bad text')].map((one) => OTLP.textOf?.(one)),
    ).toEqual(['bad', 'bad text']);
  });

  it('leave all others to those of any destination, and repeat after four', () => {
    for (const status of [402, 409, 413, 429, 500, 503]) expect(OTLP.faultOf?.(status)).toBeUndefined();
    const repeated = [400, 408, 429, 500, 501, 502, 503, 504, 505].filter((one) => OTLP.mayRepeat?.(one));
    expect(repeated).toEqual([429, 502, 503, 504]);
  });

  const link = { base: 'http://o', withoutSecrets: (text: string) => text.replace('hunter2', '') };
  const said = (message: string) => ({ rejected: 1, message }) as never;
  it.each<[number, number, never, string]>([
    [
      2,
      5,
      said('a\nb hunter2'),
      'POST http://o/v1/metrics: 2 of 5 samples were not taken. The others were taken. It said first: a b',
    ],
    [
      5,
      5,
      said(''),
      'POST http://o/v1/metrics: 5 of 5 samples were not taken. It did not say why; see its log.',
    ],
    [
      1,
      2,
      new PushError('POST x: no.', { code: 'busy' }) as never,
      'POST x: no. In all, 1 of 2 samples were not taken. The others were taken.',
    ],
  ])('say of %i rejected of %i what was said first', (rejected, points, first, message) => {
    const error = rejectedError(link, { rejected, points, first });
    expect(error).toMatchObject({ code: 'rejected', retryable: false, message });
    expect(error.cause).toBe((first as unknown) instanceof PushError ? first : undefined);
  });
});
