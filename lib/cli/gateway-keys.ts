import { writeFile } from 'node:fs/promises';
import { ConfigError } from '../config/errors.ts';
import { messageOf } from '../platform/errors.ts';
import { toShellWord } from '../platform/quote.ts';
import { makeCurveKeys } from '../poll/gateway/curve-keys.ts';
import { printError } from './terminal.ts';

/** `vsweep gateway-keys <file>`: writes a new secret key of CURVE there, and prints its public key. Answers the exit code. */
export async function gatewayKeysCommand(file: string): Promise<number> {
  const { publicKey, secretKey } = makeCurveKeys();
  try {
    // Never over a file that is there: it may be in use.
    await writeFile(file, `token: ${secretKey}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    throw new ConfigError(file, [
      {
        path: '',
        message: `cannot be written: ${messageOf(error)}; name another file, such as ${toShellWord(`${file}.new`)}`,
      },
    ]);
  }
  printError(`wrote the secret key to ${file}; its public key is`);
  process.stdout.write(`${publicKey}\n`);
  return 0;
}
