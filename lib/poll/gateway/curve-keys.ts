import { randomBytes } from 'node:crypto';
import { newKeyPair, secretBytesOf, toKeyPair } from './zmtp/box.ts';
import { createCurveMechanism } from './zmtp/curve.ts';
import type { Mechanism } from './zmtp/mechanism.ts';
import { fromZ85, toZ85 } from './zmtp/z85.ts';

/** What the gateway needs for CURVE: its own keys, and those of whom it serves. */
export interface CurveKeys {
  /** In Z85: what clients have to know of the server. */
  readonly publicKey: string;
  readonly newMechanism: () => Mechanism;
}

/** Of keys in Z85. Throws when the secret key is none; a client's that is none admits nobody. */
export function toCurveKeys(secretKey: string, clients: readonly string[]): CurveKeys {
  const keys = toKeyPair(fromZ85(secretKey) ?? Buffer.alloc(0));
  const known = new Set(clients.map((client) => fromZ85(client)?.toString('hex')));
  // Public keys are no secrets, and each was proven before: no time has to be hidden.
  const admits = (publicKey: Buffer) => known.has(publicKey.toString('hex'));
  return {
    publicKey: toZ85(keys.publicKey),
    newMechanism: () => createCurveMechanism({ keys, admits, newKeyPair, randomBytes }),
  };
}

/** A new pair of keys in Z85. */
export function makeCurveKeys(): { publicKey: string; secretKey: string } {
  const keys = newKeyPair();
  return { publicKey: toZ85(keys.publicKey), secretKey: toZ85(secretBytesOf(keys)) };
}
