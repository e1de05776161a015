import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import {
  addManaged,
  addOutcome,
  parseBaseUrl,
  parseEndpoint,
  parseListen,
  parseNames,
  parsePresets,
  parsePrincipal,
  parseRoleName,
  parseTimeout,
} from '../../../lib/cli/wire-options.ts';

/** Each text that an option takes, with what becomes of it. */
const TAKEN: readonly (readonly [(text: string) => unknown, string, unknown])[] = [
  ...[
    'tcp://127.0.0.1:10123',
    'tcp://*:10123',
    'tcp://*:*',
    'tcp://gateway-1.example_org:1',
    'tcp://[::1]:65535',
    'tcp://[FE80::1.2.3.4]:*',
    'TCP://Host:9',
  ].map((text) => [parseEndpoint, text, text] as const),
  [parseListen, '127.0.0.1:9667', { host: '127.0.0.1', port: 9_667 }],
  [parseListen, 'Gateway-1.example.org:0', { host: 'Gateway-1.example.org', port: 0 }],
  [parseListen, '[::1]:65535', { host: '::1', port: 65_535 }],
  [parseListen, '[FE80::A]:09667', { host: 'FE80::A', port: 9_667 }],
  [parseTimeout, '1', 1],
  [parseTimeout, '0600000', 600_000],
  [parseNames, 'a, b ,c d', ['a', 'b', 'c d']],
  [parseNames, ' ,, ', []],
  [parseNames, '', []],
  [parsePresets, 'vmware_exporter', ['vmware_exporter']],
  [parsePresets, 'otel, vmware_exporter,', ['otel', 'vmware_exporter']],
  ...['v', 'vsweep', '9 lives', 'A.b_c (2)-x', 'a'.repeat(80)].map(
    (text) => [parseRoleName, text, text] as const,
  ),
  ...[
    String.raw`VSPHERE.LOCAL\vsweep`,
    String.raw`9\u`,
    String.raw`a_b-c\O'Brien of "x" $y`,
    `${'d'.repeat(253)}\\${'ü'.repeat(256)}`,
  ].map((text) => [parsePrincipal, text, text] as const),
  ...['http://127.0.0.1:9090', 'https://prometheus.example.org/path?x=1', 'HTTP://a'].map(
    (text) => [parseBaseUrl, text, text] as const,
  ),
];

const TAKES = {
  endpoint: 'write an endpoint such as tcp://127.0.0.1:10123',
  listen: 'write an address and a port, such as 127.0.0.1:9667',
  timeout: 'write milliseconds, 1 to 600000',
  presets: 'write one or both of vmware_exporter, otel, separated by a comma',
  role: 'write letters, digits, spaces and any of ._()- (at most 80), such as vsweep',
  principal: String.raw`write the domain and the user, such as 'VSPHERE.LOCAL\vsweep'`,
  outcome: 'write ok, failed, skipped, or one such as failed(auth)',
  url: 'write an http or https URL without user and password, such as http://127.0.0.1:9090',
};

const REFUSED: readonly (readonly [(text: string) => unknown, readonly string[], string])[] = [
  [
    parseEndpoint,
    [
      '',
      'tcp://',
      'tcp://*',
      'tcp://host:',
      'tcp://host:123456',
      'tcp://host:1 ',
      ' tcp://host:1',
      'tcp://:1',
      'tcp://**:1',
      'tcp://a b:1',
      'tcp://[host]:1',
      'tcp://[]:1',
      'tcp://host:**',
      'tcp://host:x',
      'ipc:///tmp/x',
    ],
    TAKES.endpoint,
  ],
  [
    parseListen,
    [
      '',
      '9667',
      ':9667',
      'host:',
      'host:65536',
      'host:123456',
      'host:9x',
      '::1:9667',
      '[host]:9667',
      '[]:9667',
      ' host:1',
      'host:1 ',
      'a_b:1',
    ],
    TAKES.listen,
  ],
  [parseTimeout, ['', '0', '600001', '10000000', '1.5', '-1', '1s', ' 1', '1e3', '0x1'], TAKES.timeout],
  [parsePresets, ['', ' , ', 'telegraf', 'otel,telegraf', 'otel vmware_exporter', 'OTEL'], TAKES.presets],
  [parseRoleName, ['', ' a', '(a)', 'a/b', 'a%', 'a*', '-a', 'é', 'a\n', 'a'.repeat(81)], TAKES.role],
  [
    parsePrincipal,
    [
      '',
      'vsweep',
      '\\vsweep',
      'EX\\',
      'EX\\a\\b',
      'EX\\a*',
      'EX\\a?',
      'EX\\[a',
      'EX\\a]',
      'EX\\a\n',
      'EX\\a\u202e',
      ' EX\\a',
      '.EX\\a',
      'E X\\a',
      `${'d'.repeat(254)}\\a`,
      `d\\${'u'.repeat(257)}`,
    ],
    TAKES.principal,
  ],
  [
    parseBaseUrl,
    ['', '127.0.0.1:9090', 'ftp://a', 'xhttp://a', 'https2://a', 'http://u@a', 'http://:p@a', 'http://u:p@a'],
    TAKES.url,
  ],
  [(text) => addOutcome(text, []), ['', 'auth', 'failed(nothing)', 'failed(auth', 'Failed'], TAKES.outcome],
  [
    (text) => addManaged(text, []),
    ['', 'proxy=', 'gateway=tcp://a:1', 'xproxy=tcp://a:1', 'worker=tcp://a', 'worker=tcp://a:1\n'],
    TAKES.endpoint,
  ],
];

describe('options of the command line', () => {
  it.each(TAKEN.map(([parse, text, expected]) => ({ option: parse.name, parse, text, expected })))(
    '$option takes $text',
    ({ parse, text, expected }) => {
      expect(parse(text)).toEqual(expected);
    },
  );

  it.each(REFUSED.map(([parse, texts, message]) => ({ parse, texts, message })))(
    'refuse anything else: $message',
    ({ parse, texts, message }) => {
      for (const text of texts) {
        const refused = () => parse(text);
        expect(refused, text).toThrow(InvalidArgumentError);
        expect(refused, text).toThrow(new InvalidArgumentError(message));
      }
    },
  );

  it('name who is to be managed: a proxy unless it is said to be a worker, each after those before it', () => {
    const endpoint = 'tcp://127.0.0.1:9999';
    const first = addManaged(endpoint, []);
    const second = addManaged(`worker=${endpoint}`, first);
    expect(addManaged(`proxy=${endpoint}`, second)).toEqual([
      { role: 'proxy', endpoint },
      { role: 'worker', endpoint },
      { role: 'proxy', endpoint },
    ]);
    expect(first).toEqual([{ role: 'proxy', endpoint }]);
  });

  it.each(['ok', 'failed', 'skipped', 'failed(auth)', 'skipped(lockdown)'])(
    'take the outcome %s, after those before it',
    (text) => {
      expect(addOutcome(text, ['ok'])).toEqual(['ok', text]);
    },
  );
});
