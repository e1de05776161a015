import { describe, expect, it } from 'vitest';
import { sections } from '../../../lib/config/schema.ts';

const faultOf = (section: keyof typeof sections, value: unknown): string | undefined =>
  sections[section].safeParse(value).error?.issues[0]?.message;

/** So that no literal looks like a template. */
const DOLLAR = '$';
const FORM = 'write an https URL without user and password, such as https://vc01.example.org/sdk';
const FORM_OF_ANY =
  'write an http or https URL without user and password, such as https://pushgateway.example.org';

describe('a url that is none', () => {
  const ofTarget = (url: unknown) => faultOf('targets', [{ name: 'a', url }]);
  const ofPush = (url: unknown) => faultOf('push', { url });

  it.each([
    ['', FORM],
    [7, FORM],
    ['vc01/sdk', `it does not begin with https://; ${FORM}`],
    ['://vc01', `it does not begin with https://; ${FORM}`],
    ['9s://vc01', `it does not begin with https://; ${FORM}`],
    ['http://vc01', `it is http; ${FORM}`],
    ['HTTP://vc01', `it is http; ${FORM}`],
    ['a+b-c.d9://vc01', `it is a+b-c.d9; ${FORM}`],
    ['abcdefghijklmn://vc01', `it is abcdefghij; ${FORM}`],
    ['https://u:secret@vc01/sdk', `its user and password go into the credentials; ${FORM}`],
    ['https://u@vc01', `its user and password go into the credentials; ${FORM}`],
    ['https://fd00:1:2:3:4:5:6:7/sdk', `write an IPv6 address in brackets: https://[fd00::1]; ${FORM}`],
    ['https://fd00::1/sdk', `write an IPv6 address in brackets: https://[fd00::1]; ${FORM}`],
  ])('is told with what is wrong with it: %j', (written, told) => {
    expect(ofTarget(written)).toBe(told);
  });

  it('names both schemes where both will do', () => {
    expect(ofPush('gw')).toBe(`it does not begin with http:// or https://; ${FORM_OF_ANY}`);
    expect(ofPush('ftp://gw')).toBe(`it is ftp; ${FORM_OF_ANY}`);
    expect(ofPush('https://[fd00::1]:9091')).toBeUndefined();
  });

  it('is taken with its scheme in capitals, a port, a path and an at sign behind the host', () => {
    for (const url of [
      'HTTPS://vc01',
      'https://vc01:443/sdk',
      'https://vc01/a@b:c:d',
      'https://[fd00::1]/sdk',
    ])
      expect([url, ofTarget(url)]).toEqual([url, undefined]);
  });

  it.each<[keyof typeof sections, object]>([
    ['push', {}],
    ['victoriaMetrics', {}],
    ['remoteWrite', {}],
    ['otlp', {}],
    ['netbox', {}],
  ])('of %s is of no scheme that only begins or ends like http', (section, more) => {
    for (const scheme of ['http', 'https'])
      expect(faultOf(section, { ...more, url: `${scheme}://a` })).toBeUndefined();
    for (const scheme of ['httpx', 'httpsx', 'xhttp', 'xhttps'])
      expect(faultOf(section, { ...more, url: `${scheme}://a` })).toContain(`it is ${scheme}; `);
  });

  it('of NetBox may have a path that only begins like one that vsweep adds', () => {
    expect(faultOf('netbox', { url: 'https://a/api-of/netbox' })).toBeUndefined();
    expect(faultOf('netbox', { url: 'https://a/netbox/api/dcim' })).toContain('leave out /api/dcim');
  });

  it('of a target is https and nothing that begins or ends so', () => {
    for (const scheme of ['http', 'httpsx', 'xhttps'])
      expect(ofTarget(`${scheme}://a`)).toContain(`it is ${scheme}; `);
  });
});

describe('a path on this machine', () => {
  const HOME = 'write the path in full: "~" is no home folder here';
  const VARIABLE = 'write the path in full: vsweep does not expand variables';
  const WINDOWS = 'is a path of Windows; write one with "/"';
  const ofState = (path: string) => faultOf('state', { path });

  it.each([
    ['~', HOME],
    ['~/state', HOME],
    ['$HOME', VARIABLE],
    ['$_h9/state', VARIABLE],
    [`${DOLLAR}{HOME}`, VARIABLE],
    [`${DOLLAR}{XDG_STATE_HOME:-x}/vsweep`, VARIABLE],
    [`${DOLLAR}{}`, VARIABLE],
    ['C:\\state', WINDOWS],
    ['c:state', WINDOWS],
    ['\\\\server\\share', WINDOWS],
  ])('is written in full: not %s', (path, told) => expect(ofState(path)).toBe(told));

  it.each([
    'a~',
    'a/~',
    'a/~/b',
    '~a/b',
    '$9',
    '$a-b/c',
    'a$HOME',
    `a/${DOLLAR}{HOME}/b`,
    '$HOME.x',
    '/c:/a',
    'ab:c',
    'a\\\\b',
    '\\a',
    '9:a',
  ])('is one, however odd: %s', (path) => expect(ofState(path)).toBeUndefined());
});

describe('a name that is none', () => {
  const NAME = 'use letters, digits, ".", "_" and "-", at most 253 of them, beginning with a letter or digit';
  const ofTarget = (name: string) => faultOf('targets', [{ name }]);

  it.each(['https://vc01', 'vc01/://', 'fd00::1', '::1', ':', 'FD00:1.2', 'vc01:443', 'a b:1'])(
    'is told where an address goes: %s',
    (name) => expect(ofTarget(name)).toBe(`${NAME}; an address like this goes into "url"`),
  );
  it.each(['a b', 'vc01:', 'vc01:x', 'vc01:443x', 'fd00::1/64', '-a', 'xfd00::g'])(
    'is told what a name is: %s',
    (name) => expect(ofTarget(name)).toBe(NAME),
  );
});
