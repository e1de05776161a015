import { describe, expect, it } from 'vitest';
import { newKeyPair, openBox, sharedKey } from '../../../../lib/poll/gateway/zmtp/box.ts';
import { createCurveMechanism } from '../../../../lib/poll/gateway/zmtp/curve.ts';
import { createCurveClient } from './curve-client.ts';
import { endings } from './zmtp-client.ts';

const SERVER = newKeyPair();
const CLIENT = newKeyPair();

function start() {
  const mechanism = createCurveMechanism({
    keys: SERVER,
    admits: (key) => key.equals(CLIENT.publicKey),
    newKeyPair,
    randomBytes: (count) => Buffer.alloc(count, 7),
  });
  return { mechanism, client: createCurveClient({ serverKey: SERVER.publicKey, keys: CLIENT }) };
}

function withByte(bytes: Buffer, at: number, value: number): Buffer {
  bytes[at] = value;
  return bytes;
}

describe('HELLO', () => {
  // After its name: the version, padding, a key, a nonce and a box.
  it.each<[string, (hello: Buffer) => Buffer]>([
    ['another name', (hello) => Buffer.concat([Buffer.from('\x05HALLO'), hello.subarray(6)])],
    ['another version', (hello) => withByte(hello, 6, 2)],
    ['another minor version', (hello) => withByte(hello, 7, 1)],
    ['a byte more', (hello) => Buffer.concat([hello, Buffer.alloc(1)])],
    ['a byte less', (hello) => hello.subarray(0, -1)],
  ])('with %s is refused', (_what, change) => {
    const { mechanism, client } = start();
    expect(endings(() => mechanism.shake(change(client.hello())))).toBe('not-zmtp');
  });

  it('is answered with WELCOME: a nonce, and a box with a key and a cookie', () => {
    const { mechanism, client } = start();
    const { reply = Buffer.alloc(0), isOver } = mechanism.shake(client.hello());
    expect(isOver).toBe(false);
    expect(reply.subarray(0, 24)).toEqual(Buffer.concat([Buffer.from('\x07WELCOME'), Buffer.alloc(16, 7)]));
    expect(reply).toHaveLength(8 + 16 + 16 + 32 + 96);
    const { serverShort, cookie } = client.readWelcome(reply);
    expect(serverShort).toHaveLength(32);
    expect(cookie).toEqual(Buffer.alloc(96, 7));
  });
});

/** After a handshake; `open` reads what the server sent. */
function startReady() {
  const { mechanism, client } = start();
  const welcome = client.greet(mechanism);
  const { reply = Buffer.alloc(0), isOver } = mechanism.shake(client.initiate(welcome));
  const open = (prefix: string, bytes: Buffer) =>
    openBox(
      sharedKey(welcome.serverShort, client.short),
      Buffer.concat([Buffer.from(prefix), bytes.subarray(0, 8)]),
      bytes.subarray(8),
    )?.toString('latin1');
  return { mechanism, client, welcome, reply, isOver, open };
}

it('INITIATE is answered with READY, whose box says that this is a ROUTER', () => {
  const { reply, isOver, open } = startReady();
  expect(isOver).toBe(true);
  expect(reply.subarray(0, 14)).toEqual(Buffer.from('\x05READY\0\0\0\0\0\0\0\x01'));
  expect(open('CurveZMQREADY---', reply.subarray(6))).toBe(
    '\x0bSocket-Type\0\0\0\x06ROUTER\x08Identity\0\0\0\0',
  );
});

describe('a frame of CURVE', () => {
  it.each([
    [false, false, 0],
    [true, false, 1],
    [false, true, 2],
    [true, true, 3],
  ])('(more: %s, command: %s) has its flags in its box, and none outside', (more, command, flags) => {
    const { mechanism, client, welcome, open } = startReady();
    const wrapped = mechanism.wrap({ more, command, body: Buffer.from('hi') });
    expect(wrapped).toMatchObject({ more: false, command: false });
    expect(wrapped.body.subarray(0, 8)).toEqual(Buffer.from('\x07MESSAGE'));
    expect(wrapped.body).toHaveLength(mechanism.overhead + 2);
    expect(mechanism.overhead).toBe(33);
    expect(open('CurveZMQMESSAGES', wrapped.body.subarray(8))).toBe(`${String.fromCharCode(flags)}hi`);
    const body = client.message(welcome, 3, Buffer.from([flags, 0x61]));
    expect(mechanism.unwrap({ more: false, command: false, body })).toEqual({
      more,
      command,
      body: Buffer.from('a'),
    });
  });

  it('may be empty', () => {
    const { mechanism, client, welcome } = startReady();
    const body = client.message(welcome, 3, Buffer.of(0));
    expect(body).toHaveLength(33);
    expect(mechanism.unwrap({ more: false, command: false, body }).body).toHaveLength(0);
  });
});
