import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { printMoRef } from '../../../lib/poll/print-moref.ts';
import { loadVim25 } from '../../../lib/vsphere/vim25/vim25.ts';
import { describeWithPeers, peerPython } from '../../support/peers/peer-requirements.ts';

describeWithPeers(['pyvmomi'], 'a reference in the reply of a poll', () => {
  it('is printed as by pyVmomi, for each managed type that a property may refer to', () => {
    const types = loadVim25().namesOf('managed object');
    const script = join(import.meta.dirname, '../python/print_morefs.py');
    const { stdout, stderr } = spawnSync(peerPython, [script], {
      input: types.join('\n'),
      encoding: 'utf8',
      timeout: 60_000,
    });
    expect(stderr).toBe('');
    const printed = stdout.trimEnd().split('\n');
    expect(types.length).toBeGreaterThan(150);
    expect(types.map((type) => printMoRef({ type, value: 'object-1' }))).toEqual(printed);
  });
});
