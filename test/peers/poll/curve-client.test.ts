import { execFile } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { makeCurveKeys } from '../../../lib/poll/gateway/curve-keys.ts';
import { startGatewayProcess } from '../../integration/poll/gateway-process.ts';
import { startSmallFleet } from '../../integration/sweep/small-fleet.ts';
import { describeWithPeers, peerPython } from '../../support/peers/peer-requirements.ts';
import { blocksOf } from '../../unit/docs/pages.ts';

const run = promisify(execFile);
const [SCRIPT] = blocksOf('docs/vpoller.md').filter(({ language }) => language === 'python');

describeWithPeers(['vpoller'], 'the client in Python of docs/vpoller.md, with pyzmq', () => {
  it('is answered by a gateway with CURVE that admits its key, and not with another key', async () => {
    const [server, client, stranger] = [makeCurveKeys(), makeCurveKeys(), makeCurveKeys()];
    await using fleet = await startSmallFleet({
      hosts: [{}],
      more: `polls: { curve: { secretKey: { file: gateway.key }, clients: ['${client.publicKey}'] } }\n`,
    });
    const fileOf = (name: string) => join(fleet.folder, name);
    for (const [name, { secretKey }] of Object.entries({ gateway: server, client, stranger })) {
      await writeFile(fileOf(`${name}.key`), `token: ${secretKey}\n`, { mode: 0o600 });
      await chmod(fileOf(`${name}.key`), 0o600);
    }
    await using gateway = await startGatewayProcess(fleet.folder, { args: ['--curve'] });
    const ask = (publicKey: string, name: string) => {
      const request = '{"method": "about", "hostname": "vc1"}';
      const args = [gateway.endpoint, server.publicKey, publicKey, fileOf(`${name}.key`), request];
      return run(peerPython, ['-c', SCRIPT?.text ?? '', ...args]);
    };
    expect((await ask(client.publicKey, 'client')).stdout).toBe('Successfully retrieved properties\n');
    await expect(ask(stranger.publicKey, 'stranger')).rejects.toThrow('Resource temporarily unavailable');
    expect((await ask(client.publicKey, 'client')).stdout).toContain('Successfully');
  });
});
