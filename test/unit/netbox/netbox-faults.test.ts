import { describe, expect, it } from 'vitest';
import {
  bodyError,
  networkError,
  statusError,
  timeoutError,
  versionOf,
} from '../../../lib/netbox/netbox-faults.ts';
import type { HttpResponse } from '../../../lib/platform/http-exchange.ts';

const ASKED = { what: 'GET https://netbox/api', token: 'nbt_secret' };

const answer = (parts: Partial<HttpResponse>): HttpResponse => ({
  status: 200,
  statusText: '',
  headers: {},
  text: '',
  bytes: Buffer.alloc(0),
  bodyEnd: 'whole',
  ...parts,
});

describe('statusError', () => {
  it.each<[number, string, boolean, string]>([
    [400, 'filter', false, 'Correct netbox.filter: write slugs that exist in NetBox, not names.'],
    [404, 'not-found', false, 'Check netbox.url: leave out /api.'],
    [429, 'busy', true, 'NetBox or its proxy limits requests; raise netbox.cacheMinutes.'],
    [500, 'busy', true, "Check NetBox's health and log."],
    [599, 'busy', true, "Check NetBox's health and log."],
    [
      302,
      'status',
      false,
      'Check that netbox.url is NetBox itself, with the right scheme; redirects are not followed.',
    ],
  ])('of %i is %s, worth another call: %s', (status, code, retryable, remedy) => {
    const error = statusError(ASKED, answer({ status, statusText: 'Words' }));
    expect(error).toMatchObject({ code, status, retryable, name: 'NetboxError' });
    expect(error.message).toBe(`GET https://netbox/api: NetBox answered ${status} Words. ${remedy}`);
  });

  it.each([
    ['', '', '500'],
    ['', 'Words. \n', '500: Words'],
    ['Words', '{"site":["a","b"],"detail":"c..."}', '500 Words: site: a b; c'],
    ['Words', '[1]', '500 Words: [1]'],
    ['Words', '<html>', '500 Words: an HTML page'],
  ])('puts together what comes with the status: %j and %j', (statusText, text, said) => {
    const { message } = statusError(ASKED, answer({ status: 500, statusText, text }));
    expect(message).toBe(`GET https://netbox/api: NetBox answered ${said}. Check NetBox's health and log.`);
  });

  it.each([
    ['4.4', true],
    ['4.4.9', true],
    ['3.7', true],
    ['3', true],
    ['4.5', false],
    ['4.10', false],
    ['5.0', false],
    ['5.4', false],
    ['4.5-beta', false],
  ])('says of a token of version 2 that NetBox %s does not know it: %s', (version, isTooOld) => {
    const { message } = statusError(ASKED, answer({ status: 403, headers: { 'api-version': version } }));
    expect(message.includes(`need NetBox 4.5, but this is ${version}: create a version 1 token.`)).toBe(
      isTooOld,
    );
    expect(message).not.toContain(ASKED.token);
  });

  it('says nothing of versions for a token of version 1, and asks for one where there is none', () => {
    const refused = answer({ status: 401, headers: { 'api-version': '4.2' } });
    expect(statusError({ ...ASKED, token: 'abc' }, refused).message).toContain(
      '401. Check that netbox.token is enabled and not expired, that its user may view devices ' +
        '(dcim.view_device), and that its allowed IPs include this machine.',
    );
    expect(statusError({ ...ASKED, token: undefined }, refused)).toMatchObject({
      code: 'token',
      message: expect.stringContaining('Set netbox.token: this NetBox requires one.'),
    });
    expect(statusError(ASKED, answer({ status: 403 })).message).toContain('403. Check that netbox.token');
  });
});

describe('bodyError', () => {
  it.each([
    ['by its type', { headers: { 'content-type': 'text/html; charset=utf-8' } }],
    ['by its first words', { text: ' \n<!DOCTYPE html><p>Log in' }],
    ['by its first element', { text: '<HTML>' }],
  ])('knows a page for browsers %s', (_what, parts) => {
    expect(bodyError(ASKED, answer(parts), 'no page').message).toContain('but the answer is an HTML page. ');
  });

  it('takes other words for what they are', () => {
    expect(bodyError(ASKED, answer({ text: 'x<html>' }), 'no page')).toMatchObject({
      code: 'not-netbox',
      retryable: false,
      message:
        'GET https://netbox/api: NetBox should answer with a page of devices, but the answer is something else (no page). ' +
        'Check that netbox.url is that of NetBox itself, without /api, and that no login page is in front of it.',
    });
  });

  it('is worth another call when the answer was cut off', () => {
    expect(bodyError(ASKED, answer({ bodyEnd: 'cut-off', text: 'abc' }), '')).toMatchObject({
      code: 'cut-off',
      retryable: true,
      message: expect.stringContaining('cut off after 3 characters'),
    });
    expect(bodyError(ASKED, answer({ bodyEnd: 'too-large', text: 'abc' }), '')).toMatchObject({
      code: 'too-large',
      retryable: false,
      message: expect.stringContaining('one page has more than 3 characters. Lower MAX_PAGE_SIZE'),
    });
  });
});

describe('networkError', () => {
  it.each([
    [Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' }), 'getaddrinfo', false],
    [Object.assign(new Error(''), { code: 'ECONNRESET' }), 'ECONNRESET', true],
    [new RangeError(''), 'RangeError', true],
    ['odd', 'odd', true],
  ])('says what happened (%s), and whether it is worth another call', (cause, said, retryable) => {
    expect(networkError(ASKED, cause)).toMatchObject({
      code: 'network',
      retryable,
      message: `GET https://netbox/api: no answer: ${said}. Check netbox.url and the network path to it.`,
    });
  });
});

describe('timeoutError', () => {
  it('says for how long it waited', () => {
    expect(timeoutError(ASKED, 2_500)).toMatchObject({
      code: 'timeout',
      retryable: false,
      message: expect.stringContaining('no whole answer within 2.5 s. '),
    });
  });
});

describe('versionOf', () => {
  it.each(['4', '4.5', '4.5.10', '1234.1234.1234'])('is what NetBox says of itself: %s', (version) => {
    expect(versionOf({ 'api-version': version })).toBe(version);
  });

  it.each(['', 'v4.5', '4.5 ', '4..5', '12345', '4.12345', '4.5.6.7', '4.x'])('is not %j', (version) => {
    expect(versionOf({ 'api-version': version })).toBeUndefined();
  });

  it('is nothing where NetBox says nothing, or two things', () => {
    expect(versionOf({})).toBeUndefined();
    expect(versionOf({ 'api-version': ['4.5'] as never })).toBeUndefined();
  });
});
