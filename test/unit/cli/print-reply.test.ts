import { afterEach, expect, it, vi } from 'vitest';
import { printReply, sayKnownMethods, toRequest } from '../../../lib/cli/poll.ts';

afterEach(() => vi.restoreAllMocks());

type Reply = Parameters<typeof printReply>[0];
const FOUND: Reply = { success: 0, msg: 'ok', result: [{ name: 'esx1' }] };

/** What is printed of a reply, on both outputs, and the exit code. */
function print(reply: Reply, more: Partial<Parameters<typeof printReply>[1]> = {}) {
  const said = { output: '', errors: '' };
  for (const [stream, name] of [
    [process.stdout, 'output'],
    [process.stderr, 'errors'],
  ] as const)
    vi.spyOn(stream, 'write').mockImplementation((chunk: string | Uint8Array) => {
      said[name] += chunk;
      return true;
    });
  const exitCode = printReply(reply, {
    method: 'host.discover',
    vsphereHost: 'vc1',
    json: false,
    verbose: true,
    ...more,
  });
  return { ...said, exitCode };
}

const printed = (method: string): string => print(FOUND, { method, properties: 'name,parent' }).output;

it('a table of a poll has a column for a property that was asked for and no object has', () => {
  expect(printed('host.discover')).toBe('name  parent\nesx1  -\n');
});

it('a method that reads no properties has no column for what was asked for in vain', () => {
  expect(printed('host.perf.metric.info')).toBe('name\nesx1\n');
});

it('a cell that is no text is JSON on one line', () => {
  const result = [{ name: 'a\n  b', tags: [1, { x: 'y' }], none: null }];
  expect(print({ success: 0, msg: 'ok', result })).toEqual({
    output: 'name  tags         none\na b   [1,{"x":"y"}]  null\n'.replace(
      'tags         none',
      'tags           none',
    ),
    errors: '',
    exitCode: 0,
  });
});

it.each([
  [{ success: 0, msg: 'ok', result: [] }, 'name'],
  [{ success: 0, msg: 'ok', result: [{}] }, undefined],
  [{ success: 0, msg: 'ok', result: [{}] }, ','],
] as const)('a poll that found nothing says so: %j', (reply, properties) => {
  const more = properties === undefined ? {} : { properties };
  expect(print(reply, more).output).toBe('nothing found\n');
});

it('a failure is told on the other output, with what vPoller tells beside it, and answers 1', () => {
  expect(print({ success: 1, msg: 'no such host' })).toEqual({
    output: '',
    errors: 'no such host\n',
    exitCode: 1,
  });
  expect(print({ success: 1, msg: 'failed', traceback: 'why' }).errors).toBe('failed: why\n');
});

it('JSON is the reply as it is, asked for in either way', () => {
  const json = `${JSON.stringify(FOUND)}\n`;
  expect(print(FOUND, { json: true }).output).toBe(json);
  expect(print(FOUND, { output: 'json' }).output).toBe(json);
  expect(print(FOUND, { json: true, output: 'table' }).output).toBe('name\nesx1\n');
});

it('CSV has formulas as they are, unless they are to be escaped', () => {
  const reply: Reply = { success: 0, msg: 'ok', result: [{ name: '=1+1' }] };
  const csv = (more: object) => print(reply, { output: 'csv', properties: 'name', ...more }).output;
  expect(csv({})).toContain('=1+1');
  expect(csv({})).not.toContain("'=1+1");
  expect(csv({ escapeFormulas: true })).toContain("'=1+1");
});

it('a request names all that vpoller-client sends, and null for what is not asked', () => {
  const none = {
    method: 'about',
    hostname: 'vc1',
    name: null,
    username: null,
    password: null,
    key: null,
    properties: null,
    'counter-name': null,
    instance: null,
    'max-sample': null,
    'perf-interval': null,
    helper: null,
  };
  const order = { method: 'about', vsphereHost: 'vc1', json: false, verbose: false };
  expect(toRequest(order)).toEqual(none);
  expect(
    toRequest({
      ...order,
      name: 'web01',
      datastoreUrl: 'ds:///x',
      properties: 'a,b',
      key: 'k',
      counter: 'cpu',
      maxSample: '3',
      instance: '0',
      perfInterval: '20',
      guestUsername: 'u',
      guestPassword: 'p',
      helper: 'h',
    }),
  ).toEqual({
    ...none,
    name: 'web01',
    username: 'u',
    password: 'p',
    key: 'k',
    properties: ['a', 'b'],
    'counter-name': 'cpu',
    instance: '0',
    'max-sample': '3',
    'perf-interval': '20',
    helper: 'h',
  });
  expect(toRequest({ ...order, datastoreUrl: 'ds:///x' }).name).toBe('ds:///x');
});

it('a method that there is not is told with the nearest one, those of vPoller with none', () => {
  const told = (name: string) => {
    let errors = '';
    vi.spyOn(process.stderr, 'write').mockImplementation((chunk: string | Uint8Array) => {
      errors += chunk;
      return true;
    });
    sayKnownMethods(name);
    return errors;
  };
  expect(told('about')).toBe('');
  expect(told('vm.gett')).toMatch(
    /^there is no method "vm\.gett"; did you mean vm\.get\? Known methods: .*, vm\.get,/,
  );
  expect(told('elephant')).toMatch(/^there is no method "elephant"; Known methods: about, /);
});
