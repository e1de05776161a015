import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { PROOF, type startTarget } from '../vsphere/demo-target.ts';

/** Writes what `vsweep sweep <name>` needs to sweep a simulated vCenter; `more` are further sections. */
export async function writeSweepFolder(
  path: string,
  { url, sha256 }: Pick<Awaited<ReturnType<typeof startTarget>>, 'url' | 'sha256'>,
  sweep: { readonly name: string; readonly collectors: readonly string[]; readonly samples?: string },
  more: object = {},
): Promise<void> {
  const config = {
    targets: [{ name: 'vc01', url, credentials: { file: 'vc01.yaml' }, tls: { sha256: [sha256] } }],
    sweeps: [{ every: '1m', ...sweep }],
    state: { path: 'state' },
    ...more,
  };
  await writeFile(join(path, 'vsweep.yaml'), stringify(config));
  await writeFile(join(path, 'vc01.yaml'), stringify(PROOF), { mode: 0o600 });
}
