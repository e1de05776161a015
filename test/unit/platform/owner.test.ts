import { chown, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OwnerError, readOwnText, refuseForeign } from '../../../lib/platform/owner.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';

describe('the owner of a file', () => {
  it.each([
    [1_000, 1_000],
    [0, 1_000],
    [0, 0],
  ])('user %s is trusted by a process of user %s', (uid, own) => {
    expect(() => refuseForeign('f', { uid }, own)).not.toThrow();
  });

  it.each([
    [1_001, 1_000],
    [1_000, 0],
  ])('user %s is not by a process of user %s, and the message has the command that mends it', (uid, own) => {
    const expected = `it belongs to user ${uid}, who can change it, and not to this user (${own}) or root. Run vsweep as that user: sudo -u '#${uid}' vsweep status; or, if that user runs no vsweep with it: sudo chown ${own} 'my file'`;
    expect(() => refuseForeign('my file', { uid }, own)).toThrow(
      expect.objectContaining({ constructor: OwnerError, message: expected }),
    );
  });
});

/** Only root can give a file away. */
describe.runIf(process.geteuid?.() === 0)('the text of a file', () => {
  it('is read by its owner, and by nobody else who may open it', async () => {
    await using folder = await createTemporaryFolder('owner');
    const path = join(folder.path, 'vsweep.yaml');
    await writeFile(path, 'targets');
    expect(await readOwnText(path)).toBe('targets');
    await chown(path, 54_321, 54_321);
    await expect(readOwnText(path)).rejects.toMatchObject({
      code: 'owner',
      message: expect.stringContaining('it belongs to user 54321, who can change it'),
    });
  });
});
