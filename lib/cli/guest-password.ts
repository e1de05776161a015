import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { ConfigError } from '../config/errors.ts';
import { messageOf } from '../platform/errors.ts';

interface GuestOptions {
  readonly guestPassword?: string;
  readonly guestPasswordFile?: string;
}

/** Longer than any password. */
const MAX_CHARACTERS = 4_096;

/**
 * With the password of a guest from the file that is named, or from standard input for `-`: its first line. On the command
 * line other users of the machine could read it. Throws ConfigError, without anything of what was read.
 */
export async function withGuestPassword<Options extends GuestOptions>(options: Options): Promise<Options> {
  const { guestPasswordFile: file } = options;
  if (file === undefined) return options;
  const [line = ''] = (await read(file)).split(/\r?\n/, 1);
  if (line === '' || line.length > MAX_CHARACTERS)
    throw wrong(file, `has no password in its first line (1 to ${MAX_CHARACTERS} characters)`);
  return { ...options, guestPassword: line };
}

async function read(file: string): Promise<string> {
  try {
    return file === '-' ? await text(process.stdin) : await readFile(file, 'utf8');
  } catch (error) {
    throw wrong(file, `cannot be read: ${messageOf(error)}`);
  }
}

const wrong = (file: string, message: string) =>
  new ConfigError('the command line', [
    { path: '--guest-password-file', message: `${file === '-' ? 'standard input' : file} ${message}` },
  ]);
