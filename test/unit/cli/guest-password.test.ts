import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withGuestPassword } from '../../../lib/cli/guest-password.ts';
import { refusal } from '../../support/cli/here.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../../support/peers/temporary-folder.ts';

describe('the password of a guest from a file', () => {
  let folder: TemporaryFolder;
  beforeAll(async () => {
    folder = await createTemporaryFolder('guest-password');
  });
  afterAll(() => folder[Symbol.asyncDispose]());
  const written = (text: string): string => {
    const file = join(folder.path, 'password');
    writeFileSync(file, text);
    return file;
  };

  it.each([
    ['secret', 'secret'],
    ['secret\n', 'secret'],
    ['secret\r\nsecond\r\n', 'secret'],
    [' se\rcret ', ' se\rcret '],
    ['p'.repeat(4_096), 'p'.repeat(4_096)],
  ])('is its first line as it is', async (text, guestPassword) => {
    const given = { guestPasswordFile: written(text), name: 'vm' };
    expect(await withGuestPassword(given)).toEqual({ ...given, guestPassword });
  });

  it.each([
    ['an empty file', ''],
    ['an empty first line', '\nsecret'],
    ['too long a line', 's'.repeat(4_097)],
  ])('is refused for %s, of which the message repeats nothing', async (_what, text) => {
    const file = written(text);
    expect(await refusal(() => withGuestPassword({ guestPasswordFile: file }))).toBe(
      `the command line: 1 fault\n  --guest-password-file: ${file} has no password in its first line (1 to 4096 characters)`,
    );
  });

  it('is refused where the file cannot be read', async () => {
    const file = join(folder.path, 'none');
    expect(await refusal(() => withGuestPassword({ guestPasswordFile: file }))).toBe(
      `the command line: 1 fault\n  --guest-password-file: ${file} cannot be read: ENOENT: no such file or directory, open '${file}'`,
    );
  });

  it('is not looked for where no file is named', async () => {
    const given = { guestPassword: 'given' };
    expect(await withGuestPassword(given)).toBe(given);
  });
});
