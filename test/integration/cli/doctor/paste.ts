import { execFile } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const MAIN = fileURLToPath(new URL('../../../../lib/cli/main.ts', import.meta.url));

/**
 * Runs a command as somebody pastes it into a shell, in another folder than that of the configuration: `vsweep` is there, and
 * an editor that changes nothing. Rejects where it fails, with what it said.
 */
export async function paste(command: string, folder: string): Promise<string> {
  const bin = join(folder, 'bin');
  await mkdir(bin, { recursive: true });
  const script = join(bin, 'vsweep');
  await writeFile(script, `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`);
  await chmod(script, 0o755);
  const env = { ...process.env, PATH: `${bin}:${process.env['PATH']}`, EDITOR: 'true' };
  const { stdout, stderr } = await promisify(execFile)('bash', ['-euc', command], { cwd: '/', env });
  return stdout + stderr;
}
