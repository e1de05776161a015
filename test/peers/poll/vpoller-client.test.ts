import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startGatewayProcess } from '../../support/peers/gateway.ts';
import { describeWithPeers, peerPython } from '../../support/peers/peer-requirements.ts';
import { pollUntil } from '../../support/peers/poll-until.ts';
import { startVcsim, type Vcsim } from '../../support/peers/vcsim.ts';
import { vpollerClient } from '../../support/peers/vpoller.ts';

const run = promisify(execFile);
const HOST = 'esx01.example.org';

describeWithPeers(['vcsim', 'vpoller'], 'the unmodified vpoller-client, through the gateway', () => {
  const resources = new AsyncDisposableStack();
  let vcsim: Vcsim;
  let endpoint: string;
  let manage: string;

  beforeAll(async () => {
    vcsim = resources.use(await startVcsim({ hostsPerCluster: 1, machinesPerCluster: 2, names: [HOST] }));
    ({ endpoint, manage } = resources.use(await startGatewayProcess(vcsim)));
  });
  afterAll(() => resources.disposeAsync());

  const client = async (...args: string[]) => {
    const { stdout } = await run(vpollerClient, ['-e', endpoint, '-V', 'vc01', ...args]);
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
