import { describe, expect, it } from 'vitest';
import { createReadSeals } from '../../../lib/credentials/integrity-secret.ts';
import { createSeals } from '../../../lib/platform/seal.ts';

const SECRET = 's'.repeat(64);
const running = { signal: new AbortController().signal };

/** A Secrets Manager that answers these texts in turn, the last one again and again. */
function seals(...texts: (string | Error | Promise<string>)[]) {
  let reads = 0;
  const getSecretValue = async () => {
    const text = texts[Math.min(reads, texts.length - 1)];
    reads += 1;
    if (text instanceof Error) throw text;
    return { SecretString: await text, VersionId: 'v1' };
  };
  let asked = 0;
  const read = createReadSeals({
    secretsManager: async () => {
      asked += 1;
      return { getSecretValue, region: async () => 'eu-central-1' };
    },
    id: 'Integrity',
  });
  return { read, reads: () => reads, asked: () => asked };
}

describe('the seals of the integrity secret', () => {
  it('are read once, also by many at once', async () => {
    const { read, reads } = seals(SECRET);
    const [one, other] = await Promise.all([read(running), read(running)]);
    expect(one).toBe(other);
    expect(await read(running)).toBe(one);
    expect(reads()).toBe(1);
    expect(one?.batch.tagOf(['x'])).toBe(createSeals(SECRET).batch.tagOf(['x']));
  });

  it('are asked for again after a failure, which says what failed and never the secret', async () => {
    const { read, reads } = seals(new Error(`it is ${SECRET}`), SECRET);
    const failure = await read(running).catch((error: Error) => error.message);
    expect(failure).toMatch(/^The credential secret:Integrity could not be read from Secrets Manager/);
    expect(failure).not.toContain(SECRET);
    await read(running);
    expect(reads()).toBe(2);
  });

  it('are not made of a text that is shorter than what the stack makes', async () => {
    const { read } = seals('x'.repeat(63));
    await expect(read(running)).rejects.toMatchObject({
      code: 'malformed',
      message:
        'The credential secret:Integrity has 63 characters and not 64: it is not the integrity secret that the stack ' +
        'created. Restore its first version in Secrets Manager.',
    });
  });

  it('are not asked for by a caller whose time is over', async () => {
    const { read, asked } = seals(SECRET);
    const over = { signal: AbortSignal.abort(new Error('too late')) };
    await expect(read(over)).rejects.toBe(over.signal.reason);
    expect(asked()).toBe(0);
  });

  it('go on being read for the others when one caller gives up', async () => {
    const answer = Promise.withResolvers<string>();
    const { read, reads } = seals(answer.promise);
    const impatient = new AbortController();
    const givenUp = read({ signal: impatient.signal });
    const waiting = read(running);
    impatient.abort(new Error('too late'));
    await expect(givenUp).rejects.toThrow('too late');
    answer.resolve(SECRET);
    await waiting;
    expect(reads()).toBe(1);
  });
});
