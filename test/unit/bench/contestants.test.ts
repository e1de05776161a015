import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isMissing, pythonContestant } from '../../../bench/clients.ts';
import { runContest, timeRow } from '../../../bench/contest.ts';
import { runClient } from '../../../bench/processes.ts';
import { printRows } from '../../../bench/row.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'vsweep-bench-'));
});
afterEach(() => rm(root, { recursive: true }));

const paramiko = () =>
  pythonContestant('paramiko, 2 threads', { file: 'paramiko_client.py', library: 'paramiko' }, {}, root);

describe('a peer of a benchmark', () => {
  it('is missing while its library is not installed for the Python that is there', async () => {
    await mkdir(join(root, 'python/bin'), { recursive: true });
    await writeFile(join(root, 'python/bin/python'), '#!/bin/sh\n', { mode: 0o755 });
    expect(isMissing(paramiko())).toBe(true);
    await mkdir(join(root, 'python/lib/python3.11/site-packages/paramiko'), { recursive: true });
    expect(isMissing(paramiko())).toBe(false);
  });

  it('that is missing is named in its row, and the other contestants are measured', async () => {
    const ours = { name: 'vsweep', run: async () => ({ ms: 2_000, cpuMs: 1 }) };
    const entries = await runContest({ ours, peer: paramiko() }, { rounds: 1 });
    const [, line] = printRows([timeRow('200 hosts', entries.ours, entries.peer)]).split('\n');
    expect(line).toMatch(/^200 hosts +2\.00 s .*paramiko, 2 threads +missing: paramiko, see docs/);
  });

  it('that fails says the end of what it printed, and not its order', async () => {
    const client = join(root, 'client.cjs');
    await writeFile(client, 'console.error("host 7 did not answer"); process.exitCode = 3;');
    const order = JSON.stringify({ hosts: 'x'.repeat(20_000) });
    await expect(runClient([process.execPath, client, order])).rejects.toThrow(
      /^client\.cjs ended with 3: host 7 did not answer$/,
    );
  });
});
