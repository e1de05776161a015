import { describe, expect, it } from 'vitest';
import { ByteQueue } from '../../../../lib/poll/gateway/zmtp/byte-queue.ts';
import { Greeting, type MechanismName } from '../../../../lib/poll/gateway/zmtp/greeting.ts';
import { endings } from './zmtp-client.ts';

const SIGNATURE = 'ff00000000000000017f';
const NULL = '4e554c4c'.padEnd(40, '0');
const CURVE = '4355525645'.padEnd(40, '0');
const FILLER = '00'.repeat(32);

/** What is agreed on and what is left of the bytes, after each of them: `at` is the count of those that had arrived. */
function greet(bytes: string, mechanism: MechanismName = 'NULL') {
  const sent: string[] = [];
  let at = 0;
  const greeting = new Greeting(mechanism, (some) =>
    sent.push(`${at}: ${Buffer.from(some).toString('hex')}`),
  );
  const queue = new ByteQueue();
  expect(greeting.read(queue)).toBeUndefined();
  for (const byte of Buffer.from(bytes, 'hex')) {
    queue.push(Buffer.of(byte));
    at += 1;
    const agreed = greeting.read(queue);
    if (agreed !== undefined) return { sent, agreed, at, left: queue.length };
  }
  return { sent, at, left: queue.length };
}

describe('a greeting', () => {
  it.each([
    ['ZMTP 3.1', '0301', 64],
    ['ZMTP 3.0', '0300', 64],
    ['a later version', '0900', 64],
    // Of a version 2 that is none of libzmq: it is answered as the later ones.
    ['version 2', '0200', 64],
  ])('of %s is answered byte after byte, with the mechanism', (_what, version, at) => {
    expect(greet(`${SIGNATURE}${version}${NULL}${FILLER}ffff`)).toEqual({
      sent: [`0: ${SIGNATURE}`, '10: 03', `11: 01${NULL}${FILLER}`],
      agreed: { framing: 'v2', hasMechanism: true },
      at,
      left: 0,
    });
  });

  it('of CURVE is answered with CURVE', () => {
    expect(greet(`${SIGNATURE}0301${CURVE}${FILLER}`, 'CURVE')).toEqual({
      sent: [`0: ${SIGNATURE}`, '10: 03', `11: 01${CURVE}${FILLER}`],
      agreed: { framing: 'v2', hasMechanism: true },
      at: 64,
      left: 0,
    });
  });

  it.each([
    ['ZMTP 2.0', '01', 'v2', '0000'],
    ['ZMTP 1.0 with a version', '00', 'v1', '0100'],
  ])(
    'of %s is answered with the type of socket, then with an empty identity',
    (_what, version, framing, identity) => {
      expect(greet(`${SIGNATURE}${version}03ffff`)).toEqual({
        sent: [`0: ${SIGNATURE}`, '10: 03', '11: 06', `12: ${identity}`],
        agreed: { framing, hasMechanism: false },
        at: 12,
        left: 0,
      });
    },
  );

  it('of ZMTP 1.0 is none: its first byte is that of a frame', () => {
    expect(greet('0100')).toEqual({
      sent: [`0: ${SIGNATURE}`],
      agreed: { framing: 'v1', hasMechanism: false },
      at: 1,
      left: 1,
    });
  });

  it('of ZMTP 1.0 with a long identity is none either, which its tenth byte tells', () => {
    expect(greet('ff00000000000000017e')).toEqual({
      sent: [`0: ${SIGNATURE}`],
      agreed: { framing: 'v1', hasMechanism: false },
      at: 10,
      left: 10,
    });
  });

  it.each(['00', `${SIGNATURE}0003`, `${SIGNATURE}0103`, 'ff00000000000000017e'])(
    '%s, which is older than mechanisms, is refused where there is CURVE',
    (bytes) => {
      expect(endings(() => greet(bytes, 'CURVE'))).toBe('mechanism');
    },
  );

  it.each([
    ['NULL', CURVE],
    ['CURVE', NULL],
    // Each byte of a mechanism counts.
    ['NULL', `${NULL.slice(0, -2)}01`],
  ] as const)('with another mechanism than %s is refused: %s', (mechanism, theirs) => {
    expect(endings(() => greet(`${SIGNATURE}0301${theirs}${FILLER}`, mechanism))).toBe('mechanism');
  });
});
