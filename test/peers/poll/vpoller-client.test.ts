import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../support/peers/free-port.ts';
import { type PeerProcess, startPeerProcess } from '../../support/peers/peer-process.ts';
import { describeWithPeers, peerPython } from '../../support/peers/peer-requirements.ts';
import { pollUntil } from '../../support/peers/poll-until.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { startVcsim, type Vcsim } from '../../support/peers/vcsim.ts';

const MAIN = resolve(import.meta.dirname, '../../../lib/cli/main.ts');
const programs = dirname(peerPython);
const run = promisify(execFile);
const HOST = 'esx01.example.org';

describeWithPeers(['vcsim', 'vpoller'], 'the unmodified vpoller-client, through the gateway', () => {
  const resources = new AsyncDisposableStack();
  let vcsim: Vcsim;
  let gateway: PeerProcess;
  let endpoint: string;
  let manage: string;

  beforeAll(async () => {
    vcsim = resources.use(await startVcsim({ hostsPerCluster: 1, machinesPerCluster: 2, names: [HOST] }));
    const folder = resources.use(await createTemporaryFolder('gateway'));
    const config = join(folder.path, 'vsweep.yaml');
    const { url, certificateFile, user, password } = vcsim;
    await writeFile(
      config,
      `targets: [{ name: vc01, url: "${url}", credentials: { file: vc.yaml }, tls: { ca: "${certificateFile}" } }]\n` +
        'sweeps: [{ name: services, every: 1m, collectors: [overall-status] }]\nstate: { path: state }\n',
    );
    await writeFile(join(folder.path, 'vc.yaml'), `username: ${user}\npassword: ${password}\n`, {
      mode: 0o600,
    });
    endpoint = `tcp://127.0.0.1:${await freePort()}`;
    manage = `tcp://127.0.0.1:${await freePort()}`;
    const options = ['--config', config, '--listen', endpoint, '--manage', manage, '--allow-shutdown'];
    gateway = resources.use(startPeerProcess('gateway', [process.execPath, MAIN, 'gateway', ...options]));
    await gateway.until('answers', async () => gateway.log().includes(`managed endpoint="${manage}"`), {
      timeoutMs: 60_000,
    });
  });
  afterAll(() => resources.disposeAsync());

  const client = async (...args: string[]) => {
    const { stdout } = await run(join(programs, 'vpoller-client'), ['-e', endpoint, '-V', 'vc01', ...args]);
    return stdout;
  };

  it('gets what vPoller answers, and what its helpers print', async () => {
    const get = ['-m', 'host.get', '-n', HOST, '-p', 'runtime.powerState'];
    expect(await client(...get)).toBe(
      `{"success": 0, "msg": "Successfully retrieved object properties", "result": [{"name": "${HOST}", "runtime.powerState": "poweredOn"}]}\n`,
    );
    expect(await client(...get, '-H', 'vpoller.helpers.zabbix')).toBe('"poweredOn"\n');
    const discover = ['-m', 'vm.discover', '-H', 'vpoller.helpers.zabbix'];
    expect(JSON.parse(await client(...discover))).toEqual({
      data: [expect.objectContaining({ '{#VSPHERE.VM.NAME}': expect.any(String) }), expect.anything()],
    });
  });

  it('gets an answer each, when twenty ask at once, in one session', async () => {
    const asked = Array.from({ length: 20 }, () => client('-m', 'host.discover'));
    const replies = await Promise.all(asked);
    expect(replies.filter((reply) => reply.includes(HOST))).toHaveLength(20);
    expect(await vcsim.openSessions()).toBe(1);
  });

  it('is told of its faults', async () => {
    expect(JSON.parse(await client('-m', 'host.gett'))).toMatchObject({
      msg: 'Unknown or missing task/method name',
    });
  });

  it('has a gateway that is asked and stopped as vpoller-proxy is, and no session stays', async () => {
    // As vpoller-proxy asks, which itself does nothing on a machine without its configuration.
    const script =
      'import sys; from vpoller.client import VPollerClient; print(VPollerClient(sys.argv[1], 5000).run({"method": sys.argv[2]}))';
    const ask = async (method: string) => (await run(peerPython, ['-c', script, manage, method])).stdout;
    expect(await ask('status')).toContain('"msg": "vPoller Proxy status"');
    expect(await ask('shutdown')).toBe('{"success": 0, "msg": "Shutdown time has arrived"}\n');
    await pollUntil('the logout', async () => (await vcsim.openSessions()) === 0 || undefined, {
      timeoutMs: 20_000,
    });
  });
});
