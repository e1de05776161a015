import { expect, it } from 'vitest';
import { admittedClients } from '../../../lib/config/polls.ts';
import { makeCurveKeys } from '../../../lib/poll/gateway/curve-keys.ts';

it('public keys of clients are taken as gateway-keys prints them', () => {
  const keys = Array.from({ length: 200 }, () => makeCurveKeys().publicKey);
  expect(admittedClients.parse(keys)).toEqual(keys);
});

it.each(['_'.repeat(40), '#'.repeat(40), '$'.repeat(40), 'a'.repeat(39)])(
  'a public key that would admit nobody is refused: %s',
  (key) => {
    expect(admittedClients.safeParse([key]).success).toBe(false);
  },
);
