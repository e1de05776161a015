import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { freePort } from './free-port.ts';
import { type PeerProcess, startPeerProcess } from './peer-process.ts';
import { createTemporaryFolder } from './temporary-folder.ts';
import type { Vcsim } from './vcsim.ts';

const MAIN = resolve(import.meta.dirname, '../../../lib/cli/main.ts');

/** `vsweep gateway` in a process of its own, before one vCenter. */
export interface GatewayProcess extends AsyncDisposable {
  /** Where vPoller's clients ask. */
  readonly endpoint: string;
  /** Where it is managed as a proxy is, `shutdown` included. */
  readonly manage: string;
  readonly process: PeerProcess;
}

/** The vCenter is the target `vc01`. */
export async function startGatewayProcess({
  url,
  certificateFile,
  user,
  password,
}: Vcsim): Promise<GatewayProcess> {
  await using opening = new AsyncDisposableStack();
  const folder = opening.use(await createTemporaryFolder('gateway'));
  const config = join(folder.path, 'vsweep.yaml');
  await writeFile(
    config,
    `targets: [{ name: vc01, url: "${url}", credentials: { file: vc.yaml }, tls: { ca: "${certificateFile}" } }]\n` +
      'sweeps: [{ name: services, every: 1m, collectors: [overall-status] }]\nstate: { path: state }\n',
  );
  const account = `username: ${user}\npassword: ${password}\n`;
  await writeFile(join(folder.path, 'vc.yaml'), account, { mode: 0o600 });
  const endpoint = `tcp://127.0.0.1:${await freePort()}`;
  const manage = `tcp://127.0.0.1:${await freePort()}`;
  const options = ['--config', config, '--listen', endpoint, '--manage', manage, '--allow-shutdown'];
  const started = opening.use(startPeerProcess('gateway', [process.execPath, MAIN, 'gateway', ...options]));
  await started.until(
    'answers',
    async () => started.log().includes(`answering management requests endpoint="${manage}"`),
    {
      timeoutMs: 60_000,
    },
  );
  const resources = opening.move();
  return {
    endpoint,
    manage,
    process: started,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
