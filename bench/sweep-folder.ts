import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Fleet, nameOf, PASSWORD, SERVICES } from './simulated-fleet.ts';

/** What esxi.concurrency may be at most. */
const MAX_CONCURRENCY = 900;

/** Writes a configuration that sweeps the fleet, all of its hosts at once or 900, with its state below the folder. */
export async function writeSweepFolder(folder: string, { vcenter, ssh }: Fleet): Promise<void> {
  const overrides = ssh.addresses.map((address, index) => `    ${nameOf(index)}: "${address}:${ssh.port}"`);
  const account = (username: string, password: string) => `username: ${username}\npassword: ${password}\n`;
  const config = `targets:
  - name: vc-bench.example.org
    url: ${vcenter.url}
    credentials: { file: vcenter.yaml }
    tls: { sha256: ["${vcenter.sha256}"] }
esxi:
  credentials: { file: esxi.yaml }
  services: [${SERVICES.join(', ')}]
  concurrency: ${Math.min(Math.max(ssh.addresses.length, 1), MAX_CONCURRENCY)}
  overrides:
${overrides.join('\n')}
sweeps:
  - { name: services, every: 1m, collectors: [overall-status, ssh-services] }
state: { path: state }
`;
  await writeFile(join(folder, 'vsweep.yaml'), config);
  await writeFile(join(folder, 'vcenter.yaml'), account(vcenter.user, PASSWORD), { mode: 0o600 });
  await writeFile(join(folder, 'esxi.yaml'), account(ssh.user, ssh.password), { mode: 0o600 });
}
