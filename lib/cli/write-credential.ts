import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { ConfigError } from '../config/errors.ts';
import { messageOf } from '../platform/errors.ts';
import { printError } from './terminal.ts';

/** An account that another tool kept beside its configuration. */
interface KeptAccount {
  readonly host: string;
  readonly user: string;
  readonly password: string;
}

/** What a vsweep.yaml names for it: a file of the folder, or a secret that the operator has to create. */
export const keepCredential = (account: KeptAccount, folder: string | undefined) =>
  folder === undefined ? toSecret(account) : writeCredential(account, folder);

function toSecret({ host, user }: KeptAccount) {
  const secret = `vsweep/${host}`;
  printError(`create the secret ${secret}: {"username": ${JSON.stringify(user)}, "password": …}`);
  return { secret };
}

async function writeCredential({ host, user, password }: KeptAccount, folder: string) {
  const file = join(resolve(folder), `${host.replace(/[^\w.-]/g, '_')}.yaml`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // Never over a file that is there: it may be in use.
    await writeFile(file, stringify({ username: user, password }), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    throw new ConfigError(file, [
      {
        path: '',
        message: `cannot be written: ${messageOf(error)}; delete the file, or name another folder with --credentials`,
      },
    ]);
  }
  printError(`wrote the credential of ${host} to ${file}`);
  return { file };
}
