import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { askVpoller } from '../../support/peers/ask-vpoller.ts';
import { startGatewayProcess } from '../../support/peers/gateway.ts';
import { type PeerProcess, startPeerProcess } from '../../support/peers/peer-process.ts';
import { describeWithPeers, peerPython } from '../../support/peers/peer-requirements.ts';
import { pollUntil } from '../../support/peers/poll-until.ts';
import { startVcsim, type Vcsim } from '../../support/peers/vcsim.ts';
import { agentOf, startVpoller } from '../../support/peers/vpoller.ts';

const CHANGES = join(import.meta.dirname, '../python/change_inventory.py');
const [FIRST, SECOND, THIRD] = ['DC0_C0_RP0_VM0', 'DC0_C0_RP0_VM1', 'DC0_C0_RP0_VM2'];

interface Reply {
  readonly success: number;
  readonly msg: string;
  readonly result?: readonly { name: string; 'config.uuid': string }[];
}

describeWithPeers(['vcsim', 'vpoller'], 'names that change, through one gateway', () => {
  const resources = new AsyncDisposableStack();
  let vcsim: Vcsim;
  let administrator: PeerProcess;
  let endpoint: string;
  const uuids = new Map<string, string>();

  const ask = async (name: string, at = { endpoint, hostname: 'vc01' }): Promise<Reply> => {
    const message = { method: 'vm.get', hostname: at.hostname, name, properties: ['config.uuid'] };
    return JSON.parse(String(await askVpoller(at.endpoint, message)));
  };
  const uuidOf = async (name: string, at?: { endpoint: string; hostname: string }) =>
    (await ask(name, at)).result?.map((one) => one['config.uuid']);
  /** A name that came to be a moment ago may be unknown for nine times as long as a listing takes. */
  const findsSoon = async (name: string, uuid: string | undefined) => {
    const found = await pollUntil(`${name} is found`, () => uuidOf(name), { timeoutMs: 20_000 });
    expect(found).toEqual([uuid]);
  };
  const change = async (wanted: Readonly<Record<string, string>>) => {
    administrator.send(JSON.stringify(wanted));
    expect(await administrator.nextLine({ timeoutMs: 30_000 })).toBe('done');
  };

  beforeAll(async () => {
    vcsim = resources.use(await startVcsim({ hostsPerCluster: 1, machinesPerCluster: 3 }));
    const { port, user, password } = vcsim;
    administrator = resources.use(startPeerProcess('administrator', [peerPython, CHANGES]));
    administrator.send(JSON.stringify({ host: '127.0.0.1', port, user, password }));
    ({ endpoint } = resources.use(await startGatewayProcess(vcsim)));
    for (const name of [FIRST, SECOND, THIRD]) uuids.set(name, (await uuidOf(name))?.[0] ?? '');
    expect(new Set(uuids.values()).size).toBe(3);
  }, 120_000);
  afterAll(() => resources.disposeAsync());

  it('finds one that was renamed, and nothing by its old name', async () => {
    await change({ rename: FIRST, to: 'web01' });
    expect(await ask(FIRST)).toEqual({ success: 1, msg: `Cannot find object ${FIRST}` });
    await findsSoon('web01', uuids.get(FIRST));
  });

  it('means the one that has taken over the name of another', async () => {
    await change({ rename: SECOND, to: FIRST });
    await findsSoon(FIRST, uuids.get(SECOND));
  });

  it('finds one that was moved', async () => {
    await change({ move: 'web01', to: 'attic' });
    await findsSoon('web01', uuids.get(FIRST));
  });

  it('means the first of several equals, as vPoller does', async () => {
    await change({ rename: THIRD, to: 'web01' });
    await using theirs = await startVpoller(vcsim, { workers: 1 });
    await using ours = await startGatewayProcess(vcsim);
    const found = await uuidOf('web01', { ...theirs, hostname: agentOf(vcsim) });
    expect([[uuids.get(FIRST)], [uuids.get(THIRD)]]).toContainEqual(found);
    expect(await uuidOf('web01', { ...ours, hostname: 'vc01' })).toEqual(found);
  }, 60_000);

  it('says of one that was deleted that there is none', async () => {
    await findsSoon(FIRST, uuids.get(SECOND));
    await change({ destroy: FIRST });
    expect(await ask(FIRST)).toEqual({ success: 1, msg: `Cannot find object ${FIRST}` });
  });
});
