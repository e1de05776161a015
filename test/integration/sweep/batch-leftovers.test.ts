import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import type { DemoSshBehaviour } from '../../../lib/demo/esxi-sshd.ts';
import { ESXI_PASSWORD, startSmallFleet } from './small-fleet.ts';

const BEHAVIOURS: readonly (readonly [DemoSshBehaviour, string])[] = [
  ['normal', 'ok'],
  ['silent', 'failed(banner)'],
  ['closed', 'failed(connection-refused)'],
  ['refuses-login', 'failed(auth)'],
  ['hangs-after-password', 'failed(timeout)'],
  ['drops-after-password', 'failed(auth)'],
  ['hangs-after-exec', 'failed(exec-timeout)'],
  ['flood', 'failed(output)'],
  ['not-ssh', 'failed(banner)'],
];

it('a worker that has answered holds no socket and no timer of a host, whatever the host does', async () => {
  const hosts = BEHAVIOURS.map(([behaviour]) => ({ behaviour }));
  await using fleet = await startSmallFleet({
    hosts,
    timeouts: 'connectSeconds: 2, loginSeconds: 3, commandSeconds: 2',
  });
  const script = fileURLToPath(new URL('batch-leftovers.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [
    script,
    fleet.folder,
    'vsweep',
    ESXI_PASSWORD,
  ]);
  expect(JSON.parse(stdout)).toEqual({ outcomes: BEHAVIOURS.map(([, outcome]) => outcome), holds: [] });
});
