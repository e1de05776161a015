import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openContainer } from '../../../lib/cli/container.ts';
import { loadConfig } from '../../../lib/cli/load-config.ts';
import { startDemoFleet } from '../../../lib/demo/start-demo-fleet.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';

it('reads no credential any more when the command that opened the container has been ended', async () => {
  await using fleet = await startDemoFleet();
  await using folder = await createTemporaryFolder('container');
  for (const [name, text] of Object.entries(fleet.files)) {
    await writeFile(join(folder.path, name), text, { mode: 0o600 });
  }
  const loaded = await loadConfig(join(folder.path, 'vsweep.yaml'));
  const command = new AbortController();
  await using container = await openContainer(
    { loaded, env: {}, clock: systemClock, log: silentLog, push: false },
    { signal: command.signal },
  );
  const hostname = loaded.config.targets[0]?.name;
  await using polls = container.openPolls('invocation');
  const ask = () => polls.answer({ method: 'about', hostname }, { signal: new AbortController().signal });
  command.abort(new Error('the command has ended'));
  expect(await ask()).toMatchObject({ success: 1, msg: 'Task about failed' });
});
