import { createHash } from 'node:crypto';
import type { LoginHost } from '../asked-batch.ts';

/** One text for hosts with the keys by which they are believed, in whatever order they stand. */
export function digestOfKeys(hosts: readonly Pick<LoginHost, 'address' | 'port' | 'hostKey'>[]): string {
  const lines = hosts.map(({ address, port, hostKey }) =>
    JSON.stringify([address, port, hostKey?.type ?? null, hostKey?.blob ?? null]),
  );
  return createHash('sha256').update(lines.toSorted().join('\n')).digest('base64');
}
