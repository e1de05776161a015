import { expect, it } from 'vitest';
import { createLineLog } from '../../../lib/platform/log.ts';
import { startSmallFleet } from './small-fleet.ts';

it('the log of a run says of a host that is not ok why, and what to do, once', async () => {
  const lines: string[] = [];
  const log = createLineLog({ level: 'info', write: (line) => lines.push(line) });
  await using fleet = await startSmallFleet({ hosts: [{ behaviour: 'closed' }, {}], log });
  await fleet.sweep();
  await fleet.sweep();
  expect(lines.filter((line) => line.includes('esx1'))).toEqual([
    expect.stringMatching(
      /^info {2}host is not ok target="vc1" host="esx1" now="vcenter ok, ssh failed\(connection-refused\)" why="ssh: .*connection failed \(ECONNREFUSED\); check that the ssh service is started/,
    ),
  ]);
});
