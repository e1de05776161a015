import { describe, expect, it } from 'vitest';
import { admissionOf, admit } from '../../../lib/page/admission.ts';

const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });

describe('who may see the page', () => {
  it.each([
    ['127.0.0.1', 'loopback'],
    ['127.8.0.1', 'loopback'],
    ['::1', 'loopback'],
    ['localhost', 'loopback'],
    ['0.0.0.0', 'nobody'],
    ['::', 'nobody'],
    ['10.0.0.1', 'nobody'],
    ['127.example.org', 'nobody'],
  ])('is, without a token, of an exporter that listens on %s: %s', (host, of) => {
    expect(admissionOf(host, undefined)).toEqual({ of });
  });

  it.each(['127.0.0.1:9666', 'localhost:9666', '[::1]:9666', 'LOCALHOST'])(
    'is whoever asks this machine by a name of its own: %s',
    (host) => {
      expect(admit({ of: 'loopback' }, { host })).toBe('admitted');
    },
  );

  it.each(['attacker.example.org', '127.0.0.1.attacker.example.org:9666', '1[27.0.0.1]', '', undefined])(
    'is no page of another site whose name leads to this machine: %s',
    (host) => {
      expect(admit({ of: 'loopback' }, host === undefined ? {} : { host })).toBe('other-name');
    },
  );

  it.each(['x-forwarded-for', 'forwarded', 'via'])(
    'is, without a token, no proxy that hands on: %s',
    (name) => {
      expect(admit({ of: 'loopback' }, { host: '127.0.0.1', [name]: '10.0.0.1' })).toBe('other-name');
    },
  );

  it('is with a token who sends it, as a password or as a bearer, wherever it listens', () => {
    const admission = admissionOf('127.0.0.1', 'correct:horse');
    const encoded = Buffer.from('anyone:correct:horse').toString('base64');
    for (const headers of [
      basic('anyone:correct:horse'),
      { authorization: `BASIC   ${encoded}` },
      { authorization: 'Bearer correct:horse' },
      { authorization: 'bearer   correct:horse' },
    ])
      expect(admit(admission, headers), headers.authorization).toBe('admitted');
  });

  it.each([
    {},
    basic('correct'),
    basic('anyone:'),
    basic('anyone:Correct'),
    basic('correct:other'),
    { authorization: 'Bearer other' },
    { authorization: 'Digest correct' },
    { authorization: 'Basic %%%' },
    { authorization: 'xBearer correct' },
    { authorization: 'Bearer correct more' },
    { authorization: 'Bearercorrect' },
    { authorization: `x${basic(':correct').authorization}` },
    { authorization: `${basic(':correct').authorization} more` },
    { authorization: 'Bearer' },
  ])('is with a token nobody else: %j', (headers) => {
    expect(admit({ of: 'token', token: 'correct' }, { host: '127.0.0.1', ...headers })).toBe('no-token');
  });

  it('is nobody where it listens for other machines without a token', () => {
    expect(admit({ of: 'nobody' }, { host: '127.0.0.1', ...basic('a:b') })).toBe('closed');
  });
});
