import { describe, expect, it } from 'vitest';
import {
  checkProperties,
  commandBytes,
  OWN_PROPERTIES,
  parseCommand,
  pongFor,
} from '../../../../lib/poll/gateway/zmtp/commands.ts';
import { createNullMechanism } from '../../../../lib/poll/gateway/zmtp/mechanism.ts';
import { endings } from './zmtp-client.ts';

const latin1 = (text: string) => Buffer.from(text, 'latin1');

describe('a command', () => {
  it.each([
    ['\x01A', 'A', ''],
    ['\x05READYrest', 'READY', 'rest'],
    ['\x02\xe9\xff\0', '\xe9\xff', '\0'],
  ])('%j has a name and a body', (bytes, name, body) => {
    expect(parseCommand(latin1(bytes))).toEqual({ name, body: latin1(body) });
    expect(commandBytes(name, latin1(body)).toString('latin1')).toBe(bytes);
  });

  it.each(['', '\0', '\0rest', '\x01', '\x05READ'])('%j is refused, as it has no whole name', (bytes) => {
    expect(endings(() => parseCommand(latin1(bytes)))).toBe('not-zmtp');
  });

  it('may have several parts of a body', () => {
    expect(commandBytes('A', latin1('b'), latin1('c')).toString()).toBe('\x01Abc');
  });
});

describe('what a peer tells of itself', () => {
  const property = (name: string, value: string) =>
    `${String.fromCharCode(name.length)}${name}\0\0\0${String.fromCharCode(value.length)}${value}`;

  it('is that it is a ROUTER without an identity, on our side', () => {
    expect(OWN_PROPERTIES.toString('latin1')).toBe('\x0bSocket-Type\0\0\0\x06ROUTER\x08Identity\0\0\0\0');
  });

  it.each([
    '',
    property('Socket-Type', 'REQ'),
    property('Socket-Type', 'DEALER'),
    property('Socket-Type', 'ROUTER'),
    property('SOCKET-TYPE', 'REQ'),
    property('Identity', ''),
    property('Identity', 'me') + property('socket-type', 'REQ') + property('X-Any', 'SUB'),
    property('', 'SUB'),
  ])('is taken: %j', (bytes) => {
    expect(endings(() => checkProperties(latin1(bytes)))).toBeUndefined();
  });

  it.each([
    property('Socket-Type', 'SUB'),
    property('Socket-Type', 'REP'),
    property('Socket-Type', ''),
    property('Socket-Type', 'req'),
    property('Socket-Type', 'REQ') + property('Socket-Type', 'SUB'),
    `${property('Socket-Type', 'REQ')}\x01`,
    '\x01',
    '\x01A\0\0\0',
    '\x01A\0\0\0\x01',
    '\x01A\x01\0\0\0',
  ])('is refused: %j', (bytes) => {
    expect(endings(() => checkProperties(latin1(bytes)))).toBe('not-zmtp');
  });
});

describe('a heartbeat', () => {
  const pong = (name: string, body: string) => pongFor({ name, body: latin1(body) })?.toString('latin1');

  it.each([
    ['\0\0', '\x04PONG'],
    ['\0\x05abc', '\x04PONGabc'],
    [`\0\0${'c'.repeat(16)}`, `\x04PONG${'c'.repeat(16)}`],
  ])('%j is answered with %j', (body, answer) => {
    expect(pong('PING', body)).toBe(answer);
  });

  it.each(['', '\0', `\0\0${'c'.repeat(17)}`])(
    '%j ends its connection, as it has no time or too long a context',
    (body) => {
      expect(endings(() => pong('PING', body))).toBe('not-zmtp');
    },
  );

  it('is nothing but PING', () => {
    expect(pong('PONG', 'x')).toBeUndefined();
    expect(pong('SUBSCRIBE', '')).toBeUndefined();
  });
});

describe('a handshake without security', () => {
  it('begins with READY, is over with that of the client, and wraps nothing', () => {
    const { name, overhead, first, shake, wrap, unwrap } = createNullMechanism();
    expect({ name, overhead }).toEqual({ name: 'NULL', overhead: 0 });
    expect(first?.toString('latin1')).toBe(`\x05READY${OWN_PROPERTIES.toString('latin1')}`);
    expect(shake(latin1('\x05READY'))).toEqual({ isOver: true });
    const frame = { more: true, command: false, body: latin1('a') };
    expect(wrap(frame)).toBe(frame);
    expect(unwrap(frame)).toBe(frame);
  });

  it.each(['\x05HELLO', '\x05ERROR\x02no', '\x05READY\x0bSocket-Type\0\0\0\x03SUB', ''])(
    'is refused that has %j',
    (bytes) => {
      expect(endings(() => createNullMechanism().shake(latin1(bytes)))).toBe('not-zmtp');
    },
  );
});
