import { createHash } from 'node:crypto';

/** Whether a mutant belongs to the sample: by its text, so that each machine chooses alike. */
export function isInSample(mutant: string, { share, seed }: { share: number; seed: string }): boolean {
  const hash = createHash('sha256').update(`${seed}\n${mutant}`).digest();
  return hash.readUInt32BE() / 2 ** 32 < share;
}
