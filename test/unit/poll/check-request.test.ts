import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkRequest, readRequest } from '../../../lib/poll/check-request.ts';
import type { PollMethod } from '../../../lib/poll/method.ts';

const method = (name: string, requiredKeys: string[]): PollMethod => ({
  name,
  summary: '',
  requiredKeys,
  successMessage: '',
  run: async () => [],
});
const METHODS = [method('about', []), method('host.get', ['name', 'properties'])];
const TARGET = {
  name: 'vc01.example.org',
  aliases: ['vc-old'],
  url: 'https://vc01.example.org/sdk',
  site: '',
  credentials: { env: 'VC' },
  tls: undefined,
  endLeftoverSessions: false,
};

const OFFER = { methods: METHODS, oldNames: new Map([['host.poll', 'host.get']]), targets: [TARGET] };
const check = (message: unknown) => checkRequest(message, OFFER);
const propertiesOf = (properties: unknown) =>
  check({ method: 'about', hostname: 'vc01.example.org', properties }).request.properties;

describe('checkRequest', () => {
  it.each([
    ['about', 'str'],
    [['about'], 'list'],
    [5, 'int'],
    [5.5, 'float'],
    [true, 'bool'],
    [null, 'NoneType'],
    [undefined, 'NoneType'],
  ])('refuses %j, which is no object, as Python calls it', (message, type) => {
    expect(() => check(message)).toThrow(`Expected a JSON message, received <class '${type}'>`);
  });

  it('looks at the method first, then at the target, then at the keys', () => {
    expect(() => check({})).toThrow('Unknown or missing task/method name');
    expect(() => check({ method: 'host.gett', hostname: 'vc99' })).toThrow(
      'Unknown or missing task/method name',
    );
    expect(() => check({ method: 'host.get' })).toThrow('Unknown or missing agent name');
    expect(() => check({ method: 'host.get', hostname: 'vc99', name: 'esx1' })).toThrow(
      'Unknown or missing agent name',
    );
    expect(() => check({ method: 'host.get', hostname: 'vc01.example.org', name: 'esx1' })).toThrow(
      'Invalid task request',
    );
  });

  it('asks only whether a required key is there, and lets unknown ones pass', () => {
    const message = { method: 'host.get', hostname: 'vc01.example.org', name: null, properties: null, x: 1 };
    expect(check(message)).toEqual({ method: METHODS[1], target: TARGET, request: { properties: [] } });
  });

  it('knows a target by its aliases, and a method and its keys by what they were called once', () => {
    const message = { method: 'host.poll', hostname: 'vc-old', 'info.url': 'ds:///1/', properties: [] };
    expect(check(message)).toEqual({
      method: METHODS[1],
      target: TARGET,
      request: { name: 'ds:///1/', properties: [] },
    });
    expect(check({ ...message, name: 'esx1', 'counter-id': 'cpu' }).request).toMatchObject({
      name: 'esx1',
      counterName: 'cpu',
    });
  });

  it("takes a C client's (null) and an empty text for nothing, and a number for its digits", () => {
    const message = { method: 'about', hostname: 'vc01.example.org', properties: ['(null)'], name: '' };
    const asked = { ...message, key: '(null)', instance: '', 'max-sample': 5, 'perf-interval': null };
    expect(check(asked).request).toEqual({ name: '', properties: [], maxSample: '5' });
  });

  it.each([
    ['name', 'x'.repeat(5_000)],
    ['name', ['esx1']],
    ['key', {}],
    ['properties', Array.from({ length: 1_001 }, () => 'name')],
    ['properties', ['x'.repeat(5_000)]],
  ])('refuses a %s that is no text, too long or too many', (key, value) => {
    expect(() => check({ method: 'about', hostname: 'vc-old', [key]: value })).toThrow(
      'Invalid task request',
    );
  });

  it('has each of its keys as it was written, to the last character that a text may have', () => {
    const text = 'x'.repeat(4_096);
    const written = {
      name: text,
      key: 'k',
      'counter-name': 'c',
      instance: true,
      'max-sample': 1.5,
      'perf-interval': 'p',
      username: 'u',
      password: '0',
      properties: Array.from({ length: 1_000 }, (_, n) => (n === 0 ? text : `p${n}`)),
    };
    const { properties, ...rest } = readRequest(written);
    expect(rest).toEqual({
      name: text,
      key: 'k',
      counterName: 'c',
      instance: 'true',
      maxSample: '1.5',
      perfInterval: 'p',
      username: 'u',
      password: '0',
    });
    expect(properties).toHaveLength(1_000);
    for (const key of [
      'name',
      'key',
      'instance',
      'max-sample',
      'perf-interval',
      'username',
      'password',
      'counter-id',
    ])
      expect(() => readRequest({ [key]: `${text}x` })).toThrow('Invalid task request');
    expect(() => readRequest({ properties: [`${text}x`] })).toThrow('Invalid task request');
    expect(
      readRequest({ 'info.url': 'ds', 'counter-id': 'c', name: null, properties: ['', '(null)', 'a'] }),
    ).toMatchObject({
      name: 'ds',
      counterName: 'c',
      properties: ['a'],
    });
    for (const none of [null, [], 'x', 7]) expect(() => readRequest(none)).toThrow('Invalid task request');
  });

  it('takes what every object inherits for no key, method or target', () => {
    const inherited = method('about', ['toString']);
    const message = { method: 'about', hostname: 'vc01.example.org' };
    expect(() => checkRequest(message, { ...OFFER, methods: [inherited] })).toThrow('Invalid task request');
    expect(() => check({ method: 'constructor' })).toThrow('Unknown or missing task/method name');
    expect(() => check({ method: 'about', hostname: '__proto__' })).toThrow('Unknown or missing agent name');
  });

  it('takes properties as a list or as a text with commas, each once, and null for none', () => {
    expect(propertiesOf(['name', 'overallStatus', 'name'])).toEqual(['name', 'overallStatus']);
    expect(propertiesOf('runtime.powerState,overallStatus')).toEqual(['runtime.powerState', 'overallStatus']);
    expect(propertiesOf(null)).toEqual([]);
    expect(propertiesOf('')).toEqual([]);
    for (const wrong of [5, [5], { name: 1 }]) {
      expect(() => propertiesOf(wrong)).toThrow('Invalid task request');
    }
  });

  it('answers any JSON with a request or with one of its faults', () => {
    const word = fc.constantFrom('about', 'host.get', 'vc01.example.org', 'name', null);
    const likely = fc.record(
      { method: word, hostname: word, name: word, properties: fc.jsonValue() },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), likely), (message) => {
        try {
          check(message);
        } catch (error) {
          expect(error).toMatchObject({ name: 'PollError', code: 'request' });
        }
      }),
    );
  });
});
