import { readdir } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../platform/errors.ts';
import { nearestName } from '../platform/nearest-name.ts';
import { OwnerError } from '../platform/owner.ts';
import { toShellWord } from '../platform/quote.ts';
import { DEFAULT_CONFIG_FILE } from './default-config-file.ts';

/** Lies at the same distance from the sources and from what is built of them. */
const MANIFEST = fileURLToPath(new URL('../../package.json', import.meta.url));
const EXAMPLE = join(dirname(MANIFEST), 'examples', 'inventory.yaml');

/** Why a configuration cannot be read, and what to do: the file that was meant, the file in a folder, or a first one. */
export async function sayUnread(file: string, error: unknown): Promise<string> {
  const why = `cannot be read: ${messageOf(error)}`;
  if (error instanceof OwnerError) return why;
  switch (codeOf(error)) {
    case 'EISDIR': {
      const [inside] = await yamlFilesIn(file);
      return inside === undefined
        ? 'is a folder without a YAML file; name a file with --config'
        : `is a folder; name a file in it: --config ${toShellWord(join(file, inside))}`;
    }
    case 'ENOENT':
      return `${why}; ${await sayMissing(file)}`;
    default:
      return `${why}; name another file with --config`;
  }
}

async function sayMissing(file: string): Promise<string> {
  const folder = dirname(file);
  const name = basename(file);
  const meant = nearestName(
    name,
    (await yamlFilesIn(folder)).filter((one) => one !== name),
  );
  if (meant !== undefined) return `did you mean --config ${toShellWord(join(folder, meant))}?`;
  if (file !== DEFAULT_CONFIG_FILE) return 'name another file with --config';
  return (
    'name another file with --config, or set the environment variables of esxi-exporter or vmware_exporter. To begin, ' +
    `copy an example: cp ${toShellWord(fromHere(EXAMPLE))} ${DEFAULT_CONFIG_FILE}`
  );
}

/** The shorter one of both. */
function fromHere(path: string): string {
  const short = relative('.', path);
  return short.startsWith('..') ? path : short;
}

/** None of a folder that cannot be read. */
async function yamlFilesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  const found = names.filter((name) => /\.ya?ml$/i.test(name)).toSorted();
  return found.includes(DEFAULT_CONFIG_FILE) ? [DEFAULT_CONFIG_FILE, ...found] : found;
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;
