import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { loadVim25, unpackTable } from '../../../lib/vsphere/vim25/vim25.ts';
import { describeWithPeers, peerPython } from '../../support/peers/peer-requirements.ts';

const run = promisify(execFile);
const repository = join(import.meta.dirname, '../../..');

describeWithPeers(['pyvmomi'], 'the vim25 table', () => {
  it('is what tools/vim25 makes of the pyVmomi that is pinned', async () => {
    const requirements = readFileSync(join(repository, 'test/peers/python/requirements.txt'), 'utf8');
    expect(requirements).toContain(`pyvmomi==${loadVim25().version}\n`);
    const script = join(repository, 'tools/vim25/print_types.py');
    const { stdout } = await run(peerPython, [script], { maxBuffer: 2 ** 24, timeout: 60_000 });
    expect(unpackTable() === stdout).toBe(true);
  });
});
