import { createHash } from 'node:crypto';
import type { Group } from '../sink.ts';

/** What every file system and shell takes as it is; `@` is between job and instance alone. */
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
const HASH_CHARACTERS = 16;

/**
 * The name of a group's file, `<job>@<instance>.prom`. node_exporter reads what ends so. Other names than plain ones are cut
 * and get a hash of both, so that no two groups share a file.
 */
export function fileNameOf({ job, instance }: Group): string {
  if (PLAIN.test(job) && PLAIN.test(instance)) return `${job}@${instance}.prom`;
  const hash = createHash('sha256')
    .update(JSON.stringify([job, instance]))
    .digest('hex');
  return `${plain(job)}@${plain(instance)}@${hash.slice(0, HASH_CHARACTERS)}.prom`;
}

const plain = (text: string): string => text.replaceAll(/[^A-Za-z0-9_-]+/g, '_').slice(0, 60) || '_';
