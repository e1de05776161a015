import { describe, expect, it } from 'vitest';
import { createSecretReader } from '../../../lib/credentials/secret-reader.ts';

const o = { signal: new AbortController().signal };
const SOURCE = { secret: 'vsweep/esxi' };
const textOf = (password: string) => JSON.stringify({ username: 'root', password });

/** Secrets Manager with one secret, and each call that it gets, by the version that it asks for. */
function start() {
  const versions = new Map([['v1', 'one']]);
  const world = {
    newest: 'v1',
    versions,
    calls: [] as string[],
    held: undefined as Promise<void> | undefined,
  };
  const getSecretValue = async ({ VersionId }: { VersionId: string | undefined }) => {
    world.calls.push(VersionId ?? 'newest');
    await world.held;
    const version = VersionId ?? world.newest;
    const password = versions.get(version);
    if (password === undefined)
      throw Object.assign(new Error('gone'), { name: 'ResourceNotFoundException', $fault: 'client' });
    return { SecretString: textOf(password), VersionId: version };
  };
  const { read } = createSecretReader(async () => ({ getSecretValue, region: async () => 'eu-central-1' }));
  const passwordOf = async (version?: string, options: { signal: AbortSignal } = o) => {
    const { proof } = await read(SOURCE, { ...options, ...(version === undefined ? {} : { version }) });
    return proof.kind === 'password' ? proof.password : undefined;
  };
  const rotate = (to: string) => {
    world.newest = `v${versions.size + 1}`;
    versions.set(world.newest, to);
  };
  return { world, passwordOf, rotate };
}

describe('a secret', () => {
  it('is read once a version and process, by forty batches one after the other and at once', async () => {
    const { world, passwordOf } = start();
    for (let batch = 0; batch < 20; batch += 1) expect(await passwordOf('v1')).toBe('one');
    await Promise.all(Array.from({ length: 20 }, () => passwordOf('v1')));
    expect(world.calls).toEqual(['v1']);
    const atOnce = start();
    await Promise.all(Array.from({ length: 40 }, () => atOnce.passwordOf('v1')));
    expect(atOnce.world.calls).toEqual(['v1']);
  });

  it('is asked for its newest version each time, so that a run never begins with an old password', async () => {
    const { world, passwordOf, rotate } = start();
    expect(await passwordOf()).toBe('one');
    rotate('two');
    expect(await passwordOf()).toBe('two');
    expect(world.calls).toEqual(['newest', 'newest']);
    // A run that is under way goes on with the version that it began with, and with the one that it read.
    expect([await passwordOf('v1'), await passwordOf('v2')]).toEqual(['one', 'two']);
    expect(world.calls).toEqual(['newest', 'newest']);
  });

  it('is read again after it could not be', async () => {
    const { world, passwordOf, rotate } = start();
    await expect(passwordOf('v2')).rejects.toMatchObject({ code: 'not-found' });
    rotate('two');
    expect(await passwordOf('v2')).toBe('two');
    expect(world.calls).toEqual(['v2', 'v2']);
  });

  it('is waited for by each batch as long as that batch lives, and by no other', async () => {
    const { world, passwordOf } = start();
    const answer = Promise.withResolvers<void>();
    world.held = answer.promise;
    const controller = new AbortController();
    const [ended, other] = [passwordOf('v1', { signal: controller.signal }), passwordOf('v1')];
    controller.abort(new Error('out of time'));
    await expect(ended).rejects.toThrow('out of time');
    answer.resolve();
    expect(await other).toBe('one');
    expect(world.calls).toEqual(['v1']);
  });

  it('is not asked for by a batch that is over', async () => {
    const { world, passwordOf } = start();
    const over = { signal: AbortSignal.abort(new Error('out of time')) };
    await expect(passwordOf('v1', over)).rejects.toBe(over.signal.reason);
    expect(world.calls).toEqual([]);
  });

  it('is kept in the 256 versions that were used last', async () => {
    const { world, passwordOf, rotate } = start();
    for (let one = 2; one <= 257; one += 1) rotate(`p${one}`);
    for (let one = 1; one <= 256; one += 1) await passwordOf(`v${one}`);
    world.calls.length = 0;
    await passwordOf('v1');
    expect(world.calls).toEqual([]);
    await passwordOf('v257');
    await passwordOf('v1');
    expect(world.calls).toEqual(['v257']);
    await passwordOf('v2');
    expect(world.calls).toEqual(['v257', 'v2']);
  });

  it('is kept as it was read since, where an earlier question for it fails', async () => {
    const { world, passwordOf, rotate } = start();
    const answer = Promise.withResolvers<void>();
    world.held = answer.promise;
    const early = passwordOf('v2').catch((error: Error) => error.name);
    await expect.poll(() => world.calls).toEqual(['v2']);
    world.held = undefined;
    rotate('two');
    expect(await passwordOf()).toBe('two');
    world.versions.delete('v2');
    answer.resolve();
    expect(await early).toBe('CredentialError');
    expect(await passwordOf('v2')).toBe('two');
    expect(world.calls).toEqual(['v2', 'newest']);
  });

  it('is kept in a few hundred versions of all secrets together', async () => {
    const { world, passwordOf, rotate } = start();
    for (let one = 2; one <= 300; one += 1) rotate(`p${one}`);
    for (let one = 1; one <= 300; one += 1) await passwordOf(`v${one}`);
    world.calls.length = 0;
    await passwordOf('v300');
    await passwordOf('v1');
    expect(world.calls).toEqual(['v1']);
  });
});
