import { SECRET_PROPERTIES } from '../config/polls.ts';
import type { Config } from '../config/schema.ts';
import { VspherePathError } from '../vsphere/errors.ts';
import { parsePath } from '../vsphere/vim25/parse-path.ts';
import { checkPropertyPath } from '../vsphere/vim25/property-path.ts';

/**
 * Refuses a property path that leads to a secret, through one or into a value that has one below it, unless the
 * configuration allows it: whoever can ask the gateway would read passwords of guests. The path has passed
 * `checkPropertyPath`. Throws VspherePathError.
 */
export function checkSecrets(type: string, path: string, { allow }: Config['polls']): void {
  const asked = parsePath(path)
    .map(({ name }) => name)
    .join('.');
  const reached = SECRETS.filter(([secret]) => isUnder(asked, secret) || isUnder(secret, asked))
    .filter(([secret]) => has(type, secret))
    .filter(([secret]) => !allow.some((allowed) => isUnder(secret, allowed)));
  if (reached.length === 0) return;
  const names = reached.map(([secret]) => secret);
  const held = new Intl.ListFormat('en').format(reached.map(([secret, holds]) => `${secret} (${holds})`));
  const narrower = names.some((secret) => isUnder(secret, asked) && secret !== asked)
    ? 'Name the properties below it that you need, or, to allow it'
    : 'To allow it';
  throw new VspherePathError(
    `${type} ${path} may hold secrets: ${held}. ${narrower}, write in the configuration: polls: { allow: [${names.join(', ')}] }`,
    { code: 'secret' },
  );
}

const SECRETS = Object.entries(SECRET_PROPERTIES);

const isUnder = (path: string, above: string) => path === above || path.startsWith(`${above}.`);

function has(type: string, path: string): boolean {
  try {
    checkPropertyPath(type, path);
    return true;
  } catch (error) {
    if (error instanceof VspherePathError) return false;
    throw error;
  }
}
