import { describe, expect, it } from 'vitest';
import { commandBytes } from '../../../../lib/poll/gateway/zmtp/commands.ts';
import { frameBytes } from '../../../../lib/poll/gateway/zmtp/frames.ts';
import { createNullMechanism, type Mechanism } from '../../../../lib/poll/gateway/zmtp/mechanism.ts';
import { ZmtpPeer } from '../../../../lib/poll/gateway/zmtp/peer.ts';
import { bytesOfMessage, endings, GREETINGS, openingOf } from './zmtp-client.ts';

const KIB = 1024;
const READY = '\x04\x29\x05READY\x0bSocket-Type\0\0\0\x06ROUTER\x08Identity\0\0\0\0';
const GREETING = `\xff${'\0'.repeat(7)}\x01\x7f`;
const NEW_GREETING = `${GREETING}\x03\x01NULL${'\0'.repeat(48)}`;

function startPeer(mechanism: Mechanism = createNullMechanism()) {
  const sent: Buffer[] = [];
  const peer = new ZmtpPeer({ mechanism, send: (bytes) => sent.push(Buffer.from(bytes)) });
  const receive = (...bytes: Uint8Array[]) => {
    for (const some of bytes) peer.receive(some);
    return peer.next()?.map(String);
  };
  return { peer, receive, said: () => Buffer.concat(sent.splice(0)).toString('latin1') };
}

const frame = (bytes: number, { more = false, command = false } = {}) =>
  Buffer.concat(frameBytes('v2', { more, command, body: Buffer.alloc(bytes, 1) }));

describe('a peer', () => {
  it.each([
    ['ZMTP 1.0', GREETING, '\x01\x01\x03\0hi'],
    ['ZMTP 1.0 with a version', `${GREETING}\x03\x06\x01\0`, '\x01\x01\x03\0hi'],
    ['ZMTP 2.0', `${GREETING}\x03\x06\0\0`, '\x01\0\0\x02hi'],
    ['ZMTP 3.0', `${NEW_GREETING}${READY}`, '\x01\0\0\x02hi'],
    ['ZMTP 3.1', `${NEW_GREETING}${READY}`, '\x01\0\0\x02hi'],
  ] as const)(
    'says to a client of %s what it needs, and replies in its framing',
    (version, opening, reply) => {
      const { peer, receive, said } = startPeer();
      const bytes = openingOf(version);
      receive(bytes.subarray(0, -1));
      expect(peer.isReady).toBe(false);
      expect(receive(bytes.subarray(-1))).toBeUndefined();
      expect(peer.isReady).toBe(true);
      // To a client of 1.0 the rest of our greeting is that of an identity.
      expect(said()).toBe(opening);
      expect(receive(bytesOfMessage(GREETINGS[version].framing, [Buffer.from('a')]))).toEqual(['a']);
      peer.reply([new Uint8Array(), Buffer.from('(hi)').subarray(1, 3)]);
      expect(said()).toBe(reply);
    },
  );

  it('of a mechanism that does not begin says nothing before the client has, and wraps what it says', () => {
    const bodies: string[] = [];
    const mechanism: Mechanism = {
      name: 'NULL',
      overhead: 0,
      shake(command) {
        bodies.push(String(command));
        return bodies.length === 1
          ? { reply: Buffer.from('welcome'), isOver: false }
          : { reply: Buffer.from('ready'), isOver: true };
      },
      unwrap: (one) => ({ ...one, body: one.body.subarray(1) }),
      wrap: (one) => ({ ...one, body: Buffer.concat([Buffer.from('#'), one.body]) }),
    };
    const { peer, receive, said } = startPeer(mechanism);
    receive(GREETINGS['ZMTP 3.1'].greeting);
    expect(said()).toBe(NEW_GREETING);
    receive(Buffer.from('\x04\x05hello'));
    expect([said(), peer.isReady]).toEqual(['\x04\x07welcome', false]);
    receive(Buffer.from('\x04\x02on'));
    expect([said(), peer.isReady, bodies]).toEqual(['\x04\x05ready', true, ['hello', 'on']]);
    expect(receive(Buffer.from('\x01\x02#a\0\x02#b'))).toEqual(['a', 'b']);
    peer.reply([Buffer.from('c'), Buffer.from('d')]);
    expect(said()).toBe('\x01\x02#c\0\x02#d');
    receive(Buffer.from('\x04\x09#\x04PING\0\0x'));
    expect(said()).toBe('\x04\x07#\x04PONGx');
  });

  it('holds what is not whole, and nothing of a message that was taken', () => {
    const { peer, receive } = startPeer();
    receive(openingOf('ZMTP 3.1'));
    expect(peer.heldBytes).toBe(0);
    receive(frame(10, { more: true }));
    expect(peer.heldBytes).toBe(10);
    receive(frame(20).subarray(0, 12));
    expect(peer.heldBytes).toBe(22);
    receive(frame(20).subarray(12), frame(5, { more: true }));
    // The message that follows was not read yet.
    expect(peer.heldBytes).toBe(7);
    peer.next();
    expect(peer.heldBytes).toBe(5);
  });

  it('takes no message for a command of its handshake', () => {
    const ready = openingOf('ZMTP 3.1');
    // The flags of READY.
    ready.writeUInt8(0, GREETINGS['ZMTP 3.1'].greeting.length);
    const { peer, receive } = startPeer();
    expect(endings(() => receive(ready))).toBe('not-zmtp');
    expect(peer.isReady).toBe(false);
  });

  it('does not heed commands that it does not know, also between the parts of a message', () => {
    const { receive, said } = startPeer();
    receive(openingOf('ZMTP 3.1'));
    said();
    const command = Buffer.concat(
      frameBytes('v2', { more: false, command: true, body: commandBytes('PONG') }),
    );
    expect(receive(Buffer.from('\x01\x01a'), command, Buffer.from('\0\x01b'))).toEqual(['a', 'b']);
    expect(said()).toBe('');
  });
});

describe('a bound', () => {
  const { greeting } = GREETINGS['ZMTP 3.1'];
  const opening = openingOf('ZMTP 3.1');
  const long = { name: 'NULL', overhead: 5 } as const;
  const shaken: Mechanism = { ...createNullMechanism(), shake: () => ({ isOver: true }) };
  const wrapped: Mechanism = { ...createNullMechanism(), ...long };
  // A frame whose wrap says that it is a command, and which is none.
  const lying: Mechanism = { ...createNullMechanism(), unwrap: (one) => ({ ...one, command: false }) };
  const more = (count: number) => Array.from({ length: count }, () => frame(1, { more: true }));
  const command = (bytes: number) => frame(bytes, { command: true });

  it.each<[string, Mechanism, Buffer[], Buffer[], string]>([
    [
      '4 KiB of a handshake',
      shaken,
      [greeting, command(4 * KIB)],
      [greeting, command(4 * KIB + 1)],
      'message-bytes',
    ],
    [
      '4 KiB of an identity',
      createNullMechanism(),
      [GREETINGS['ZMTP 2.0'].greeting, frame(4 * KIB)],
      [GREETINGS['ZMTP 2.0'].greeting, frame(4 * KIB + 1)],
      'message-bytes',
    ],
    [
      '4 KiB of a command',
      createNullMechanism(),
      [opening, command(4 * KIB)],
      [opening, command(4 * KIB + 1)],
      'message-bytes',
    ],
    [
      '4 KiB of a command, with its wrap',
      wrapped,
      [opening, command(4 * KIB + 5)],
      [opening, command(4 * KIB + 6)],
      'message-bytes',
    ],
    [
      '64 KiB',
      createNullMechanism(),
      [opening, frame(64 * KIB)],
      [opening, frame(64 * KIB + 1)],
      'message-bytes',
    ],
    [
      '64 KiB of all parts together',
      createNullMechanism(),
      [opening, frame(1, { more: true }), frame(64 * KIB - 1)],
      [opening, frame(1, { more: true }), frame(64 * KIB)],
      'message-bytes',
    ],
    [
      '64 KiB, whatever the wrap says',
      lying,
      [opening, frame(64 * KIB - 2, { more: true }), command(2)],
      [opening, frame(64 * KIB - 2, { more: true }), command(3)],
      'message-bytes',
    ],
    [
      '16 parts',
      createNullMechanism(),
      [opening, ...more(15), frame(1)],
      [opening, ...more(16)],
      'message-parts',
    ],
  ])('of %s is reached, and not passed', (_what, mechanism, within, beyond, ending) => {
    expect(endings(() => startPeer(mechanism).receive(...within))).toBeUndefined();
    expect(endings(() => startPeer(mechanism).receive(...beyond))).toBe(ending);
    // The last byte of a message that is too large need not have come: its header tells.
    if (ending === 'message-bytes' && mechanism !== lying) {
      const header = beyond.map((bytes, index) =>
        bytes.subarray(0, index === beyond.length - 1 ? 9 : undefined),
      );
      expect(endings(() => startPeer(mechanism).receive(...header))).toBe(ending);
    }
  });
});
