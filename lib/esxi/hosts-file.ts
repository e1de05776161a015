import { open } from 'node:fs/promises';
import { isIP } from 'node:net';

/** More than any hosts file that somebody keeps by hand; what stands behind it is not read. */
const MAX_BYTES = 1024 * 1024;

/** Addresses by name, in the order of the file; the names in lower case. */
export type HostsFile = ReadonlyMap<string, readonly string[]>;

export function parseHostsFile(text: string): HostsFile {
  const hosts = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (isIP(address) === 0) continue;
    for (const name of names) {
      const key = name.toLowerCase();
      const known = hosts.get(key);
      if (known === undefined) hosts.set(key, [address]);
      else if (!known.includes(address)) known.push(address);
    }
  }
  return hosts;
}

/** Reads the file anew only when it has changed; one that cannot be read has no names. Never rejects. */
export function createHostsFileReader(path: string): () => Promise<HostsFile> {
  let kept: { readonly stamp: string; readonly hosts: HostsFile } | undefined;
  return async () => {
    try {
      await using file = await open(path);
      const { mtimeMs, ino, size } = await file.stat();
      const stamp = `${mtimeMs} ${ino} ${size}`;
      if (stamp === kept?.stamp) return kept.hosts;
      const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(size, MAX_BYTES)));
      kept = { stamp, hosts: parseHostsFile(buffer.toString('utf8', 0, bytesRead)) };
      return kept.hosts;
    } catch {
      return new Map();
    }
  };
}
